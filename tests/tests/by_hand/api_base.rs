//! `api_base_url`: the access token is only sent to the base and below it, even if a URL or a
//! `Link` header says otherwise.

use bytes::Bytes;
use http::header::{AUTHORIZATION, LINK};
use http::{HeaderValue, Request, Response};
use oauth_runtime::error::{CallError, NetworkError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{RegisteredClient, TestProvider};
use oauth_runtime::{ProviderDescription, RuntimeProvider, RuntimeProviders};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Recorder};

use crate::site::PUBLIC_URL;

/// An API whose `Link` header names any page as the next one.
struct Leading {
    api: Recorder,
    next: String,
}

impl HttpClient for Leading {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            let mut response = self.api.send(request, limits).await?;
            let link = HeaderValue::try_from(format!("<{}>; rel=\"next\"", self.next));
            response.headers_mut().insert(LINK, link.expect("a header"));
            Ok(response)
        })
    }
}

struct Site {
    provider: TestProvider,
    api: Api<RuntimeProvider>,
    http: Recorder,
}

impl Site {
    /// The base of the API is `{origin}/api`.
    async fn start(next: &str) -> Self {
        let provider = TestProvider::builder()
            .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
            .start()
            .await
            .expect("a provider");
        let http = Recorder::new();
        let next = next.replace("{origin}", provider.issuer());
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
        let leading = Leading { api: http.clone(), next };
        let clients = RuntimeProviders::builder().config(config).http_client(leading);
        let description = ProviderDescription::new("acme")
            .issuer(provider.issuer())
            .api_base_url(provider.api_base_url())
            .scopes(["openid"])
            .quirks(["loopback_http"])
            .client_id(CLIENT_ID)
            .client_secret(CLIENT_SECRET);
        let clients = clients.build().expect("valid settings");
        let client = clients.insert(description).expect("a valid description");
        let token = client.client_credentials().await.expect("a token");
        let api = client.with_token(token);
        Self { provider, api, http }
    }

    /// The URLs that the token was sent to.
    fn places_of_token(&self) -> Vec<String> {
        let exchanges = self.http.exchanges();
        let with_token = exchanges.iter().filter(|(request, _)| {
            let value = request.headers().get(AUTHORIZATION);
            value.is_some_and(|value| value.as_bytes().starts_with(b"Bearer "))
        });
        with_token.map(|(request, _)| request.uri().path().to_owned()).collect()
    }
}

/// Paths outside the base, and paths that some servers resolve outside it.
const OUTSIDE: &[&str] = &[
    "{origin}/admin/x?access_token=hunter2",
    "{origin}/apiary?access_token=hunter2",
    "{origin}/api/../admin?access_token=hunter2",
    "{origin}/api/%2e%2e/admin?access_token=hunter2",
    "{origin}/api/%2E./admin?access_token=hunter2",
    "{origin}/api/.%2e/admin?access_token=hunter2",
    "{origin}/api/x/..;/..;/admin?access_token=hunter2",
    "{origin}/api/..%2fadmin?access_token=hunter2",
    "{origin}/api/%252e%252e/admin?access_token=hunter2",
    "{origin}/api/..%5cadmin?access_token=hunter2",
    "{origin}/api/..;/admin?access_token=hunter2",
    "{origin}?access_token=hunter2",
    "https://hunter2@evil.example/api/",
    "https://evil.example/api/?access_token=hunter2",
];

#[tokio::test]
async fn token_never_leaves_the_base_by_a_url() {
    let site = Site::start("/").await;
    for url in OUTSIDE.iter().chain(&["{origin}/api/..\\admin?access_token=hunter2"]) {
        let url = url.replace("{origin}", site.provider.issuer());
        let request = site.api.get(&url);
        let debug = format!("{request:?}");
        let error = request.send().await.expect_err(&url);
        let refused = matches!(
            error,
            OAuthError::Call(CallError::ForeignOrigin(_) | CallError::BadUrl { .. })
        );
        assert!(refused, "{url}: {error:?}");
        let shown = format!("{debug} {error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert_eq!(site.places_of_token(), Vec::<String>::new());
    for path in [
        "../admin",
        "/../admin",
        "x/../../admin",
        "..\\admin",
        "%2e%2e/admin",
        "%2E./admin",
        "x/%2e%2e/%2E%2E/admin",
        "..%2fadmin",
        "..%2Fadmin",
        "..%5cadmin",
        "..;/admin",
        "..;v=1/admin",
        "%252e%252e/admin",
    ] {
        let error = site.api.get(path).send().await.expect_err(path);
        assert!(
            matches!(error, OAuthError::Call(CallError::ForeignOrigin(_))),
            "{path}: {error:?}"
        );
    }
    assert_eq!(site.places_of_token(), Vec::<String>::new());
    site.api.get("user").send().await.expect("a response");
    let own = format!("{}/user?x=1", site.provider.api_base_url());
    site.api.get(&own).send().await.expect("a response");
    assert_eq!(site.places_of_token(), ["/api/user", "/api/user"]);
}

#[tokio::test]
async fn token_never_leaves_the_base_by_a_link() {
    for next in
        OUTSIDE.iter().chain(&["/admin?access_token=hunter2", "../../admin", "//evil.example/"])
    {
        let site = Site::start(next).await;
        let mut pages = site.api.get("user/repos").pages();
        pages.next().await.expect("a page");
        let shown = format!("{pages:?}");
        let error = pages.next().await.expect_err(next);
        let refused = matches!(
            error,
            OAuthError::Call(CallError::ForeignOrigin(_) | CallError::BadUrl { .. })
        );
        assert!(refused, "{next}: {error:?}");
        let shown = format!("{shown} {error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(site.places_of_token(), ["/api/user/repos"], "{next}");
    }
}

#[tokio::test]
async fn next_page_below_the_base_is_read() {
    let site = Site::start("/api/resource?page=2").await;
    let mut pages = site.api.get("user/repos").pages().most(2);
    pages.next().await.expect("a page");
    pages.next().await.expect("another page");
    assert_eq!(site.places_of_token(), ["/api/user/repos", "/api/resource"]);
}

#[tokio::test]
async fn origin_written_out_opens_a_path_above_the_base() {
    let site = Site::start("/").await;
    let above = format!("{}/userinfo", site.provider.issuer());
    let request = site.api.get(&above).with_token_at(site.provider.issuer());
    request.send().await.expect("a response");
    assert_eq!(site.places_of_token(), ["/userinfo"]);
}
