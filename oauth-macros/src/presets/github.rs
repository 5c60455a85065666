//! GitHub: OAuth Apps, and user authorization of GitHub Apps.
//!
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
//!
//! Checked: 2026-11-24.

use super::Preset;
use crate::keys::{
    ACCESS_TOKEN_URL, API_BASE_URL, AUTHORIZE_URL, DEVICE_AUTHORIZATION_ENDPOINT, USERINFO_ENDPOINT,
};

pub(super) static GITHUB: Preset = Preset {
    name: "github",
    display_name: "GitHub",
    brand_color: Some(0x1f_2328),
    registration_page: "https://github.com/settings/developers",
    urls: &[
        (&AUTHORIZE_URL, "https://github.com/login/oauth/authorize"),
        (&ACCESS_TOKEN_URL, "https://github.com/login/oauth/access_token"),
        (&DEVICE_AUTHORIZATION_ENDPOINT, "https://github.com/login/device/code"),
        (&USERINFO_ENDPOINT, "https://api.github.com/user"),
        (&API_BASE_URL, "https://api.github.com/"),
    ],
    emails_endpoint: Some("https://api.github.com/user/emails"),
    scopes: &["read:user", "user:email"],
    known_scopes: &[
        "repo",
        "repo:status",
        "repo_deployment",
        "public_repo",
        "repo:invite",
        "security_events",
        "admin:repo_hook",
        "write:repo_hook",
        "read:repo_hook",
        "admin:org",
        "write:org",
        "read:org",
        "admin:public_key",
        "write:public_key",
        "read:public_key",
        "admin:org_hook",
        "gist",
        "notifications",
        "user",
        "read:user",
        "user:email",
        "user:follow",
        "project",
        "read:project",
        "delete_repo",
        "write:packages",
        "read:packages",
        "delete:packages",
        "admin:gpg_key",
        "write:gpg_key",
        "read:gpg_key",
        "codespace",
        "workflow",
        "read:audit_log",
    ],
    token_endpoint_auth_method: Some("client_secret_post"),
    identity: &[
        ("id", "id"),
        ("username", "login"),
        // The address of the public profile. Only the list of addresses says whether it is
        // verified.
        ("email_verified", ""),
        ("picture", "avatar_url"),
    ],
    quirks: &["comma_separated_scopes"],
    ..Preset::DEFAULT
};
