//! Microsoft Entra ID, with personal accounts: OpenID Connect for all tenants at one issuer
//! template.
//!
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc>
//!
//! Checked: 2026-11-26.

use super::Preset;
use crate::keys::{API_BASE_URL, ISSUER, SERVER_METADATA_URL};
use crate::protocol::Protocol;

pub(super) static MICROSOFT: Preset = Preset {
    name: "microsoft",
    display_name: "Microsoft",
    brand_color: Some(0x00_67b8),
    protocol: Protocol::OpenIdConnect,
    registration_page: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    urls: &[
        (&ISSUER, "https://login.microsoftonline.com/{tenantid}/v2.0"),
        (
            &SERVER_METADATA_URL,
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        ),
        (&API_BASE_URL, "https://graph.microsoft.com/v1.0/"),
    ],
    scopes: &["openid", "profile", "email"],
    known_scopes: &[
        "openid",
        "profile",
        "email",
        "offline_access",
        "User.Read",
        "User.ReadBasic.All",
        "Calendars.Read",
        "Contacts.Read",
        "Mail.Read",
        "Files.Read",
    ],
    token_endpoint_auth_method: Some("client_secret_post"),
    // The administrator of any tenant can write any address into `email`: only this optional claim
    // says that the owner of the domain was verified.
    identity: &[("email_verified", "xms_edov")],
    ..Preset::DEFAULT
};
