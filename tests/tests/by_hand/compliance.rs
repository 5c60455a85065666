//! `compliance_fix`: it can change messages, but cannot skip a check.

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use oauth_runtime::error::{CallError, IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Fault, RegisteredClient, SigningAlgorithm, TestProvider};
use oauth_runtime::{Clock, ComplianceFix, OAuthError, Secret};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Recorder};

use crate::site::{Cookies, PUBLIC_URL};

/// Repairs a token response without `token_type`, marks the messages it sees, and redirects the
/// request with the token `astray`.
struct Repair;

impl ComplianceFix for Repair {
    fn access_token_response(&self, response: &mut Response<Bytes>) {
        set_member(response, "token_type", "Bearer");
    }

    fn refresh_token_request(&self, request: &mut Request<Bytes>) {
        request.headers_mut().insert("x-fix", HeaderValue::from_static("refresh"));
    }

    fn refresh_token_response(&self, response: &mut Response<Bytes>) {
        set_member(response, "token_type", "Bearer");
    }

    fn protected_request(&self, request: &mut Request<Bytes>) {
        request.headers_mut().insert("x-fix", HeaderValue::from_static("protected"));
        if request.uri().path().ends_with("/astray") {
            *request.uri_mut() = "http://127.0.0.2:1/".parse().expect("a URI");
        }
    }

    fn revoke_token_request(&self, request: &mut Request<Bytes>) {
        request.headers_mut().insert("x-fix", HeaderValue::from_static("revoke"));
        stray(request);
    }

    fn introspect_token_request(&self, request: &mut Request<Bytes>) {
        request.headers_mut().insert("x-fix", HeaderValue::from_static("introspect"));
        stray(request);
    }

    fn userinfo_response(&self, response: &mut Response<Bytes>) {
        set_member(response, "nickname", "from the fix");
    }
}

/// Sends a request about the token `astray` to another host.
fn stray(request: &mut Request<Bytes>) {
    if request.body().starts_with(b"token=astray") {
        *request.uri_mut() = "http://127.0.0.2:1/".parse().expect("a URI");
    }
}

fn set_member(response: &mut Response<Bytes>, name: &str, value: &str) {
    let mut document: serde_json::Value = serde_json::from_slice(response.body()).expect("JSON");
    document[name] = value.into();
    *response.body_mut() = document.to_string().into();
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "fixed",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile", "offline_access"),
    userinfo = UserInfo,
    compliance_fix = Repair,
    quirks(loopback_http)
)]
struct Fixed {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    fixed: Client<Fixed>,
}

struct Site {
    provider: TestProvider,
    oauth: Providers,
    clock: Clock,
    http: Recorder,
}

impl Site {
    async fn start() -> Self {
        let provider = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
            .start()
            .await
            .expect("a provider");
        let (clock, http) = (Clock::manual(Clock::system().now()), Recorder::new());
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("FIXED_ISSUER", provider.issuer())
            .set("FIXED_CLIENT_ID", CLIENT_ID)
            .set("FIXED_CLIENT_SECRET", CLIENT_SECRET);
        let builder = Providers::builder().config(config).clock(clock.clone());
        let oauth = builder.http_client(http.clone()).build().expect("a valid configuration");
        Self { provider, oauth, clock, http }
    }

    async fn log_in(&self, browser: &mut Cookies) -> Result<Login<Fixed>, OAuthError> {
        let url = browser.follow(self.oauth.fixed.authorize_redirect().await?);
        let callback = self.provider.sign_in(&url, "ada").expect("a valid request");
        let (_, answer) = callback.split_once('?').expect("parameters");
        let request = browser.get(&format!("/?{answer}"));
        self.oauth.fixed.authorize_access_token(request).await
    }

    async fn api(&self, browser: &Cookies) -> Api<Fixed> {
        let (mut parts, _) = browser.get("/").into_parts();
        Api::from_request_parts(&mut parts, &self.oauth).await.expect("a token")
    }

    /// The requests with this mark of a hook.
    fn marked(&self, mark: &str) -> Vec<String> {
        let is_marked = |request: &Request<Bytes>| {
            request.headers().get("x-fix").is_some_and(|value| value == mark)
        };
        let exchanges = self.http.exchanges();
        let marked = exchanges.iter().map(|(request, _)| request).filter(|one| is_marked(one));
        marked.map(|request| request.uri().path().to_owned()).collect()
    }
}

#[tokio::test]
async fn compliance_fix_changes_requests_and_responses() {
    let site = Site::start().await;
    site.provider.fault(Fault::MissingTokenType);
    let mut browser = Cookies::default();
    let login = site.log_in(&mut browser).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    assert_eq!(login.userinfo().text("nickname"), Some("from the fix"));
    assert_eq!(site.marked("protected"), ["/userinfo"]);

    browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
    let api = site.api(&browser).await;
    assert!(api.get("resource").text().await.expect("a response").contains("ada"));
    assert_eq!(site.marked("protected"), ["/userinfo", "/api/resource"]);
    assert_eq!(site.marked("refresh"), [""; 0]);

    site.clock.advance(3600);
    let api = site.api(&browser).await;
    let _ = api.get("resource").send().await;
    assert_eq!(site.marked("refresh"), ["/token"]);
}

#[tokio::test]
async fn a_fix_skips_no_check() {
    let site = Site::start().await;
    let refused = async |fault| {
        site.provider.clear_faults();
        site.provider.fault(fault);
        site.log_in(&mut Cookies::default()).await.expect_err("a check")
    };
    for (fault, expected) in [
        (Fault::WrongNonce, "nonce"),
        (Fault::BadSignature, "signature"),
        (Fault::WrongAudience, "aud"),
        (Fault::UserinfoSubjectSwapped, "another subject"),
    ] {
        let error = refused(fault).await;
        assert!(error.to_string().contains(expected), "{fault:?}: {error}");
        assert!(matches!(error, OAuthError::Provider { .. }), "{error:?}");
    }
    let error = refused(Fault::WrongNonce).await;
    assert!(
        matches!(
            error,
            OAuthError::Provider { error: ProviderError::IdToken(IdTokenError::Nonce), .. }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn request_fixed_to_another_host_is_not_sent() {
    let site = Site::start().await;
    let mut browser = Cookies::default();
    let login = site.log_in(&mut browser).await.expect("a login");
    browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
    let before = site.http.exchanges().len();
    let refused = site.api(&browser).await.get("astray").send().await.expect_err("another host");
    assert!(matches!(refused, OAuthError::Call(CallError::ForeignOrigin(_))), "{refused:?}");
    assert_eq!(site.http.exchanges().len(), before);
}

#[tokio::test]
async fn compliance_fix_sees_introspection_and_revocation() {
    let site = Site::start().await;
    let login = site.log_in(&mut Cookies::default()).await.expect("a login");
    let (client, token) = (&site.oauth.fixed, login.token());
    let is_active = async || {
        let answer = client.introspect(token.access_token()).await;
        answer.expect("a response").is_active()
    };
    assert!(is_active().await);
    client.revoke(token).await.expect("an end");
    assert!(!is_active().await, "the fix did not keep the token alive");
    assert_eq!(site.marked("revoke"), ["/revoke"]);
    assert_eq!(site.marked("introspect"), ["/introspect"; 2]);

    let before = site.http.exchanges().len();
    let astray = client.introspect(&Secret::from("astray")).await.expect_err("another host");
    assert!(matches!(astray, OAuthError::Call(CallError::ForeignOrigin(_))), "{astray:?}");
    assert_eq!(site.http.exchanges().len(), before);
}
