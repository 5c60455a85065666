//! Requests to the token, revocation, introspection and userinfo endpoints, as they are sent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_runtime::error::{EndpointKind, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::{BearerAssertion, Secret, StoredToken};
use serde_json::Value;

use crate::scripted::{Acme, BASIC, Site, header, parameters};

/// RFC 7636 appendix B, with its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::test]
async fn code_is_exchanged_by_a_form_with_its_verifier() {
    let site = Site::start();
    let redirect = site.client.authorize_redirect().code_verifier(VERIFIER);
    let started = redirect.into_url().await.expect("a login starts");
    let sent = parameters(started.url());
    assert_eq!((&*sent["response_type"], &*sent["client_id"]), ("code", "id"));
    assert_eq!(sent["code_challenge"], CHALLENGE);
    let response = format!("code=the-code&state={}", sent["state"]);
    let login = site.client.resume_login(started.into_pending(), &response).await;
    assert_eq!(login.expect("a login").token().access_token().expose(), "a");

    let request = site.network.last("/token");
    assert_eq!(request.method(), "POST");
    assert_eq!(header(&request, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(header(&request, "accept"), "application/json");
    assert_eq!(header(&request, "authorization"), BASIC);
    let expected = [
        ("code", "the-code"),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
        ("redirect_uri", sent["redirect_uri"].as_str()),
    ];
    let form = site.network.form("/token");
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(form, expected, "and neither state nor secret");
}

#[tokio::test]
async fn client_authenticates_as_it_is_configured() {
    for (method, in_header, secret) in [
        ("client_secret_basic", BASIC, None),
        ("client_secret_post", "", Some("secret")),
        ("none", "", None),
    ] {
        let kwargs = format!(r#"{{"token_endpoint_auth_method":"{method}"}}"#);
        let own = if method == "none" { "" } else { "secret" };
        let site = Site::<Acme>::with(&[("CLIENT_KWARGS", &kwargs), ("CLIENT_SECRET", own)]);
        site.log_in().await.expect("a login");
        let form = site.network.form("/token");
        let client_id = if in_header.is_empty() { Some("id") } else { None };
        let given = |name: &str| form.get(name).map(String::as_str);
        assert_eq!((given("client_id"), given("client_secret")), (client_id, secret), "{method}");
        assert_eq!(header(&site.network.last("/token"), "authorization"), in_header, "{method}");
    }
}

#[tokio::test]
async fn fixed_parameters_go_into_their_own_requests() {
    let site = Site::<Acme>::with(&[
        ("AUTHORIZE_PARAMS", r#"{"audience":"one","prompt":"consent"}"#),
        ("ACCESS_TOKEN_PARAMS", r#"{"audience":"two"}"#),
        ("REFRESH_TOKEN_PARAMS", r#"{"audience":"three"}"#),
    ]);
    let sent = site.redirected().await;
    assert_eq!((&*sent["audience"], &*sent["prompt"]), ("one", "consent"));
    let login = site.log_in().await.expect("a login");
    assert_eq!(site.network.form("/token")["audience"], "two");
    site.client.refresh_token(login.token()).await.expect("a new token");
    assert_eq!(site.network.form("/token")["audience"], "three");
}

#[tokio::test]
async fn refresh_goes_to_its_own_endpoint() {
    let site = Site::<Acme>::with(&[("REFRESH_TOKEN_URL", "https://acme.example/refresh?v=1")]);
    let login = site.log_in().await.expect("a login");
    let new = r#"{"access_token":"a2","token_type":"Bearer"}"#;
    site.network.respond("/refresh", 200, new);
    let token = site.client.refresh_token(login.token()).await.expect("a new token").expose();
    assert_eq!(token.access_token().expose(), "a2");
    assert_eq!(token.refresh_token().expect("the old one").expose(), "b");
    let request = site.network.last("/refresh");
    assert_eq!((request.uri().query(), header(&request, "authorization")), (Some("v=1"), BASIC));
    let form = site.network.form("/refresh");
    let names: Vec<_> = form.keys().collect();
    assert_eq!(names, ["grant_type", "refresh_token"], "no scope: that of the grant");
    assert_eq!(form["refresh_token"], "b");
}

#[tokio::test]
async fn query_of_the_token_endpoint_is_kept() {
    let site = Site::<Acme>::with(&[("ACCESS_TOKEN_URL", "https://acme.example/token?q=a")]);
    site.log_in().await.expect("a login");
    assert_eq!(site.network.last("/token").uri().query(), Some("q=a"));
}

#[tokio::test]
async fn refusal_of_the_token_endpoint_is_a_typed_error() {
    let site = Site::start();
    let refused = r#"{"error":"invalid_grant","error_description":"too late"}"#;
    for (status, body) in [(400, refused), (401, refused), (200, refused)] {
        site.network.respond("/token", status, body);
        let error = site.log_in().await.map(drop).expect_err("a refusal");
        let said = error.error_response().expect("an error response");
        assert_eq!((said.error(), said.description()), ("invalid_grant", Some("too late")));
        assert!(!error.is_temporary(), "{status}: {error:?}");
    }
    site.network.respond("/token", 503, "<title>busy</title>");
    let error = site.log_in().await.map(drop).expect_err("an outage");
    assert!(error.is_temporary() && error.error_response().is_none(), "{error:?}");
    site.network.respond("/token", 200, "not a token");
    let error = site.log_in().await.map(drop).expect_err("no JSON");
    assert!(
        matches!(error, OAuthError::Provider { error: ProviderError::Malformed { .. }, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn expired_token_prevents_no_new_one() {
    let site = Site::start();
    let old = site.log_in().await.expect("a login").into_token();
    site.clock.advance(7_200);
    site.network.respond("/token", 200, r#"{"access_token":"a2","token_type":"Bearer"}"#);
    let new = site.log_in().await.expect("a login");
    assert_eq!(new.token().access_token().expose(), "a2");
    let again = site.client.client_credentials().await.expect("a token");
    assert_eq!(again.access_token().expose(), "a2");
    assert!(site.client.with_token(old).get("user").send().await.is_err(), "it has expired");
}

#[tokio::test]
async fn revocation_names_the_token_and_its_type() {
    let site = Site::<Acme>::with(&[("REVOCATION_ENDPOINT", "https://acme.example/revoke")]);
    let login = site.log_in().await.expect("a login");
    let bare = Token::from_stored(StoredToken::new("acme", "mine")).expect("a token");
    for (token, value, kind) in
        [(login.token(), "b", "refresh_token"), (&bare, "mine", "access_token")]
    {
        site.client.revoke(token).await.expect("a revocation");
        let form = site.network.form("/revoke");
        assert_eq!((&*form["token"], &*form["token_type_hint"]), (value, kind));
        assert_eq!(header(&site.network.last("/revoke"), "authorization"), BASIC);
    }
}

#[tokio::test]
async fn introspection_describes_any_token() {
    let site = Site::<Acme>::with(&[("INTROSPECTION_ENDPOINT", "https://acme.example/introspect")]);
    let described = r#"{"active":true,"username":"jdoe","scope":"read write","aud":"api"}"#;
    site.network.respond("/introspect", 200, described);
    let said = site.client.introspect(&Secret::from("hi")).await.expect("a description");
    assert_eq!((said.is_active(), said.username()), (true, Some("jdoe")));
    assert_eq!(said.scopes().collect::<Vec<_>>(), ["read", "write"]);
    let others: Value = said.others().expect("the other members");
    assert_eq!(others["aud"], "api");
    assert_eq!(site.network.form("/introspect")["token"], "hi");
    assert_eq!(header(&site.network.last("/introspect"), "authorization"), BASIC);
}

#[tokio::test]
async fn assertion_has_the_claims_of_the_caller() {
    let key = include_str!("../../../oauth-runtime/src/protocol/fixtures/keys/p256-pkcs8.pem");
    let site = Site::<Acme>::with(&[("PRIVATE_KEY", key), ("PRIVATE_KEY_ID", "key-1")]);
    let assertion = BearerAssertion::new("ada").issuer("foo").audience("https://acme.example");
    let assertion = assertion.claim("test_mode", "true");
    let api = site.client.jwt_bearer(assertion).scopes(["email"]).api().await.expect("an API");
    let form = site.network.form("/token");
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(form["scope"], "email");
    assert_eq!(header(&site.network.last("/token"), "authorization"), BASIC, "the client");
    let parts: Vec<Value> = form["assertion"]
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")))
        .map(|part| part.expect("JSON"))
        .collect();
    assert_eq!((&parts[0]["alg"], &parts[0]["kid"]), (&"ES256".into(), &"key-1".into()));
    for (claim, value) in
        [("iss", "foo"), ("sub", "ada"), ("aud", "https://acme.example"), ("test_mode", "true")]
    {
        assert_eq!(parts[1][claim], value, "{claim}");
    }
    assert!(parts[1]["jti"].as_str().is_some_and(|jti| jti.len() >= 22), "{}", parts[1]);
    let lifetime = parts[1]["exp"].as_u64().zip(parts[1]["iat"].as_u64());
    assert!(lifetime.is_some_and(|(exp, iat)| exp > iat && exp - iat <= 600), "{}", parts[1]);

    api.get("me").send().await.expect("a response");
    api.get("me").send().await.expect("a response");
    assert_eq!(site.network.requests("/token").len(), 1, "one token for both calls");
    site.clock.advance(7_200);
    api.get("me").send().await.expect("a response");
    assert_ne!(site.network.form("/token")["assertion"], form["assertion"], "renewed");
}

#[tokio::test]
async fn missing_endpoint_is_a_typed_error() {
    let site = Site::start();
    let login = site.log_in().await.expect("a login");
    let errors = [
        (EndpointKind::Revocation, site.client.revoke(login.token()).await.err()),
        (EndpointKind::Introspection, site.client.introspect(&"a".into()).await.map(drop).err()),
        (EndpointKind::UserInfo, site.client.userinfo(login.token()).await.map(drop).err()),
    ];
    for (endpoint, error) in errors {
        let error = error.expect("an error");
        assert!(
            matches!(
                &error,
                OAuthError::Provider { error: ProviderError::NoEndpoint(missing), .. }
                    if *missing == endpoint
            ),
            "{error:?}"
        );
    }
    assert_eq!(site.network.requests("/token").len(), 1, "nothing else was sent");
}

#[tokio::test]
async fn userinfo_is_requested_with_the_token() {
    let endpoint = "https://acme.example/userinfo";
    let site = Site::<Acme>::with(&[("USERINFO_ENDPOINT", endpoint)]);
    let profile = r#"{"sub":"123","locale":"zh-Hans-CN","team":"weavers"}"#;
    site.network.respond("/userinfo", 200, profile);
    let user = site.api().userinfo().await.expect("a profile");
    assert_eq!((user.text("sub"), user.locale()), (Some("123"), Some("zh-Hans-CN")));
    assert_eq!((user.picture(), user.text("team")), (None, Some("weavers")));
    assert_eq!(header(&site.network.last("/userinfo"), "authorization"), "Bearer mine");
    site.network.respond("/userinfo", 403, "{}");
    let error = site.api().userinfo().await.expect_err("a refusal");
    assert!(
        matches!(
            error,
            OAuthError::Provider { error: ProviderError::Status { status: 403, .. }, .. }
        ),
        "{error:?}"
    );
}
