//! The routes of a provider that is not configured: they return the configuration error.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;

use super::error_context::ErrorContext;
use crate::config::ConfigError;
use crate::declaration::spec::ProviderSpec;
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::registry::{callback_path, login_path};
use crate::web::login::handler::OnError;
use crate::web::state::HasState;

/// A provider with missing settings.
#[derive(Debug)]
pub(crate) struct Unconfigured {
    spec: &'static ProviderSpec<'static>,
    missing: ConfigError,
}

impl Unconfigured {
    pub(crate) fn new(spec: &'static ProviderSpec<'static>, missing: ConfigError) -> Self {
        Self { spec, missing }
    }

    /// Login and callback, which fail with the missing settings.
    pub(crate) fn router<S, Outer>(
        self,
        mount: &str,
        shared: Option<&Arc<Shared>>,
        on_error: Option<&Arc<OnError<S>>>,
    ) -> Router<Outer>
    where
        S: Clone + Send + Sync + 'static,
        Outer: HasState<S> + Clone + Send + Sync + 'static,
    {
        let paths = [login_path(self.spec, mount), callback_path(self.spec, mount)];
        let missing = self.missing;
        paths.into_iter().fold(Router::new(), |router, path| {
            let (missing, on_error) = (missing.clone(), on_error.cloned());
            let shared = shared.cloned();
            let answer = move |State(outer): State<Outer>, request: Request| {
                refuse(missing.into(), shared, outer.state(), request, on_error)
            };
            router.route(&path, get(answer.clone()).post(answer))
        })
    }
}

async fn refuse<S>(
    error: OAuthError,
    shared: Option<Arc<Shared>>,
    state: S,
    request: Request,
    on_error: Option<Arc<OnError<S>>>,
) -> Response {
    let (parts, _) = request.into_parts();
    let context = match &shared {
        Some(shared) => ErrorContext::of(&parts.headers, shared),
        None => ErrorContext::default(),
    };
    context.answer(error, parts, state, on_error.as_deref()).await
}
