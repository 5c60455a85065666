//! `no_login`: a provider whose tokens come from client credentials or an assertion.

use super::Context;
use crate::diagnostics::Errors;
use crate::key::Key;
use crate::keys::{
    AUTHORIZE_PARAMS, AUTHORIZE_URL, CLAIMS, CODE_CHALLENGE_METHOD, DEVICE_AUTHORIZATION_ENDPOINT,
    IDENTITY, KEEP_TOKENS, LOGIN_PARAMS, NO_LOGIN, PROMPT, RESPONSE_MODE, RESPONSE_TYPE, ROUTES,
    RP_INITIATED_LOGOUT, TENANTS, USERINFO, USERINFO_ENDPOINT,
};
use crate::protocol::{Protocol, Protocols};

/// Keys that only a login uses, beyond those of OpenID Connect.
static OF_LOGINS: &[&Key] = &[
    &AUTHORIZE_URL,
    &AUTHORIZE_PARAMS,
    &LOGIN_PARAMS,
    &CODE_CHALLENGE_METHOD,
    &RESPONSE_TYPE,
    &RESPONSE_MODE,
    &PROMPT,
    &DEVICE_AUTHORIZATION_ENDPOINT,
    &USERINFO_ENDPOINT,
    &USERINFO,
    &CLAIMS,
    &IDENTITY,
    &ROUTES,
    &KEEP_TOKENS,
    &RP_INITIATED_LOGOUT,
];

/// Whether the key would be ignored in a declaration with `no_login`. The tenant is a part of the
/// issuer's URL.
fn is_of_logins(key: &Key) -> bool {
    OF_LOGINS.contains(&key) || (key.protocols == Protocols::OpenIdConnect && *key != TENANTS)
}

/// Illegal: `no_login, authorize_url = "https://acme.example/authorize"` and `no_login,
/// scopes("openid")`.
pub(super) fn keys_of_logins(
    context: &Context<'_>,
    protocol: Option<Protocol>,
    errors: &mut Errors,
) {
    if !context.has_no_login() || protocol == Some(Protocol::OAuth1) {
        return;
    }
    let ident = &context.input.ident;
    for (key, at, field) in context.declaration.entries() {
        if is_of_logins(key) && !field.is_of_preset() {
            let no_login = NO_LOGIN.name;
            errors.push(
                at,
                format!("`{at}` is for logins, but `{no_login}` says that no user logs in with `{ident}`: remove one of them"),
            );
        }
    }
    if context.keys.scopes.is_of_preset() {
        return;
    }
    let mut scopes = context.keys.scopes.items().iter();
    if let Some(openid) = scopes.find(|scope| scope.value() == "openid") {
        errors.push(openid, "`openid` asks for an ID token, which only a login has: remove it");
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{capabilities, errors_with};

    #[test]
    fn provider_without_logins_needs_a_token_endpoint() {
        for keys in [
            r#"access_token_url = "https://acme.example/token", scopes("reports")"#,
            r#"issuer = "https://acme.example""#,
            r#"server_metadata_url = "https://acme.example/.well-known/openid-configuration""#,
            r#"preset = "microsoft", tenants("72f988bf-86f1-41af-91ab-2d7cd011db47"), scopes("a/.default")"#,
            "configured",
        ] {
            let keys = format!(r#"name = "acme", no_login, {keys}"#);
            assert_eq!(errors_with(&keys), [""; 0], "{keys}");
            assert!(!capabilities(&keys).1, "no device logs in: {keys}");
        }
        assert_eq!(
            errors_with(r#"name = "acme", no_login"#),
            ["`Acme` missing `access_token_url`: write one of\n\
              - access_token_url = \"https://acme.example/token\"\n\
              - server_metadata_url = \"https://acme.example/.well-known/oauth-authorization-server\"\n\
              - issuer = \"https://acme.example\"\n\
              - configured, and the rest in the environment"]
        );
    }

    #[test]
    fn keys_of_logins_are_refused() {
        assert_eq!(
            errors_with(
                r#"name = "acme", no_login, access_token_url = "https://acme.example/token", max_age = 5,
                authorize_url = "https://acme.example/a", scopes("openid"), keep_tokens"#
            ),
            [
                "`max_age` `max_age` is for logins, but `no_login` says that no user logs in with `Acme`: remove one of them",
                "`authorize_url` `authorize_url` is for logins, but `no_login` says that no user logs in with `Acme`: remove one of them",
                "`\"openid\"` `openid` asks for an ID token, which only a login has: remove it",
                "`keep_tokens` `keep_tokens` is for logins, but `no_login` says that no user logs in with `Acme`: remove one of them",
            ]
        );
    }
}
