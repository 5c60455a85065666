//! The generated routes: login, callback, logout. They are compiled once for all providers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use url::{Host, Url, form_urlencoded};

use super::authorize_redirect::AuthorizeRedirect;
use super::cookies;
use super::handler::{EndedLogin, OnError, OnLogin};
use super::login::{self, sign_in};
use super::pages::{Action, Page, harden};
use super::session::Sessions;
use crate::client::Client;
use crate::error::{BrowserError, OAuthError};
use crate::flow::discovery::ProviderClient;
use crate::flow::pending_login;
use crate::provider::OAuthProvider;
use crate::registry::{callback_path, login_path};
use crate::shared::Shared;
use crate::spec::RegistrySpec;
use crate::token::TokenData;

/// Ends the query of a login that was sent from one name of this machine to another.
const BEGUN_AGAIN: &str = "begun=again";

/// Collects the routes of a registry.
#[derive(Debug)]
pub struct Routes<S> {
    spec: &'static RegistrySpec,
    providers: Vec<(Arc<ProviderClient>, OnLogin<S>)>,
    on_error: Option<Arc<OnError<S>>>,
}

/// What the routes of one provider know.
struct ProviderRoutes<S> {
    client: Arc<ProviderClient>,
    login_path: String,
    on_login: OnLogin<S>,
    on_error: Option<Arc<OnError<S>>>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new(spec: &'static RegistrySpec) -> Self {
        Self { spec, providers: Vec::new(), on_error: None }
    }

    /// Adds the routes of one provider, if its client is there.
    #[must_use]
    pub fn provider<'a, P: OAuthProvider>(
        mut self,
        client: impl Into<Option<&'a Client<P>>>,
        on_login: OnLogin<S>,
    ) -> Self {
        if let Some(client) = client.into() {
            self.providers.push((Arc::clone(client.engine()), on_login));
        }
        self
    }

    /// What happens after a login that failed.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError<S>) -> Self {
        self.on_error = Some(Arc::new(on_error));
        self
    }

    /// The router.
    pub fn finish(self) -> Router<S> {
        let mut router = Router::new();
        let mut logout_paths = vec![format!("{}/logout", self.spec.mount)];
        let shared = self.providers.first().map(|(client, _)| Arc::clone(&client.shared));
        for (client, on_login) in self.providers {
            let spec = client.settings.spec;
            let (login_path, callback_path) =
                (login_path(spec, self.spec.mount), callback_path(spec, self.spec.mount));
            logout_paths.extend(spec.routes.logout.map(str::to_owned));
            let on_error = self.on_error.clone();
            let routes = Arc::new(ProviderRoutes {
                login_path: login_path.clone(),
                client,
                on_login,
                on_error,
            });
            let login_routes = Arc::clone(&routes);
            router = router
                .route(
                    &login_path,
                    get(move |State(state): State<S>, request: Request| {
                        login_routes.login(state, request)
                    }),
                )
                .route(
                    &callback_path,
                    get(move |State(state): State<S>, request: Request| {
                        routes.callback(state, request)
                    }),
                );
        }
        logout_paths.sort();
        logout_paths.dedup();
        match shared {
            Some(shared) => logout_paths.iter().fold(router, |router, path| {
                let (page, action) = (Arc::clone(&shared), Arc::clone(&shared));
                let method = get(move |request: Request| logout(page, request));
                router.route(path, method.post(move |request: Request| logout(action, request)))
            }),
            None => router,
        }
    }
}

impl<S: Clone + Send + Sync + 'static> ProviderRoutes<S> {
    /// `GET login?return_to=/path`: begins a login.
    async fn login(self: Arc<Self>, state: S, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let shared = &self.client.shared;
        if let Some(location) = other_loopback_name(shared, &parts) {
            return Redirect::temporary(&location).into_response();
        }
        let query = parts.uri.query().unwrap_or_default();
        let return_to = form_urlencoded::parse(query.as_bytes())
            .find_map(|(name, value)| (name == "return_to").then_some(value));
        let mut redirect =
            AuthorizeRedirect::new(Arc::clone(&self.client)).with_cookies_of(&parts.headers);
        if let Some(path) = return_to {
            redirect = redirect.return_to(&path);
        }
        match redirect.await {
            Ok(redirect) => redirect.into_response(),
            Err(error) => self.failed(error, parts, state).await,
        }
    }

    /// `GET callback?code=…&state=…`: finishes it. Whatever comes of it, the cookie of this
    /// attempt has done its duty.
    async fn callback(self: Arc<Self>, state: S, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let finished = attempt_cookie(&self.client.shared, query, &parts.headers);
        let mut response = match login::finish(&self.client, query, &parts.headers).await {
            Ok(login) => {
                let client = Arc::clone(&self.client);
                self.succeeded(EndedLogin { client, login }, parts, state).await
            }
            Err(error) => self.failed(error, parts, state).await,
        };
        let headers = response.headers_mut();
        harden(headers);
        if let Some(name) = finished {
            cookies::clear(headers, &name, self.client.shared.public_url.is_https());
        }
        response
    }

    async fn succeeded(&self, ended: EndedLogin, parts: Parts, state: S) -> Response {
        if let Some(on_login) = &self.on_login.0 {
            return on_login(ended, parts, state).await;
        }
        match built_in(ended, &parts.headers).await {
            Ok(response) => response,
            Err(error) => self.failed(error, parts, state).await,
        }
    }

    async fn failed(&self, error: OAuthError, parts: Parts, state: S) -> Response {
        match &self.on_error {
            Some(on_error) => (on_error.0)(error, parts, state).await,
            None => {
                let base = self.client.shared.public_url.base_path();
                error.page(Some(format!("{base}{}", self.login_path)))
            }
        }
    }
}

