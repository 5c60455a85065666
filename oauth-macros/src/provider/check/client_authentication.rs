//! `token_endpoint_auth_method`: how the client proves who it is.

use super::Context;
use crate::diagnostics::{Errors, any_of, nearest};
use crate::keys::{CLIENT_SECRET, TOKEN_ENDPOINT_AUTH_METHOD};

/// A method that the runtime knows.
#[derive(PartialEq)]
pub(super) struct Method {
    pub(super) name: &'static str,
    /// Variant of the runtime's `ClientAuthMethod`.
    pub(super) variant: &'static str,
}

/// The default of OpenID Connect Core 1.0 section 9 and of RFC 8414 section 2.
pub(super) static CLIENT_SECRET_BASIC: Method =
    Method { name: "client_secret_basic", variant: "ClientSecretBasic" };
pub(super) static NONE: Method = Method { name: "none", variant: "None" };

static METHODS: &[&Method] = &[
    &CLIENT_SECRET_BASIC,
    &Method { name: "client_secret_post", variant: "ClientSecretPost" },
    &NONE,
];

/// Methods that prove the possession of a key, and which one. A declaration has no place for a key.
static KEY_BASED: &[(&str, &str)] = &[
    ("private_key_jwt", "a private key"),
    ("apple_jwt", "the private key that Apple hands out"),
    ("tls_client_auth", "a client certificate and its private key"),
    ("self_signed_tls_client_auth", "a client certificate and its private key"),
];

/// The declared method, or the preset's.
pub(super) fn method(context: &Context<'_, '_>, errors: &mut Errors) -> Option<&'static Method> {
    let Some(typed) = context.text(&TOKEN_ENDPOINT_AUTH_METHOD) else {
        return find(context.preset?.token_endpoint_auth_method?);
    };
    let name = typed.value();
    let method = find(&name);
    if method == Some(&NONE) && context.declaration.mentions(&CLIENT_SECRET) {
        errors.push(
            typed,
            "\"none\" is for a client without a secret, and `client_secret` says that there is one: write \"client_secret_basic\"",
        );
    } else if method.is_none() {
        errors.push(typed, unknown(&name));
    }
    method
}

/// The method of this name.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().copied().find(|method| method.name == name)
}

fn unknown(name: &str) -> String {
    let known = || METHODS.iter().map(|method| method.name);
    let methods = any_of(known());
    if let Some((_, key)) = KEY_BASED.iter().find(|(method, _)| *method == name) {
        format!("\"{name}\" needs {key}, and this version has no source of keys: write {methods}")
    } else if name == "client_secret_jwt" {
        format!("\"{name}\" is not available yet: write {methods}")
    } else if let Some(meant) = nearest(&name.to_lowercase(), known()) {
        format!("unknown method \"{name}\": write \"{meant}\"")
    } else {
        format!("unknown method \"{name}\": write {methods}")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn only_a_known_method_is_accepted() {
        for (method, expected) in [
            ("client_secret_pots", "write \"client_secret_post\""),
            ("NONE", "write \"none\""),
            ("header", "write `client_secret_basic`, `client_secret_post` or `none`"),
        ] {
            assert_eq!(
                oauth2_errors_with(&format!("token_endpoint_auth_method = \"{method}\"")),
                [format!("`\"{method}\"` unknown method \"{method}\": {expected}")]
            );
        }
        assert_eq!(oauth2_errors_with(r#"token_endpoint_auth_method = "none""#), [""; 0]);
    }

    #[test]
    fn a_key_needs_a_source() {
        for (method, key) in [
            ("private_key_jwt", "a private key"),
            ("tls_client_auth", "a client certificate and its private key"),
        ] {
            assert_eq!(
                oauth2_errors_with(&format!("token_endpoint_auth_method = \"{method}\"")),
                [format!(
                    "`\"{method}\"` \"{method}\" needs {key}, and this version has no source of keys: \
                     write `client_secret_basic`, `client_secret_post` or `none`"
                )]
            );
        }
    }

    #[test]
    fn a_secret_is_not_for_a_client_without_one() {
        assert_eq!(
            oauth2_errors_with(r#"token_endpoint_auth_method = "none", client_secret = "s3cr3t""#),
            [
                "`\"none\"` \"none\" is for a client without a secret, and `client_secret` says \
                 that there is one: write \"client_secret_basic\"",
                "`client_secret` a client secret does not belong in source code: \
                 set ACME_CLIENT_SECRET or ACME_CLIENT_SECRET_FILE in the environment",
            ]
        );
    }
}
