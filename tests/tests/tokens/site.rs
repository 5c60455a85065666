//! An application with stored tokens, and a second process without requests.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, RawQuery};
use http::StatusCode;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Person, TestProviderBuilder};
use oauth_runtime::{Clock, RedirectUri, RegistryBuilder, TokenUpdated};
use tests::in_process::{App, AppBuilder, Browser, Op, Page, config_of, failed};

use crate::back_ends::Place;
use crate::harness::{Network, Shelf};

/// Its tokens are stored.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "hub",
    issuer = "{issuer}",
    api_base_url = "{issuer}/api/",
    scopes("openid", "profile", "offline_access"),
    keep_tokens,
    quirks(loopback_http)
)]
pub(crate) struct Hub {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
pub(crate) struct Keepers {
    pub(crate) op: Client<Op>,
    pub(crate) hub: Client<Hub>,
}

/// The application, and a process that shares its store.
pub(crate) struct Site {
    pub(crate) app: App,
    /// The registry of the process without requests.
    pub(crate) oauth: Keepers,
    pub(crate) clock: Clock,
    pub(crate) network: Network,
    pub(crate) shelf: Shelf,
    /// The token events.
    pub(crate) events: Arc<Mutex<Vec<TokenUpdated>>>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::on(Place::Memory).await
    }

    /// A site with this store.
    pub(crate) async fn on(place: Place) -> Self {
        Self::launch(place, |provider| provider, |registry| registry).await
    }

    /// A site with this configuration in both processes.
    pub(crate) async fn configured(
        place: Place,
        configure: impl Fn(RegistryBuilder<Keepers>) -> RegistryBuilder<Keepers> + Clone + 'static,
    ) -> Self {
        Self::launch(place, |provider| provider, configure).await
    }

    /// A site whose provider has this number of users, called `p0`, `p1` and so on.
    pub(crate) async fn with_users(place: Place, count: usize) -> Self {
        let people = |provider: TestProviderBuilder| {
            (0..count).fold(provider, |provider, n| provider.person(Person::new(format!("p{n}"))))
        };
        Self::launch(place, people, |registry| registry).await
    }

    async fn launch(
        place: Place,
        provider: impl FnOnce(TestProviderBuilder) -> TestProviderBuilder,
        configure: impl Fn(RegistryBuilder<Keepers>) -> RegistryBuilder<Keepers> + Clone + 'static,
    ) -> Self {
        let clock = Clock::manual(Clock::system().now());
        let shelf = Shelf::at(place, clock.clone());
        let builder = App::builder::<Keepers>().provider(provider);
        Self::assemble(builder, clock, Network::default(), shelf, configure).await
    }

    /// Restarts the application: only the store is left.
    pub(crate) async fn restart(self) -> Self {
        let builder = App::builder::<Keepers>().beside(&self.app);
        let Self { app, oauth, clock, network, shelf, .. } = self;
        drop((app, oauth));
        Self::assemble(builder, clock, network, shelf, |registry| registry).await
    }

    async fn assemble(
        builder: AppBuilder<Keepers>,
        clock: Clock,
        network: Network,
        shelf: Shelf,
        configure: impl Fn(RegistryBuilder<Keepers>) -> RegistryBuilder<Keepers> + Clone + 'static,
    ) -> Self {
        let events = Arc::<Mutex<Vec<_>>>::default();
        let both = {
            let (clock, network, shelf) = (clock.clone(), network.clone(), shelf.clone());
            let events = Arc::clone(&events);
            move |registry| {
                let events = Arc::clone(&events);
                configure(registry)
                    .http_client(network.client())
                    .store(shelf.of_another_process().disturbed())
                    .clock(clock.clone())
                    .on_token_updated(move |event| {
                        events.lock().expect("no panic").push(event);
                        async {}
                    })
            }
        };
        let routes = Router::new()
            .route("/calls", get(calls))
            .route("/once", get(once))
            .route("/as/{owner}", get(start_as))
            .route("/as/{owner}/callback", get(finish_as))
            .merge(super::connect::routes());
        let app = builder
            .configure(both.clone())
            .extend(move |router| router.merge(routes))
            .start()
            .await;
        let config = config_of::<Keepers>(&app.provider, app.public_url.as_str());
        let oauth = both(Keepers::builder().config(config)).build().expect("a registry");
        Self { app, oauth, clock, network, shelf, events }
    }

