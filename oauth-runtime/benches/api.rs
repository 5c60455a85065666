//! Measures the cost of an API call compared with the bare HTTP client, and the memory of a token:
//!
//! ```text
//! cargo bench -p oauth-runtime --bench api
//! ```
//!
//! CPU time is that of the thread that runs the client and its connection, as counted by Linux. The
//! server has its own thread. Both clients take turns in one run.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{Request, Response};
use bytes::Bytes;
use oauth_runtime::error::{NetworkError, StoreError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::store::Store;
use oauth_runtime::{Clock, UnixTime};
use reqwest::redirect::Policy;
use tokio::runtime::{Builder, Runtime};
use tower::Service;

const ACCESS_TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA2YotnFZFEjr1zCsicMWpA";
/// The API's response: a page of a list.
const ANSWER: &str = r#"[{"full_name":"ada/analytical-engine","private":false},{"full_name":"ada/loom","private":false}]"#;

/// Calls in a block; the clients take turns after each.
const BLOCK: u32 = 1_000;
const BLOCKS: usize = 31;
/// A number of tokens that one process can cache.
const TOKENS: usize = 9_000;

#[derive(OAuthProvider)]
#[oauth_provider(
    name = "acme",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    userinfo_endpoint = "https://acme.example/user",
    api_base_url = "{api}/",
    quirks(loopback_http)
)]
struct Acme {
    api: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
struct Providers {
    acme: Client<Acme>,
}

/// Responds to logins immediately, and to API calls too unless it has a client for them.
struct Prepared(Option<ReqwestClient>);

impl HttpClient for Prepared {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        static PEOPLE: AtomicU64 = AtomicU64::new(0);
        let answer = match (request.uri().path(), &self.0) {
            ("/token", _) => format!(
                r#"{{"access_token":"{ACCESS_TOKEN}","token_type":"Bearer","expires_in":3600,
                "refresh_token":"{ACCESS_TOKEN}","scope":"read write"}}"#
            ),
            ("/user", _) => {
                format!(r#"{{"sub":"{}"}}"#, PEOPLE.fetch_add(1, Ordering::Relaxed))
            }
            (_, Some(client)) => return client.send(request, limits),
            (_, None) => ANSWER.to_owned(),
        };
        Box::pin(std::future::ready(Ok(Response::new(answer.into()))))
    }
}

/// A store that keeps only the last record, so that the memory is the library's.
#[derive(Default)]
struct Last(Mutex<Option<(String, Vec<u8>)>>);

impl Store for Last {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let last = self.0.lock().expect("no panic").clone();
        let value = last.filter(|(own, _)| own == key).map(|(_, value)| value);
        Box::pin(std::future::ready(Ok(value)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        _: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        *self.0.lock().expect("no panic") = Some((key.to_owned(), value));
        Box::pin(std::future::ready(Ok(())))
    }

    fn take<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn compare_and_swap<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a [u8]>,
        _: Vec<u8>,
        _: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(std::future::ready(Ok(true)))
    }
}

/// An application, and the thread on which it runs.
struct Application {
    runtime: Runtime,
    router: Router,
    oauth: Providers,
}

impl Application {
    fn new(client: Option<ReqwestClient>, api: &str) -> Self {
        let oauth = Providers::builder()
            .config(Config::empty())
            .public_url("https://app.example")
            .set("OAUTH_COOKIE_KEYS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .set("ACME_CLIENT_ID", "bench")
            .set("ACME_CLIENT_SECRET", "secret")
            .set("ACME_API", api)
            .http_client(Prepared(client))
            .store(Last::default())
            // The clock stands still, so caches stay valid for the whole run.
            .clock(Clock::manual(UnixTime::from_secs(1_800_000_000)))
            .build()
            .expect("the configuration is complete");
        let router = Router::new().merge(oauth.routes()).with_state(oauth.clone());
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, router, oauth }
    }

    fn get(&mut self, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::get(path).header(COOKIE, cookie).body(Body::empty());
        let request = request.expect("a request");
        let Ok(response) = self.runtime.block_on(self.router.call(request));
        response
    }

    /// Logs a user in and returns the head of their later requests.
    fn log_in(&mut self) -> Parts {
        let redirect = self.get("/auth/acme/login", "");
        let location = redirect.headers()[LOCATION].to_str().expect("a URL is text");
        let (_, state) = location.split_once("state=").expect("a state");
        let state = state.split('&').next().unwrap_or_default();
        let pending = cookie(&redirect, "__Host-oauth-login-");
        let done = self.get(&format!("/auth/acme/callback?code=code&state={state}"), &pending);
        let session = cookie(&done, "__Host-oauth-session");
        let request = Request::get("/").header(COOKIE, session).body(()).expect("a request");
        request.into_parts().0
    }
}

/// The cookie with this prefix, as the browser would send it.
fn cookie(response: &Response<Body>, prefix: &str) -> String {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let texts = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = texts.filter_map(|text| text.split(';').next());
    pairs.find(|pair| pair.starts_with(prefix)).expect("the cookie is set").to_owned()
}

