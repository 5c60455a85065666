//! The fixed extra parameters of the requests.

use super::{Context, names};
use crate::attribute::{KeyValue, Pair, Params};
use crate::diagnostics::Errors;
use crate::key::Key;
use crate::keys::{
    ACCESS_TOKEN_PARAMS, AUTHORIZE_PARAMS, ProviderKeys, REFRESH_TOKEN_PARAMS, REQUEST_TOKEN_PARAMS,
};

/// The parameters that a request sets itself, and the key to write if there is one.
type Reserved = &'static [(&'static str, Option<&'static str>)];

/// The requests that take parameters.
pub(super) fn requests(keys: &ProviderKeys) -> [(&'static Key, &KeyValue<Params>, Reserved); 4] {
    [
        (&AUTHORIZE_PARAMS, &keys.authorize_params, AUTHORIZATION_REQUEST),
        (&ACCESS_TOKEN_PARAMS, &keys.access_token_params, TOKEN_REQUEST),
        (&REFRESH_TOKEN_PARAMS, &keys.refresh_token_params, REFRESH_REQUEST),
        // Its reserved names are reserved in all requests.
        (&REQUEST_TOKEN_PARAMS, &keys.request_token_params, &[]),
    ]
}

/// RFC 6749 section 4.1.1, RFC 7636, RFC 9101, OpenID Connect Core 1.0 section 3.1.2.1.
const AUTHORIZATION_REQUEST: Reserved = &[
    ("client_id", None),
    ("code_challenge", None),
    ("code_challenge_method", None),
    ("max_age", Some("max_age = 3600")),
    ("nonce", None),
    ("redirect_uri", None),
    ("request", None),
    ("request_uri", None),
    ("response_mode", Some(r#"response_mode = "…""#)),
    ("response_type", None),
    ("scope", Some(r#"scopes("…")"#)),
    ("state", None),
];

/// RFC 6749 section 4.1.3, RFC 7636, RFC 7523.
const TOKEN_REQUEST: Reserved = &[
    ("client_assertion", None),
    ("client_assertion_type", None),
    ("client_id", None),
    ("client_secret", None),
    ("code", None),
    ("code_verifier", None),
    ("grant_type", None),
    ("redirect_uri", None),
];

/// RFC 6749 section 6, RFC 7523. The declaration decides the `scope`.
const REFRESH_REQUEST: Reserved = &[
    ("client_assertion", None),
    ("client_assertion_type", None),
    ("client_id", None),
    ("client_secret", None),
    ("grant_type", None),
    ("refresh_token", None),
];

/// The parameters of each request, under the term for them.
pub(super) fn params(
    context: &Context<'_>,
    errors: &mut Errors,
) -> Vec<(&'static str, Vec<(String, String)>)> {
    let mut params = Vec::new();
    for (key, given, reserved) in requests(context.keys) {
        let Some(pairs) = given.value() else { continue };
        for (index, pair) in pairs.iter().enumerate() {
            not_reserved(key, reserved, pair, errors);
            if names::is_renamed_to(context, &pair.name) {
                let name = &pair.name;
                errors.push(&pair.at, format!("`{name}` is set by the library: remove it"));
            }
            not_twice(&pairs[..index], pair, errors);
        }
        let pairs = pairs.iter().map(|pair| (pair.name.clone(), pair.value.value()));
        params.push((key.term, pairs.collect()));
    }
    params
}

/// Parameters of the authorization request that visitors may choose.
///
/// Illegal: `login_params("state")`, `login_params("return_to")`.
pub(super) fn login_params(context: &Context<'_>, errors: &mut Errors) -> Vec<String> {
    let mut names = Vec::<String>::new();
    for literal in context.keys.login_params.items() {
        let name = literal.value();
        let is_reserved = AUTHORIZATION_REQUEST.iter().any(|(reserved, _)| *reserved == name)
            || names::is_renamed_to(context, &name)
            || name.starts_with("oauth_");
        let is_fixed = context.keys.authorize_params.items().iter().any(|pair| pair.name == name);
        if name.trim().is_empty() {
            errors.push(literal, "a parameter needs a name");
        } else if is_reserved {
            errors.push(literal, format!("`{name}` is not for visitors to choose: remove it"));
        } else if ["return_to", "ask"].contains(&&*name) {
            errors.push(literal, format!("the route of a login reads `{name}` itself: remove it"));
        } else if is_fixed {
            errors.push(
                literal,
                format!(
                    "`authorize_params` sets `{name}`: remove it there, or let no visitor choose it"
                ),
            );
        } else if names.contains(&name) {
            errors.push(literal, format!("`{name}` is given twice: keep one"));
        }
        names.push(name);
    }
    names
}

/// Illegal: `authorize_params(state = "x")`.
fn not_reserved(key: &Key, reserved: Reserved, pair: &Pair, errors: &mut Errors) {
    let name = &pair.name;
    if name.trim().is_empty() {
        errors.push(&pair.at, "a parameter needs a name");
        return;
    }
    // RFC 5849 section 3.1: the protocol parameters of OAuth 1.0a.
    if name.starts_with("oauth_") {
        errors.push(&pair.at, format!("`{name}` is set by the library: remove it"));
        return;
    }
    let Some((_, instead)) = reserved.iter().find(|(reserved, _)| reserved == name) else {
        return;
    };
    errors.push(
        &pair.at,
        match instead {
            Some(instead) => {
                format!("`{name}` has its own key: write `{instead}` next to `{}`", key.name)
            }
            None => format!("`{name}` is set by the library: remove it"),
        },
    );
}

pub(super) fn not_twice(before: &[Pair], pair: &Pair, errors: &mut Errors) {
    let name = &pair.name;
    if before.iter().any(|earlier| earlier.name == *name) {
        errors.push(&pair.at, format!("the parameter `{name}` is given twice: keep one"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn parameter_of_the_request_itself_is_reserved() {
        assert_eq!(
            oauth2_errors_with(
                r#"authorize_params(state = "x", scope = "y", "access_type" = "offline"),
                access_token_params(code_verifier = "z", audience = "api"),
                refresh_token_params(grant_type = "z", scope = "less")"#
            ),
            [
                "`state` `state` is set by the library: remove it",
                "`scope` `scope` has its own key: write `scopes(\"…\")` next to `authorize_params`",
                "`code_verifier` `code_verifier` is set by the library: remove it",
                "`grant_type` `grant_type` is set by the library: remove it",
            ]
        );
    }

    #[test]
    fn a_parameter_is_given_once() {
        assert_eq!(
            oauth2_errors_with(r#"authorize_params(a = "1", "a" = "2", "" = "3")"#),
            [
                "`\"a\"` the parameter `a` is given twice: keep one",
                "`\"\"` a parameter needs a name"
            ]
        );
    }

    #[test]
    fn visitors_choose_no_parameter_of_the_library() {
        assert_eq!(oauth2_errors_with(r#"login_params("login_hint", "ui_locales")"#), [""; 0]);
        assert_eq!(
            oauth2_errors_with(
                r#"login_params("state", "scope", "return_to", "oauth_token", "", "audience", "a", "a"),
                authorize_params(audience = "api")"#
            ),
            [
                "`\"state\"` `state` is not for visitors to choose: remove it",
                "`\"scope\"` `scope` is not for visitors to choose: remove it",
                "`\"return_to\"` the route of a login reads `return_to` itself: remove it",
                "`\"oauth_token\"` `oauth_token` is not for visitors to choose: remove it",
                "`\"\"` a parameter needs a name",
                "`\"audience\"` `authorize_params` sets `audience`: remove it there, or let no visitor choose it",
                "`\"a\"` `a` is given twice: keep one",
            ]
        );
    }
}
