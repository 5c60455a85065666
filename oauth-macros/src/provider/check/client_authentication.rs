//! `token_endpoint_auth_method`, `token_endpoint_auth_signing_alg`: how the client authenticates.

use super::Context;
use crate::diagnostics::{Errors, any_of, nearest};
use crate::keys::{CLIENT_SECRET, TOKEN_ENDPOINT_AUTH_METHOD, TOKEN_ENDPOINT_AUTH_SIGNING_ALG};
use crate::provider::model::ClientAuthentication;

/// A method that the runtime knows.
#[derive(PartialEq)]
pub(super) struct Method {
    pub(super) name: &'static str,
    /// The name under which providers publish it.
    pub(super) published: &'static str,
    /// Variant of the runtime's `ClientAuthMethod`.
    variant: &'static str,
    /// The key it signs with, and the algorithms of that key; `None` if it does not sign.
    signs: Option<Signs>,
}

#[derive(PartialEq)]
struct Signs {
    with: &'static str,
    algorithms: &'static [&'static str],
}

impl Method {
    const fn new(name: &'static str, variant: &'static str) -> Self {
        Self { name, published: name, variant, signs: None }
    }

    const fn signs(self, with: &'static str, algorithms: &'static [&'static str]) -> Self {
        Self { signs: Some(Signs { with, algorithms }), ..self }
    }
}

/// The default of OpenID Connect Core 1.0 section 9 and of RFC 8414 section 2.
pub(super) static CLIENT_SECRET_BASIC: Method =
    Method::new("client_secret_basic", "ClientSecretBasic");
pub(super) static NONE: Method = Method::new("none", "None");

static METHODS: &[&Method] = &[
    &CLIENT_SECRET_BASIC,
    &Method::new("client_secret_post", "ClientSecretPost"),
    &Method::new("client_secret_jwt", "ClientSecretJwt").signs("the client secret", &["HS256"]),
    &Method::new("private_key_jwt", "PrivateKeyJwt").signs("a private key", ASYMMETRIC),
    &Method {
        published: "client_secret_post",
        ..Method::new("apple_jwt", "AppleJwt").signs("Apple's private key", &["ES256"])
    },
    &NONE,
];

/// RFC 7518 section 3.1 and RFC 8037, without symmetric keys.
static ASYMMETRIC: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/// Methods that need a client certificate, which the configuration cannot state.
static CERTIFICATE_BASED: &[&str] = &["tls_client_auth", "self_signed_tls_client_auth"];

/// The declared method, or the preset's.
pub(super) fn method(context: &Context<'_>, errors: &mut Errors) -> Option<&'static Method> {
    let typed = context.keys.token_endpoint_auth_method.value()?;
    let name = typed.value();
    let method = find(&name);
    if method == Some(&NONE) && context.declaration.mentions(&CLIENT_SECRET) {
        errors.push(
            typed,
            "\"none\" is for clients without a secret, but `client_secret` is set: write \"client_secret_basic\"",
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

/// The method as expansion needs it.
pub(super) fn model(
    context: &Context<'_>,
    method: Option<&Method>,
    errors: &mut Errors,
) -> ClientAuthentication {
    ClientAuthentication {
        method: method.map(|method| method.variant),
        signing_algorithm: signing_algorithm(context, method, errors),
    }
}

/// Legal with `"private_key_jwt"`: `"ES256"`. Illegal: `"HS256"`, which needs a shared secret.
fn signing_algorithm(
    context: &Context<'_>,
    method: Option<&Method>,
    errors: &mut Errors,
) -> Option<String> {
    let typed = context.keys.token_endpoint_auth_signing_alg.value()?;
    let algorithm = typed.value();
    let Some(Signs { with, algorithms }) = method.and_then(|method| method.signs.as_ref()) else {
        if method.is_some() || context.keys.token_endpoint_auth_method.value().is_none() {
            let name = method.unwrap_or(&CLIENT_SECRET_BASIC).name;
            errors.push(
                typed,
                format!(
                    "\"{name}\" does not sign: remove `{}`, or write `{} = \"private_key_jwt\"`",
                    TOKEN_ENDPOINT_AUTH_SIGNING_ALG.name, TOKEN_ENDPOINT_AUTH_METHOD.name
                ),
            );
        }
        return None;
    };
    if !algorithms.contains(&algorithm.as_str()) {
        errors.push(
            typed,
            format!(
                "\"{}\" signs with {with}, which does not support \"{algorithm}\": write {}",
                method.map_or("", |method| method.name),
                any_of(algorithms.iter().copied()),
            ),
        );
    }
    Some(algorithm)
}

fn unknown(name: &str) -> String {
    let known = || METHODS.iter().map(|method| method.name);
    let methods = any_of(known());
    if CERTIFICATE_BASED.contains(&name) {
        format!(
            "\"{name}\" needs a client certificate, which this version does not support: write {methods}"
        )
    } else if let Some(meant) = nearest(&name.to_lowercase(), known()) {
        format!("unknown method \"{name}\": write \"{meant}\"")
    } else {
        format!("unknown method \"{name}\": write {methods}")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    const METHODS: &str = "`client_secret_basic`, `client_secret_post`, `client_secret_jwt`, \
                           `private_key_jwt`, `apple_jwt` or `none`";

    #[test]
    fn only_a_known_method_is_accepted() {
        for (method, expected) in [
            ("client_secret_pots", "write \"client_secret_post\""),
            ("NONE", "write \"none\""),
            ("header", &format!("write {METHODS}")),
        ] {
            assert_eq!(
                oauth2_errors_with(&format!("token_endpoint_auth_method = \"{method}\"")),
                [format!("`\"{method}\"` unknown method \"{method}\": {expected}")]
            );
        }
        assert_eq!(oauth2_errors_with(r#"token_endpoint_auth_method = "none""#), [""; 0]);
    }

    #[test]
    fn a_certificate_needs_a_source() {
        for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
            assert_eq!(
                oauth2_errors_with(&format!("token_endpoint_auth_method = \"{method}\"")),
                [format!(
                    "`\"{method}\"` \"{method}\" needs a client certificate, which this version does not \
                     support: write {METHODS}"
                )]
            );
        }
    }

    #[test]
    fn algorithm_must_fit_the_key_of_the_method() {
        let errors = |method: &str, algorithm: &str| {
            oauth2_errors_with(&format!(
                "token_endpoint_auth_method = \"{method}\", token_endpoint_auth_signing_alg = \"{algorithm}\""
            ))
        };
        for (method, algorithm) in [
            ("private_key_jwt", "PS256"),
            ("private_key_jwt", "EdDSA"),
            ("client_secret_jwt", "HS256"),
            ("apple_jwt", "ES256"),
        ] {
            assert_eq!(errors(method, algorithm), [""; 0]);
        }
        assert_eq!(
            errors("client_secret_jwt", "RS256"),
            [
                "`\"RS256\"` \"client_secret_jwt\" signs with the client secret, which does not support \"RS256\": \
                 write `HS256`"
            ]
        );
        for algorithm in ["HS256", "none", "ES256K"] {
            let errors = errors("private_key_jwt", algorithm);
            assert!(
                errors.len() == 1 && errors[0].contains("a private key, which does not support"),
                "{errors:?}"
            );
        }
        let expected = "does not sign: remove `token_endpoint_auth_signing_alg`, \
                        or write `token_endpoint_auth_method = \"private_key_jwt\"`";
        assert_eq!(errors("none", "ES256"), [format!("`\"ES256\"` \"none\" {expected}")]);
        assert_eq!(
            oauth2_errors_with("token_endpoint_auth_signing_alg = \"ES256\""),
            [format!("`\"ES256\"` \"client_secret_basic\" {expected}")]
        );
        assert_eq!(errors("unknown", "ES256").len(), 1, "only the method is wrong");
    }

    #[test]
    fn a_secret_is_not_for_a_client_without_one() {
        assert_eq!(
            oauth2_errors_with(r#"token_endpoint_auth_method = "none", client_secret = "s3cr3t""#),
            [
                "`\"none\"` \"none\" is for clients without a secret, but `client_secret` \
                 is set: write \"client_secret_basic\"",
                "`client_secret` a client secret does not belong in source code: \
                 set ACME_CLIENT_SECRET or ACME_CLIENT_SECRET_FILE in the environment",
            ]
        );
    }
}
