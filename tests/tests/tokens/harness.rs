//! An application that calls the API of its provider, with a network and a store that fail on
//! demand.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

pub(crate) use self::network::Network;

mod network;

/// Seconds after which every token of the provider has expired.
pub(crate) const LIFETIME: u64 = 3600;

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
        let clock = Clock::manual(Clock::system().now());
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
        let offset = self.clock.now().duration_since(Clock::system().now()).as_secs();
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
