//! Keys for providers that deviate from the specifications: each request is as declared, and each
//! response is read as declared. The provider is in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::error::{NetworkError, TokenError, TokenFault};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use oauth_runtime::{ProviderDescription, RuntimeProvider, RuntimeProviders};
use url::Url;

use crate::site::{Cookies, PUBLIC_URL};

const COOKIE_KEYS: &str = "4242424242424242424242424242424242424242424242424242424242424242";

/// A provider that answers each path with a fixed text, and records the requests.
#[derive(Clone, Default)]
struct Canned {
    answers: BTreeMap<&'static str, (u16, String)>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Canned {
    fn new() -> Self {
        let token = r#"{"access_token":"the-token","token_type":"Bearer","openid":"o1"}"#;
        Self::default().with("/token", token).with("/user", r#"{"id":"ada","name":"Ada"}"#)
    }

    fn with(self, path: &'static str, text: impl Into<String>) -> Self {
        self.with_status(path, 200, text)
    }

    fn with_status(mut self, path: &'static str, status: u16, text: impl Into<String>) -> Self {
        self.answers.insert(path, (status, text.into()));
        self
    }

    /// A client of this provider.
    fn client(
        &self,
        declare: impl FnOnce(ProviderDescription) -> ProviderDescription,
    ) -> Client<RuntimeProvider> {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEYS);
        let builder = RuntimeProviders::builder().config(config).http_client(self.clone());
        let clients = builder.build().expect("valid settings");
        let description = ProviderDescription::new("acme")
            .authorize_url("https://acme.example/authorize")
            .access_token_url("https://acme.example/token")
            .userinfo_endpoint("https://acme.example/user")
            .api_base_url("https://acme.example/api/")
            .identity("id", "id")
            .client_id("my-client")
            .client_secret("the-secret");
        clients.insert(declare(description)).expect("a valid description")
    }

    /// The last request to a path.
    fn request(&self, path: &str) -> Request<Bytes> {
        let requests = self.requests.lock().expect("no panic");
        let of_path = requests.iter().rfind(|request| request.uri().path() == path);
        of_path.cloned().unwrap_or_else(|| panic!("no request to {path}"))
    }
}

impl HttpClient for Canned {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let answer = self.answers.get(request.uri().path());
        let (status, text) = answer.cloned().unwrap_or_else(|| (404, String::new()));
        self.requests.lock().expect("no panic").push(request);
        let response =
            Response::builder().status(status).header("content-type", "application/json");
        let response = response.body(Bytes::from(text)).expect("a response");
        Box::pin(async move { Ok(response) })
    }
}

/// The authorization request of a login, and the login with these parameters in the response.
async fn log_in(
    client: &Client<RuntimeProvider>,
    answer: &str,
) -> (Url, Result<Login<RuntimeProvider>, OAuthError>) {
    let mut browser = Cookies::default();
    let started = client.authorize_redirect().await.expect("a login starts");
    let url = Url::parse(&browser.follow(started)).expect("a URL");
    let state = parameter(&url, "state").expect("a state");
    let request = browser.get(&format!("/?state={state}&{answer}"));
    (url, client.authorize_access_token(request).await)
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name).map(|value| value.to_str().expect("a text"))
}

#[tokio::test]
async fn additions_are_on_userinfo_and_api_calls() {
    let provider = Canned::new().with("/api/posts", "[]");
    let client = provider.client(|acme| {
        acme.api_header("acme-key", "{client_id}")
            .api_param("openid", "{token.openid}")
            .userinfo_param("fields", "id,name")
            .userinfo_header("acme-view", "full")
    });
    let (_, login) = log_in(&client, "code=c").await;
    let login = login.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    let userinfo = provider.request("/user");
    assert_eq!(userinfo.uri().query(), Some("fields=id%2Cname&openid=o1"));
    assert_eq!(header(&userinfo, "acme-key"), Some("my-client"));
    assert_eq!(header(&userinfo, "acme-view"), Some("full"));

    let token = Token::from_stored(login.token().expose()).expect("a token");
    let api = client.with_token(token);
    api.get("posts").query([("openid", "mine")]).text().await.expect("a response");
    let call = provider.request("/api/posts");
    assert_eq!(call.uri().query(), Some("openid=mine"), "a call decides by itself");
    assert_eq!((header(&call, "acme-key"), header(&call, "acme-view")), (Some("my-client"), None));
    api.get("posts").withhold_token().text().await.expect("a response");
    let public = provider.request("/api/posts");
    assert_eq!((public.uri().query(), header(&public, "acme-key")), (None, None));
}

#[tokio::test]
async fn token_without_a_needed_member_is_not_sent() {
    let provider = Canned::new();
    let client = provider.client(|acme| acme.api_param("union", "{token.unionid}"));
    let (_, login) = log_in(&client, "code=c").await;
    let error = login.expect_err("a token response without the member");
    let OAuthError::Token { error: TokenError::Unusable(fault), .. } = error else {
        panic!("{error}")
    };
    assert_eq!(fault, TokenFault::MemberMissing("unionid".into()));
}

#[tokio::test]
async fn graphql_profile_is_posted() {
    let answer = r#"{"data":{"me":{"id":7,"name":"Ada"}}}"#;
    let provider = Canned::new().with("/user", answer);
    let client = provider
        .client(|acme| acme.userinfo_query("{ me { id name } }").identity("id", "data.me.id"));
    let (_, login) = log_in(&client, "code=c").await;
    assert_eq!(login.expect("a login").identity().subject(), "7");
    let request = provider.request("/user");
    assert_eq!(
        (request.method().as_str(), &request.body()[..]),
        ("POST", &br#"{"query":"{ me { id name } }"}"#[..])
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "authorization"), Some("Bearer the-token"));
}

#[tokio::test]
async fn token_is_sent_at_a_place_of_the_providers_own() {
    for (placement, expected) in [
        ("Authorization: OAuth {access_token}", ("authorization", "OAuth the-token")),
        ("X-Acme-Token: {access_token}", ("x-acme-token", "the-token")),
    ] {
        let provider = Canned::new();
        let client = provider.client(|acme| acme.token_placement(placement));
        log_in(&client, "code=c").await.1.expect("a login");
        let request = provider.request("/user");
        let sent = ["authorization", "x-acme-token"].map(|name| header(&request, name));
        assert_eq!(header(&request, expected.0), Some(expected.1));
        assert_eq!(sent.iter().flatten().count(), 1, "{placement}");
    }
    let provider = Canned::new();
    let client = provider.client(|acme| acme.token_placement("?oauth_token={access_token}"));
    log_in(&client, "code=c").await.1.expect("a login");
    let request = provider.request("/user");
    assert_eq!(request.uri().query(), Some("oauth_token=the-token"));
    assert_eq!(header(&request, "authorization"), None);
}

/// A description that adds `id=1` to the profile request must not name the users of one that does
/// not.
#[tokio::test]
async fn selecting_parameter_changes_the_authority() {
    let mut issuers = Vec::new();
    for id in ["", "1", "2"] {
        let provider = Canned::new();
        let client = provider.client(|acme| match id {
            "" => acme,
            id => acme.userinfo_param("id", id),
        });
        let (_, login) = log_in(&client, "code=c").await;
        issuers.push(login.expect("a login").identity().issuer().to_owned());
    }
    assert_eq!(issuers[0], "https://acme.example/user#id");
    assert!(issuers[1].starts_with("https://acme.example/user#id?"), "{issuers:?}");
    assert_ne!(issuers[1], issuers[2]);
}
