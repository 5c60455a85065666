//! Requests beyond the scope: single claims, a specific user, an authentication context.

use serde_json::{Value, json};

use super::{Pair, parameter, parts};
use crate::testing::{Fault, Person, TestProvider};

/// The claims of the ID token of a request with this parameter.
async fn claims(pair: &Pair, name: &str, value: &str) -> Value {
    let code = pair.code(&[("scope", "openid"), (name, value)]);
    parts(&pair.redeem(&code, &[]).await.json()["id_token"]).1
}

fn error(pair: &Pair, name: &str, value: &str) -> Option<String> {
    let location = pair.provider.sign_in(pair.authorization_url(&[(name, value)]), "ada").unwrap();
    parameter(&location, "error")
}

#[tokio::test]
async fn single_claims_come_where_they_were_asked_for() {
    let pair = Pair::start().await;
    let request = r#"{"id_token":{"email":null},"userinfo":{"name":{"essential":true}}}"#;
    let code = pair.code(&[("scope", "openid"), ("claims", request)]);
    let tokens = pair.redeem(&code, &[]).await.json();
    let (_, in_id_token) = parts(&tokens["id_token"]);
    assert_eq!(in_id_token["email"], "ada@example.org");
    assert_eq!((in_id_token.get("name"), in_id_token.get("email_verified")), (None, None));
    let in_userinfo = pair.userinfo(&tokens["access_token"]).await.json();
    assert_eq!(in_userinfo, json!({ "sub": "ada", "name": "Ada Lovelace" }));
}

#[tokio::test]
async fn request_for_claims_that_is_none_is_refused() {
    let pair = Pair::start().await;
    for text in ["name", "[]", r#"{"userinfo":["name"]}"#] {
        assert_eq!(error(&pair, "claims", text).as_deref(), Some("invalid_request"), "{text}");
    }
}

#[tokio::test]
async fn claims_have_languages() {
    let person = Person::new("1").claim("name", json!("Sumida")).claim("name#ja", json!("隅田"));
    let pair = Pair::build(TestProvider::builder().person(person)).await;
    let location = pair.provider.sign_in(pair.authorization_url(&[]), "1").unwrap();
    let tokens = pair.redeem(&parameter(&location, "code").unwrap(), &[]).await.json();
    let claims = pair.userinfo(&tokens["access_token"]).await.json();
    assert_eq!((&claims["name"], &claims["name#ja"]), (&json!("Sumida"), &json!("隅田")));
}

#[tokio::test]
async fn address_and_telephone_have_scopes_of_their_own() {
    let pair = Pair::start().await;
    let code = pair.code(&[("scope", "openid address phone")]);
    let tokens = pair.redeem(&code, &[]).await.json();
    let claims = pair.userinfo(&tokens["access_token"]).await.json();
    assert_eq!(claims["address"]["locality"], "London");
    assert_eq!(claims["phone_number_verified"], true);
    assert_eq!(claims.get("name"), None);
}

#[tokio::test]
async fn another_user_than_requested_is_an_error() {
    let pair = Pair::start().await;
    let hint = pair.login().await["id_token"].as_str().unwrap().to_owned();
    let claim = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    assert_eq!(error(&pair, "id_token_hint", &hint), None);
    assert_eq!(error(&pair, "claims", &claim("ada")), None);
    assert_eq!(error(&pair, "claims", &claim("alan")).as_deref(), Some("login_required"));
    let url = pair.authorization_url(&[("id_token_hint", &hint)]);
    let alan = pair.provider.sign_in(url, "alan").unwrap();
    assert_eq!(parameter(&alan, "error").as_deref(), Some("login_required"));
    let forged = error(&pair, "id_token_hint", &format!("{hint}A"));
    assert_eq!(forged.as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn authentication_context_is_the_first_that_is_known() {
    let pair = Pair::start().await;
    let essential = |acr: &str| {
        json!({ "id_token": { "acr": { "essential": true, "values": [acr] } } }).to_string()
    };
    assert_eq!(claims(&pair, "acr_values", "gold phrh phr").await["acr"], "phrh");
    assert_eq!(claims(&pair, "acr_values", "gold").await["acr"], "0");
    assert_eq!(claims(&pair, "claims", &essential("phr")).await["acr"], "phr");
    assert_eq!(claims(&pair, "login_hint", "ada").await.get("acr"), None);
    let unmet = error(&pair, "claims", &essential("gold"));
    assert_eq!(unmet.as_deref(), Some("unmet_authentication_requirements"));
}

#[tokio::test]
async fn how_and_when_the_person_signed_in_is_spoiled() {
    let pair = Pair::start().await;
    let honest = claims(&pair, "acr_values", "phr").await;
    assert_eq!(honest["auth_time"], honest["iat"]);
    for (fault, claim, expected) in [
        (Fault::MissingAuthenticationTime, "auth_time", Value::Null),
        (Fault::MissingAuthenticationContext, "acr", Value::Null),
        (Fault::WrongAuthenticationContext, "acr", json!("0")),
    ] {
        pair.provider.fault(fault);
        let claims = claims(&pair, "acr_values", "phr").await;
        pair.provider.clear_faults();
        assert_eq!(claims[claim], expected, "{fault:?}");
    }
    pair.provider.fault(Fault::AuthenticatedYesterday);
    let claims = claims(&pair, "max_age", "60").await;
    assert!(claims["auth_time"].as_i64().unwrap() <= claims["iat"].as_i64().unwrap() - 86_400);
}
