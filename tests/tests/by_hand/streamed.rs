//! Calls to an API whose request bodies are streams.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{post, put};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Method, Request, header};
use oauth_runtime::error::{CallError, TokenError};
use oauth_runtime::http::Limits;
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, ComplianceFix, StoredToken, UnixTime};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::scripted::Scripted;

#[derive(OAuthProvider)]
#[oauth_provider(name = "acme", configured, quirks(loopback_http), compliance_fix = Fix)]
struct Acme;

/// Adds a header if it sees no body. To the path `rewritten` it adds a body.
struct Fix;

impl ComplianceFix for Fix {
    fn protected_request(&self, request: &mut Request<Bytes>) {
        if request.body().is_empty() {
            request.headers_mut().insert("x-fix", HeaderValue::from_static("no body"));
        }
        if request.uri().path().ends_with("/rewritten") {
            *request.body_mut() = "another".into();
        }
    }
}

#[derive(Debug, Clone, OAuthRegistry)]
struct Providers {
    acme: Client<Acme>,
}

const CHUNK: usize = 64 * 1024;

/// An API on a loopback port, which counts what it receives.
#[derive(Default)]
struct Received {
    uploads: AtomicUsize,
    refreshes: AtomicUsize,
    /// The first chunk has arrived.
    first: Notify,
    /// A body has ended before its end.
    aborted: Notify,
    headers: Mutex<HeaderMap>,
}

struct Site {
    acme: Client<Acme>,
    clock: Clock,
    received: Arc<Received>,
    task: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Counts the chunks and the bytes of a body, and refuses the token `refused`.
async fn upload(State(received): State<Arc<Received>>, request: Request<Body>) -> Response {
    received.uploads.fetch_add(1, Ordering::Relaxed);
    *received.headers.lock().expect("no panic") = request.headers().clone();
    let is_refused =
        request.headers().get("authorization").is_some_and(|it| it == "Bearer refused");
    let mut body = request.into_body().into_data_stream();
    let (mut chunks, mut bytes) = (0, 0);
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else {
            received.aborted.notify_one();
            break;
        };
        chunks += 1;
        bytes += chunk.len();
        received.first.notify_one();
    }
    let status = if is_refused { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    (status, Json(json!({ "chunks": chunks, "bytes": bytes }))).into_response()
}

async fn token(State(received): State<Arc<Received>>) -> Json<Value> {
    let n = received.refreshes.fetch_add(1, Ordering::Relaxed) + 1;
    Json(json!({ "access_token": format!("a{n}"), "token_type": "Bearer", "expires_in": 600 }))
}

impl Site {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(keys: &[(&str, &str)]) -> Self {
        let received = Arc::<Received>::default();
        let routes = Router::new().route("/api/upload", put(upload)).route("/token", post(token));
        let routes = routes.with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let task =
            tokio::spawn(async move { axum::serve(listener, routes).await.expect("served") });
        let clock = Clock::manual(Clock::system().now());
        let builder = Providers::builder()
            .config(Config::empty())
            .clock(clock.clone())
            .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
            .set("ACME_CLIENT_ID", "id")
            .set("ACME_CLIENT_SECRET", "s3cr3t")
            .set("ACME_AUTHORIZE_URL", format!("{base}/authorize"))
            .set("ACME_ACCESS_TOKEN_URL", format!("{base}/token"))
            .set("ACME_API_BASE_URL", format!("{base}/api/"));
        let builder = keys.iter().fold(builder, |builder, (key, value)| builder.set(*key, *value));
        let acme = builder.build().expect("a valid configuration").acme;
        Self { acme, clock, received, task }
    }

    /// The API with a token that expires in a minute.
    fn api(&self, access_token: &str) -> Api<Acme> {
        let row = StoredToken::new("acme", access_token)
            .with_refresh_token("r0")
            .with_expires_at(UnixTime::from_secs(self.clock.now().as_secs() + 60));
        let token = Token::from_stored(row).expect("a token");
        self.acme.with_renewed_token(token, |_| async { Ok::<_, io::Error>(()) })
    }

