//! Apple: OpenID Connect with a client secret that is signed for each request.
//!
//! <https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple>
//!
//! Apple responds with `form_post` if the scopes include a name or an e-mail address, and sends the
//! name only in the first response. Addresses may be relay addresses of Apple.
//!
//! Checked: 2026-11-26.

use super::Preset;
use crate::keys::{ISSUER, REVOCATION_ENDPOINT};
use crate::protocol::Protocol;

pub(super) static APPLE: Preset = Preset {
    name: "apple",
    display_name: "Apple",
    brand_color: Some(0x00_0000),
    protocol: Protocol::OpenIdConnect,
    registration_page: "https://developer.apple.com/account/resources/identifiers/list/serviceId",
    urls: &[
        (&ISSUER, "https://appleid.apple.com"),
        (&REVOCATION_ENDPOINT, "https://appleid.apple.com/auth/revoke"),
    ],
    scopes: &["openid", "name", "email"],
    known_scopes: &["openid", "name", "email"],
    token_endpoint_auth_method: Some("apple_jwt"),
    response_mode: Some("form_post"),
    // The name comes only in the first response, in its parameter `user`.
    quirks: &["user_in_response"],
    ..Preset::DEFAULT
};
