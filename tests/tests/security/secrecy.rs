//! Rule 9: no log line at any level, no `Debug` output and no error shows a secret, and tokens are
//! sent only to the provider.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::store::MemoryStore;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, TestProvider};
use oauth_runtime::{Clock, ProviderDescription, RuntimeProviders};
use serde_json::Value;
use tests::in_process::{
    App, Browser, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Handled, Op, Page, Paged, Recorder, Typed,
    config,
};
use url::Url;
use url::form_urlencoded;

use crate::traces::Traces;

mod other_flows;

/// All secrets of a series of logins.
#[derive(Default)]
pub(crate) struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// The client secret and the cookie key are always secret.
    pub(crate) fn new() -> Self {
        let mut secrets = Self::default();
        secrets.add("client secret", CLIENT_SECRET);
        secrets.add("cookie key", COOKIE_KEY);
        secrets
    }

    pub(crate) fn add(&mut self, what: &str, value: &str) {
        // Shorter ones could match by chance.
        if value.len() >= 8 && !self.0.iter().any(|(_, known)| known == value) {
            self.0.push((what.to_owned(), value.to_owned()));
        }
    }

    pub(crate) fn of_url(&mut self, url: &str) {
        let url = Url::parse(url).expect("a URL");
        for (name, value) in url.query_pairs() {
            if ["state", "nonce", "code"].contains(&&*name) {
                self.add(&name, &value);
            }
        }
    }

    fn of_cookies(&mut self, page: &Page) {
        for cookie in page.cookies() {
            self.add(&format!("cookie {}", cookie.name), &cookie.value);
        }
    }

    /// Adds the secrets of the exchanges with the provider.
    pub(crate) fn of_exchanges(&mut self, recorder: &Recorder) {
        for (request, response) in recorder.exchanges() {
            if let Some(header) = request.headers().get(AUTHORIZATION) {
                let (_, value) = header.to_str().expect("text").split_once(' ').expect("a scheme");
                self.add("authorization header", value);
            }
            for (name, value) in form_urlencoded::parse(request.body()) {
                if ["code", "code_verifier", "client_secret"].contains(&&*name) {
                    self.add(&name, &value);
                }
            }
            let body = response.as_ref().map(http::Response::body);
            let document = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
            for name in ["access_token", "refresh_token", "id_token"] {
                let token = document.as_ref().and_then(|document| document.get(name)?.as_str());
                token.into_iter().for_each(|token| self.add(name, token));
            }
        }
    }

    #[track_caller]
    pub(crate) fn assert_absent(&self, text: &str, place: &str) {
        for (what, secret) in &self.0 {
            if let Some(at) = text.find(secret.as_str()) {
                let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
                panic!("{what} in {place}: {}", text[line..].lines().next().unwrap_or_default());
            }
        }
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.0.iter().filter(|(own, _)| own.starts_with(what)).count()
    }
}

/// Logins of every kind and outcome.
async fn many_logins(app: &App, recorder: &Recorder) -> Secrets {
    let mut secrets = Secrets::new();
    let faults = [
        None,
        Some(Fault::WrongState),
        Some(Fault::MissingState),
        Some(Fault::WrongResponseIssuer),
        Some(Fault::AuthorizationErrorWithMarkup),
        Some(Fault::TokenErrorWithMarkup),
        Some(Fault::AccessTokenWithLineBreak),
        Some(Fault::TokenTypeMac),
        Some(Fault::WrongNonce),
        Some(Fault::WrongAudience),
        Some(Fault::BadSignature),
        Some(Fault::UnsignedToken),
        Some(Fault::UnknownKeyId),
        Some(Fault::WrongAccessTokenHash),
        Some(Fault::UserinfoSubjectSwapped),
        Some(Fault::ServerError(Endpoint::Token)),
        Some(Fault::NotJson(Endpoint::Token)),
        Some(Fault::TruncatedJson(Endpoint::Token)),
        Some(Fault::DuplicateMembers(Endpoint::Token)),
        Some(Fault::InvalidUtf8(Endpoint::Token)),
        Some(Fault::ConnectionLost(Endpoint::Token)),
        Some(Fault::Redirects(Endpoint::Token)),
        Some(Fault::Redirects(Endpoint::Userinfo)),
        Some(Fault::Oversized(Endpoint::Userinfo)),
        Some(Fault::ServerError(Endpoint::Api)),
        Some(Fault::Redirects(Endpoint::Api)),
    ];
    for (fault, provider) in
        faults.into_iter().flat_map(|fault| ["op", "twin", "plain"].map(|name| (fault, name)))
    {
        app.provider.clear_faults();
        fault.into_iter().for_each(|fault| app.provider.fault(fault));
        one_login(app, provider, &mut secrets).await;
    }
    app.provider.clear_faults();
    secrets.of_exchanges(recorder);
    for what in ["state", "nonce", "code", "code_verifier", "access_token", "id_token"] {
        assert!(secrets.count(what) >= 10, "{what}: {}", secrets.count(what));
    }
    for what in ["refresh_token", "cookie oauth-login", "cookie oauth-session", "authorization"] {
        assert!(secrets.count(what) > 0, "{what}");
    }
    secrets
}

