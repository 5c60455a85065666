//! The relying party under test. Like the suite, the tests observe the endpoints that it calls.

use axum::Json;
use bytes::Bytes;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{
    Endpoint, Fault, FormPost, RegisteredClient, SigningAlgorithm, TestProviderBuilder,
};
use serde_json::{Map, Value, json};
use tests::in_process::{App, Browser, Op, Page, Recorder, failed};

/// Requests all standard scopes and the userinfo endpoint.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "code",
    issuer = "{issuer}",
    scopes("openid", "profile", "email", "address", "phone"),
    routes(initiate = "/auth/code/initiate"),
    userinfo = UserInfo,
    quirks(loopback_http)
)]
pub(crate) struct Code {
    issuer: String,
}

/// Like `code`, but registered for ID tokens signed with the client secret.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hs256",
    issuer = "{issuer}",
    scopes("openid"),
    userinfo = UserInfo,
    id_token_signed_response_alg = "HS256",
    quirks(loopback_http, hs256_id_token)
)]
pub(crate) struct Hs256 {
    issuer: String,
}

/// Like `code`, but the provider's page posts the response.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "posted",
    issuer = "{issuer}",
    scopes("openid", "profile", "email", "address", "phone"),
    response_mode = "form_post",
    userinfo = UserInfo,
    quirks(loopback_http)
)]
pub(crate) struct Posted {
    issuer: String,
}

/// Like `posted`, with an ID token next to the code.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hybrid",
    issuer = "{issuer}",
    scopes("openid", "profile", "email", "address", "phone"),
    response_type = "code id_token",
    response_mode = "form_post",
    userinfo = UserInfo,
    quirks(loopback_http)
)]
pub(crate) struct Hybrid {
    issuer: String,
}

/// Like `posted`, but requires an authentication at this moment without showing a page for it.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "silent",
    issuer = "{issuer}",
    scopes("openid"),
    response_mode = "form_post",
    prompt = "none",
    max_age = 0,
    quirks(loopback_http)
)]
pub(crate) struct Silent {
    issuer: String,
}

/// Like `code`, but registered for signed userinfo.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "signed",
    issuer = "{issuer}",
    scopes("openid", "profile", "email", "address", "phone"),
    userinfo = UserInfo,
    userinfo_signed_response_alg = "RS256",
    quirks(loopback_http)
)]
pub(crate) struct Signed {
    issuer: String,
}

/// Like `code`, for logouts at the provider and from there.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "told",
    issuer = "{issuer}",
    scopes("openid"),
    rp_initiated_logout,
    backchannel_logout,
    routes(backchannel_logout = "/backchannel-logout"),
    quirks(loopback_http)
)]
pub(crate) struct Told {
    issuer: String,
}

/// All configurations of the relying party.
#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_login = signed_in, on_error = failed)]
pub(crate) struct Parties {
    op: Client<Op>,
    code: Client<Code>,
    hs256: Client<Hs256>,
    posted: Client<Posted>,
    hybrid: Client<Hybrid>,
    silent: Client<Silent>,
    signed: Client<Signed>,
    told: Client<Told>,
}

/// Shows the application's data about the user.
async fn signed_in<P>(login: Login<P>) -> Result<impl IntoResponse, OAuthError>
where
    P: oauth_runtime::OpenIdProvider,
    P::UserInfo: serde::Serialize,
{
    let id_token = login.id_token().map(|token| token.claims::<Map<String, Value>>());
    let seen = json!({
        "subject": login.identity().subject(),
        "id_token": id_token.transpose().unwrap_or_default(),
        "userinfo": login.userinfo(),
    });
    Ok((login.sign_in().await?, Json(seen)))
}

/// One configuration of the relying party, and its provider.
pub(crate) struct Party {
    pub(crate) app: App,
    recorder: Recorder,
    /// The name of the declaration.
    name: &'static str,
}

impl Party {
    pub(crate) async fn start(name: &'static str) -> Self {
        Self::with(name, |provider| provider).await
    }

    pub(crate) async fn with(
        name: &'static str,
        provider: impl FnOnce(TestProviderBuilder) -> TestProviderBuilder,
    ) -> Self {
        let recorder = Recorder::new();
        let client = recorder.clone();
        let registered: fn(RegisteredClient) -> RegisteredClient = match name {
            "signed" => |client| client.userinfo_signed_response(SigningAlgorithm::Rs256),
            _ => |client| client,
        };
        let app = App::builder::<Parties>()
            .provider(provider)
            .client(registered)
            .configure(|builder| builder.http_client(client))
            .start()
            .await;
        Self { app, recorder, name }
    }

