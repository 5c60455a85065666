//! The edge to axum for providers known at run time: their routes, which find the provider by its
//! name in the URL, and their API.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::login::Login;
use super::login::connection::Connection;
use super::login::handler::{self, EndHandler, OnConnect, OnError, OnLogin};
use super::logout::backchannel::backchannel_logout;
use super::logout::{self, LogoutRoutes};
use super::page::error_context::ErrorContext;
use super::placement;
use super::provider_routes::ProviderRoutes;
use super::routes::{mount_marker, nothing};
use super::session::user::User;
use crate::client::Client;
use crate::client::api::Api;
use crate::error::{BrowserError, OAuthError, TokenError};
use crate::protocol::authorization_request::ResponseMode;
use crate::registry::OAuthRegistry;
use crate::registry::run_time::{RuntimeProvider, RuntimeProviders};
use crate::registry::sessions::Sessions;

impl RuntimeProviders {
    /// A collection that shares the sessions, store, keys, mount and public URL of a registry. One
    /// collection per registry is enough.
    ///
    /// ```
    /// use oauth_runtime::RuntimeProviders;
    /// use oauth_runtime::prelude::*;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github")]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # struct Providers { github: Client<GitHub> }
    ///
    /// fn app(oauth: Providers) -> Router {
    ///     let tenants = RuntimeProviders::beside(&oauth);
    ///     Router::new().merge(oauth.routes()).merge(tenants.routes()).with_state(oauth)
    /// }
    /// # let _ = app;
    /// ```
    pub fn beside<R>(oauth: &R) -> Self
    where
        Sessions: FromRef<R>,
    {
        Self::new(Arc::clone(Sessions::from_ref(oauth).shared()), false)
    }

    /// The routes of all providers, including those added later. Use `merge` to add them to a
    /// router.
    ///
    /// | route | what it does |
    /// | --- | --- |
    /// | `GET {mount}/{name}/login?return_to=/path` | sends the browser to the provider; asks first if a user is signed in, except after a click on a page of this application |
    /// | `GET {mount}/{name}/callback` | completes the login; with `form_post` the `POST` of it |
    /// | `GET {mount}/{name}/connect?return_to=/path` | connects an account to the signed-in user, if the routes have an [`on_connect`](RuntimeRoutes::on_connect) or the description says `keep_tokens` |
    /// | `GET` and `POST {mount}/{name}/initiate` | starts a login that another site asks for, usually the provider, if the description says `initiate_login` |
    /// | `GET {mount}/{name}/logged-out` | receives the user from the provider, if the description says `rp_initiated_logout` |
    /// | `POST {mount}/{name}/backchannel-logout` | receives reports that the provider has ended a session, if the description says `backchannel_logout` |
    /// | `POST {mount}/logout` | ends the session; only without a registry, which has this route itself |
    ///
    /// Unknown names get status 404.
    pub fn routes<S>(&self) -> RuntimeRoutes<S> {
        RuntimeRoutes {
            providers: self.clone(),
            on_login: OnLogin(None),
            on_connect: OnConnect(None),
            on_error: None,
        }
    }

    /// Returns the API of the provider that the user is logged in with.
    ///
    /// # Errors
    /// [`OAuthError::Token`] when that provider is not in this collection, or there is no longer a
    /// token; [`OAuthError::Store`].
    pub async fn api(&self, user: &User) -> Result<Api<RuntimeProvider>, OAuthError> {
        let client = self.get(user.provider()).filter(|client| {
            // It may have been replaced since the request arrived.
            user.is_of(self.shared()) && user.is_bound_to(&client.engine().settings.binding)
        });
        let Some(client) = client else {
            let provider = user.provider().into();
            return Err(OAuthError::Token { provider, error: TokenError::Missing, answer: None });
        };
        let engine = Arc::clone(client.engine());
        let kept = user.session().grant_at(&engine).await?;
        let (grant, subject) = kept.ok_or_else(|| engine.no_token(TokenError::Missing))?;
        engine.fresh_token(&grant).await?;
        Ok(Api::of_grant(engine, grant, subject, None))
    }
}

impl FromRef<RuntimeProviders> for Sessions {
    fn from_ref(providers: &RuntimeProviders) -> Self {
        Self::new(Arc::clone(providers.shared()))
    }
}

/// The routes of providers known at run time, to be merged into a router.
#[must_use = "they have no effect until a router merges them"]
pub struct RuntimeRoutes<S> {
    providers: RuntimeProviders,
    on_login: OnLogin<S>,
    on_connect: OnConnect<S>,
    on_error: Option<Arc<OnError<S>>>,
}

