//! Google: OpenID Connect by discovery.
//!
//! <https://developers.google.com/identity/openid-connect/openid-connect>
//!
//! Checked: 2026-11-24.

use super::Preset;
use crate::keys::{API_BASE_URL, ISSUER};
use crate::protocol::Protocol;

pub(super) static GOOGLE: Preset = Preset {
    name: "google",
    display_name: "Google",
    brand_color: Some(0x1a_73e8),
    protocol: Protocol::OpenIdConnect,
    registration_page: "https://console.cloud.google.com/apis/credentials",
    urls: &[
        (&ISSUER, "https://accounts.google.com"),
        (&API_BASE_URL, "https://www.googleapis.com/"),
    ],
    scopes: &["openid", "email", "profile"],
    known_scopes: &[
        "openid",
        "email",
        "profile",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    ],
    token_endpoint_auth_method: Some("client_secret_post"),
    ..Preset::DEFAULT
};
