//! Keys that the configuration does not have: a declaration and a description have them.

use super::*;
use crate::declaration::compliance_fix::ComplianceFix;

struct Fix;
impl ComplianceFix for Fix {}

/// For each key its declaration and its description.
macro_rules! two_doors {
    ($($test:ident: [$($base:tt)*] [$($key:tt)*], $name:literal, $description:expr, $describe:expr;)+) => {
        $(#[test]
        fn $test() {
            provider!(With: [$($base)*] $($key)*);
            provider!(Without: [$($base)*]);
            let (with, without) = (declared::<With>(&[]), declared::<Without>(&[]));
            assert_described(&with, &without, $description, $describe);
        })+

        pub(in super::super) const TRIED: &[&str] = &[$($name),+];
    };
}

fn github() -> ProviderDescription {
    ProviderDescription::preset("github").named("acme").client_id("id").client_secret("secret")
}

fn open_id() -> ProviderDescription {
    let acme = ProviderDescription::new("acme").issuer("https://acme.example").scopes(["openid"]);
    acme.client_id("id").client_secret("secret")
}

two_doors! {
    display_name: [preset = "github"] [display_name = "Acme"], "DISPLAY_NAME",
        github(), |it| it.display_name("Acme");
    keep_tokens: [preset = "github"] [keep_tokens], "KEEP_TOKENS",
        github(), ProviderDescription::keep_tokens;
    rp_initiated_logout: [issuer = "https://acme.example", scopes("openid")]
        [rp_initiated_logout], "RP_INITIATED_LOGOUT",
        open_id(), |it| it.rp_initiated_logout(true);
    userinfo: [issuer = "https://acme.example", scopes("openid")] [userinfo = crate::UserInfo],
        "USERINFO", open_id(), |it| it.fetch_userinfo(true);
    identity: [preset = "github"] [identity(name = "nick")], "IDENTITY",
        github(), |it| it.identity("name", "nick");
    quirks: [issuer = "https://acme.example", scopes("openid")]
        [quirks(no_pkce, nested_token = "data.token")], "QUIRKS",
        open_id(), |it| it.quirks(["no_pkce", "nested_token=data.token"]);
    compliance_fix: [preset = "github"] [compliance_fix = Fix], "COMPLIANCE_FIX",
        github(), |it| it.compliance_fix(&Fix);
}
