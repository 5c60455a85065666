//! Userinfo, the demo API, revocation and introspection.

use serde_json::json;

use super::{Pair, encode};
use crate::testing::{Endpoint, RegisteredClient, TestProvider};

#[tokio::test]
async fn userinfo_tells_what_the_scope_allows() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    let reply = pair.userinfo(&tokens["access_token"]).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(
        reply.json(),
        json!({
            "sub": "ada",
            "name": "Ada Lovelace",
            "preferred_username": "ada",
            "email": "ada@example.org",
            "email_verified": true,
        })
    );
}

#[tokio::test]
async fn userinfo_takes_the_token_from_the_form_too() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    let form = encode(&[("access_token", tokens["access_token"].as_str().unwrap())], &[]);
    let reply = pair.post_as(Endpoint::Userinfo, form.clone(), "").await;
    assert_eq!(reply.json()["sub"], "ada");
    let twice = pair.post_as(Endpoint::Userinfo, form, "Bearer token").await;
    twice.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn resource_without_a_good_token_is_challenged() {
    let pair = Pair::start().await;
    for url in [
        pair.provider.url(Endpoint::Userinfo),
        format!("{}/resource", pair.provider.api_base_url()),
    ] {
        let reply = pair.get(&url).await;
        assert_eq!((reply.status, reply.text.as_str()), (401, ""));
        assert!(!reply.header("www-authenticate").contains("error="));

        let reply = pair.get_with_token(&url, &json!("forged")).await;
        reply.assert_error(401, "invalid_token");
        assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn access_token_expires() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    pair.provider.set_clock_offset(3601);
    pair.userinfo(&tokens["access_token"]).await.assert_error(401, "invalid_token");
    let refreshed = pair.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_eq!(pair.userinfo(&refreshed["access_token"]).await.status, 200);
}

#[tokio::test]
async fn api_shows_the_person_and_a_list() {
    let pair = Pair::start().await;
    let token = &pair.login().await["access_token"];
    let api = |path: &str| format!("{}/{path}", pair.provider.api_base_url());
    let resource = pair.get_with_token(api("resource"), token).await.json();
    assert_eq!((&resource["sub"], &resource["method"]), (&json!("ada"), &json!("GET")));
    let user = pair.get_with_token(api("user"), token).await.json();
    assert_eq!((&user["login"], &user["id"]), (&json!("ada"), &json!(1)));
    let repos = pair.get_with_token(api("user/repos"), token).await.json();
    assert!(repos[0]["full_name"].as_str().unwrap().starts_with("ada/"));
}

#[tokio::test]
async fn revoked_refresh_token_takes_its_access_tokens() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let revoke = async |token: &str| {
        pair.post(Endpoint::Revocation, encode(&[("token", token)], &[])).await.status
    };

    assert_eq!(revoke(access_token).await, 200);
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 401);
    let second = pair.refresh(refresh_token, &[]).await.json();
    assert_eq!(revoke(second["refresh_token"].as_str().unwrap()).await, 200);
    assert_eq!(pair.userinfo(&second["access_token"]).await.status, 401);
    assert_eq!(revoke("unknown").await, 200);
}

#[tokio::test]
async fn token_of_another_client_is_not_revoked_or_shown() {
    let pair = Pair::build(
        TestProvider::builder()
            .client(RegisteredClient::confidential("one", "1"))
            .client(RegisteredClient::confidential("two", "2")),
    )
    .await;
    let tokens = pair.login().await;
    for token in [&tokens["access_token"], &tokens["refresh_token"]] {
        let form = encode(
            &[("token", token.as_str().unwrap()), ("client_id", "two"), ("client_secret", "2")],
            &[],
        );
        let revoked = pair.post_as(Endpoint::Revocation, form.clone(), "").await;
        revoked.assert_error(400, "invalid_grant");
        let described = pair.post_as(Endpoint::Introspection, form, "").await;
        assert_eq!(described.json(), json!({ "active": false }));
    }
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 200);
}

#[tokio::test]
async fn introspection_describes_active_tokens() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    let introspect = async |token: &str| {
        pair.post(Endpoint::Introspection, encode(&[("token", token)], &[])).await.json()
    };

    let description = introspect(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(description["active"], true);
    assert_eq!(description["sub"], "ada");
    assert_eq!(description["client_id"], "dev-client");
    assert_eq!(description["token_type"], "Bearer");
    assert_eq!(introspect("unknown").await, json!({ "active": false }));

    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(introspect(refresh_token).await["active"], true);
    pair.refresh(refresh_token, &[]).await;
    assert_eq!(introspect(refresh_token).await, json!({ "active": false }));

    let form = encode(&[("token", "unknown")], &[]);
    pair.post_as(Endpoint::Introspection, form, "").await.assert_error(401, "invalid_client");
}
