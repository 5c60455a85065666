//! The generated routes: login, callback, logout. They are compiled once for all providers.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use super::login::handler::{ErrorPage, OnConnect, OnError, OnLogin};
use super::logout::LogoutRoutes;
use super::page::unconfigured::Unconfigured;
use super::placement;
use super::provider_routes::{ProviderRoutes, provider_router};
use super::state::HasState;
use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::declaration::provider::AnyProvider;
use crate::declaration::spec::RegistrySpec;
use crate::deployment::Shared;
use crate::error::OAuthError;
use crate::flow::provider_client::ProviderClient;
use crate::registry::OAuthRegistry;

/// The routes of a registry, for an application with the state `S`.
///
/// Implemented by the derive macro: for every state, or for those that provide the state of `state
/// = Type`.
pub trait OAuthRoutes<S>: OAuthRegistry {
    /// The login, callback and logout routes of every provider, to be merged into the application's
    /// router.
    ///
    /// | route | what it does |
    /// | --- | --- |
    /// | `GET {mount}/{name}/login?return_to=/path` | sends the browser to the provider; asks first if a user is signed in, except after a click on a page of this application |
    /// | `GET {mount}/{name}/callback` | completes the login: the path of the redirect URI; with `response_mode = "form_post"` also `POST` |
    /// | `GET {mount}/{name}/connect?return_to=/path` | connects an account to the signed-in user, if the registry has an `on_connect` or the declaration says `keep_tokens`; asks first unless the user clicked on a page of this application |
    /// | `GET` and `POST` of `routes(initiate = "…")` | starts a login that another site asks for, usually the provider, if the declaration has that route |
    /// | `POST {mount}/logout?return_to=/path` | ends the session; a `GET` asks first unless it comes from this site, and without a session it shows the page "You are signed out", to which a logout without `return_to` redirects |
    /// | `GET {mount}/{name}/logged-out` | receives the user from the provider, if the declaration says `rp_initiated_logout` |
    /// | `POST {mount}/{name}/backchannel-logout` | receives reports that the provider has ended a session, if the declaration says `backchannel_logout` |
    ///
    /// # Panics
    /// `merge` panics in axum if the router already has one of these paths. Two registries in one
    /// router need two mounts.
    fn routes(&self) -> Router<S>;
}

/// Collects the routes of a registry.
#[derive(Debug)]
pub struct Routes<S> {
    spec: &'static RegistrySpec,
    providers: Vec<(Arc<ProviderClient>, OnLogin<S>, OnConnect<S>)>,
    unconfigured: Vec<Unconfigured>,
    /// The state that all clients share; `None` until the first client is added.
    shared: Option<Arc<Shared>>,
    on_error: Option<Arc<OnError<S>>>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new(spec: &'static RegistrySpec) -> Self {
        Self { spec, providers: Vec::new(), unconfigured: Vec::new(), shared: None, on_error: None }
    }

    /// Adds the routes of one provider, if it has a client.
    #[must_use]
    pub fn provider<'a, P: 'static>(
        mut self,
        client: impl Into<Option<&'a Client<P>>>,
        on_login: OnLogin<S>,
        on_connect: OnConnect<S>,
    ) -> Self {
        self.add(client.into().map(Client::engine), on_login, on_connect);
        self
    }

    /// Compiled once for all providers.
    fn add(
        &mut self,
        client: Option<&Arc<ProviderClient>>,
        on_login: OnLogin<S>,
        on_connect: OnConnect<S>,
    ) {
        if let Some(client) = client {
            self.shared = Some(Arc::clone(&client.shared));
            if !client.settings.has_login {
                return;
            }
            self.providers.push((Arc::clone(client), on_login, on_connect));
        }
    }

    /// Adds the routes of a provider that may be unconfigured; then they return the missing
    /// settings.
    #[must_use]
    pub fn lazy_provider<P: AnyProvider>(
        mut self,
        client: &LazyClient<P>,
        on_login: OnLogin<S>,
        on_connect: OnConnect<S>,
    ) -> Self {
        match client.get() {
            Ok(client) => return self.provider(client, on_login, on_connect),
            Err(OAuthError::Configuration(missing)) => {
                self.shared = Some(Arc::clone(client.shared()));
                if !P::SPEC.no_login {
                    self.unconfigured.push(Unconfigured::new(P::SPEC, missing));
                }
            }
            // The only reason for a missing client.
            Err(_) => {}
        }
        self
    }

    /// Sets the handler for failed logins.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError<S>) -> Self {
        self.on_error = Some(Arc::new(on_error));
        self
    }

    /// Returns the router, for an application whose state provides that of the handlers.
    pub fn finish<Outer>(self) -> Router<Outer>
    where
        Outer: HasState<S> + Clone + Send + Sync + 'static,
    {
        if let (Some(shared), Some(on_error)) = (&self.shared, &self.on_error) {
            shared.sign_in_handlers.set(ErrorPage::<Outer>::of(on_error));
        }
        let mut router = Router::new().route(&mount_marker(self.spec.mount), get(nothing));
        let clients = self.providers.iter().map(|(client, ..)| Arc::clone(client)).collect();
        for (client, on_login, on_connect) in self.providers {
            let on_error = self.on_error.clone();
            let routes = Arc::new(ProviderRoutes { client, on_login, on_connect, on_error });
            router = router.merge(provider_router(&routes));
        }
        for provider in self.unconfigured {
            router = router.merge(provider.router(
                self.spec.mount,
                self.shared.as_ref(),
                self.on_error.as_ref(),
            ));
        }
        if let Some(shared) = &self.shared {
            placement::has_routes(shared);
        }
        match self.shared {
            Some(shared) => router.merge(LogoutRoutes::new(shared, clients).router(self.spec)),
            None => router,
        }
    }
}

/// A path that no request can have, because it contains a space. If two merged routers have the
/// same path, axum panics and shows it, so the path contains the instructions.
pub(super) fn mount_marker(mount: &str) -> String {
    format!(
        "{mount}/ is the mount of two registries in one router, or of one registry whose routes are merged twice: \
         merge each registry once, and give each its own mount, `#[oauth_registry(mount = \"/other\")]`"
    )
}

/// The response of a route that no request reaches.
pub(super) async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_registries_on_one_mount_are_told_what_to_do() {
        let routes = || Router::<()>::new().route(&mount_marker("/auth"), get(nothing));
        let merged = std::panic::catch_unwind(|| routes().merge(routes()));
        let panic = merged.err().unwrap();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("/auth/ is the mount of two registries in one router"), "{text}");
        assert!(text.contains("#[oauth_registry(mount = \"/other\")]"), "{text}");
        let _: Router = routes().route(&mount_marker("/staff"), get(nothing));
    }
}
