//! What comes with the code: `callback_params(...)`, and `{callback.…}` in later requests.

use super::Context;
use crate::diagnostics::{Errors, nearest};
use crate::url;

/// Parameters that the library reads itself.
const READ: &[&str] =
    &["code", "error", "error_description", "error_uri", "id_token", "iss", "state", "user"];

/// The names of the parameters that are kept.
pub(super) fn callback_params(context: &Context<'_>, errors: &mut Errors) -> Vec<String> {
    let mut names = Vec::<String>::new();
    for literal in context.keys.callback_params.items() {
        let name = literal.value();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        if name.is_empty() || !name.chars().all(is_plain) {
            errors.push(literal, "a name consists of letters, digits, `_` and `-`");
        } else if READ.contains(&&*name) {
            errors.push(literal, format!("`{name}` is read by the library: remove it"));
        } else if names.contains(&name) {
            errors.push(literal, format!("`{name}` is given twice: keep one"));
        }
        names.push(name);
    }
    placeholders(context, errors);
    names
}

/// The error of `{callback.name}` if no parameter of this name is kept.
pub(super) fn unknown(context: &Context<'_>, name: &str) -> Option<String> {
    let kept: Vec<_> =
        context.keys.callback_params.items().iter().map(syn::LitStr::value).collect();
    if kept.iter().any(|own| own == name) {
        return None;
    }
    let advice = match nearest(name, kept.iter().map(String::as_str)) {
        Some(meant) => format!("write `{{callback.{meant}}}`"),
        None => format!("add `callback_params(\"{name}\")`"),
    };
    Some(format!("nothing fills `{{callback.{name}}}`: {advice}"))
}

/// In the parameters of token requests. Those of the authorization request come before any
/// response.
fn placeholders(context: &Context<'_>, errors: &mut Errors) {
    let keys = context.keys;
    let of_token = [&keys.access_token_params, &keys.refresh_token_params];
    for pair in of_token.into_iter().flat_map(|given| given.items()) {
        for name in url::names_in_text(&pair.value.value()) {
            if let Some(unknown) =
                name.strip_prefix("callback.").and_then(|name| unknown(context, name))
            {
                errors.push(&pair.value, unknown);
            }
        }
    }
    for pair in keys.authorize_params.items() {
        if url::names_in_text(&pair.value.value()).iter().any(|name| name.starts_with("callback."))
        {
            errors.push(&pair.value, "the authorization request is sent before any response to it");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn kept_parameter_fills_later_requests() {
        let keys = r#"callback_params("device_id", "realmId"),
            access_token_params(device_id = "{callback.device_id}"),
            refresh_token_params(device_id = "{callback.device_id}"),
            api_headers(realm = "{callback.realmId}")"#;
        assert_eq!(oauth2_errors_with(keys), [""; 0]);
        for (keys, expected) in [
            (
                r#"access_token_params(device_id = "{callback.device_id}")"#,
                "`\"{callback.device_id}\"` nothing fills `{callback.device_id}`: add `callback_params(\"device_id\")`",
            ),
            (
                r#"callback_params("realmId"), api_params(realm = "{callback.realmid}")"#,
                "`\"{callback.realmid}\"` nothing fills `{callback.realmid}`: write `{callback.realmId}`",
            ),
            (
                r#"callback_params("x"), authorize_params(x = "{callback.x}")"#,
                "`\"{callback.x}\"` the authorization request is sent before any response to it",
            ),
            (
                r#"callback_params("state")"#,
                "`\"state\"` `state` is read by the library: remove it",
            ),
        ] {
            assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
        }
    }
}