    /// A browser in which this user has signed in.
    pub(crate) async fn signed_in(&self, person: &str) -> Browser {
        let mut browser = self.app.browser();
        self.app.log_in_as(&mut browser, "hub", person).await;
        browser
    }

    /// A browser in which this user has signed in, with the token owner `owner`.
    pub(crate) async fn signed_in_as(&self, owner: &str, person: &str) -> Browser {
        let mut browser = self.app.browser();
        let started = browser.get(&format!("/as/{owner}")).await;
        let callback = self.app.provider.sign_in(started.location(), person).expect("valid input");
        assert_eq!(browser.finish(callback).await.status, StatusCode::SEE_OTHER);
        browser
    }

    /// The subject that the API reports for a call of the owner.
    pub(crate) async fn call_for(&self, owner: &str) -> Result<String, OAuthError> {
        subject(&self.oauth.hub.api_for(owner).await?).await
    }

    /// The registry of another process that shares the store.
    pub(crate) fn another_process(
        &self,
        configure: impl FnOnce(RegistryBuilder<Keepers>) -> RegistryBuilder<Keepers>,
    ) -> Keepers {
        let config = config_of::<Keepers>(&self.app.provider, self.app.public_url.as_str());
        configure(Keepers::builder().config(config))
            .http_client(self.network.client())
            .store(self.shelf.of_another_process().disturbed())
            .clock(self.clock.clone())
            .build()
            .expect("a registry")
    }

    /// Advances the clocks of the application and the provider.
    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(seconds);
        let offset = self.clock.now().duration_since(Clock::system().now()).as_secs();
        self.app.provider.set_clock_offset(i64::try_from(offset).expect("a small difference"));
    }

    /// Like [`advance`](Self::advance), until a round of the refresher is due. Servers have their
    /// own clock, which tests cannot advance, so the mark of the last round is removed by hand.
    pub(crate) async fn advance_rounds(&self, seconds: u64) {
        self.advance(seconds);
        for (key, _) in self.shelf.records().await {
            if key.starts_with("round:") {
                self.shelf.store().take(&key).await.expect("a store");
            }
        }
    }

    /// The next token event, which arrives in the background.
    pub(crate) async fn next_event(&self) -> TokenUpdated {
        loop {
            let first = self.events.lock().expect("no panic").pop();
            match first {
                Some(event) => return event,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    pub(crate) fn token_requests(&self) -> u64 {
        self.app.requests(Endpoint::Token)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

/// The subject that the API reports for the call.
pub(crate) async fn subject(hub: &Api<Hub>) -> Result<String, OAuthError> {
    let answer: serde_json::Value = hub.get("resource").json().await?;
    Ok(answer["sub"].as_str().unwrap_or_default().to_owned())
}

/// The page that shows the API's response.
pub(crate) async fn shown(browser: &mut Browser) -> Page {
    browser.get("/calls").await
}

async fn calls(hub: Api<Hub>) -> Result<String, OAuthError> {
    subject(&hub).await
}

/// Scopes for which the provider issues no refresh token.
const WITHOUT_REFRESH: [&str; 2] = ["openid", "profile"];

/// A login whose token response has no refresh token.
async fn once(State(hub): State<Client<Hub>>) -> Result<impl IntoResponse, OAuthError> {
    hub.authorize_redirect().scopes(WITHOUT_REFRESH).await
}

async fn start_as(
    Path(owner): Path<String>,
    RawQuery(query): RawQuery,
    State(hub): State<Client<Hub>>,
) -> Result<impl IntoResponse, OAuthError> {
    let back = RedirectUri::configured(format!("/as/{owner}/callback"));
    let redirect = hub.authorize_redirect().redirect_uri(back);
    match query.as_deref() {
        Some("once") => redirect.scopes(WITHOUT_REFRESH).await,
        _ => redirect.await,
    }
}

async fn finish_as(
    Path(owner): Path<String>,
    login: Login<Hub>,
) -> Result<impl IntoResponse, OAuthError> {
    Ok((login.sign_in_as(owner).await?, Redirect::to("/")))
}
