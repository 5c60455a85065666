//! A provider and its API in memory, which record each request.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::Clock;
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    api_base_url = "https://acme.example/api/"
)]
pub(crate) struct Acme;

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    acme: Client<Acme>,
}

/// The client of the provider.
pub(crate) struct Scripted {
    pub(crate) acme: Client<Acme>,
    pub(crate) clock: Clock,
    pub(crate) provider: Provider,
    pub(crate) events: Arc<Mutex<Vec<oauth_runtime::TokenUpdated>>>,
}

impl Scripted {
    pub(crate) fn start() -> Self {
        let clock = Clock::manual(Clock::system().now());
        let provider = Provider::default();
        let events = Arc::<Mutex<Vec<_>>>::default();
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
            .set("ACME_CLIENT_ID", "id")
            .set("ACME_CLIENT_SECRET", "secret");
        let heard = Arc::clone(&events);
        let builder = Providers::builder()
            .config(config)
            .clock(clock.clone())
            .http_client(provider.clone())
            .on_token_updated(move |event| {
                heard.lock().expect("no panic").push(event);
                async {}
            });
        let acme = builder.build().expect("a valid configuration").acme;
        Self { acme, clock, provider, events }
    }

    /// The events, after the listener had time to receive them.
    pub(crate) async fn events(&self) -> Vec<oauth_runtime::TokenUpdated> {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.events.lock().expect("no panic").clone()
    }
}

/// It numbers the tokens that it issues, and its API refuses those that are listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provider(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requests: Vec<(Request<Bytes>, Limits)>,
    issued: usize,
    refused: Vec<&'static str>,
}

impl Provider {
    /// The API refuses this access token from now on.
    pub(crate) fn refuse(&self, token: &'static str) {
        self.0.lock().expect("no panic").refused.push(token);
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<(Request<Bytes>, Limits)> {
        self.0.lock().expect("no panic").requests.clone()
    }

    /// The bodies of the token requests so far.
    pub(crate) fn token_requests(&self) -> Vec<String> {
        let requests = self.requests();
        let of_tokens = requests.iter().filter(|(request, _)| request.uri().path() == "/token");
        of_tokens.map(|(request, _)| String::from_utf8_lossy(request.body()).into_owned()).collect()
    }

    fn answer(&self, request: &Request<Bytes>, limits: Limits) -> Response<Bytes> {
        let mut state = self.0.lock().expect("no panic");
        state.requests.push((request.clone(), limits));
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let response = |status: u16, text: String| {
            let builder =
                Response::builder().status(status).header("content-type", "application/json");
            builder.body(Bytes::from(text)).expect("a response")
        };
        if request.uri().path() != "/token" {
            let sent = request.headers().get("authorization").and_then(|value| value.to_str().ok());
            let sent = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            let status = if state.refused.contains(&sent) { 401 } else { 200 };
            return response(status, format!("\"{sent}\""));
        }
        if body.contains("refresh_token=ended") {
            return response(400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        if body.contains("token-exchange") {
            let text = r#"{"access_token":"an-assertion","token_type":"N_A","issued_token_type":"urn:ietf:params:oauth:token-type:jwt"}"#;
            return response(200, text.to_owned());
        }
        state.issued += 1;
        let n = state.issued;
        response(
            200,
            format!(
                r#"{{"access_token":"a{n}","token_type":"Bearer","refresh_token":"r{n}","expires_in":600}}"#
            ),
        )
    }
}

impl HttpClient for Provider {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        Box::pin(async move { Ok(self.answer(&request, limits)) })
    }
}
