//! The providers that most tests declare, and the registries of them.

use super::*;

/// OpenID Connect by discovery.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "email", "profile", "offline_access"),
    quirks(loopback_http)
)]
pub struct Op {
    issuer: String,
}

/// A second provider, whose logins request the userinfo endpoint. In these tests it has the same
/// issuer and client as [`Op`]: only its name differs.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "twin",
    issuer = "{issuer}",
    scopes("openid", "email", "profile"),
    userinfo = UserInfo,
    quirks(loopback_http)
)]
pub struct Twin {
    issuer: String,
}

/// OAuth 2.0 without discovery and ID token: only the userinfo endpoint identifies the user.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "plain",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    userinfo_endpoint = "{base}/userinfo",
    quirks(loopback_http)
)]
pub struct Plain {
    base: String,
}

/// ID tokens signed with the client secret, by the quirk of that name.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hmac",
    issuer = "{issuer}",
    scopes("openid"),
    id_token_signed_response_alg = "HS256",
    quirks(loopback_http, hs256_id_token)
)]
pub struct Hmac {
    issuer: String,
}

/// ID tokens for other audiences too, by the quirk of that name.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "wide",
    issuer = "{issuer}",
    scopes("openid"),
    quirks(loopback_http, additional_audiences)
)]
pub struct Wide {
    issuer: String,
}

/// Requests a recent authentication.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "recent",
    issuer = "{issuer}",
    scopes("openid"),
    max_age = 300,
    prompt = "login",
    quirks(loopback_http)
)]
pub struct Recent {
    issuer: String,
}

/// Signs users out at the provider too.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "leaving",
    issuer = "{issuer}",
    scopes("openid"),
    rp_initiated_logout,
    quirks(loopback_http)
)]
pub struct Leaving {
    issuer: String,
}

/// All providers; errors go to the test as values.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
pub struct Typed {
    op: Client<Op>,
    twin: Client<Twin>,
    plain: Client<Plain>,
    hmac: Client<Hmac>,
    wide: Client<Wide>,
    recent: Client<Recent>,
    leaving: Client<Leaving>,
}

/// All providers; logins and errors end with the library's default pages.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
pub struct Paged {
    op: Client<Op>,
    twin: Client<Twin>,
    plain: Client<Plain>,
    hmac: Client<Hmac>,
    wide: Client<Wide>,
    recent: Client<Recent>,
    leaving: Client<Leaving>,
}

/// All providers; a handler of the application ends logins and sees their tokens.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = signed_in, on_error = failed)]
pub struct Handled {
    op: Client<Op>,
    twin: Client<Twin>,
    plain: Client<Plain>,
    hmac: Client<Hmac>,
    wide: Client<Wide>,
    recent: Client<Recent>,
    leaving: Client<Leaving>,
}
