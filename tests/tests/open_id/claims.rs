//! `claims = Type`: the claims of the ID token as the application's own type.

use std::sync::Arc;

use axum::Json;
use oauth_runtime::OAuthError;
use oauth_runtime::error::ProviderError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::site::{self, Site, failed};

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "typed",
    issuer = "{issuer}",
    scopes("openid", "profile"),
    claims = Membership,
    quirks(loopback_http)
)]
struct Typed {
    issuer: String,
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "untyped",
    issuer = "{issuer}",
    scopes("openid", "profile", "address", "phone"),
    quirks(loopback_http)
)]
struct Untyped {
    issuer: String,
}

#[derive(Deserialize, Serialize)]
struct Membership {
    sub: String,
    groups: Vec<String>,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_error = failed)]
struct Providers {
    #[oauth_registry(on_login = membership)]
    typed: Client<Typed>,
    #[oauth_registry(on_login = standard_claims)]
    untyped: Client<Untyped>,
}

async fn membership(login: Login<Typed>) -> Json<Value> {
    Json(json!(login.claims()))
}

async fn standard_claims(login: Login<Untyped>) -> Json<Value> {
    let claims = login.claims();
    Json(json!({
        "name": claims.name(),
        "kana": claims.localized("name", "ja-Kana-JP"),
        "locality": claims.address().and_then(|address| address.locality),
        "phone_number": claims.phone_number(),
        "groups": claims.get("groups"),
    }))
}

async fn site() -> Site {
    let people = [
        Person::new("ada")
            .name("Ada Lovelace")
            .claim("name#ja-Kana-JP", json!("エイダ"))
            .claim("address", json!({"locality": "London"}))
            .claim("phone_number", json!("+44 20 7946 0000"))
            .claim("groups", json!(["engineers"])),
        Person::new("eve").claim("groups", json!("engineers")),
    ];
    let provider = people.into_iter().fold(site::provider(), |builder, one| builder.person(one));
    let provider = Arc::new(provider.start().await.expect("a provider"));
    let config = site::config(&["typed", "untyped"], &provider);
    Site::start::<Providers>(provider, config, Router::new()).await
}

#[tokio::test]
async fn id_token_claims_have_the_declared_type() {
    let mut site = site().await;
    let url = site.browser.start_login("typed").await;
    let page = site.finish(&url, "ada").await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(seen, json!({"sub": "ada", "groups": ["engineers"]}));
}

#[tokio::test]
async fn claims_of_another_shape_refuse_the_login() {
    let mut site = site().await;
    let url = site.browser.start_login("typed").await;
    let page = site.finish(&url, "eve").await;
    assert!(page.status.is_server_error(), "{page:?}");
    assert_eq!(site.browser.session(), None);
    let error = site.failures.only();
    let text = error.to_string();
    assert!(text.contains("declared with `claims`") && text.contains("line 1"), "{text}");
    assert!(!text.contains("engineers"), "logs contain no values: {text}");
    assert_matches!(error, OAuthError::Provider { error: ProviderError::Claims(_), .. });
}

#[tokio::test]
async fn standard_claims_have_names_and_others_are_kept() {
    let mut site = site().await;
    let url = site.browser.start_login("untyped").await;
    let page = site.finish(&url, "ada").await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    let expected = json!({
        "name": "Ada Lovelace",
        "kana": "エイダ",
        "locality": "London",
        "phone_number": "+44 20 7946 0000",
        "groups": ["engineers"],
    });
    assert_eq!(seen, expected);
}
