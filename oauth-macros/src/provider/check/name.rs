//! `name`, `display_name` and `brand_color`: what the provider is called, and how it is shown.

use proc_macro2::Ident;
use syn::LitStr;
use syn::ext::IdentExt;

use super::Context;
use crate::diagnostics::Errors;
use crate::keys;
use crate::provider::model::Label;

/// The prefix of the application's own settings, and their table in a TOML file.
const APPLICATION: &str = "oauth";

/// Illegal: a struct without `#[oauth_provider(...)]`.
pub(super) fn undeclared(ident: &Ident, errors: &mut Errors) {
    let suggested = suggested(ident);
    errors.push(
        ident,
        format!(
            "`{ident}` is not declared: write `#[oauth_provider(name = \"{suggested}\", preset = \"…\")]` above it",
        ),
    );
}

/// The name to show, in the provider's own spelling, and the colour.
pub(super) fn label(context: &Context<'_>, errors: &mut Errors) -> Label {
    let display_name = context.keys.display_name.value().map(LitStr::value);
    Label { display_name, brand_color: brand_color(context, errors) }
}

/// `brand_color = "#2456d6"`, or the preset's.
fn brand_color(context: &Context<'_>, errors: &mut Errors) -> Option<u32> {
    let typed = context.keys.brand_color.value()?;
    let text = typed.value();
    let digits = text.strip_prefix('#').unwrap_or(&text);
    let is_hexadecimal = digits.chars().all(|digit| digit.is_ascii_hexdigit());
    match u32::from_str_radix(digits, 16) {
        Ok(color) if digits.len() == 6 && is_hexadecimal && text.starts_with('#') => {
            return Some(color);
        }
        Ok(_) if digits.len() == 6 && is_hexadecimal => {
            errors.push(typed, format!("write `brand_color = \"#{digits}\"`"));
        }
        _ => errors.push(
            typed,
            "a colour is `#` and six hexadecimal digits: write `brand_color = \"#2456d6\"`",
        ),
    }
    None
}

/// `name = "acme"`, which appears in routes and, in upper case, as the prefix of configuration
/// keys.
pub(super) fn name(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let Some(typed) = context.keys.name.value() else {
        if !context.declaration.mentions(&keys::NAME) && !context.declaration.is_uncertain() {
            let suggested = suggested(&context.input.ident);
            errors.push(
                &context.input.ident,
                format!(
                    "missing `name`: write `name = \"{suggested}\"`, which appears in routes and in {}_CLIENT_ID",
                    suggested.to_uppercase()
                ),
            );
        }
        return None;
    };
    let name = typed.value();
    if name == APPLICATION {
        errors.push(
            typed,
            "`oauth` is reserved for the application, as in OAUTH_PUBLIC_URL: write the provider's own name, such as `name = \"acme\"`",
        );
        return None;
    }
    if is_name(&name) {
        return Some(name);
    }
    let legal = legal(&name);
    errors.push(
        typed,
        if legal.is_empty() {
            "a name starts with a letter and consists of lower-case letters, digits and `_`".to_owned()
        } else {
            format!(
                "a name starts with a letter and consists of lower-case letters, digits and `_`: write `name = \"{legal}\"`"
            )
        },
    );
    None
}

/// The name that fits the type: `GitHub` is `github`.
pub(super) fn suggested(ident: &Ident) -> String {
    legal(&ident.unraw().to_string())
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_')
}

fn legal(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '_' })
        .skip_while(|char| !char.is_ascii_lowercase())
        .collect::<String>()
        .trim_end_matches('_')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, provider_errors};

    #[test]
    fn a_missing_name_is_suggested_after_the_type() {
        assert_eq!(
            provider_errors(r#"#[oauth_provider(preset = "github")] struct GitHub;"#),
            ["`GitHub` missing `name`: write `name = \"github\"`, which appears in routes \
                 and in GITHUB_CLIENT_ID"]
        );
    }

    #[test]
    fn the_name_of_the_application_is_refused() {
        let errors = errors_with(r#"name = "oauth", preset = "github""#);
        assert_eq!(
            errors,
            ["`\"oauth\"` `oauth` is reserved for the application, as in OAUTH_PUBLIC_URL: \
              write the provider's own name, such as `name = \"acme\"`"]
        );
    }

    #[test]
    fn name_that_cannot_be_a_variable_is_refused() {
        let rule = "a name starts with a letter and consists of lower-case letters, digits and `_`";
        assert_eq!(
            errors_with(r#"name = "Acme Corp.", preset = "github""#),
            [format!("`\"Acme Corp.\"` {rule}: write `name = \"acme_corp\"`")]
        );
        assert_eq!(errors_with(r#"name = "4", preset = "github""#), [format!("`\"4\"` {rule}")]);
    }

    #[test]
    fn brand_color_is_six_hexadecimal_digits() {
        let color = |color: &str| {
            errors_with(&format!(r#"name = "acme", preset = "github", brand_color = "{color}""#))
        };
        assert_eq!(color("#2456D6"), [""; 0]);
        assert_eq!(color("2456d6"), ["`\"2456d6\"` write `brand_color = \"#2456d6\"`"]);
        for wrong in ["#fff", "#2456d6ff", "blue", "#+456d6", "#24 6d6", "red;}*{display:none"] {
            let errors = color(wrong);
            assert_eq!(errors.len(), 1, "{wrong}: {errors:?}");
            assert!(errors[0].contains("six hexadecimal digits"), "{errors:?}");
        }
    }

    /// A provider with an issuer needs neither a preset nor endpoints.
    #[test]
    fn unknown_preset_error_suggests_an_issuer() {
        let errors = errors_with(r#"name = "sso", preset = "company-sso""#);
        assert!(
            errors[0].contains(
                "any other OpenID Connect provider with `issuer = \"https://…\"` and `scopes(\"openid\")`"
            )
        );
    }

    #[test]
    fn unknown_preset_neither_hides_nor_adds_errors() {
        assert_eq!(
            errors_with(r#"name = "acme", preset = "gogle", scopes("a", "a")"#),
            [
                "`\"gogle\"` unknown preset \"gogle\": write `preset = \"google\"`",
                "`\"a\"` the scope \"a\" is given twice: keep one",
            ]
        );
    }
}
