//! Clients that authenticate with signed assertions.

use aws_lc_rs::hmac;
use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::{CODE_VERIFIER, Pair, REDIRECT_URI, Reply, URL_SAFE_NO_PAD, encode};
use crate::testing::client_assertion::TYPE;
use crate::testing::id_token::signing_input;
use crate::testing::signing_key::SigningKey;
use crate::testing::{Endpoint, RegisteredClient, SigningAlgorithm, TestProvider};

async fn pair(client: RegisteredClient) -> Pair {
    Pair::build(TestProvider::builder().client(client)).await
}

fn jwks(key: &SigningKey) -> Value {
    json!({ "keys": [key.to_jwk()] })
}

/// The claims of an assertion in order.
fn claims(pair: &Pair, id: &str) -> Map<String, Value> {
    let now = pair.provider.provider.clock.now();
    let claims = json!({
        "iss": "shop",
        "sub": "shop",
        "aud": pair.provider.issuer(),
        "jti": id,
        "iat": now,
        "exp": now + 60,
    });
    claims.as_object().unwrap().clone()
}

fn signed(key: &SigningKey, claims: &Map<String, Value>) -> String {
    let input = signing_input(&json!({ "alg": key.algorithm().name(), "kid": key.id() }), claims);
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token request of Ada's login.
async fn redeem(pair: &Pair, proof: &[(&str, &str)]) -> Reply {
    let code = pair.code(&[]);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", CODE_VERIFIER),
    ];
    pair.post_as(Endpoint::Token, encode(&form, proof), "").await
}

async fn redeem_with(pair: &Pair, assertion: &str) -> Reply {
    redeem(pair, &[("client_assertion_type", TYPE), ("client_assertion", assertion)]).await
}

#[tokio::test]
async fn private_key_of_every_algorithm_authenticates() {
    for algorithm in SigningAlgorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let pair = pair(RegisteredClient::with_private_key("shop", &jwks(&key))).await;
        let assertion = signed(&key, &claims(&pair, "1"));
        let reply = redeem_with(&pair, &assertion).await;
        assert_eq!(reply.status, 200, "{algorithm}: {}", reply.text);
    }
}

#[tokio::test]
async fn assertion_that_proves_nothing_is_refused() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let foreign_key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let pair = pair(RegisteredClient::with_private_key("shop", &jwks(&key))).await;
    let now = pair.provider.provider.clock.now();
    let good = claims(&pair, "1");
    for (claim, value) in [
        ("iss", json!("another")),
        ("sub", json!("another")),
        ("aud", json!("https://elsewhere.example")),
        ("aud", Value::Null),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 86_400)),
        ("exp", Value::Null),
        ("nbf", json!(now + 600)),
        ("iat", json!(now + 600)),
        ("jti", Value::Null),
    ] {
        let mut claims = good.clone();
        claims.insert(claim.to_owned(), value.clone());
        let reply = redeem_with(&pair, &signed(&key, &claims)).await;
        reply.assert_error(401, "invalid_client");
    }
    redeem_with(&pair, &signed(&foreign_key, &good)).await.assert_error(401, "invalid_client");
    redeem_with(&pair, "no.jwt.").await.assert_error(401, "invalid_client");
    assert_eq!(redeem_with(&pair, &signed(&key, &good)).await.status, 200);
}

#[tokio::test]
async fn assertion_is_good_once() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let pair = pair(RegisteredClient::with_private_key("shop", &jwks(&key))).await;
    let assertion = signed(&key, &claims(&pair, "1"));
    assert_eq!(redeem_with(&pair, &assertion).await.status, 200);
    redeem_with(&pair, &assertion).await.assert_error(401, "invalid_client");
    let next = signed(&key, &claims(&pair, "2"));
    assert_eq!(redeem_with(&pair, &next).await.status, 200);
}

#[tokio::test]
async fn audience_may_be_token_endpoint_or_one_of_several() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let pair = pair(RegisteredClient::with_private_key("shop", &jwks(&key))).await;
    let endpoint = pair.provider.url(Endpoint::Token);
    for (id, aud) in [("1", json!(endpoint)), ("2", json!(["https://elsewhere.example", endpoint]))]
    {
        let mut claims = claims(&pair, id);
        claims.insert("aud".to_owned(), aud);
        assert_eq!(redeem_with(&pair, &signed(&key, &claims)).await.status, 200);
    }
}

#[tokio::test]
async fn client_secret_signs_too() {
    let pair = pair(RegisteredClient::confidential("shop", "a secret")).await;
    let assertion = |secret: &str, id| {
        let input = signing_input(&json!({ "alg": "HS256" }), &claims(&pair, id));
        let tag =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    assert_eq!(redeem_with(&pair, &assertion("a secret", "1")).await.status, 200);
    redeem_with(&pair, &assertion("guessed", "2")).await.assert_error(401, "invalid_client");
}

#[tokio::test]
async fn client_authenticates_in_one_way_and_as_one_client() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let pair = pair(RegisteredClient::with_private_key("shop", &jwks(&key))).await;
    let assertion = signed(&key, &claims(&pair, "1"));
    let proof = [("client_assertion_type", TYPE), ("client_assertion", assertion.as_str())];
    let twice = [&proof[..], &[("client_secret", "a secret")]].concat();
    redeem(&pair, &twice).await.assert_error(400, "invalid_request");
    let another = [&proof[..], &[("client_id", "another")]].concat();
    redeem(&pair, &another).await.assert_error(400, "invalid_request");
    redeem(&pair, &proof[1..]).await.assert_error(400, "invalid_request");
    let secret = [("client_id", "shop"), ("client_secret", "a secret")];
    redeem(&pair, &secret).await.assert_error(401, "invalid_client");
    redeem(&pair, &secret[..1]).await.assert_error(401, "invalid_client");
}

/// Apple's client secret can be used until it expires.
#[tokio::test]
async fn client_secret_may_be_made_by_the_client() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let pair = pair(RegisteredClient::with_apple_secret("shop", "TEAM", &jwks(&key))).await;
    let mut claims = claims(&pair, "1");
    claims.insert("iss".to_owned(), json!("TEAM"));
    claims.remove("jti");
    let secret = signed(&key, &claims);
    let proof = [("client_id", "shop"), ("client_secret", secret.as_str())];
    for _ in 0..2 {
        assert_eq!(redeem(&pair, &proof).await.status, 200);
    }
    pair.provider.set_clock_offset(61);
    redeem(&pair, &proof).await.assert_error(401, "invalid_client");
    pair.provider.set_clock_offset(0);
    claims.insert("iss".to_owned(), json!("ANOTHER"));
    let secret = signed(&key, &claims);
    let proof = [("client_id", "shop"), ("client_secret", secret.as_str())];
    redeem(&pair, &proof).await.assert_error(401, "invalid_client");
}