    /// Logs Ada in with a new browser.
    pub(crate) async fn log_in(&self) -> (Browser, Page) {
        let mut browser = self.app.browser();
        let started = browser.get(&format!("/auth/{}/login", self.name)).await;
        self.finish(browser, started).await
    }

    /// Logs Ada in at the redirect target of `started`.
    pub(crate) async fn finish(&self, mut browser: Browser, started: Page) -> (Browser, Page) {
        if !started.status.is_redirection() {
            return (browser, started);
        }
        let url = started.location();
        let page = match self.is_posted() {
            true => browser.post_form(&self.posted_answer(url)).await,
            false => browser.finish(self.app.answer(url)).await,
        };
        (browser, page)
    }

    fn posted_answer(&self, url: &str) -> FormPost {
        self.app.provider.sign_in_by_form_post(url, "ada").expect("a valid request")
    }

    fn is_posted(&self) -> bool {
        matches!(self.name, "posted" | "hybrid" | "silent")
    }

    /// Waits some seconds, during which a failed fetch of metadata or keys is not retried.
    pub(crate) fn wait_out_the_pause(&self) {
        self.app.clock.advance(5);
    }

    /// A login that must succeed: the suite sees the userinfo request. Returns the application's
    /// data about the user.
    pub(crate) async fn accepts(&self) -> Value {
        let before = self.requests(Endpoint::Userinfo);
        let (mut browser, page) = self.log_in().await;
        assert!(page.status.is_success(), "{page:?}: {:?}", self.app.failures.take());
        assert_eq!(self.requests(Endpoint::Userinfo), before + 1);
        assert_eq!(self.app.visitor(&mut browser).await, "ada");
        serde_json::from_str(&page.body).expect("JSON")
    }

    /// A login that must fail before `next` is called, without a session. Returns the error.
    pub(crate) async fn rejects_before(&self, next: Endpoint) -> OAuthError {
        let before = self.requests(next);
        let (mut browser, page) = self.log_in().await;
        assert!(page.status.is_client_error() || page.status.is_server_error(), "{page:?}");
        assert_eq!(self.requests(next), before, "{next:?} was called");
        assert_eq!(self.app.visitor(&mut browser).await, "nobody");
        self.app.failures.only()
    }

    /// Like [`rejects_before`](Self::rejects_before), with a fault of the provider.
    pub(crate) async fn rejects_before_with(&self, fault: Fault, next: Endpoint) -> OAuthError {
        self.app.provider.fault(fault);
        let error = self.rejects_before(next).await;
        self.app.provider.clear_fault(fault);
        error
    }

    /// Like [`rejects_before_with`](Self::rejects_before_with). Without the fault, a login must
    /// succeed.
    pub(crate) async fn rejects_fault_before(&self, fault: Fault, next: Endpoint) -> OAuthError {
        let error = self.rejects_before_with(fault, next).await;
        self.accepts().await;
        error
    }

    /// An ID token with a fault must be rejected: userinfo must not be requested, and in the hybrid
    /// flow, where the token arrives with the code, the code must not be used.
    pub(crate) async fn rejects_id_token(&self, fault: Fault) -> OAuthError {
        if self.name == "hybrid" {
            return self.rejects_fault_before(fault, Endpoint::Token).await;
        }
        let before = self.requests(Endpoint::Token);
        let error = self.rejects_fault_before(fault, Endpoint::Userinfo).await;
        assert_eq!(self.requests(Endpoint::Token), before + 2, "each login fetched its tokens");
        error
    }

    /// The last request to an endpoint of the provider.
    #[track_caller]
    pub(crate) fn exchanged(&self, endpoint: Endpoint) -> http::Request<Bytes> {
        let url = self.app.provider.url(endpoint);
        let exchanges = self.recorder.exchanges().into_iter().rev();
        let mut requests = exchanges.map(|(request, _)| request);
        requests.find(|request| request.uri().to_string().starts_with(&url)).expect("a request")
    }

    pub(crate) fn requests(&self, endpoint: Endpoint) -> u64 {
        self.app.requests(endpoint)
    }
}
