//! Sign in with GitHub, Google or any OpenID Connect provider, in an axum application.
//!
//! You declare a provider as a struct, and the compiler checks the declaration. The secrets come
//! from the environment. The routes are generated, and your handlers receive the signed-in user as
//! a typed [`User`].
//!
//! ```no_run
//! use oauth_runtime::prelude::*;
//!
//! /// Reads GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.
//! #[derive(OAuthProvider)]
//! #[oauth_provider(name = "github", preset = "github")]
//! struct GitHub;
//!
//! async fn home(user: User) -> String {
//!     format!("Hello, {}", user.display_name())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let github = GitHub::from_env()?;
//!     let app = Router::new().route("/", get(home)).merge(github.routes()).with_state(github);
//!     Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
//! }
//! ```
//!
//! A visitor to `/` is asked to sign in, is sent to GitHub, and returns to a page that greets them
//! by name.
//!
//! # By task
//!
//! | I want to … | |
//! | --- | --- |
//! | declare a provider | derive [`OAuthProvider`](derive@OAuthProvider); page: [all keys](guide::keys) |
//! | declare a provider that the library knows | guide: [presets](guide::presets); at run time [`Preset`] |
//! | declare a provider without a preset | guides: [a provider that is on no list](guide::unlisted_provider), [declaring a provider](guide::declaring_a_provider) |
//! | change the sign-in page and all other pages | [`pages::Pages`]; guide: [pages](guide::pages) |
//! | share the settings of a provider between applications | [`oauth_preset!`](macro@oauth_preset) |
//! | log in with OAuth 1.0a | guide: [declaring a provider](guide::declaring_a_provider#a-provider-with-oauth-10a) |
//! | use a single provider | [`StandaloneProvider`] |
//! | combine the providers of my application | derive [`OAuthRegistry`](derive@OAuthRegistry) |
//! | declare a provider that a deployment may leave unconfigured | [`LazyClient`], or `Option<Client<P>>` |
//! | declare the registry before its settings are known | [`Deferred`] |
//! | add, replace and remove providers at run time | [`RuntimeProviders`]; guide: [providers known at run time](guide::run_time_providers) |
//! | use a provider that deviates from the specifications | `quirks(...)`, or `compliance_fix` with [`ComplianceFix`] |
//! | configure the providers | [`Config`] for the keys, [`RegistryBuilder`] for code |
//! | get the signed-in user in a handler | [`User`], or `Option<User>` |
//! | store accounts, or run code at each login | [`#[oauth_login]`](macro@oauth_login) or `on_login` with [`Login`]; guide: [your own users](guide::your_own_users) |
//! | read roles, groups and other claims | `claims = Type` with [`Login::claims`]; [`UserInfo`] |
//! | read the metadata of a provider | [`Client::load_server_metadata`] with [`ServerMetadata`] |
//! | validate an ID token from a mobile app | [`Client::parse_id_token`] |
//! | start a login by hand, with parameters | [`Client::authorize_redirect`]; guide: [by hand](guide::by_hand) |
//! | send the browser to the provider myself | [`AuthorizeRedirect::into_url`], [`Client::resume_login`] |
//! | complete a login by hand | [`Login`] as an extractor, [`Login::sign_in`] |
//! | read the profile of a well-known provider as a type | `userinfo = user_info::GitHub`, with the types in [`user_info`] |
//! | call the provider's API | [`Api`]; guide: [tokens](guide::tokens) |
//! | call the API from a background job | `keep_tokens` with [`Client::api_for`]; guide: [tokens](guide::tokens#tokens-that-outlive-the-session) |
//! | let a user sign in with a second provider | `on_connect` with [`Connection`]; guide: [two providers, one user](guide::your_own_users#two-providers-one-user) |
//! | connect further accounts, list and disconnect them | [`Client::connect_redirect`], [`Client::accounts`], [`Client::disconnect`] |
//! | request more access when it is needed | [`ApiRequest::needs_scopes`], [`ScopesNeeded`](error::ScopesNeeded) |
//! | store tokens in my own tables | [`TokenHooks`]; [`Token::expose`] for a single token |
//! | refresh grants that are not used | [`TokenRefresher`] |
//! | shut down without losing a token | [`OAuthRegistry::finish_refreshes`] |
//! | be notified of refreshed and ended tokens | [`RegistryBuilder::on_token_updated`] |
//! | revoke or introspect a token | [`Client::revoke`], [`Client::introspect`] |
//! | call the API for the application itself, without a user | [`Client::client_credentials`] |
//! | log in on a device without a browser | [`Client::authorize_device`]; guide: [by hand](guide::by_hand#on-a-device-without-a-browser) |
//! | get a token by another grant | [`Client::fetch_access_token`], [`Client::jwt_bearer`] |
//! | let the provider's pages start a login | the key [`routes(initiate = "/…")`](guide::declaring_a_provider#logins-started-by-the-provider); at run time [`ProviderDescription::initiate_login`] |
//! | sign a user out | the generated route `POST /auth/logout`, or [`User::sign_out`] |
//! | sign a user out at the provider too | the key `rp_initiated_logout`; by hand [`Client::logout_redirect`] and [`LoggedOut`] |
//! | show my own page when a login fails | `on_error` with [`OAuthError`] |
//! | compare and print the time at which something expires | [`UnixTime`] |
//! | test my application | [`testing`]; guide: [testing your application](guide::testing_your_application) |
//! | store tokens beyond the process, and share them between instances | guide: [stores](guide::stores) |
//! | deploy my application | guide: [deploying](guide::deploying) |
//! | migrate from Authlib's Flask client | guide: [coming from Authlib](guide::coming_from_authlib) |
//! | know which checks are made, and why | guide: [security](guide::security) |
//!
//! # How a login works
//!
//! 1. `GET /auth/github/login` redirects the browser to the provider, with a fresh `state`, `nonce` and
//!    PKCE challenge. The state of the login is in a sealed cookie.
//! 2. The user signs in at the provider, which redirects the browser back to the redirect URI,
//!    `/auth/github/callback`, with a code.
//! 3. The callback opens the cookie of this login, compares `state`, and exchanges the code for tokens.
//! 4. It validates the ID token. If the provider has none, it requests the profile instead.
//! 5. A session starts: a sealed cookie that identifies the user. The user is redirected to the page
//!    that they requested.
//!
//! # How configuration works
//!
//! A configuration key consists of the provider's name and the setting, such as `GITHUB_CLIENT_ID`.
//! It is looked up in code, in the environment, in `oauth.toml`, and in debug builds in `.env`, in
//! this order. All missing and malformed settings are reported in one error when the application
//! starts, together with the place to get each value. [`Config`] lists the keys.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `sqlite` | [`SqliteStore`](store::SqliteStore): a store in a file, `OAUTH_STORE_URL=sqlite:app.db`; needs Rust 1.94 |
//! | `postgres` | [`PostgresStore`](store::PostgresStore): a store in PostgreSQL; needs Rust 1.94 |
//! | `redis` | [`RedisStore`](store::RedisStore): a store in Redis or Valkey |
//! | `testing` | [`testing`]: a provider that speaks the real protocol in your test process |
//! | `rsa-sha1` | the signature method RSA-SHA1 of OAuth 1.0a, for providers without a better one |
//!
//! No feature is enabled by default.

