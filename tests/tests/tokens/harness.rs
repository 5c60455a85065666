//! An application that calls the API of its provider, with a network and a store that fail on
//! demand.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Extension;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use oauth_runtime::ApiRejection;
use oauth_runtime::error::{NetworkError, StoreError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::store::Store;
use oauth_runtime::testing::Endpoint;
use oauth_runtime::{Clock, OAuthRegistry, RegistryBuilder};
use serde_json::Value;
use tests::in_process::{App, AppBuilder, Browser, CLIENT_ID, CLIENT_SECRET, Failures, Op, Typed};
use tests::store::{Guarded, Operation};
use url::form_urlencoded;

use crate::back_ends::Place;

/// Seconds after which every token of the provider has expired.
pub(crate) const LIFETIME: u64 = 3600;

/// A network that a test can disturb.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<Disturbances>);

#[derive(Default)]
struct Disturbances {
    /// Number of refresh responses to lose after the provider has acted.
    lost_replies: AtomicU32,
    /// Delay of refresh responses, in milliseconds.
    delay: AtomicU32,
    /// The presented refresh tokens, in order.
    presented: Mutex<Vec<String>>,
    /// The issued refresh tokens, in order.
    issued: Mutex<Vec<String>>,
    /// Number of current refreshes, and its maximum.
    under_way: AtomicU32,
    most_under_way: AtomicU32,
    /// Number of calls to answer with 503, and the seconds of `Retry-After`.
    busy: Mutex<(u32, u32)>,
    /// Number of calls to refuse as if their token were invalid.
    refused_calls: AtomicU32,
    /// Number of calls whose connection breaks.
    broken_calls: AtomicU32,
    /// The response to refreshes instead of the provider's.
    refresh_answer: Mutex<Option<(u16, String)>>,
}

impl Network {
    pub(crate) fn lose_replies(&self, count: u32) {
        self.0.lost_replies.store(count, Ordering::SeqCst);
    }

    pub(crate) fn delay_refreshes(&self, by: Duration) {
        let millis = u32::try_from(by.as_millis()).expect("a short time");
        self.0.delay.store(millis, Ordering::SeqCst);
    }

    /// The presented refresh tokens, in order.
    pub(crate) fn presented(&self) -> Vec<String> {
        self.0.presented.lock().expect("no panic").clone()
    }

    /// The last issued refresh token.
    pub(crate) fn issued_last(&self) -> String {
        self.0.issued.lock().expect("no panic").last().expect("a refresh token").clone()
    }

    /// The maximum number of simultaneous refreshes.
    pub(crate) fn most_at_once(&self) -> u32 {
        self.0.most_under_way.load(Ordering::SeqCst)
    }

    /// Answers this number of calls with 503 and `Retry-After`.
    pub(crate) fn be_busy(&self, calls: u32, retry_after: u32) {
        *self.0.busy.lock().expect("no panic") = (calls, retry_after);
    }

    /// Number of calls still to answer with 503.
    pub(crate) fn busy_calls_left(&self) -> u32 {
        self.0.busy.lock().expect("no panic").0
    }

    /// Refuses this number of calls as if their token were invalid.
    pub(crate) fn refuse_calls(&self, count: u32) {
        self.0.refused_calls.store(count, Ordering::SeqCst);
    }

    /// Breaks the connections of this number of calls.
    pub(crate) fn break_calls(&self, count: u32) {
        self.0.broken_calls.store(count, Ordering::SeqCst);
    }

    /// Answers refreshes without the provider until
    /// [`answer_no_refreshes`](Self::answer_no_refreshes).
    pub(crate) fn answer_refreshes(&self, status: u16, body: &str) {
        *self.0.refresh_answer.lock().expect("no panic") = Some((status, body.to_owned()));
    }

    pub(crate) fn answer_no_refreshes(&self) {
        *self.0.refresh_answer.lock().expect("no panic") = None;
    }

    /// Number of calls whose connection will still break.
    pub(crate) fn broken_calls_left(&self) -> u32 {
        self.0.broken_calls.load(Ordering::SeqCst)
    }

    pub(crate) fn client(&self) -> impl HttpClient {
        DisturbedClient(ReqwestClient::new().expect("a client"), self.clone())
    }
}

struct DisturbedClient(ReqwestClient, Network);

impl HttpClient for DisturbedClient {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            let disturbances = &self.1.0;
            let host = request.uri().host().unwrap_or_default().to_owned();
            if let Some(answer) = busy(&request, disturbances) {
                return Ok(answer);
            }
            match request.uri().path() {
                "/api/endless" => return Ok(endless(&request)),
                "/api/climbing" => return Ok(climbing(&request)),
                "/api/problem" => return Ok(problem(&request)),
                _ => {}
            }
            let is_call = request.uri().path().starts_with("/api/");
            if is_call && one_less(&disturbances.broken_calls) {
                return Err(NetworkError::Broken { host, source: Arc::new(fmt::Error) });
            }
            if request.method() == Method::POST {
                return self.post(request, limits, host).await;
            }
            if is_call && one_less(&disturbances.refused_calls) {
                let mut refused = Response::new(Bytes::new());
                *refused.status_mut() = StatusCode::UNAUTHORIZED;
                return Ok(refused);
            }
            self.0.send(request, limits).await
        })
    }
}

