//! Whether the device flow is available: the declaration states its endpoint, or leaves it to the
//! metadata or the configuration.

use super::Context;
use super::published::Published;
use crate::keys::{
    ACCESS_TOKEN_URL, AUTHORIZE_URL, DEVICE_AUTHORIZATION_ENDPOINT, END_SESSION_ENDPOINT, JWKS_URI,
    SERVER_METADATA_URL, USERINFO_ENDPOINT,
};
use crate::protocol::Protocol;

pub(super) fn authorizes_devices(
    context: &Context<'_>,
    protocol: Protocol,
    published: Option<&Published>,
) -> bool {
    if protocol == Protocol::OAuth1 || context.has_no_login() {
        return false;
    }
    context.has(&DEVICE_AUTHORIZATION_ENDPOINT)
        || context.is_configured()
        || (fetches_metadata(context, protocol)
            && published.is_none_or(|published| published.names(&DEVICE_AUTHORIZATION_ENDPOINT)))
}

/// The metadata of an issuer is fetched only if the declaration leaves an endpoint to it.
fn fetches_metadata(context: &Context<'_>, protocol: Protocol) -> bool {
    let keys = context.keys;
    let needed = [
        (&AUTHORIZE_URL, true),
        (&ACCESS_TOKEN_URL, true),
        (&JWKS_URI, true),
        (&USERINFO_ENDPOINT, keys.userinfo.is_given()),
        (&END_SESSION_ENDPOINT, keys.rp_initiated_logout.is_given()),
    ];
    let has_gap = needed.iter().any(|(key, is_needed)| *is_needed && !context.has(key));
    context.has(&SERVER_METADATA_URL) || (protocol == Protocol::OpenIdConnect && has_gap)
}

#[cfg(test)]
mod tests {
    use crate::testing::capabilities;

    #[track_caller]
    fn assert_device(keys: &str, expected: bool) {
        let keys = format!(r#"name = "acme", {keys}"#);
        assert_eq!(capabilities(&keys).1, expected, "{keys}");
    }

    const STATED: &str = r#"authorize_url = "https://acme.example/a",
        access_token_url = "https://acme.example/t""#;

    #[test]
    fn device_flow_needs_a_known_or_deferred_endpoint() {
        let oauth2 = format!(r#"{STATED}, userinfo_endpoint = "https://acme.example/u""#);
        assert_device(&oauth2, false);
        let endpoint = r#"device_authorization_endpoint = "https://acme.example/d""#;
        assert_device(&format!("{oauth2}, {endpoint}"), true);
        assert_device(&format!("{oauth2}, configured"), true);
        let metadata = r#"server_metadata_url = "https://acme.example/.well-known/oauth-authorization-server""#;
        assert_device(metadata, true);
        assert_device(r#"preset = "github""#, true);
        assert_device(
            r#"request_token_url = "https://acme.example/r", authorize_url = "https://acme.example/a",
               access_token_url = "https://acme.example/t", identity(id = "id")"#,
            false,
        );
    }

    #[test]
    fn device_flow_counts_metadata_only_where_fetched() {
        let issuer = r#"issuer = "https://acme.example", scopes("openid")"#;
        assert_device(issuer, true);
        let keys = r#"jwks_uri = "https://acme.example/k""#;
        assert_device(&format!("{issuer}, {STATED}"), true);
        assert_device(&format!("{issuer}, {STATED}, {keys}"), false);
        assert_device(&format!("{issuer}, {STATED}, {keys}, userinfo = User"), true);
        assert_device(&format!("{issuer}, {STATED}, {keys}, rp_initiated_logout"), true);
        let logout = r#"rp_initiated_logout, end_session_endpoint = "https://acme.example/l""#;
        assert_device(&format!("{issuer}, {STATED}, {keys}, {logout}"), false);
    }

    #[test]
    fn metadata_file_decides_the_device_flow() {
        let kept = r#"issuer = "https://acme.example", scopes("openid"),
            token_endpoint_auth_method = "client_secret_post", metadata_file = "fixtures/acme.json""#;
        assert_device(kept, false);
        let endpoint = r#"device_authorization_endpoint = "https://acme.example/device""#;
        assert_device(&format!("{kept}, {endpoint}"), true);
    }
}
