//! The configuration keys of Authlib, each on its own, and the members of `CLIENT_KWARGS`.

use oauth_runtime::error::{ConfigFault, EndpointKind, ProviderError};
use oauth_runtime::prelude::*;

use crate::scripted::{Acme, Network, Site, header, parameters};

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// `signature_method` makes it OAuth 1.0a, and the configuration says everything else.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "bird", configured, signature_method = "HMAC-SHA256")]
struct Bird;

fn metadata(network: &Network, members: &str) {
    let document = format!(r#"{{"issuer":"https://acme.example"{members}}}"#);
    network.respond(METADATA, 200, &document);
}

fn discovered() -> Site<Acme> {
    let url = format!("https://acme.example{METADATA}");
    Site::with(&[("SERVER_METADATA_URL", &url), ("AUTHORIZE_URL", ""), ("ACCESS_TOKEN_URL", "")])
}

#[tokio::test]
async fn credentials_and_endpoints_are_configured() {
    let site = Site::<Acme>::with(&[
        ("CLIENT_ID", "another"),
        ("CLIENT_SECRET", "key"),
        ("AUTHORIZE_URL", "https://acme.example/login?v=1"),
        ("ACCESS_TOKEN_URL", "https://acme.example/tokens"),
        ("API_BASE_URL", "https://acme.example/v2"),
    ]);
    site.network.respond("/tokens", 200, crate::scripted::TOKEN);
    assert_eq!((site.client.client_id(), site.client.name()), ("another", "acme"));
    let started = site.client.authorize_redirect().into_url().await.expect("a login starts");
    assert!(started.url().starts_with("https://acme.example/login?v=1&"), "{}", started.url());
    assert!(started.url().contains("client_id=another"), "{}", started.url());
    let login = site.log_in().await.expect("a login");
    let basic = header(&site.network.last("/tokens"), "authorization").to_owned();
    assert_eq!(basic, "Basic YW5vdGhlcjprZXk=", "another:key");
    login.api().get("user").send().await.expect("a response");
    assert_eq!(site.network.requests("/v2/user").len(), 1);
}

#[tokio::test]
async fn metadata_url_is_configured() {
    let site = discovered();
    let members = r#","authorization_endpoint":"https://acme.example/a","token_endpoint":"https://acme.example/token""#;
    metadata(&site.network, members);
    let started = site.client.authorize_redirect().into_url().await.expect("a login starts");
    assert!(started.url().starts_with("https://acme.example/a?"), "{}", started.url());
    let metadata = site.client.load_server_metadata().await.expect("metadata");
    assert_eq!(metadata.token_endpoint(), Some("https://acme.example/token"));
    assert_eq!(site.network.requests(METADATA).len(), 1, "it is fetched once");
}

#[tokio::test]
async fn configured_endpoint_precedes_the_metadata() {
    let url = format!("https://acme.example{METADATA}");
    let site = Site::<Acme>::with(&[("SERVER_METADATA_URL", &url)]);
    let members = r#","authorization_endpoint":"https://acme.example/a","token_endpoint":"https://acme.example/t""#;
    metadata(&site.network, members);
    site.log_in().await.expect("a login");
    let started = site.client.authorize_redirect().into_url().await.expect("a login starts");
    assert!(started.url().starts_with("https://acme.example/authorize?"), "{}", started.url());
    assert!(site.network.requests("/t").is_empty());
}

#[tokio::test]
async fn failed_metadata_request_is_a_temporary_error() {
    let site = discovered();
    site.network.respond(METADATA, 500, "<title>down</title>");
    let error = site.client.load_server_metadata().await.map(drop).expect_err("an outage");
    assert!(error.is_temporary(), "{error:?}");
    let redirect = site.client.authorize_redirect().await.map(drop);
    assert!(redirect.expect_err("an outage").is_temporary());
}

#[tokio::test]
async fn endpoint_of_the_metadata_must_be_https() {
    for url in ["http://acme.example/a", "javascript:alert(1)", "acme.example/a"] {
        let site = discovered();
        metadata(&site.network, &format!(r#","authorization_endpoint":"{url}""#));
        let error = site.client.authorize_redirect().await.map(drop).expect_err(url);
        assert!(
            matches!(error, OAuthError::Provider { error: ProviderError::BadEndpoint { .. }, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn login_needs_an_authorization_endpoint() {
    let site = discovered();
    metadata(&site.network, r#","token_endpoint":"https://acme.example/token""#);
    let error = site.client.authorize_redirect().await.map(drop).expect_err("no endpoint");
    assert!(
        matches!(
            error,
            OAuthError::Provider {
                error: ProviderError::NoEndpoint(EndpointKind::Authorization),
                ..
            }
        ),
        "{error:?}"
    );
    let error = Site::<Acme>::built(&[("AUTHORIZE_URL", "")]).map(drop).expect_err("no endpoint");
    let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
    assert_eq!(missing, ["ACME_AUTHORIZE_URL"]);
}

#[tokio::test]
async fn oauth1_is_configured_by_its_keys() {
    let site = Site::<Bird>::with(&[
        ("REQUEST_TOKEN_URL", "https://acme.example/request_token"),
        ("REQUEST_TOKEN_PARAMS", r#"{"x_auth_access_type":"read"}"#),
        ("CLIENT_KWARGS", r#"{"signature_type":"QUERY"}"#),
    ]);
    let credentials = "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true";
    site.network.respond("/request_token", 200, credentials);
    assert_eq!(site.redirected().await["oauth_token"], "t");
    let request = site.network.last("/request_token");
    let signed = parameters(&request.uri().to_string());
    assert_eq!(signed["oauth_signature_method"], "HMAC-SHA256");
    assert_eq!(site.network.form("/request_token")["x_auth_access_type"], "read");
}

#[tokio::test]
async fn members_of_client_kwargs_have_their_effect() {
    for (kwargs, name, value) in [
        (r#"{"scope": "profile email"}"#, "scope", "profile email"),
        (r#"{"scope": ["profile", "email"]}"#, "scope", "profile email"),
        (r#"{"scope": "a b", "scope_separator": ","}"#, "scope", "a,b"),
        (r#"{"prompt": "consent"}"#, "prompt", "consent"),
        (r#"{"response_mode": "form_post"}"#, "response_mode", "form_post"),
        (r#"{"code_challenge_method": "S256"}"#, "code_challenge_method", "S256"),
    ] {
        let site = Site::<Acme>::with(&[("CLIENT_KWARGS", kwargs)]);
        assert_eq!(site.redirected().await[name], value, "{kwargs}");
    }
    let site = Site::<Acme>::with(&[("CLIENT_KWARGS", r#"{"token_placement": "uri"}"#)]);
    site.api().get("user").send().await.expect("a response");
    let sent = site.network.last("/api/user");
    assert_eq!(
        (sent.uri().query(), header(&sent, "authorization")),
        (Some("access_token=mine"), "")
    );
}

/// Authlib's `OAuth2Session` takes any keyword argument, so a misspelt one has no effect.
#[tokio::test]
async fn unknown_member_of_client_kwargs_is_an_error() {
    let error = Site::<Acme>::built(&[("CLIENT_KWARGS", r#"{"scopee": "email"}"#)]).map(drop);
    let text = error.expect_err("a misspelt member").to_string();
    assert!(text.contains("`scopee`; expected one of scope, "), "{text}");
}

#[tokio::test]
async fn client_without_a_secret_declares_it() {
    let error = Site::<Acme>::built(&[("CLIENT_SECRET", "")]).map(drop).expect_err("no secret");
    let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
    assert_eq!(missing, ["ACME_CLIENT_SECRET"]);
    let none = ("CLIENT_KWARGS", r#"{"token_endpoint_auth_method": "none"}"#);
    assert!(Site::<Acme>::built(&[("CLIENT_SECRET", ""), none]).is_ok());
}