/// Signs the person in and sends them to where they wanted to go.
async fn built_in(ended: EndedLogin, headers: &HeaderMap) -> Result<Response, OAuthError> {
    let EndedLogin { client, login } = ended;
    let earlier = Sessions::new(Arc::clone(&client.shared)).of_headers(headers);
    let tokens = TokenData::of_response(login.tokens, login.received_at);
    let session = sign_in(&client, login.identity, &tokens, earlier.as_ref()).await?;
    Ok((session, Redirect::to(&login.return_to)).into_response())
}

/// The cookie of the attempt that a callback belongs to, if the browser has it.
fn attempt_cookie(shared: &Shared, query: &str, headers: &HeaderMap) -> Option<String> {
    let prefix = cookies::host_prefix(shared.public_url.is_https());
    let state = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "state").then_some(value))?;
    let name = pending_login::cookie_name(&state, prefix)?;
    cookies::find(headers, &name).is_some().then_some(name)
}

/// On a developer's machine `127.0.0.1` and `localhost` are one server and two cookie jars: a login
/// that begins under another name than the redirect URI's begins again under that one. Only between
/// names of this machine, and only once: a development proxy may put its own name into `Host` again.
fn other_loopback_name(shared: &Shared, parts: &Parts) -> Option<String> {
    let public = &shared.public_url;
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    if public.is_https() || host == public.authority() {
        return None;
    }
    let given = Url::parse(&format!("http://{host}/")).ok()?;
    let is_loopback = match given.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let path = parts.uri.path_and_query()?.as_str();
    let is_other = given.authority() != public.authority();
    let separator = if parts.uri.query().is_some() { '&' } else { '?' };
    let again = || format!("{}{path}{separator}{BEGUN_AGAIN}", public.origin());
    (is_loopback && is_other && !path.ends_with(BEGUN_AGAIN)).then(again)
}

/// `POST logout` ends the session; so does a `GET` that this site's own page leads to. A `GET` from
/// anywhere else asks first: another site must not be able to sign people out with an image.
async fn logout(shared: Arc<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let is_own = comes_from_this_site(&shared, &parts);
    if parts.method == Method::POST && is_own == Some(false) {
        return OAuthError::from(BrowserError::CrossSite).into_response();
    }
    if parts.method != Method::POST && is_own != Some(true) {
        let action = format!("{}{}", shared.public_url.base_path(), parts.uri.path());
        return confirm_logout(&action).into_response();
    }
    let sessions = Sessions::new(shared);
    if let Some(session) = sessions.of_headers(&parts.headers)
        && let Err(error) = sessions.end(&session).await
    {
        // The session itself has ended; what is left behind ends with its time to live.
        tracing::warn!(%error, "the tokens of a session could not be removed");
    }
    let home = format!("{}/", sessions.shared().public_url.base_path());
    let mut response = Redirect::to(&home).into_response();
    harden(response.headers_mut());
    sessions.clear_cookie(response.headers_mut());
    response
}

/// `None` when the browser does not say.
fn comes_from_this_site(shared: &Shared, parts: &Parts) -> Option<bool> {
    const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(FETCH_SITE) {
        return Some(site == "same-origin" || site == "none");
    }
    text(ORIGIN).map(|origin| origin == shared.public_url.origin())
}

fn confirm_logout(action: &str) -> Page<'_> {
    Page {
        status: StatusCode::OK,
        title: "Sign out?",
        text: "You will be signed out of this site.",
        quote: None,
        actions: vec![Action::Post { label: "Sign out", action }],
    }
}
