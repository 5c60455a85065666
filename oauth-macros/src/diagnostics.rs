//! The compile errors of a declaration: unknown, duplicate, missing, misplaced, not yet available.
//!
//! A message is lower case, has no full stop, and says what to write instead in the user's own
//! tokens. Its span is the key if the key is wrong, the value if the value is wrong, and the type's
//! name if something is missing.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use crate::key::{Key, Kind};

/// The errors of one declaration: a rule records and goes on, so that all are reported at once.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Records that `message` is wrong with `tokens`.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Records an error that was made elsewhere.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Records errors that were made elsewhere.
    pub(crate) fn add_all(&mut self, errors: &Self) {
        self.0.extend(errors.0.iter().cloned());
    }

    /// Whether no error has been recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of errors.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One `compile_error!` for each, in source order.
    pub(crate) fn into_compile_errors(mut self) -> TokenStream {
        self.0.sort_by_key(position);
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }

    /// The individual errors.
    #[cfg(test)]
    pub(crate) fn into_vec(self) -> Vec<syn::Error> {
        self.0
    }
}

/// Line and column. Unit tests run outside the compiler and have neither.
fn position(error: &syn::Error) -> (usize, usize) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let start = error.span().unwrap().start();
    (start.line(), start.column())
}

/// A key that no declaration has; `advice` says what to write.
pub(crate) fn unknown_key(key: &Ident, advice: &str) -> syn::Error {
    syn::Error::new_spanned(key, format!("unknown key `{key}`: {advice}"))
}

/// A key under another name; `typed` is everything after the key.
pub(crate) fn misspelt_key(at: &Ident, key: &Key, typed: &TokenStream) -> syn::Error {
    let name = key.name;
    let mut value = typed.clone().into_iter().peekable();
    let has_equals = value.next_if(|token| token.to_string() == "=").is_some();
    let value: TokenStream = value.collect();
    // Only the name if the value is already right.
    let write = if has_equals == key.value.has_equals() && !value.is_empty() {
        name.to_owned()
    } else {
        suggestion(key, &value).unwrap_or_else(|| key.example.to_owned())
    };
    unknown_key(at, &format!("write `{write}`"))
}

/// A key that was given before.
pub(crate) fn duplicate_key(key: &Ident) -> syn::Error {
    syn::Error::new_spanned(key, format!("`{key}` is given twice: keep one"))
}

/// A key that belongs in another attribute.
pub(crate) fn misplaced_key(at: &Ident, key: &Key, belongs: &str) -> syn::Error {
    let example = key.example;
    syn::Error::new_spanned(at, format!("`{at}` belongs {belongs}: write `{example}` there"))
}

/// A key whose feature is not available yet.
pub(crate) fn not_yet_available(at: &Ident, feature: &str) -> syn::Error {
    syn::Error::new_spanned(
        at,
        format!("`{at}` needs {feature}, which this version does not support: remove it"),
    )
}

/// A value of the wrong kind; `typed` is the value.
pub(crate) fn wrong_value(at: &Ident, key: &Key, typed: &TokenStream) -> syn::Error {
    let example = suggestion(key, typed).unwrap_or_else(|| key.example.to_owned());
    let message = format!("`{at}` {}: write `{example}`", key.value.takes());
    if typed.is_empty() {
        syn::Error::new_spanned(at, message)
    } else {
        syn::Error::new_spanned(typed, message)
    }
}

/// The corrected entry, if `typed` shows what was meant.
fn suggestion(key: &Key, typed: &TokenStream) -> Option<String> {
    let name = key.name;
    match key.value {
        Kind::Text | Kind::Url | Kind::Preset => {
            let text = bare_text(typed)?;
            Some(format!("{name} = {text:?}"))
        }
        Kind::Texts => {
            let mut words = Vec::new();
            strings_in(typed.clone(), &mut words);
            let words: Vec<_> = words
                .iter()
                .flat_map(|text| text.split([' ', ',']))
                .filter(|word| !word.is_empty())
                .map(|word| format!("{word:?}"))
                .collect();
            (!words.is_empty()).then(|| format!("{name}({})", words.join(", ")))
        }
        Kind::Words => {
            let text = bare_text(typed)?;
            Some(format!("{name}({text})"))
        }
        Kind::Seconds | Kind::Type | Kind::Path => {
            let text = bare_text(typed)?;
            match key.value {
                Kind::Seconds => text.parse::<u32>().ok().map(|_| ()),
                _ => syn::parse_str::<syn::Type>(&text).ok().map(|_| ()),
            }?;
            Some(format!("{name} = {text}"))
        }
        Kind::Params | Kind::Members(_) | Kind::Flag | Kind::Refused => None,
    }
}

/// The text of a single word, number or string.
fn bare_text(typed: &TokenStream) -> Option<String> {
    if let Ok(literal) = syn::parse2::<syn::LitStr>(typed.clone()) {
        return Some(literal.value());
    }
    let mut tokens = typed.clone().into_iter();
    match (tokens.next()?, tokens.next()) {
        (token @ (proc_macro2::TokenTree::Ident(_) | proc_macro2::TokenTree::Literal(_)), None) => {
            Some(token.to_string())
        }
        _ => None,
    }
}

/// Every string literal in `typed`, at any depth.
pub(crate) fn strings_in(typed: TokenStream, found: &mut Vec<String>) {
    for token in typed {
        match token {
            proc_macro2::TokenTree::Group(group) => strings_in(group.stream(), found),
            proc_macro2::TokenTree::Literal(literal) => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                    found.push(text.value());
                }
            }
            _ => {}
        }
    }
}

impl Kind {
    /// Whether the value follows an equals sign.
    fn has_equals(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Url | Self::Seconds | Self::Type | Self::Path | Self::Preset
        )
    }

    /// The predicate of "`scopes` …".
    fn takes(self) -> &'static str {
        match self {
            Self::Text | Self::Url => "takes a string",
            Self::Texts => "takes a list of strings",
            Self::Params => "takes a list of parameters",
            Self::Members(_) => "takes a list of named strings",
            Self::Words => "takes a list of names",
            Self::Seconds => "takes a number of seconds",
            Self::Flag => "takes no value",
            Self::Type => "takes a type",
            Self::Path => "takes a path",
            Self::Preset => "takes a string or a path",
            Self::Refused => "is not declared",
        }
    }
}

/// The candidate closest to `name`, if any is close enough.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let tolerated = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "`a`, `b` and `c`".
pub(crate) fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    list(names, "and")
}

/// "`a`, `b` or `c`".
pub(crate) fn any_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    list(names, "or")
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        Some(name) if names.is_empty() => name,
        Some(name) => format!("{} {last} {name}", names.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{any_of, nearest};

    #[test]
    fn nearest_forgives_a_slip_and_not_another_word() {
        let keys = ["name", "scopes", "authorize_url"];
        assert_eq!(nearest("nmae", keys), Some("name"));
        assert_eq!(nearest("autorise_url", keys), Some("authorize_url"));
        assert_eq!(nearest("routes", keys), None);
    }

    #[test]
    fn alternatives_read_as_a_sentence() {
        assert_eq!(any_of(["a"]), "`a`");
        assert_eq!(any_of(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