// The tour links to items that need features.
#![cfg_attr(
    not(all(feature = "testing", feature = "sqlite", feature = "sqlx_0_9", feature = "redis")),
    allow(rustdoc::broken_intra_doc_links)
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

// Generated code and doctests name the crate as its users do.
extern crate self as oauth_runtime;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench_internals;
mod client;
mod clock;
mod config;
mod crypto;
mod declaration;
mod deployment;
pub mod error;
mod flow;
#[cfg(any(test, feature = "fuzz-internals"))]
#[doc(hidden)]
pub mod fuzz_internals;
#[cfg(doc)]
pub mod guide;
pub mod http;
mod identity;
mod json;
pub mod pages;
mod protocol;
mod registry;
mod settings;
pub mod store;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod token;
mod url;
mod web;

#[doc(inline)]
#[doc = include_str!("docs/oauth_provider.md")]
pub use oauth_macros::OAuthProvider;
#[doc(inline)]
#[doc = include_str!("docs/oauth_registry.md")]
pub use oauth_macros::OAuthRegistry;
#[doc(inline)]
#[doc = include_str!("docs/debug_handler.md")]
pub use oauth_macros::debug_handler;
#[doc(inline)]
#[doc = include_str!("docs/oauth_login.md")]
pub use oauth_macros::oauth_login;
#[doc(inline)]
#[doc = include_str!("docs/oauth_preset.md")]
pub use oauth_macros::oauth_preset;

