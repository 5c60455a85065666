//! A provider with many tenants.

use serde_json::json;

use super::{Pair, parameter, parts};
use crate::testing::{Endpoint, Fault, Person, TestProvider};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

async fn pair() -> Pair {
    let ada = Person::new("ada").tenant_id(TENANT);
    Pair::build(TestProvider::builder().many_tenants().person(ada)).await
}

#[tokio::test]
async fn metadata_has_a_template_and_id_token_the_tenant() {
    let pair = pair().await;
    let origin = format!("http://{}", pair.provider.address());
    let metadata = pair.get(format!("{origin}/common/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(metadata.json()["issuer"], format!("{origin}/{{tenantid}}/v2.0"));
    assert_eq!(metadata.json()["authorization_response_iss_parameter_supported"], false);
    assert_eq!(metadata.json()["token_endpoint"], format!("{origin}/common/v2.0/token"));
    let location = pair.provider.sign_in(pair.authorization_url(&[]), "ada").unwrap();
    assert_eq!(parameter(&location, "iss"), None);

    let tokens = pair.login().await;
    let (_, claims) = parts(&tokens["id_token"]);
    assert_eq!(claims["iss"], format!("{origin}/{TENANT}/v2.0"));
    assert_eq!(claims["tid"], TENANT);
    let hint = tokens["id_token"].as_str().unwrap();
    let again = pair.provider.sign_in(pair.authorization_url(&[("id_token_hint", hint)]), "ada");
    assert!(parameter(&again.unwrap(), "code").is_some(), "it knows its own tokens");
}

#[tokio::test]
async fn tenant_is_spoiled() {
    let pair = pair().await;
    pair.provider.fault(Fault::TenantMismatch);
    let (_, claims) = parts(&pair.login().await["id_token"]);
    assert!(claims["tid"] != TENANT && claims["iss"].as_str().unwrap().contains(TENANT));
    pair.provider.clear_faults();
    pair.provider.fault(Fault::MissingTenant);
    let (_, claims) = parts(&pair.login().await["id_token"]);
    assert_eq!((claims.get("tid"), claims["sub"].clone()), (None, json!("ada")));
    assert_eq!(pair.provider.requests(Endpoint::Token), 2);
}