async fn one_login(app: &App, provider: &str, secrets: &mut Secrets) {
    let mut browser = app.browser();
    let started = browser.get(&format!("/auth/{provider}/login")).await;
    secrets.of_cookies(&started);
    secrets.of_url(started.location());
    let callback = app.answer(started.location());
    secrets.of_url(callback.as_str());
    let mut replayed: Browser = browser.clone();
    secrets.of_cookies(&browser.finish(&callback).await);
    replayed.finish(&callback).await;
    browser.get("/resource").await;
    browser.get("/whoami").await;
    browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
}

async fn app<R>(recorder: &Recorder) -> App
where
    R: OAuthRegistry + OAuthRoutes<R> + Clone + Send + Sync + 'static,
    Sessions: FromRef<R>,
    Client<Op>: FromRef<R>,
{
    let recorder = recorder.clone();
    App::builder::<R>().configure(|builder| builder.http_client(recorder)).start().await
}

#[tokio::test]
async fn no_trace_of_a_login_holds_a_secret() {
    let (traces, _collecting) = Traces::collect();
    let recorder = Recorder::new();
    let app = app::<Paged>(&recorder).await;
    let secrets = many_logins(&app, &recorder).await;

    let text = traces.heard();
    for expected in [
        // The log includes the libraries below.
        "reqwest",
        "an OAuth request failed",
        "rejected an OAuth request",
        "fetching the metadata",
        "fetching the keys",
        // Quirks are visible in the log.
        r#"quirks=["loopback_http", "hs256_id_token"]"#,
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    secrets.assert_absent(&text, "the trace");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\r'));
}

/// Tokens that are refreshed, refused, lost in transit, and revoked.
#[tokio::test]
async fn no_trace_of_a_tokens_lifecycle_holds_a_secret() {
    let (traces, _collecting) = Traces::collect();
    let recorder = Recorder::new();
    let app = app::<Paged>(&recorder).await;
    let mut secrets = Secrets::new();
    let faults = [
        None,
        Some(Fault::RefreshTokenKept),
        Some(Fault::ConnectionLost(Endpoint::Token)),
        Some(Fault::ServerError(Endpoint::Token)),
        Some(Fault::NotJson(Endpoint::Token)),
        Some(Fault::TokenErrorWithMarkup),
        Some(Fault::BadSignature),
        Some(Fault::ServerError(Endpoint::Revocation)),
    ];
    for (hours, fault) in (1..).zip(faults) {
        let mut browser = app.browser();
        secrets.of_cookies(&app.log_in(&mut browser, "op").await);
        app.clock.advance(3600);
        app.provider.set_clock_offset(hours * 3600);
        fault.into_iter().for_each(|fault| app.provider.fault(fault));
        browser.get("/resource").await;
        browser.post("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
        // Revocation runs in the background.
        tokio::time::sleep(Duration::from_millis(50)).await;
        app.provider.clear_faults();
    }
    secrets.of_exchanges(&recorder);
    assert!(secrets.count("refresh_token") > faults.len(), "some were rotated");
    let text = traces.heard();
    for expected in [
        "the response to a refresh was lost",
        "failed to refresh a token",
        "revoked a grant",
        "failed to revoke a grant",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    secrets.assert_absent(&text, "the trace");
}

#[tokio::test]
async fn no_error_holds_a_secret() {
    let recorder = Recorder::new();
    let app = app::<Typed>(&recorder).await;
    let secrets = many_logins(&app, &recorder).await;
    let errors = app.failures.take();
    assert!(errors.len() > 60, "{}", errors.len());
    for error in errors {
        let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
        let mut source = error.source();
        while let Some(error) = source {
            write!(text, "{error}\n{error:?}\n").expect("to write");
            source = error.source();
        }
        secrets.assert_absent(&text, "an error");
    }
}

#[tokio::test]
async fn no_debug_of_a_public_type_holds_a_secret() {
    #[derive(Clone, Debug, OAuthRegistry)]
    struct Clients {
        op: Client<Op>,
    }
    let recorder = Recorder::new();
    let app = app::<Handled>(&recorder).await;
    let mut secrets = Secrets::new();
    let mut text = String::new();

    let public_url = "http://127.0.0.1:3000";
    let config = config(&app.provider, public_url);
    let builder = Clients::builder().config(config.clone()).set("OP_CLIENT_SECRET", CLIENT_SECRET);
    write!(text, "{config:?} {config:#?} {builder:?} {builder:#?}").expect("to write");
    let store = MemoryStore::new(Clock::system());
    let clients = builder.store(store.clone()).build().expect("a valid configuration");
    write!(text, "{clients:?} {clients:#?} {:?}", clients.op.sessions()).expect("to write");
    write!(text, "{:?} {:#?}", clients.op, clients.routes() as Router<Clients>).expect("to write");
    let redirect = clients.op.authorize_redirect().return_to("/a").login_hint("ada");
    write!(text, "{redirect:?} {redirect:#?}").expect("to write");
    let redirect = redirect.await.expect("a redirect");
    write!(text, "{redirect:?} {redirect:#?}").expect("to write");
    let response = redirect.into_response();
    write!(text, "{:?}", response.headers().get("set-cookie")).expect("to write");
    secrets.of_url(response.headers()["location"].to_str().expect("text"));
    for cookie in response.headers().get_all("set-cookie") {
        let (name, rest) = cookie.to_str().expect("text").split_once('=').expect("a cookie");
        secrets.add(name, rest.split(';').next().expect("a value"));
    }
    write!(text, "{store:?} {:?} {:?}", ReqwestClient::new(), app.provider).expect("to write");

    // `Login`, `Token` and `User` exist only in a handler, which recorded them.
    let mut browser = app.browser();
    let url = browser.start_login("op").await;
    secrets.of_url(&url);
    let done = browser.finish(app.answer(&url)).await;
    secrets.of_cookies(&done);
    for body in [done.body, browser.get("/whoami").await.body] {
        let seen: Value = serde_json::from_str(&body).expect("JSON");
        text.push_str(seen["debug"].as_str().expect("text"));
    }
    secrets.of_exchanges(&recorder);
    assert!(secrets.count("access_token") == 1 && secrets.count("state") == 2);
    for word in ["Config(", "Client(op)", "Login {", "Token {", "LoginRedirect", "User {"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    secrets.assert_absent(&text, "Debug");
}

/// Tokens stay in the store: neither a cookie nor any other header sends one to the browser.
#[tokio::test]
async fn no_token_reaches_the_browser() {
    let recorders = [Recorder::new(), Recorder::new()];
    let apps = [app::<Typed>(&recorders[0]).await, app::<Paged>(&recorders[1]).await];
    for (app, recorder) in apps.iter().zip(&recorders) {
        let mut text = String::new();
        for provider in ["op", "twin", "plain"] {
            let mut browser = app.browser();
            let started = browser.get(&format!("/auth/{provider}/login")).await;
            let done = browser.finish(app.answer(started.location())).await;
            let pages =
                [started, done, browser.get("/whoami").await, browser.get("/resource").await];
            for page in pages {
                assert!(!page.status.is_server_error(), "{page:?}");
                for (name, value) in &page.headers {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    writeln!(text, "{name}: {value} {}", decoded(&value)).expect("to write");
                }
                text.push_str(&page.body);
            }
        }
        let mut secrets = Secrets::default();
        secrets.of_exchanges(recorder);
        secrets.0.retain(|(what, _)| what.ends_with("_token") || what == "code_verifier");
        assert!(secrets.count("access_token") == 3 && secrets.count("refresh_token") == 1);
        secrets.assert_absent(&text, "the browser");
    }
}

/// The content of a base64url cookie.
fn decoded(cookie: &str) -> String {
    let value = cookie.split(['=', ';']).nth(1).unwrap_or_default();
    String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(value).unwrap_or_default()).into_owned()
}