impl DisturbedClient {
    async fn post(
        &self,
        request: Request<Bytes>,
        limits: Limits,
        host: String,
    ) -> Result<Response<Bytes>, NetworkError> {
        let disturbances = &self.1.0;
        let refresh_token = form_urlencoded::parse(request.body())
            .find_map(|(name, value)| (name == "refresh_token").then(|| value.into_owned()));
        let is_refresh = refresh_token.is_some();
        if let Some(refresh_token) = refresh_token {
            disturbances.presented.lock().expect("no panic").push(refresh_token);
            let under_way = disturbances.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            disturbances.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        }
        let canned = disturbances.refresh_answer.lock().expect("no panic").clone();
        let answer = match canned.filter(|_| is_refresh) {
            Some((status, body)) => {
                let answer = Response::builder().status(status);
                let answer = answer.header("content-type", "application/json");
                Ok(answer.body(Bytes::from(body)).expect("a response"))
            }
            None => self.0.send(request, limits).await,
        };
        if is_refresh {
            // The provider has acted: if the client gives up now, it loses the new token.
            let delay = u64::from(disturbances.delay.load(Ordering::SeqCst));
            tokio::time::sleep(Duration::from_millis(delay)).await;
            disturbances.under_way.fetch_sub(1, Ordering::SeqCst);
        }
        let answer = answer?;
        if is_refresh && one_less(&disturbances.lost_replies) {
            return Err(NetworkError::Timeout { host, deadline: limits.deadline });
        }
        let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if let Some(refresh_token) = document["refresh_token"].as_str() {
            disturbances.issued.lock().expect("no panic").push(refresh_token.to_owned());
        }
        Ok(answer)
    }
}

/// A page of an endless list.
fn endless(request: &Request<Bytes>) -> Response<Bytes> {
    let number: u64 = request.uri().query().unwrap_or_default().parse().unwrap_or_default();
    let link = format!("<?{}>; rel=\"next\"", number + 1);
    Response::builder().header("link", link).body(Bytes::from("[]")).expect("a page")
}

/// A page whose next page is at the URL in the query, outside the API.
fn climbing(request: &Request<Bytes>) -> Response<Bytes> {
    let target = request.uri().query().unwrap_or_default();
    let link = format!("<{target}?token=hunter2>; rel=\"next\"");
    Response::builder().header("link", link).body(Bytes::from("[]")).expect("a page")
}

