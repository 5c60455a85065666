//! Normalizes a compiler message, so that edits of the library and other checkouts do not change
//! it.

use std::borrow::Cow;
use std::iter;
use std::path::Path;

/// The message of a case: its own paths are relative to this package, those of the library to
/// `$WORKSPACE`, quotes of the library have no line numbers, and the count of errors is omitted.
pub(crate) fn normalized(said: &str, workspace: &Path) -> String {
    let said = said.replace(&workspace.display().to_string(), "$WORKSPACE");
    let diagnostics = said.trim_end().split("\n\n").filter(|diagnostic| !is_summary(diagnostic));
    diagnostics.map(|lines| diagnostic(&listed(lines))).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn is_summary(diagnostic: &str) -> bool {
    let summaries =
        ["error: aborting due to ", "For more information about ", "Some errors have detailed "];
    summaries.iter().any(|start| diagnostic.starts_with(start))
}

/// The lines of a diagnostic, with only the first eight of the types that implement a trait. The
/// compiler lists all of them, because only verbose output has full types.
fn listed(diagnostic: &str) -> Vec<Cow<'_, str>> {
    let mut lines = Vec::new();
    let mut rest = diagnostic.lines().peekable();
    while let Some(line) = rest.next() {
        lines.push(Cow::from(line));
        if !line.contains("types implement trait `") {
            continue;
        }
        let indent = rest.peek().map_or(0, |next| indent(next));
        let types: Vec<_> =
            iter::from_fn(|| rest.next_if(|next| self::indent(next) == indent)).collect();
        let shown = if types.len() > 9 { 8 } else { types.len() };
        lines.extend(types[..shown].iter().map(|shown| Cow::from(*shown)));
        if shown < types.len() {
            lines.push(Cow::from(format!("{}and $N others", " ".repeat(indent - 2))));
        }
    }
    lines
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn diagnostic(text: &[Cow<'_, str>]) -> String {
    let mut lines = Vec::new();
    let mut is_own = true;
    // The margin has the width of the longest line number, and afterwards of the longest in the
    // case.
    let (mut margin, mut own_margin) = (1, 1);
    for line in text {
        let indent = indent(line);
        let arrow = ["--> ", "::: "].iter().find(|arrow| line[indent..].starts_with(*arrow));
        let digits = line[indent..].bytes().take_while(u8::is_ascii_digit).count();
        if let Some(arrow) = arrow {
            let path = &line[indent + arrow.len()..];
            is_own = path.starts_with("tests/ui/");
            margin = margin.max(indent);
            lines.push(format!("{}{arrow}{}", " ".repeat(indent), location(path)));
        } else if is_own || digits == 0 {
            own_margin = own_margin.max(digits);
            lines.push(line.trim_end().to_owned());
        } else {
            let number = indent + digits;
            lines.push(" ".repeat(number) + line[number..].trim_end());
        }
        // A suggestion quotes the case, unless its own arrow names another file.
        is_own |= indent == 0 && digits == 0 && !line.starts_with("...");
    }
    let surplus = " ".repeat(margin.saturating_sub(own_margin));
    let lines = lines.into_iter().map(|line| narrowed(line, &surplus));
    lines.collect::<Vec<_>>().join("\n")
}

/// `path:line:column` as it is recorded.
fn location(path: &str) -> String {
    let file = path.split(':').next().unwrap_or(path);
    match path.strip_prefix("tests/") {
        Some(own) if own.starts_with("ui/") => own.to_owned(),
        _ if file.starts_with(['/', '$']) => file.to_owned(),
        _ => format!("$WORKSPACE/{file}"),
    }
}

/// Removes the surplus margin from a line.
fn narrowed(mut line: String, surplus: &str) -> String {
    let has_margin = line.starts_with([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        || line.starts_with("... ");
    match line.find(' ') {
        Some(at) if has_margin && line[at..].starts_with(surplus) => {
            line.replace_range(at..at + surplus.len(), "");
            line
        }
        _ => line,
    }
}

#[test]
fn message_does_not_change_with_the_library() {
    let said = "\
error[E0277]: the state `()` does not provide sessions
    --> tests/ui/fail/handlers/state_forgotten.rs:14:21
     |
  14 | async fn home(user: User) -> String {
     |                     ^^^^ needs a registry in the state `()`
     |
     = help: the following other types implement trait `FromRequestParts<S>`:
               `A` implements `FromRequestParts<S>`
               `B` implements `FromRequestParts<S>`
               `C` implements `FromRequestParts<S>`
               `D` implements `FromRequestParts<S>`
               `E` implements `FromRequestParts<S>`
               `F` implements `FromRequestParts<S>`
               `G` implements `FromRequestParts<S>`
               `H` implements `FromRequestParts<S>`
               `I` implements `FromRequestParts<S>`
               `J` implements `FromRequestParts<S>`
help: the trait `FromRequestParts<S>` is implemented for `User`
    --> oauth-runtime/src/web/user.rs:1137:1
     |
1137 | / impl<S> FromRequestParts<S> for User
...    |
1139 | |     S: HasSessions + Send + Sync,
     | |_________________________________^
note: the source is /home/ada/oauth/tests/ui

error: aborting due to 1 previous error

For more information about this error, try `rustc --explain E0277`.
";
    let recorded = "\
error[E0277]: the state `()` does not provide sessions
  --> ui/fail/handlers/state_forgotten.rs:14:21
   |
14 | async fn home(user: User) -> String {
   |                     ^^^^ needs a registry in the state `()`
   |
   = help: the following other types implement trait `FromRequestParts<S>`:
             `A` implements `FromRequestParts<S>`
             `B` implements `FromRequestParts<S>`
             `C` implements `FromRequestParts<S>`
             `D` implements `FromRequestParts<S>`
             `E` implements `FromRequestParts<S>`
             `F` implements `FromRequestParts<S>`
             `G` implements `FromRequestParts<S>`
             `H` implements `FromRequestParts<S>`
           and $N others
help: the trait `FromRequestParts<S>` is implemented for `User`
  --> $WORKSPACE/oauth-runtime/src/web/user.rs
   |
   | / impl<S> FromRequestParts<S> for User
...  |
   | |     S: HasSessions + Send + Sync,
   | |_________________________________^
note: the source is $WORKSPACE/tests/ui
";
    assert_eq!(normalized(said, Path::new("/home/ada/oauth")), recorded);
}