pub use self::client::Client;
pub use self::client::access_token::{BearerAssertion, FetchAccessToken};
pub use self::client::api::multipart::Multipart;
pub use self::client::api::{Api, ApiRequest, Pages, StreamedRequest};
pub use self::client::id_token::ParseIdToken;
pub use self::client::lazy::LazyClient;
pub use self::client::offline::{ApiFor, Disconnected};
pub use self::clock::{Clock, UnixTime};
pub use self::config::{Config, ConfigError};
pub use self::crypto::secret::Secret;
pub use self::declaration::client_authenticator::{
    ClientAuthenticator, ClientProof, ClientRequest,
};
pub use self::declaration::compliance_fix::ComplianceFix;
pub use self::declaration::presets::{Parameter, Preset};
pub use self::declaration::provider::{
    AnyProvider, DeviceProvider, KeepsTokens, LoginProvider, OAuth1Provider, OAuth2Provider,
    OAuthProvider, OpenIdProvider, SignInProvider,
};
pub use self::declaration::run_time::ProviderDescription;
pub use self::declaration::spec::ProviderSpec;
pub use self::declaration::token_request_part::TokenRequestPart;
pub use self::error::OAuthError;
pub use self::flow::grant::accounts::Account;
pub use self::flow::grant::refresher::{RefreshRound, RunningRefresher, TokenRefresher};
#[doc(inline)]
pub use self::identity::profiles as user_info;
pub use self::identity::user_info::{Address, UserInfo};
pub use self::identity::{Email, Identity, UnverifiedEmail, UnverifiedProfile, VerifiedEmail};
pub use self::protocol::authorization_response::Resubmission;
pub use self::protocol::claims_request::{Claim, ClaimsRequest};
pub use self::protocol::id_token::IdToken;
pub use self::protocol::introspection::Introspection;
pub use self::protocol::jwk::{Jwk, JwkSet};
pub use self::protocol::server_metadata::ServerMetadata;
pub use self::registry::deferred::Deferred;
pub use self::registry::run_time::{RuntimeProvider, RuntimeProviders};
pub use self::registry::sessions::{HasSessions, Sessions};
pub use self::registry::standalone::{Standalone, StandaloneProvider};
pub use self::registry::{OAuthRegistry, RegistryBuilder};
pub use self::token::Token;
pub use self::token::hooks::{TokenAccount, TokenChange, TokenHooks};
pub use self::token::owner::{Owner, Person};
pub use self::token::stored::StoredToken;
pub use self::token::updated::TokenUpdated;
pub use self::url::endpoint::RedactedUrl;
pub use self::url::redirect_uri::{IntoRedirectUri, RedirectUri};
pub use self::web::api::ApiRejection;
pub use self::web::device::{AuthorizeDevice, DeviceAuthorization};
pub use self::web::login::authorization_url::{AuthorizationUrl, LoginRedirect, SealedLogin};
pub use self::web::login::authorize_redirect::AuthorizeRedirect;
pub use self::web::login::connection::{Connected, Connection};
pub use self::web::login::exchange::StateCheckedCode;
pub use self::web::login::handler::EndHandler;
pub use self::web::login::{Login, SignIn};
pub use self::web::logout::logged_out::LoggedOut;
pub use self::web::logout::logout_redirect::{EndSessionRedirect, LogoutRedirect, LogoutUrl};
pub use self::web::page::error_context::{ErrorReference, error_pages, json_errors};
pub use self::web::page::login_required::LoginRequired;
pub use self::web::routes::OAuthRoutes;
pub use self::web::run_time::RuntimeRoutes;
pub use self::web::run_time_api::RuntimeApi;
pub use self::web::session::user::SignOutError;
pub use self::web::session::user::{SignOut, User};
pub use self::web::state::HasClient;

/// The items that an application with logins usually imports.
///
/// These are the derives with their traits, what handlers take and return, and the parts of axum
/// that the examples use. A login by hand needs no other import of this crate:
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// struct GitHub;
///
/// #[derive(Clone, OAuthRegistry)]
/// struct Providers {
///     github: Client<GitHub>,
/// }
///
/// async fn login(State(oauth): State<Providers>) -> Result<impl IntoResponse, OAuthError> {
///     oauth.github.authorize_redirect().redirect_uri("/callback").return_to("/inbox").await
/// }
///
/// async fn callback(login: Login<GitHub>) -> Result<impl IntoResponse, OAuthError> {
///     let session = login.sign_in().await?;
///     Ok((session, Redirect::to(login.return_to())))
/// }
///
/// fn routes() -> Router<Providers> {
///     Router::new().route("/login", get(login)).route("/callback", get(callback))
/// }
/// ```
pub mod prelude {
    pub use axum;
    pub use axum::Router;
    pub use axum::extract::{FromRef, State};
    pub use axum::response::{IntoResponse, Redirect};
    pub use axum::routing::{get, post};
    pub use tokio::net::TcpListener;

    pub use crate::{
        AnyProvider, Api, Client, Config, ConfigError, LazyClient, LoggedOut, Login, LoginProvider,
        OAuthError, OAuthProvider, OAuthRegistry, OAuthRoutes, ProviderDescription,
        RuntimeProvider, RuntimeProviders, Sessions, Standalone, StandaloneProvider, Token, User,
        UserInfo,
    };
    pub use crate::{debug_handler, oauth_login};
}

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