/// A response with the status in the query, and an error message.
fn problem(request: &Request<Bytes>) -> Response<Bytes> {
    let status = request.uri().query().unwrap_or_default();
    let answer = Response::builder().status(status.parse::<u16>().expect("a status"));
    let answer = answer.header("content-type", "application/problem+json");
    answer.body(Bytes::from(r#"{"detail":"the-detail"}"#)).expect("a response")
}

fn busy(request: &Request<Bytes>, disturbances: &Disturbances) -> Option<Response<Bytes>> {
    let mut busy = disturbances.busy.lock().expect("no panic");
    if busy.0 == 0 || !request.uri().path().starts_with("/api/") {
        return None;
    }
    busy.0 -= 1;
    let answer = Response::builder().status(503).header("retry-after", busy.1.to_string());
    Some(answer.body(Bytes::new()).expect("a response"))
}

/// A store that a test can make unavailable.
#[derive(Clone)]
pub(crate) struct Shelf {
    place: Place,
    clock: Clock,
    store: Arc<dyn Store>,
    is_away: Arc<AtomicBool>,
    reads: Arc<AtomicU32>,
    /// Number of writes until it becomes unavailable.
    writes_left: Arc<AtomicU32>,
    cannot_list: Arc<AtomicBool>,
}

impl Shelf {
    pub(crate) fn at(place: Place, clock: Clock) -> Self {
        Self {
            store: place.open(&clock),
            place,
            clock,
            is_away: Arc::default(),
            reads: Arc::default(),
            writes_left: Arc::new(AtomicU32::new(u32::MAX)),
            cannot_list: Arc::default(),
        }
    }

    /// The same store in another process, with its own connections.
    pub(crate) fn of_another_process(&self) -> Self {
        match self.place {
            Place::Memory => self.clone(),
            _ => Self { store: self.place.open(&self.clock), ..self.clone() },
        }
    }

    /// The store itself, without failures.
    pub(crate) fn store(&self) -> &dyn Store {
        &self.store
    }

    /// Number of reads.
    pub(crate) fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }

    /// Becomes unavailable after this number of further writes.
    pub(crate) fn go_away_after(&self, writes: u32) {
        self.writes_left.store(writes, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.writes_left.store(u32::MAX, Ordering::SeqCst);
        self.is_away.store(false, Ordering::SeqCst);
    }

    /// Makes `list` unsupported from now on.
    pub(crate) fn forget_how_to_list(&self) {
        self.cannot_list.store(true, Ordering::SeqCst);
    }

    /// All records as stored.
    pub(crate) async fn records(&self) -> Vec<(String, Vec<u8>)> {
        let page = self.store.list(None).await.expect("a list");
        let mut records = Vec::new();
        for key in page.keys {
            let value = self.store.get(&key).await.expect("a store").unwrap_or_default();
            records.push((key, value));
        }
        records
    }

    /// Removes the records of this kind, as if they had expired.
    pub(crate) async fn lose(&self, kind: &str) {
        for (key, _) in self.records().await {
            if key.split(':').next() == Some(kind) {
                self.store.take(&key).await.expect("a store");
            }
        }
    }

    /// The store of the application, with failures.
    pub(crate) fn disturbed(&self) -> impl Store {
        let shelf = self.clone();
        Guarded::new(Arc::clone(&self.store), move |operation| match operation {
            Operation::Get => {
                shelf.reads.fetch_add(1, Ordering::SeqCst);
                shelf.is_there()
            }
            Operation::Put | Operation::Take | Operation::CompareAndSwap => shelf.takes_a_write(),
            Operation::List => {
                shelf.is_there()?;
                match shelf.cannot_list.load(Ordering::SeqCst) {
                    true => Err(StoreError::CannotList),
                    false => Ok(()),
                }
            }
        })
    }

    fn is_there(&self) -> Result<(), StoreError> {
        match self.is_away.load(Ordering::SeqCst) {
            true => Err(StoreError::backend("the store is away")),
            false => Ok(()),
        }
    }

    fn takes_a_write(&self) -> Result<(), StoreError> {
        if !one_less(&self.writes_left) {
            self.is_away.store(true, Ordering::SeqCst);
        }
        self.is_there()
    }
}

/// An instance of the application.
pub(crate) struct Instance {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) network: Network,
    pub(crate) shelf: Shelf,
}

impl Instance {
    pub(crate) async fn start() -> Self {
        Self::configured(|registry| registry).await
    }

    pub(crate) async fn configured(
        configure: impl FnOnce(RegistryBuilder<Typed>) -> RegistryBuilder<Typed> + 'static,
    ) -> Self {
        let clock = Clock::manual(system_time());
        let shelf = Shelf::at(Place::Memory, clock.clone());
        Self::launch(App::builder().configure(configure), clock, shelf).await
    }

    /// Another instance of the same application: the same store, clock and provider.
    pub(crate) async fn beside(&self) -> Self {
        let builder = App::builder().beside(&self.app);
        Self::launch(builder, self.clock.clone(), self.shelf.clone()).await
    }

    async fn launch(builder: AppBuilder<Typed>, clock: Clock, shelf: Shelf) -> Self {
        let network = Network::default();
        let (client, store, time) = (network.client(), shelf.disturbed(), clock.clone());
        let app = builder
            .configure(move |registry| registry.http_client(client).store(store).clock(time))
            .extend(|router| {
                router
                    .route("/calls", get(calls))
                    .route("/finish", get(finish))
                    .merge(super::api::routes())
                    .merge(super::ends::routes())
            })
            .start()
            .await;
        Self { app, clock, network, shelf }
    }

    /// Ada's browser, signed in.
    pub(crate) async fn ada(&self) -> Browser {
        let mut browser = self.app.browser();
        self.app.log_in(&mut browser, "op").await;
        browser
    }

    /// Advances the clocks of the application and the provider.
    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(seconds);
        let offset = self.clock.now() - system_time();
        self.app.provider.set_clock_offset(i64::try_from(offset).expect("a small difference"));
    }

    /// The user revokes the grant on a page of the provider.
    pub(crate) async fn revoke_at_provider(&self) {
        let token = self.network.issued_last();
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("token", token.as_str()), ("client_id", CLIENT_ID)])
            .append_pair("client_secret", CLIENT_SECRET)
            .finish();
        let mut request = Request::new(Bytes::from(form));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.app.provider.url(Endpoint::Revocation).parse().expect("a URL");
        let form = "application/x-www-form-urlencoded".parse().expect("a header");
        request.headers_mut().insert("content-type", form);
        let client = ReqwestClient::new().expect("a client");
        let answer = client.send(request, Limits::DOCUMENT).await.expect("a response");
        assert_eq!(answer.status(), StatusCode::OK);
    }

    /// Number of requests to the token endpoint after the first login.
    pub(crate) fn refreshes(&self) -> u64 {
        self.app.requests(Endpoint::Token) - 1
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instance")
    }
}

/// Decrements a counter. Returns `false` if it was zero.
fn one_less(left: &AtomicU32) -> bool {
    let one_less = |left: u32| left.checked_sub(1);
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
}

pub(crate) fn system_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// Calls the API, and passes errors to the test.
async fn calls(
    api: Result<Api<Op>, ApiRejection>,
    Extension(failures): Extension<Failures>,
) -> Result<String, StatusCode> {
    let api = api.map_err(|rejection| match rejection {
        ApiRejection::Failed(error) => {
            let status = error.status();
            failures.push(error);
            status
        }
        _ => StatusCode::UNAUTHORIZED,
    })?;
    api.get("resource").text().await.map_err(|error| {
        let status = error.status();
        failures.push(error);
        status
    })
}

/// Responds when the instance may exit.
async fn finish(State(oauth): State<Typed>) {
    oauth.finish_refreshes().await;
}

/// Calls the API as the user of `browser`.
pub(crate) async fn call(browser: &Browser) -> StatusCode {
    browser.clone().get("/calls").await.status
}