    /// A body whose chunks come from `chunk`. After the first one, it waits until the API has
    /// received it.
    fn stream<F>(&self, chunk: F) -> Body
    where
        F: Fn(usize) -> Option<io::Result<Vec<u8>>> + Clone + Send + 'static,
    {
        let received = Arc::clone(&self.received);
        Body::from_stream(stream::unfold(0, move |n| {
            let (received, chunk) = (Arc::clone(&received), chunk.clone());
            async move {
                if n == 1 {
                    received.first.notified().await;
                }
                chunk(n).map(|chunk| (chunk, n + 1))
            }
        }))
    }

    fn uploads(&self) -> usize {
        self.received.uploads.load(Ordering::Relaxed)
    }

    fn refreshes(&self) -> usize {
        self.received.refreshes.load(Ordering::Relaxed)
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.received.headers.lock().expect("no panic");
        headers.get(name).map(|value| value.to_str().expect("text").to_owned())
    }
}

/// `count` chunks, and then perhaps a failure.
fn chunks(count: usize, failure: Option<&'static str>) -> Body {
    let chunk = || Ok(Bytes::from(vec![b'x'; CHUNK]));
    let failure = failure.map(|text| Err(io::Error::other(text)));
    Body::from_stream(stream::iter((0..count).map(move |_| chunk()).chain(failure)))
}

fn fault(error: OAuthError) -> String {
    match error {
        OAuthError::Call(CallError::BodyStream(fault)) => fault,
        error => panic!("not the application's stream: {error:?}"),
    }
}

/// The second chunk is produced after the API has received the first one.
#[tokio::test]
async fn streamed_body_is_sent_while_it_is_produced() {
    let site = Site::start().await;
    let count = 2 * Limits::API.body / CHUNK;
    let body = site.stream(move |n| (n < count).then(|| Ok(vec![b'x'; CHUNK])));
    let api = site.api("mine");
    let sent = api.put("upload").body_stream("video/mp4", body);
    let answer: Value = sent.json().await.expect("an answer");
    assert_eq!(answer["bytes"], count * CHUNK);
    assert!(answer["chunks"].as_u64() > Some(1), "{answer}");
    assert_eq!(site.header("transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(site.header("content-type").as_deref(), Some("video/mp4"));
    assert_eq!(site.header("authorization").as_deref(), Some("Bearer mine"));
}

#[tokio::test]
async fn streamed_body_with_a_length_states_it() {
    let site = Site::start().await;
    let api = site.api("mine");
    let known = api.put("upload").body_stream("text/plain", Body::from("twelve bytes"));
    assert_eq!(known.json::<Value>().await.expect("an answer")["bytes"], 12);
    assert_eq!(site.header("content-length").as_deref(), Some("12"));
    let length = (3 * CHUNK) as u64;
    let stated = api.put("upload").body_stream("text/plain", chunks(3, None)).length(length);
    assert_eq!(stated.json::<Value>().await.expect("an answer")["bytes"], length);
    assert_eq!(site.header("content-length"), Some(length.to_string()));
    assert_eq!(site.header("transfer-encoding"), None);
    for wrong in [length - 1, length + 1] {
        let call = api.put("upload").body_stream("text/plain", chunks(3, None)).length(wrong);
        let fault = fault(call.send().await.expect_err("another length"));
        assert!(fault.contains(&format!("stated {wrong} bytes")), "{fault}");
    }
}

#[tokio::test]
async fn failed_stream_is_the_fault_of_the_application() {
    let site = Site::start().await;
    let body = site.stream(|n| match n {
        0 => Some(Ok(vec![b'x'; CHUNK])),
        _ => Some(Err(io::Error::other("the disk is gone"))),
    });
    let failed = site.api("mine").put("upload").body_stream("video/mp4", body).text().await;
    let error = failed.expect_err("a failure");
    let text = error.to_string();
    assert!(text.contains("the application") && text.contains("the disk is gone"), "{text}");
    assert_eq!(fault(error), "the disk is gone");
    site.received.aborted.notified().await;
    assert_eq!(site.uploads(), 1);
}

#[tokio::test]
async fn streamed_call_is_not_repeated_when_refused() {
    let site = Site::start().await;
    let api = site.api("refused");
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    let refused = call.text().await.expect_err("the token is refused");
    let is_refused = matches!(refused, OAuthError::Token { error: TokenError::Refused, .. });
    assert!(is_refused, "{refused:?}");
    assert_eq!((site.uploads(), site.refreshes()), (1, 0));
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    let answer = call.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((site.uploads(), site.refreshes()), (2, 0));
    api.refresh().await.expect("another token");
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    call.text().await.expect("accepted");
}

#[tokio::test]
async fn expired_token_is_refreshed_before_a_streamed_call() {
    let site = Site::start().await;
    let api = site.api("refused");
    site.clock.advance(61);
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    let mut stream = call.stream().await.expect("an answer").into_body();
    assert!(stream.chunk().await.expect("a chunk").is_some());
    assert_eq!((site.uploads(), site.refreshes()), (1, 1));
    assert_eq!(site.header("authorization").as_deref(), Some("Bearer a1"));
}

#[tokio::test]
async fn streamed_call_obeys_the_rules_of_calls() {
    let site = Site::start().await;
    let api = site.api("mine");
    let form = "Application/X-WWW-Form-urlencoded; charset=utf-8";
    let call = api.put("upload").body_stream(form, chunks(1, None));
    let error = call.send().await.expect_err("a form");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    let call = api.put("https://other.example/").body_stream("a/b", chunks(1, None));
    let error = call.send().await.expect_err("another origin");
    assert!(matches!(error, OAuthError::Call(CallError::ForeignOrigin(_))), "{error:?}");
    let call = api.put("upload").timeout(Duration::ZERO).body_stream("a/b", chunks(1, None));
    let error = call.send().await.expect_err("no time");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        let call = api.put("upload").header(name, HeaderValue::from_static("1"));
        let error = call.body_stream("a/b", chunks(1, None)).send().await.expect_err("framing");
        assert!(matches!(error, OAuthError::Call(CallError::ReservedHeader(_))), "{error:?}");
    }
    assert_eq!(site.uploads(), 0, "nothing was sent");
    let call = site.acme.request(Method::PUT, "upload").body_stream("a/b", chunks(1, None));
    call.text().await.expect("an answer");
    assert_eq!(site.header("authorization"), None, "a call without a token");
}

/// Otherwise the token would be a form in front of the stream, or replace it.
#[tokio::test]
async fn token_of_a_form_is_in_the_header_of_a_stream() {
    let site = Site::with(&[("ACME_TOKEN_PLACEMENT", "body")]).await;
    let api = site.api("mine");
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    assert_eq!(call.json::<Value>().await.expect("an answer")["bytes"], 2 * CHUNK);
    assert_eq!(site.header("authorization").as_deref(), Some("Bearer mine"));
    assert_eq!(site.header("content-type").as_deref(), Some("video/mp4"));
}

#[tokio::test]
async fn compliance_fix_sees_no_streamed_body() {
    let site = Site::start().await;
    let api = site.api("mine");
    let call = api.put("upload").body_stream("video/mp4", chunks(2, None));
    assert_eq!(call.json::<Value>().await.expect("an answer")["bytes"], 2 * CHUNK);
    assert_eq!(site.header("x-fix").as_deref(), Some("no body"));
    let call = api.put("rewritten").body_stream("video/mp4", chunks(2, None));
    let error = call.send().await.expect_err("two bodies");
    assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    assert_eq!(site.uploads(), 1, "nothing was sent");
}

#[tokio::test]
async fn http_client_without_streams_reads_a_bounded_body() {
    let site = Scripted::start();
    let api = site.acme.client_credentials().api().await.expect("a token");
    let call = api.put("upload").body_stream("a/b", chunks(2, None));
    call.send().await.expect("an answer");
    let (request, _) = site.provider.requests().pop().expect("a request");
    assert_eq!(request.body().len(), 2 * CHUNK);
    assert_eq!(request.headers()["content-type"], "a/b");
    let large = chunks(Limits::API.body / CHUNK + 1, None);
    let call = api.put("upload").body_stream("a/b", large);
    let fault = fault(call.send().await.expect_err("too large"));
    assert!(fault.contains("the HTTP client in use does not stream"), "{fault}");
    let call = api.put("upload").body_stream("a/b", chunks(1, Some("the disk is gone")));
    assert_eq!(self::fault(call.send().await.expect_err("a failure")), "the disk is gone");
}
