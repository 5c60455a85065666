//! Declarative OAuth login for axum.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

// Generated code and doctests name the crate as its users do.
extern crate self as oauth_runtime;

#[doc(hidden)]
pub mod __private;
mod api;
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench_internals;
mod client;
mod clock;
mod collisions;
mod config;
pub mod docs;
mod endpoint;
mod error;
mod flow;
mod future;
pub mod http;
mod identity;
mod json;
mod protocol;
mod provider;
mod public_url;
mod random;
mod registry;
mod resolve;
mod seal;
mod secret;
mod shared;
mod spec;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod token;
mod userinfo;
mod web;

pub use oauth_macros::{OAuthProvider, OAuthRegistry};

pub use self::api::{Api, ApiRequest};
pub use self::client::Client;
pub use self::clock::Clock;
pub use self::config::{Config, ConfigError, ConfigFault, FaultKind};
pub use self::endpoint::EndpointError;
pub use self::error::{
    BrowserError, CallError, Endpoint, ErrorResponse, NetworkError, OAuthError, ProviderError,
    StoreError, TokenError,
};
pub use self::identity::{Email, Identity, UnverifiedEmail, VerifiedEmail};
pub use self::json::JsonError;
pub use self::protocol::authorization_response::AuthorizationResponseError;
pub use self::protocol::id_token::{IdToken, IdTokenError};
pub use self::protocol::jwk::{JwkSetError, SigningAlgorithm};
pub use self::protocol::jws::JwsError;
pub use self::provider::{OAuthProvider, OpenIdProvider};
pub use self::registry::{OAuthRegistry, RegistryBuilder};
pub use self::secret::Secret;
pub use self::spec::ProviderSpec;
pub use self::token::Token;
pub use self::userinfo::UserInfo;
pub use self::web::api::ApiRejection;
pub use self::web::authorize_redirect::{AuthorizeRedirect, LoginRedirect};
pub use self::web::handler::EndHandler;
pub use self::web::login::{Login, SignIn};
pub use self::web::rejection::LoginRequired;
pub use self::web::routes::OAuthRoutes;
pub use self::web::session::Sessions;
pub use self::web::state::{HasClient, HasSessions};
pub use self::web::user::{SignOut, User};

/// Everything that an application with logins usually names.
pub mod prelude {
    pub use axum;
    pub use axum::Router;
    pub use axum::extract::State;
    pub use axum::response::{IntoResponse, Redirect};
    pub use axum::routing::{get, post};
    pub use tokio::net::TcpListener;

    pub use crate::{
        Api, Client, Config, Login, OAuthError, OAuthProvider, OAuthRegistry, OAuthRoutes,
        Sessions, Token, User, UserInfo,
    };
}