impl<S: Clone + Send + Sync + 'static> RuntimeRoutes<S> {
    /// Sets an `async fn` that ends a login, instead of the built-in session: any extractors first,
    /// [`Login<RuntimeProvider>`](Login) last.
    pub fn on_login<T, H>(mut self, handler: H) -> Self
    where
        H: EndHandler<Login<RuntimeProvider>, T, S>,
    {
        self.on_login = handler::on_login(handler);
        self
    }

    /// Sets an `async fn` that stores an account which the signed-in user has connected: any
    /// extractors first, [`Connection<RuntimeProvider>`](Connection) last. With it, accounts of all
    /// providers can be connected at `{mount}/{name}/connect`.
    pub fn on_connect<T, H>(mut self, handler: H) -> Self
    where
        H: EndHandler<Connection<RuntimeProvider>, T, S>,
    {
        self.on_connect = handler::on_connect(handler);
        self
    }

    /// Sets an `async fn` that ends a failed login: any extractors first, [`OAuthError`] last. If a
    /// page needs a login, the `on_error` of a registry answers, or the built-in page.
    pub fn on_error<T, H>(mut self, handler: H) -> Self
    where
        H: EndHandler<OAuthError, T, S>,
    {
        self.on_error = Some(Arc::new(handler::on_error(handler)));
        self
    }

    async fn login(&self, name: &str, state: S, request: Request) -> Response {
        match self.with_login(name) {
            Some(client) => self.of(&client).login(state, request).await,
            None => self.unknown(state, request).await,
        }
    }

    async fn connect(&self, name: &str, state: S, request: Request) -> Response {
        let routes = self.providers.get(name).map(|client| self.of(&client));
        match routes.filter(|routes| routes.connects()) {
            Some(routes) => routes.connect(state, request).await,
            None => self.unknown(state, request).await,
        }
    }

    async fn initiate(&self, name: &str, state: S, request: Request) -> Response {
        let client = self.providers.get(name);
        match client.filter(|client| client.engine().settings.initiate_path.is_some()) {
            Some(client) => self.of(&client).initiate(state, request).await,
            None => self.unknown(state, request).await,
        }
    }

    async fn callback(&self, name: &str, state: S, request: Request) -> Response {
        let Some(client) = self.with_login(name) else {
            return self.unknown(state, request).await;
        };
        let is_posted = client.engine().settings.response_mode == ResponseMode::FormPost;
        if request.method() == Method::POST && !is_posted {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        self.of(&client).callback(state, request).await
    }

    async fn logged_out(&self, name: &str, state: S, request: Request) -> Response {
        let client = self.providers.get(name);
        match client.filter(|client| client.engine().settings.rp_initiated_logout) {
            Some(client) => logout::logged_out(client.engine(), &request.into_parts().0).await,
            None => self.unknown(state, request).await,
        }
    }

    async fn backchannel_logout(&self, name: &str, state: S, request: Request) -> Response {
        let client = self.providers.get(name);
        match client.filter(|client| client.engine().settings.receives_logouts()) {
            Some(client) => backchannel_logout(Arc::clone(client.engine()), request).await,
            None => self.unknown(state, request).await,
        }
    }

    /// The client of a provider with which users log in.
    fn with_login(&self, name: &str) -> Option<Client<RuntimeProvider>> {
        self.providers.get(name).filter(|client| client.engine().settings.has_login)
    }

    /// A login in progress keeps its client, even if the name is reassigned.
    fn of(&self, client: &Client<RuntimeProvider>) -> Arc<ProviderRoutes<S>> {
        Arc::new(ProviderRoutes {
            client: Arc::clone(client.engine()),
            on_login: self.on_login.clone(),
            on_connect: self.on_connect.clone(),
            on_error: self.on_error.clone(),
        })
    }

    async fn unknown(&self, state: S, request: Request) -> Response {
        let error = OAuthError::from(BrowserError::UnknownProvider);
        let (parts, _) = request.into_parts();
        let context = ErrorContext::of(&parts.headers, self.providers.shared());
        context.answer(error, parts, state, self.on_error.as_deref()).await
    }
}

impl<S: Clone + Send + Sync + 'static> From<RuntimeRoutes<S>> for Router<S> {
    fn from(routes: RuntimeRoutes<S>) -> Self {
        let (shared, is_independent) =
            (Arc::clone(routes.providers.shared()), routes.providers.is_independent());
        placement::has_routes(&shared);
        let mount = shared.mount;
        let login = Arc::new(routes);
        let (callback, connect) = (Arc::clone(&login), Arc::clone(&login));
        let (back, initiate) = (Arc::clone(&login), Arc::clone(&login));
        let report = Arc::clone(&login);
        let sign_in =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                login.login(&name, state, request).await
            };
        let logged_out =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                back.logged_out(&name, state, request).await
            };
        let reported =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                report.backchannel_logout(&name, state, request).await
            };
        let begin =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                connect.connect(&name, state, request).await
            };
        let asked =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                initiate.initiate(&name, state, request).await
            };
        let finish =
            async move |Path(name): Path<String>, State(state): State<S>, request: Request| {
                callback.callback(&name, state, request).await
            };
        let marker = match is_independent {
            true => mount_marker(mount),
            false => format!(
                "{mount}/ is the mount of two collections of providers known at run time in one router: \
                 one of them is enough for one registry"
            ),
        };
        let router = Self::new()
            .route(&marker, get(nothing))
            .route(&format!("{mount}/{{name}}/login"), get(sign_in.clone()).post(sign_in))
            .route(&format!("{mount}/{{name}}/logged-out"), get(logged_out))
            .route(&format!("{mount}/{{name}}/backchannel-logout"), post(reported))
            .route(&format!("{mount}/{{name}}/callback"), get(finish.clone()).post(finish))
            .route(&format!("{mount}/{{name}}/initiate"), get(asked.clone()).post(asked))
            .route(&format!("{mount}/{{name}}/connect"), get(begin.clone()).post(begin));
        if is_independent {
            router.merge(LogoutRoutes::new(shared, Vec::new()).router(RuntimeProviders::SPEC))
        } else {
            router
        }
    }
}

impl<S> fmt::Debug for RuntimeRoutes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeRoutes").field("providers", &self.providers).finish_non_exhaustive()
    }
}