/// Starts an API on its own thread and returns its address.
fn start_api() -> String {
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr().expect("an address")).expect("the receiver is alive");
            let app = Router::new().route("/user/repos", get(async || ANSWER));
            axum::serve(listener, app).await.expect("it serves");
        });
    });
    format!("http://{}", address.recv().expect("an address"))
}

/// CPU time of this thread so far.
fn cpu() -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanos = times.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanos.expect("a number"))
}

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").expect("Linux counts it");
    let pages = pages.split(' ').nth(1).and_then(|text| text.parse::<usize>().ok());
    pages.expect("a number") * 4_096
}

/// CPU time of each call in a block.
fn measure(runtime: &Runtime, call: &mut dyn AsyncCall, calls: u32) -> Duration {
    let before = cpu();
    runtime.block_on(async {
        for _ in 0..calls {
            call.call().await;
        }
    });
    (cpu() - before) / calls
}

/// A repeatable call.
trait AsyncCall {
    fn call(&mut self) -> BoxFuture<'_, ()>;
}

struct Bare(reqwest::Client, String);

impl AsyncCall for Bare {
    fn call(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let request = self.0.get(&self.1).header(ACCEPT, "application/json");
            let request = request.header(AUTHORIZATION, format!("Bearer {ACCESS_TOKEN}"));
            let answer = request.timeout(Duration::from_secs(30)).send().await.expect("a response");
            assert_eq!(answer.bytes().await.expect("a body"), ANSWER);
        })
    }
}

struct Held(Api<Acme>);

impl AsyncCall for Held {
    fn call(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            assert_eq!(self.0.get("user/repos").bytes().await.expect("a response"), ANSWER);
        })
    }
}

/// As in a handler: each request opens the session and looks up the token.
struct Extracted(Providers, Parts);

impl AsyncCall for Extracted {
    fn call(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let mut parts = self.1.clone();
            let api = Api::<Acme>::from_request_parts(&mut parts, &self.0).await;
            let api = api.expect("a user is logged in");
            assert_eq!(api.get("user/repos").bytes().await.expect("a response"), ANSWER);
        })
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Logs a user in and calls the API, so that the token is cached.
fn held(application: &mut Application) -> (Held, Parts) {
    let mut parts = application.log_in();
    let api = Api::from_request_parts(&mut parts, &application.oauth);
    let mut held = Held(application.runtime.block_on(api).expect("a user is logged in"));
    application.runtime.block_on(held.call());
    (held, parts)
}

fn over_a_network() {
    let api = start_api();
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    let mut bare = Bare(client.build().expect("a client"), format!("{api}/user/repos"));
    let mut application = Application::new(Some(ReqwestClient::new().expect("a client")), &api);
    let (mut held, parts) = held(&mut application);
    let mut extracted = Extracted(application.oauth.clone(), parts);
    let runtime = &application.runtime;
    let calls: [&mut dyn AsyncCall; 3] = [&mut bare, &mut held, &mut extracted];
    let mut times = [const { Vec::new() }; 3];
    for call in calls {
        // The first calls connect.
        measure(runtime, call, BLOCK);
    }
    for _ in 0..BLOCKS {
        times[0].push(measure(runtime, &mut bare, BLOCK));
        times[1].push(measure(runtime, &mut held, BLOCK));
        times[2].push(measure(runtime, &mut extracted, BLOCK));
    }
    let [bare, held, extracted] = times.map(median);
    println!("A call over loopback, CPU time of the client, median of {BLOCKS} blocks of {BLOCK}:");
    println!("  bare reqwest              {bare:?}");
    println!("  Api                       {held:?}, {:?} more", held.saturating_sub(bare));
    println!(
        "  extractor and Api         {extracted:?}, {:?} more",
        extracted.saturating_sub(bare)
    );
}

fn without_a_network() {
    let mut application = Application::new(None, "http://127.0.0.1:1");
    let (mut held, parts) = held(&mut application);
    let mut extracted = Extracted(application.oauth.clone(), parts);
    let runtime = &application.runtime;
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..BLOCKS {
        // Long enough for the clock of the CPU, which Linux advances in steps of milliseconds.
        times[0].push(measure(runtime, &mut held, 50 * BLOCK));
        times[1].push(measure(runtime, &mut extracted, 50 * BLOCK));
    }
    let [held, extracted] = times.map(median);
    println!("With an HTTP client that responds immediately:");
    println!("  Api                       {held:?}");
    println!("  extractor and Api         {extracted:?}");
}

fn memory() {
    let mut application = Application::new(None, "http://127.0.0.1:1");
    for _ in 0..1_000 {
        held(&mut application);
    }
    let (before, started) = (resident(), Instant::now());
    for _ in 1_000..TOKENS {
        held(&mut application);
    }
    let each = (resident() - before) / (TOKENS - 1_000);
    println!("Memory for each cached token, with an access and a refresh token of");
    println!(
        "{} characters: {each} bytes ({:?} for all logins and calls)",
        ACCESS_TOKEN.len(),
        started.elapsed()
    );
}

fn main() {
    // First, before the other benchmarks free memory that could be reused.
    memory();
    without_a_network();
    over_a_network();
}
