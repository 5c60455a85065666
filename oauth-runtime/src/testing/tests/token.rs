//! The token endpoint.

use base64::Engine as _;
use serde_json::{Value, json};

use super::{CODE_VERIFIER, Pair, STANDARD, encode, parts};
use crate::testing::{Endpoint, RegisteredClient, TestProvider};

#[tokio::test]
async fn code_gives_tokens_that_must_not_be_stored() {
    let pair = Pair::start().await;
    let reply = pair.redeem(&pair.code(&[]), &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("pragma"), "no-cache");
    let tokens = reply.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    assert!(tokens["access_token"].is_string());
    assert!(tokens["refresh_token"].is_string());

    let (header, claims) = parts(&tokens["id_token"]);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(claims["iss"], pair.provider.issuer());
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["aud"], "dev-client");
    assert_eq!(claims["nonce"], "a nonce");
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(claims["auth_time"], claims["iat"]);
}

#[tokio::test]
async fn scope_decides_what_comes_back() {
    let pair = Pair::start().await;
    let tokens = pair.redeem(&pair.code(&[("scope", "openid")]), &[]).await.json();
    assert_eq!(tokens.get("refresh_token"), None);
    let (_, claims) = parts(&tokens["id_token"]);
    assert_eq!((claims.get("name"), claims.get("email")), (None, None));

    let tokens = pair.redeem(&pair.code(&[("scope", "repo")]), &[]).await.json();
    assert_eq!(tokens.get("id_token"), None);
    assert_eq!(tokens["scope"], "repo");
}

