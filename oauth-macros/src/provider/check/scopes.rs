//! `scopes` and `scope_separator`.

use syn::LitStr;

use super::Context;
use crate::diagnostics::{Errors, nearest};
use crate::presets::Preset;

/// The declared scopes, or those of the preset.
pub(super) fn scopes(context: &Context<'_>, errors: &mut Errors) -> Vec<String> {
    // Those of a preset are for logins.
    if context.has_no_login() && context.keys.scopes.is_of_preset() {
        return Vec::new();
    }
    let typed = context.keys.scopes.items();
    let separator = context.keys.scope_separator.value().map(LitStr::value);
    let mut scopes = Vec::<String>::with_capacity(typed.len());
    for literal in typed {
        let scope = literal.value();
        if let Err(message) =
            well_formed(&scope, separator.as_deref()).and_then(|()| no_typo(&scope, context.preset))
        {
            errors.push(literal, message);
        } else if scopes.contains(&scope) {
            errors.push(literal, format!("the scope \"{scope}\" is given twice: keep one"));
        }
        scopes.push(scope);
    }
    scopes
}

/// RFC 6749 section 3.3, and without the separator.
///
/// Illegal: `""`, `"openid email"`, `"read,write"` where the separator is `,`.
fn well_formed(scope: &str, separator: Option<&str>) -> Result<(), String> {
    if scope.trim().is_empty() {
        return Err("an empty scope: remove it".to_owned());
    }
    let separates = |char: char| {
        char.is_whitespace() || separator.is_some_and(|separator| separator.contains(char))
    };
    if scope.contains(separates) {
        let parts: Vec<_> = scope
            .split(separates)
            .filter(|part| !part.is_empty())
            .map(|part| format!("\"{part}\""))
            .collect();
        return Err(format!("one scope per string: write {}", parts.join(", ")));
    }
    match scope.chars().find(|char| !matches!(char, '!' | '#'..='[' | ']'..='~')) {
        Some(char) => Err(format!("`{}` is not allowed in a scope", char.escape_default())),
        None => Ok(()),
    }
}

/// Illegal with `preset = "github"`: `"user:emial"`.
fn no_typo(scope: &str, preset: Option<&Preset>) -> Result<(), String> {
    let Some(preset) = preset else {
        return Ok(());
    };
    let known = || preset.facts.known_scopes.iter().map(String::as_str);
    if known().any(|known| known == scope) {
        return Ok(());
    }
    match nearest(scope, known()) {
        Some(known) => {
            Err(format!("{} has no scope \"{scope}\": write \"{known}\"", preset.display_name))
        }
        None => Ok(()),
    }
}

/// `scope_separator = ","`
pub(super) fn separator(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.scope_separator.value()?;
    let separator = typed.value();
    let is_separator = |char: char| !char.is_alphanumeric() && !char.is_control();
    if separator.is_empty() || !separator.chars().all(is_separator) {
        errors.push(
            typed,
            "a separator is a character that no scope contains: write `\" \"` or `\",\"`",
        );
    }
    (separator != " ").then_some(separator)
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, oauth2_errors_with};

    #[test]
    fn a_scope_is_one_word_given_once() {
        assert_eq!(
            oauth2_errors_with(
                r#"scopes("", "read write", "a,b", "q\"", "x", "x"), scope_separator = ",""#
            ),
            [
                "`\"\"` an empty scope: remove it",
                "`\"read write\"` one scope per string: write \"read\", \"write\"",
                "`\"a,b\"` one scope per string: write \"a\", \"b\"",
                "`\"q\\\"\"` `\\\"` is not allowed in a scope",
                "`\"x\"` the scope \"x\" is given twice: keep one",
            ]
        );
    }

    #[test]
    fn typo_in_a_known_scope_is_corrected() {
        assert_eq!(
            errors_with(
                r#"name = "github", preset = "github", scopes("user:emial", "read:everything")"#
            ),
            ["`\"user:emial\"` GitHub has no scope \"user:emial\": write \"user:email\""]
        );
    }

    #[test]
    fn separator_is_not_a_scope_character() {
        assert_eq!(
            oauth2_errors_with(r#"scope_separator = "and""#),
            [
                "`\"and\"` a separator is a character that no scope contains: write `\" \"` or `\",\"`"
            ]
        );
    }
}
