//! An application that is served before its registry is configured.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodRouter, any_service};

use super::page::client_kind::wants_json;
use super::page::error_context::ErrorContext;
use crate::error::CallError;
use crate::error::OAuthError;
use crate::registry::OAuthRegistry;
use crate::registry::deferred::Deferred;

impl<R: OAuthRegistry + Clone + 'static> Deferred<R> {
    /// Returns a router for the application that needs the registry. `build` is called once: now if
    /// the registry is configured, else at the end of [`configure`](Self::configure), which also
    /// passes on its panics. Until then, every request is answered with the status 503, without
    /// any other effect.
    ///
    /// The result serves all paths that have no route, so axum panics if it is merged into a router
    /// that has a fallback of its own: set that fallback in `build`.
    ///
    /// ```
    /// use oauth_runtime::prelude::*;
    /// use oauth_runtime::Deferred;
    /// # #[derive(OAuthProvider)]
    /// # #[oauth_provider(name = "github", preset = "github")]
    /// # struct GitHub;
    /// # #[derive(Clone, OAuthRegistry)]
    /// # #[oauth_registry(state = AppState)]
    /// # struct Providers { github: Client<GitHub> }
    /// # #[derive(Clone)]
    /// # struct AppState { oauth: Providers, greeting: String }
    /// # impl FromRef<AppState> for Providers {
    /// #     fn from_ref(app: &AppState) -> Self { app.oauth.clone() }
    /// # }
    /// # async fn home(State(app): State<AppState>, user: User) -> String {
    /// #     format!("{}, {}", app.greeting, user.display_name())
    /// # }
    ///
    /// fn app(oauth: &Deferred<Providers>, greeting: String) -> Router {
    ///     let with_logins = oauth.router(move |oauth| {
    ///         let routes = oauth.routes();
    ///         Router::new().route("/", get(home)).merge(routes).with_state(AppState { oauth, greeting })
    ///     });
    ///     // These routes are served at once.
    ///     Router::new().route("/health", get(async || "up")).merge(with_logins)
    /// }
    /// ```
    pub fn router(&self, build: impl FnOnce(R) -> Router + Send + 'static) -> Router {
        let built: Arc<OnceLock<MethodRouter>> = Arc::default();
        let place = Arc::clone(&built);
        self.when_configured(move |registry| {
            // It is empty: this function is called once.
            let _ = place.set(any_service(build(registry.clone())));
        });
        Router::new().fallback(move |request: Request| {
            let built = Arc::clone(&built);
            async move {
                match built.get() {
                    Some(router) => router.clone().call(request, ()).await,
                    None => unconfigured(&request),
                }
            }
        })
    }
}

fn unconfigured(request: &Request) -> Response {
    let mut context = ErrorContext::default();
    if wants_json(request.headers()) {
        context = context.for_script();
    }
    OAuthError::from(CallError::NotConfigured).response(&context)
}
