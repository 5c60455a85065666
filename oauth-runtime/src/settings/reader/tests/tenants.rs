//! Providers with many tenants.

use super::*;

#[test]
fn tenants_need_an_issuer_with_their_place() {
    let tenant = ("TENANTS", "72f988bf-86f1-41af-91ab-2d7cd011db47");
    assert_eq!(
        faults(&OP, &[tenant]),
        [
            "OP_TENANTS needs an issuer with `{tenantid}` in it; remove it: this issuer is that of one tenant"
        ]
    );
    let template = ProviderSpec { issuer: Some("https://op.example/{tenantid}"), ..OP };
    assert!(read(&template, &[tenant]).is_ok());
}

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// A multi-tenant provider such as Microsoft.
const TENANTED: ProviderSpec<'_> = ProviderSpec {
    issuer: Some("https://login.example/{tenantid}/v2.0"),
    server_metadata_url: Some("https://login.example/common/.well-known/openid-configuration"),
    ..OP
};

#[test]
fn multi_tenant_provider_needs_its_tenants() {
    let missing = faults(&TENANTED, &[]);
    assert!(missing.len() == 1 && missing[0].starts_with("OP_TENANTS is missing"), "{missing:?}");
    let wrong = faults(&TENANTED, &[("TENANTS", "common")]);
    assert!(wrong.len() == 1 && wrong[0].contains("not a tenant ID"), "{wrong:?}");

    let anybody = settings(&TENANTED, &[("TENANTS", "any")]);
    assert!(anybody.tenants.is_some_and(|tenants| tenants.allow(TENANT)));
    // The declaration wins.
    let only: &[&str] =
        &["9188040d-6c67-4c5b-b112-36a304b66dad", "00000000-0000-0000-0000-000000000000"];
    let declared = ProviderSpec { tenants: only, ..TENANTED };
    let declared = settings(&declared, &[("TENANTS", "any")]);
    assert!(declared.tenants.is_some_and(|tenants| !tenants.allow(TENANT)));
}

/// It has its own issuer and metadata, and no tenants to compare.
#[test]
fn one_tenant_is_a_provider_like_any_other() {
    let one = settings(&TENANTED, &[("TENANTS", TENANT)]);
    assert!(one.tenants.is_none());
    let issuer = format!("https://login.example/{TENANT}/v2.0");
    let url = one.metadata_url.as_ref().unwrap();
    assert_eq!(url.as_str(), format!("{issuer}/.well-known/openid-configuration"));
    assert_eq!(one.expected_issuer(url).issuer, Some(&*issuer));
}
