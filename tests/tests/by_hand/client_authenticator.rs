//! Client authentication by the application: what it sees, and what it may set.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use oauth_runtime::error::CallError;
use oauth_runtime::prelude::*;
use oauth_runtime::{ClientAuthenticator, ClientProof, ClientRequest, StateCheckedCode};
use url::form_urlencoded;

use crate::scripted::Provider;
use crate::site::PUBLIC_URL;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "open",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    revocation_endpoint = "https://acme.example/revoke",
    introspection_endpoint = "https://acme.example/introspect",
    device_authorization_endpoint = "https://acme.example/device",
    access_token_params(audience = "api"),
    token_endpoint_auth_method = "none"
)]
struct Open;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "closed",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    quirks(get_token_request)
)]
struct Closed;

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    open: Client<Open>,
    closed: Client<Closed>,
}

/// Sets these parameters and headers, and records what it sees.
#[derive(Clone, Default)]
struct Own {
    params: Vec<&'static str>,
    headers: Vec<&'static str>,
    fails: bool,
    seen: Arc<Mutex<Vec<String>>>,
}

impl ClientAuthenticator for Own {
    type Error = String;

    async fn authenticate(&self, request: &ClientRequest<'_>) -> Result<ClientProof, String> {
        tokio::task::yield_now().await;
        let params: Vec<_> =
            request.params().map(|(name, value)| format!("{name}={value}")).collect();
        let (method, url) = (request.method(), request.url());
        let grant_type = request.grant_type().unwrap_or("-");
        let seen = format!("{method} {url} {grant_type} {}", params.join("&"));
        self.seen.lock().expect("no panic").push(seen);
        if self.fails {
            return Err("the key service is down".to_owned());
        }
        let proof = ClientProof::new();
        let proof = self.params.iter().fold(proof, |proof, name| proof.param(*name, "own"));
        Ok(self.headers.iter().fold(proof, |proof, name| {
            proof.header(HeaderName::from_static(name), HeaderValue::from_static("own"))
        }))
    }
}

fn providers(own: &Own) -> (Providers, Provider) {
    let provider = Provider::default();
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
        .set("OPEN_CLIENT_ID", "id")
        .set("CLOSED_CLIENT_ID", "id")
        .set("CLOSED_CLIENT_SECRET", "the secret");
    let builder = Providers::builder()
        .config(config)
        .http_client(provider.clone())
        .client_authenticator_of::<Open>(own.clone())
        .client_authenticator_of::<Closed>(own.clone());
    (builder.build().expect("a valid configuration"), provider)
}

fn code() -> StateCheckedCode {
    StateCheckedCode::new("the-code", "a-verifier-of-at-least-forty-three-characters")
}

fn names(request: &Request<Bytes>) -> BTreeSet<String> {
    form_urlencoded::parse(request.body()).map(|(name, _)| name.into_owned()).collect()
}

fn assertion() -> Own {
    Own {
        params: vec!["client_assertion", "client_assertion_type", "audience"],
        headers: vec!["x-own", "authorization"],
        ..Own::default()
    }
}

#[tokio::test]
async fn every_request_of_the_client_is_authenticated() {
    let own = assertion();
    let (oauth, provider) = providers(&own);
    let login = oauth.open.exchange_code(code()).await.expect("tokens");
    let token = login.into_token();
    oauth.open.refresh_token(&token).await.expect("new tokens");
    oauth.open.revoke(&token).await.expect("a revocation");
    // The provider's other answers are no documents, so only the requests count.
    let _ = oauth.open.introspect(token.access_token()).await;
    let _ = oauth.open.authorize_device().await;
    let sent: Vec<_> = provider.requests().into_iter().map(|(request, _)| request).collect();
    let paths: Vec<_> = sent.iter().map(|request| request.uri().path().to_owned()).collect();
    assert_eq!(paths, ["/token", "/token", "/revoke", "/introspect", "/device"]);
    for request in &sent {
        let names = names(request);
        assert!(names.contains("client_assertion") && names.contains("client_id"), "{names:?}");
        for name in ["x-own", "authorization"] {
            assert!(request.headers()[name].is_sensitive(), "{request:?}");
        }
    }
    let audiences = form_urlencoded::parse(sent[0].body()).filter(|(name, _)| name == "audience");
    assert_eq!(audiences.map(|(_, value)| value.into_owned()).collect::<Vec<_>>(), ["own"]);
    assert!(names(&sent[2]).contains("token"), "the token stays");
}

