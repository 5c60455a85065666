//! Apple: OpenID Connect with a client secret that is signed anew for each request.
//!
//! <https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple>
//!
//! Apple answers by `form_post` as soon as a name or an address is asked for, and names the person in
//! the first response alone. Addresses may be relays of Apple's.
//!
//! Checked: 2026-11-26.

use super::Preset;
use crate::keys::{ISSUER, REVOCATION_ENDPOINT};
use crate::protocol::Protocol;

pub(super) static APPLE: Preset = Preset {
    name: "apple",
    display_name: "Apple",
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
    // The name comes in the first response, in its parameter `user`, and never again.
    quirks: &["user_in_response"],
    ..Preset::DEFAULT
};
