//! Providers with many tenants.

use super::*;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";

fn of_tenant(login: &Login, issuer: &str, tid: Value) -> Result<IdToken, IdTokenError> {
    let mut claims = claims();
    claims["iss"] = json!(issuer);
    claims["tid"] = tid;
    login.validate_text(&claims.to_string())
}

#[test]
fn issuer_template_takes_the_tenant_of_the_token() {
    let tenants = Some(Tenants::parse([TENANT]).unwrap());
    let login = Login { template: Some(TEMPLATE), tenants, ..Login::default() };
    let own = issuer_of(TEMPLATE, TENANT);
    let token = of_tenant(&login, &own, json!(TENANT)).unwrap();
    assert_eq!(token.issuer(), own);
    let other = issuer_of(TEMPLATE, OTHER_TENANT);
    for (issuer, tid) in [(&*other, TENANT), (TEMPLATE, TENANT), (ISSUER, TENANT)] {
        let refused = of_tenant(&login, issuer, json!(tid));
        assert_refused!(refused, IdTokenError::Issuer { .. });
    }
    for tid in [json!(OTHER_TENANT), json!("{tenantid}"), json!(""), json!(1), Value::Null] {
        for issuer in [&own, &other] {
            let refused = of_tenant(&login, issuer, tid.clone());
            assert_refused!(refused, IdTokenError::Tenant { .. });
        }
    }
    let anybody = Login { tenants: Some(Tenants::Any), ..login };
    assert!(of_tenant(&anybody, &other, json!(OTHER_TENANT)).is_ok());
    assert_refused!(of_tenant(&anybody, &own, json!(OTHER_TENANT)), IdTokenError::Issuer { .. });
    assert_refused!(of_tenant(&anybody, &other, json!("common")), IdTokenError::Tenant { .. });
}

#[test]
fn a_key_for_one_tenant_signs_for_no_other() {
    let login = |key_issuer| Login {
        template: Some(TEMPLATE),
        tenants: Some(Tenants::Any),
        key_issuer: Some(key_issuer),
        ..Login::default()
    };
    let own = issuer_of(TEMPLATE, TENANT);
    assert!(of_tenant(&login(TEMPLATE), &own, json!(TENANT)).is_ok(), "for every tenant");
    let consumers = "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
    assert!(of_tenant(&login(consumers), consumers, json!(OTHER_TENANT)).is_ok());
    assert_refused!(of_tenant(&login(consumers), &own, json!(TENANT)), IdTokenError::KeyIssuer);
}
