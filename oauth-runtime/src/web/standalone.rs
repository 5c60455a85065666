//! The routes of an application with one provider.

use axum::Router;

use super::login::handler::{OnLogin, built_in_connection, built_in_login};
use super::login::login_handler::LoginHandler;
use super::routes::{OAuthRoutes, Routes};
use super::state::HasState;
use crate::declaration::provider::LoginProvider;
use crate::registry::OAuthRegistry;
use crate::registry::standalone::Standalone;

impl<P: LoginProvider + LoginHandler> Standalone<P> {
    /// The login, callback and logout routes, whose logins end with the handler that is declared
    /// with [`#[oauth_login]`](macro@crate::oauth_login). Without such a handler, it is
    /// [`OAuthRoutes::routes`], which lists the routes.
    ///
    /// # Panics
    /// `merge` panics in axum if the router already has one of these paths.
    pub fn routes<S>(&self) -> Router<S>
    where
        S: HasState<P::State<S>> + Clone + Send + Sync + 'static,
    {
        routes(self, P::on_login::<S>().within())
    }
}

impl<P: LoginProvider, S: Clone + Send + Sync + 'static> OAuthRoutes<S> for Standalone<P> {
    fn routes(&self) -> Router<S> {
        // A generic function sees only this trait, which cannot reach the handler.
        const {
            assert!(
                !P::HAS_LOGIN_HANDLER,
                "a generic function cannot mount the handler of `#[oauth_login(…)]`: call `routes()` where the provider is known, or derive `OAuthRegistry` for a struct with its client"
            );
        }
        routes(self, built_in_login())
    }
}

fn routes<P: LoginProvider, S: Clone + Send + Sync + 'static>(
    registry: &Standalone<P>,
    on_login: OnLogin<S>,
) -> Router<S> {
    Routes::<S>::new(<Standalone<P> as OAuthRegistry>::SPEC)
        .provider(registry.client(), on_login, built_in_connection())
        .finish()
}
