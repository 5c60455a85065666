//! Metadata, keys, and the provider as a whole.

use std::io::ErrorKind;

use serde_json::{Value, json};

use super::{Pair, parts};
use crate::testing::compact::Compact;
use crate::testing::public_key;
use crate::testing::{Endpoint, Person, RegisteredClient, SigningAlgorithm, TestProvider};

#[tokio::test]
async fn metadata_names_the_issuer_and_its_endpoints() {
    let pair = Pair::start().await;
    let metadata = pair.get(pair.provider.url(Endpoint::Metadata)).await.json();
    assert_eq!(metadata["issuer"], pair.provider.issuer());
    assert_eq!(metadata["token_endpoint"], pair.provider.url(Endpoint::Token));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(pair.provider.requests(Endpoint::Metadata), 1);
}

#[tokio::test]
async fn issuer_with_a_path_is_served_below_it() {
    let pair = Pair::build(TestProvider::builder().issuer_path("/realms/demo")).await;
    let server = format!("http://{}", pair.provider.address());
    for url in [
        format!("{server}/realms/demo/.well-known/openid-configuration"),
        format!("{server}/.well-known/oauth-authorization-server/realms/demo"),
    ] {
        let metadata = pair.get(&url).await.json();
        assert_eq!(metadata["issuer"], format!("{server}/realms/demo"));
    }
    assert_eq!(pair.provider.requests(Endpoint::Metadata), 2);
    let tokens = pair.login().await;
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 200);
}

#[tokio::test]
async fn id_token_verifies_with_every_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let pair = Pair::build(TestProvider::builder().signing_algorithm(algorithm)).await;
        let tokens = pair.login().await;
        let jwks = pair.get(pair.provider.url(Endpoint::Jwks)).await.json();
        let (header, claims) = parts(&tokens["id_token"]);
        assert_eq!(header["alg"], algorithm.name());
        assert_eq!(header["kid"], jwks["keys"][0]["kid"]);
        assert!(verifies(&tokens["id_token"], &jwks["keys"][0]), "{algorithm}");

        let access_token = tokens["access_token"].as_str().unwrap();
        assert_eq!(claims["at_hash"], algorithm.left_half_hash(access_token));
    }
}

/// Verifies only with the JWK.
fn verifies(token: &Value, jwk: &Value) -> bool {
    let token = Compact::parse(token.as_str().unwrap()).unwrap();
    let algorithm = SigningAlgorithm::from_name(token.header["alg"].as_str().unwrap()).unwrap();
    public_key::verifies(jwk, algorithm, token.message, &token.signature)
}

#[tokio::test]
async fn metadata_and_keys_say_how_long_they_may_be_kept() {
    let pair = Pair::build(TestProvider::builder().cache_control("max-age=600")).await;
    for endpoint in [Endpoint::Metadata, Endpoint::Jwks] {
        let reply = pair.get(pair.provider.url(endpoint)).await;
        assert_eq!(reply.header("cache-control"), "max-age=600");
    }
    let pair = Pair::start().await;
    assert_eq!(pair.get(pair.provider.url(Endpoint::Jwks)).await.header("cache-control"), "");
}

#[tokio::test]
async fn rotation_uses_a_new_key_and_publishes_the_old() {
    let pair = Pair::start().await;
    let before = pair.login().await;
    pair.provider.rotate_keys().unwrap();
    let after = pair.login().await;
    let jwks = pair.get(pair.provider.url(Endpoint::Jwks)).await.json();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert!(verifies(&after["id_token"], &jwks["keys"][0]));
    assert!(verifies(&before["id_token"], &jwks["keys"][1]));
}

#[tokio::test]
async fn dropping_the_handle_stops_the_provider() {
    let pair = Pair::start().await;
    let url = pair.provider.url(Endpoint::Metadata);
    let bystander = pair.provider.bystander().url();
    assert_eq!(pair.get(&url).await.status, 200);
    drop(pair.provider);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(pair.http.get(url).send().await.is_err());
    assert!(pair.http.get(bystander).send().await.is_err());
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_at_the_start() {
    let person = || Person::new("1");
    let client = || RegisteredClient::public("app");
    for builder in [
        TestProvider::builder().issuer("https://id.example/?tenant=1"),
        TestProvider::builder().issuer_path("/{tenant}"),
        TestProvider::builder().person(person()).person(person()),
        TestProvider::builder().client(client()).client(client()),
    ] {
        assert_eq!(builder.start().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let taken = TestProvider::start().await.unwrap();
    let refused = TestProvider::builder().port(taken.address().port()).start().await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn clock_can_be_moved_anywhere_and_back() {
    let pair = Pair::start().await;
    for offset in [i64::MIN, i64::MAX, 0] {
        pair.provider.set_clock_offset(offset);
        let tokens = pair.login().await;
        assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 200);
    }
}

#[tokio::test]
async fn secrets_do_not_show_in_debug_output() {
    let pair = Pair::start().await;
    let client = RegisteredClient::confidential("app", "the-secret");
    assert!(!format!("{client:?}").contains("the-secret"));
    let provider = format!("{:?}", pair.provider);
    assert!(!provider.contains(pair.provider.client_secret()));
}