#[tokio::test]
async fn second_use_of_a_code_revokes_its_tokens() {
    let pair = Pair::start().await;
    let code = pair.code(&[]);
    let tokens = pair.redeem(&code, &[]).await.json();
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 200);

    pair.redeem(&code, &[]).await.assert_error(400, "invalid_grant");
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 401);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    pair.refresh(refresh_token, &[]).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn of_five_simultaneous_uses_one_succeeds() {
    let pair = Pair::start().await;
    let code = pair.code(&[]);
    let (a, b, c, d, e) = tokio::join!(
        pair.redeem(&code, &[]),
        pair.redeem(&code, &[]),
        pair.redeem(&code, &[]),
        pair.redeem(&code, &[]),
        pair.redeem(&code, &[]),
    );
    let successes = [a, b, c, d, e].iter().filter(|reply| reply.status == 200).count();
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn code_expires_after_a_minute() {
    let pair = Pair::start().await;
    let code = pair.code(&[]);
    pair.provider.set_clock_offset(61);
    pair.redeem(&code, &[]).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn code_is_bound_to_verifier_redirect_uri_and_client() {
    let pair = Pair::build(
        TestProvider::builder()
            .client(RegisteredClient::confidential("one", "secret"))
            .client(RegisteredClient::public("two")),
    )
    .await;
    let other_verifier = CODE_VERIFIER.replace('d', "e");
    for (name, value, error) in [
        ("code_verifier", other_verifier.as_str(), "invalid_grant"),
        ("code_verifier", "", "invalid_request"),
        ("redirect_uri", "http://127.0.0.1:3000/callback/", "invalid_grant"),
        ("redirect_uri", "", "invalid_request"),
        ("code", "guessed", "invalid_grant"),
        ("code", "", "invalid_request"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("grant_type", "", "invalid_request"),
    ] {
        let code = pair.code(&[]);
        pair.redeem(&code, &[(name, value)]).await.assert_error(400, error);
    }
    let form = encode(
        &[
            ("grant_type", "authorization_code"),
            ("code", &pair.code(&[])),
            ("redirect_uri", super::REDIRECT_URI),
            ("code_verifier", CODE_VERIFIER),
            ("client_id", "two"),
        ],
        &[],
    );
    pair.post_as(Endpoint::Token, form, "").await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn client_authenticates_by_one_method_or_not_at_all() {
    let secret = "50% off: a+b & c=d";
    let pair = Pair::build(
        TestProvider::builder().client(RegisteredClient::confidential("my:shop", secret)),
    )
    .await;
    // `Pair::post` encodes both as RFC 6749 section 2.3.1 demands.
    assert_eq!(pair.redeem(&pair.code(&[]), &[]).await.status, 200);

    let credentials = |secret| {
        encode(
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "my:shop"),
                ("client_secret", secret),
            ],
            &[],
        )
    };
    assert_eq!(pair.post_as(Endpoint::Token, credentials(secret), "").await.status, 200);
    for wrong in ["wrong", ""] {
        let reply = pair.post_as(Endpoint::Token, credentials(wrong), "").await;
        reply.assert_error(401, "invalid_client");
    }
    let wrong = format!("Basic {}", STANDARD.encode("my%3Ashop:wrong"));
    let form = "grant_type=client_credentials".to_owned();
    for header in [wrong.as_str(), "Basic ???", "Bearer token"] {
        let reply = pair.post_as(Endpoint::Token, form.clone(), header).await;
        reply.assert_error(401, "invalid_client");
        assert!(reply.header("www-authenticate").starts_with("Basic "));
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    // Two methods at once are refused.
    let reply = pair.post(Endpoint::Token, credentials(secret)).await;
    reply.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn public_client_must_not_send_a_secret() {
    let pair = Pair::build(TestProvider::builder().client(RegisteredClient::public("app"))).await;
    let redeem = async |secret: &str| {
        let form = encode(
            &[
                ("grant_type", "authorization_code"),
                ("code", &pair.code(&[])),
                ("redirect_uri", super::REDIRECT_URI),
                ("code_verifier", CODE_VERIFIER),
                ("client_id", "app"),
            ],
            &[("client_secret", secret)],
        );
        pair.post_as(Endpoint::Token, form, "").await
    };
    assert_eq!(redeem("").await.status, 200);
    redeem("secret").await.assert_error(401, "invalid_client");
    let form = "grant_type=client_credentials&client_id=app".to_owned();
    pair.post_as(Endpoint::Token, form, "").await.assert_error(400, "unauthorized_client");
}

#[tokio::test]
async fn only_forms_are_read() {
    let pair = Pair::start().await;
    let request = pair
        .http
        .post(pair.provider.url(Endpoint::Token))
        .header("content-type", "application/json")
        .body("{}");
    super::Reply::of(request).await.assert_error(400, "invalid_request");
    let form = "grant_type=client_credentials&grant_type=refresh_token".to_owned();
    pair.post(Endpoint::Token, form).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn refresh_rotates_the_refresh_token() {
    let pair = Pair::start().await;
    let first = pair.login().await;
    pair.provider.set_clock_offset(100);
    let second = pair.refresh(first["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);

    let (_, before) = parts(&first["id_token"]);
    let (_, after) = parts(&second["id_token"]);
    for claim in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after.get("nonce"), None);
    assert!(after["iat"].as_i64().unwrap() >= before["iat"].as_i64().unwrap() + 100);
}

#[tokio::test]
async fn refresh_token_used_twice_ends_the_grant() {
    let pair = Pair::start().await;
    let first = pair.login().await;
    let stolen = first["refresh_token"].as_str().unwrap();
    let second = pair.refresh(stolen, &[]).await.json();

    pair.refresh(stolen, &[]).await.assert_error(400, "invalid_grant");
    let rotated = second["refresh_token"].as_str().unwrap();
    pair.refresh(rotated, &[]).await.assert_error(400, "invalid_grant");
    assert_eq!(pair.userinfo(&second["access_token"]).await.status, 401);
}

#[tokio::test]
async fn refresh_may_narrow_the_scope_but_not_widen_it() {
    let pair = Pair::start().await;
    let tokens = pair.login().await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let wider = pair.refresh(refresh_token, &[("scope", "openid admin")]).await;
    wider.assert_error(400, "invalid_scope");

    let narrower = pair.refresh(refresh_token, &[("scope", "openid")]).await.json();
    assert_eq!(narrower["scope"], "openid");
    let userinfo = pair.userinfo(&narrower["access_token"]).await.json();
    assert_eq!(userinfo, json!({ "sub": "ada" }));
}

#[tokio::test]
async fn client_credentials_give_a_token_without_a_person() {
    let pair = Pair::start().await;
    let token = |scope: &str| format!("grant_type=client_credentials&scope={scope}");
    let tokens = pair.post(Endpoint::Token, token("reports")).await.json();
    assert_eq!(tokens["scope"], "reports");
    assert_eq!((tokens.get("id_token"), tokens.get("refresh_token")), (None, None));

    let url = format!("{}/resource", pair.provider.api_base_url());
    let resource: Value = pair.get_with_token(url, &tokens["access_token"]).await.json();
    assert_eq!(resource["sub"], "dev-client");
    assert_eq!(pair.userinfo(&tokens["access_token"]).await.status, 403);

    let refused = pair.post(Endpoint::Token, token("openid")).await;
    refused.assert_error(400, "invalid_scope");
}
