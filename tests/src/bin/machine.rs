//! An instance of an application that calls its provider's API, for tests that kill it: at a given
//! step of a refresh it halts, prints a line, and waits to be killed.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `PORT` | port on 127.0.0.1; with `0` a free one, which it prints |
//! | `HALT_AT` | the step to halt at, one of `Step`; without it the instance does not halt |
//! | `STOP_AT` | the step at which it stops itself once (`SIGSTOP`), until it is continued |
//! | `OAUTH_PUBLIC_URL`, `OAUTH_COOKIE_KEYS`, `OAUTH_STORE_URL` | shared by all instances |
//! | `OP_ISSUER`, `OP_CLIENT_ID`, `OP_CLIENT_SECRET` | the provider |

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::future;
use std::process::Command;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use oauth_runtime::ApiRejection;
use oauth_runtime::TokenUpdated;
use oauth_runtime::error::{NetworkError, StoreError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::store::Store;
use tests::machines::Step;
use tests::store::of_url;
use tokio::task::JoinSet;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "op",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid"),
    quirks(loopback_http),
    routes(callback = "/callback")
)]
struct Op {
    issuer: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    op: Client<Op>,
}

/// The step at which this instance halts or stops itself.
#[derive(Clone)]
struct HaltPoint {
    still: Option<Step>,
    stopped: Arc<Mutex<Option<Step>>>,
    has_lease: Arc<AtomicBool>,
}

impl HaltPoint {
    fn of_environment() -> Result<Self, Box<dyn Error>> {
        let step = |name| env::var(name).ok().map(|step| Step::from_str(&step)).transpose();
        let (still, stopped) = (step("HALT_AT")?, Arc::new(Mutex::new(step("STOP_AT")?)));
        Ok(Self { still, stopped, has_lease: Arc::default() })
    }

    /// Halts, or stops the whole process, if this is the step.
    async fn at(&self, step: Step) {
        if self.still == Some(step) {
            println!("halts at {step:?}");
            future::pending::<()>().await;
        }
        let stops = self.stopped.lock().expect("no panic").take_if(|own| *own == step);
        if stops.is_some() {
            let id = std::process::id().to_string();
            println!("stops as process {id}");
            Command::new("kill").args(["-STOP", &id]).status().expect("a signal can be sent");
        }
    }
}

/// The store, with the steps that are store operations.
struct Stepped<S>(S, HaltPoint);

impl<S: Store> Store for Stepped<S> {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let value = self.0.get(key).await?;
            if key.starts_with("token:") && self.1.has_lease.load(Ordering::SeqCst) {
                self.1.at(Step::TokenRead).await;
            }
            Ok(value)
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.put(key, value, ttl)
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.0.take(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let (before, after) = match (key.split(':').next(), old) {
                (Some("lease"), None) => (Some(Step::LeaseWanted), Some(Step::LeaseTaken)),
                (Some("lease"), Some(_)) => (Some(Step::LeaseNotGivenBack), None),
                (Some("token"), _) => (Some(Step::TokenNotStored), Some(Step::TokenStored)),
                _ => (None, None),
            };
            if let Some(step) = before {
                self.1.at(step).await;
            }
            let is_written = self.0.compare_and_swap(key, old, new, ttl).await?;
            if is_written && after == Some(Step::LeaseTaken) {
                self.1.has_lease.store(true, Ordering::SeqCst);
            }
            if let Some(step) = after.filter(|_| is_written) {
                self.1.at(step).await;
            }
            Ok(is_written)
        })
    }
}

/// The HTTP client, with the steps before a refresh request and after its response.
struct SteppedClient(ReqwestClient, HaltPoint);

impl HttpClient for SteppedClient {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let is_refresh = request.method() == Method::POST
            && request.body().windows(24).any(|bytes| bytes == b"grant_type=refresh_token");
        Box::pin(async move {
            if is_refresh {
                self.1.at(Step::RequestNotSent).await;
            }
            let answer = self.0.send(request, limits).await?;
            if is_refresh {
                self.1.at(Step::AnswerCame).await;
            }
            Ok(answer)
        })
    }
}

/// Makes simultaneous calls, each like a separate request, and returns the count of each outcome.
async fn calls(
    State(oauth): State<Providers>,
    Path(count): Path<usize>,
    parts: Parts,
) -> Json<BTreeMap<String, usize>> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        calls.spawn(call(oauth.clone(), parts.clone()));
    }
    let mut outcomes = BTreeMap::new();
    for outcome in calls.join_all().await {
        *outcomes.entry(outcome).or_default() += 1;
    }
    Json(outcomes)
}

async fn call(oauth: Providers, mut parts: Parts) -> String {
    match Api::<Op>::from_request_parts(&mut parts, &oauth).await {
        Ok(api) => match api.get("resource").text().await {
            Ok(_) => "answered".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(ApiRejection::LoginRequired(_)) => "login required".to_owned(),
        Err(ApiRejection::Failed(error)) => error.to_string(),
        Err(other) => format!("{other:?}"),
    }
}

async fn visitor(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

async fn report(event: TokenUpdated) {
    match event.ended() {
        Some(reason) => println!("grant ended: {reason}"),
        None => println!("token refreshed"),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let halt = HaltPoint::of_environment()?;
    let mut oauth = Providers::builder()
        .http_client(SteppedClient(ReqwestClient::new()?, halt.clone()))
        .on_token_updated(report);
    let store = env::var("OAUTH_STORE_URL")?;
    // The memory store ends with the instance and is chosen only by its URL.
    if store != "memory:" {
        oauth = oauth.store(Stepped(of_url(&store), halt));
    }
    let oauth = oauth.build()?;
    let app = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/calls/{count}", get(calls))
        .route("/visitor", get(visitor))
        .merge(oauth.routes())
        .with_state(oauth);
    let port: u16 = env::var("PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listens on port {}", listener.local_addr()?.port());
    Ok(axum::serve(listener, app).await?)
}