#[tokio::test]
async fn authenticator_sees_no_secret() {
    let own = assertion();
    let (oauth, _) = providers(&own);
    let token = oauth.open.exchange_code(code()).await.expect("tokens").into_token();
    oauth.open.refresh_token(&token).await.expect("new tokens");
    oauth.open.revoke(&token).await.expect("a revocation");
    let _ = oauth.open.introspect(token.access_token()).await;
    let seen = own.seen.lock().expect("no panic").clone();
    assert_eq!(
        seen,
        [
            "POST https://acme.example/token authorization_code audience=api",
            "POST https://acme.example/token refresh_token ",
            "POST https://acme.example/revoke - token_type_hint=refresh_token",
            "POST https://acme.example/introspect - ",
        ]
    );
    let by_get = Own::default();
    let (oauth, _) = providers(&by_get);
    oauth.closed.exchange_code(code()).await.expect("tokens");
    let seen = by_get.seen.lock().expect("no panic").clone();
    assert_eq!(seen, ["GET https://acme.example/token authorization_code "]);
}

#[tokio::test]
async fn authenticator_cannot_change_what_proves_the_grant() {
    for name in [
        "grant_type",
        "code",
        "code_verifier",
        "redirect_uri",
        "client_id",
        "refresh_token",
        "token",
        "assertion",
        "subject_token",
        "device_code",
    ] {
        let (oauth, provider) = providers(&Own { params: vec![name], ..Own::default() });
        let error = oauth.open.exchange_code(code()).await.expect_err(name);
        assert!(
            matches!(&error, OAuthError::Call(CallError::ReservedParameter(own)) if own == name),
            "{error:?}"
        );
        assert!(provider.requests().is_empty(), "nothing was sent");
    }
    for name in ["host", "content-type", "content-length", "cookie", "dpop"] {
        let (oauth, provider) = providers(&Own { headers: vec![name], ..Own::default() });
        let error = oauth.open.exchange_code(code()).await.expect_err(name);
        assert!(
            matches!(&error, OAuthError::Call(CallError::ReservedHeader(own)) if *own == name),
            "{error:?}"
        );
        assert!(provider.requests().is_empty(), "nothing was sent");
    }
}

/// RFC 6749 section 2.3.
#[tokio::test]
async fn client_is_not_authenticated_in_two_ways() {
    for name in ["client_assertion", "client_assertion_type", "client_secret"] {
        let (oauth, provider) = providers(&Own { params: vec![name], ..Own::default() });
        let error = oauth.closed.exchange_code(code()).await.expect_err(name);
        assert!(matches!(error, OAuthError::Call(CallError::ReservedParameter(_))), "{error:?}");
        assert!(provider.requests().is_empty(), "nothing was sent");
    }
    let (oauth, _) = providers(&Own { headers: vec!["authorization"], ..Own::default() });
    let error = oauth.closed.exchange_code(code()).await.expect_err("two headers");
    assert!(matches!(error, OAuthError::Call(CallError::ReservedHeader(_))), "{error:?}");
    let (oauth, provider) = providers(&Own { headers: vec!["x-own"], ..Own::default() });
    oauth.closed.exchange_code(code()).await.expect("tokens");
    assert_eq!(provider.requests()[0].0.headers()["x-own"], "own");
}

#[tokio::test]
async fn failed_authentication_sends_nothing() {
    let (oauth, provider) = providers(&Own { fails: true, ..Own::default() });
    let error = oauth.open.exchange_code(code()).await.expect_err("no proof");
    assert!(error.to_string().contains("the key service is down"), "{error}");
    assert!(matches!(error, OAuthError::Call(CallError::ClientAuthentication(_))), "{error:?}");
    assert!(provider.requests().is_empty());
    assert!(!format!("{:?}", ClientProof::new().param("client_secret", "x1y2")).contains("x1y2"));
}
