//! `token_endpoint_auth_method`: how the client proves who it is.

use super::Context;
use crate::diagnostics::{Errors, all_of, any_of, nearest};
use crate::keys::TOKEN_ENDPOINT_AUTH_METHOD;

/// The methods, each with the variant of the runtime's `ClientAuthMethod`.
static METHODS: &[(&str, &str)] = &[
    ("client_secret_basic", "ClientSecretBasic"),
    ("client_secret_post", "ClientSecretPost"),
    ("none", "None"),
];

/// Methods of which this version knows no more than the name.
static METHODS_TO_COME: &[&str] = &[
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "apple_jwt",
];

/// The declared method, or the preset's.
pub(super) fn method(context: &Context<'_, '_>, errors: &mut Errors) -> Option<&'static str> {
    let Some(typed) = context.text(&TOKEN_ENDPOINT_AUTH_METHOD) else {
        return variant(context.preset?.token_endpoint_auth_method?);
    };
    let name = typed.value();
    if let Some(variant) = variant(&name) {
        return Some(variant);
    }
    let names = || METHODS.iter().map(|(name, _)| *name);
    let message = if METHODS_TO_COME.contains(&name.as_str()) {
        format!("\"{name}\" is not available yet: write {}", any_of(names()))
    } else if let Some(meant) = nearest(&name, names()) {
        format!("unknown method \"{name}\": write \"{meant}\"")
    } else {
        format!("unknown method \"{name}\": the methods are {}", all_of(names()))
    };
    errors.push(typed, message);
    None
}

fn variant(method: &str) -> Option<&'static str> {
    METHODS.iter().find(|(name, _)| *name == method).map(|(_, variant)| *variant)
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn only_a_known_method_is_accepted() {
        for (method, expected) in [
            (
                "client_secret_pots",
                "unknown method \"client_secret_pots\": write \"client_secret_post\"",
            ),
            (
                "header",
                "unknown method \"header\": the methods are `client_secret_basic`, `client_secret_post` and `none`",
            ),
            (
                "private_key_jwt",
                "\"private_key_jwt\" is not available yet: \
                 write `client_secret_basic`, `client_secret_post` or `none`",
            ),
        ] {
            assert_eq!(
                oauth2_errors_with(&format!("token_endpoint_auth_method = \"{method}\"")),
                [format!("`\"{method}\"` {expected}")]
            );
        }
        assert_eq!(oauth2_errors_with(r#"token_endpoint_auth_method = "none""#), [""; 0]);
    }
}
