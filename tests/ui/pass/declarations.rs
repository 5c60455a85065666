//! Right declarations compile without a warning under the strictest common lints: in this edition as a
//! test of this package, and in edition 2021 as a separate package.

#![deny(
    warnings,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    absolute_paths_not_starting_with_crate,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_extern_crates,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![deny(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::default_numeric_fallback,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::same_name_method,
    clippy::shadow_reuse,
    clippy::str_to_string,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![forbid(unsafe_code)]
#![allow(dead_code, unused_crate_dependencies, reason = "declarations that nobody uses")]

use oauth_runtime::{OAuthProvider, OAuthRegistry};

/// The example of the first page of the documentation.
pub mod presets {
    use oauth_runtime::prelude::*;

    /// Sign in with GitHub.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "github", preset = "github", scopes("read:user", "user:email"))]
    pub struct GitHub;

    /// Sign in with Google.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "google", preset = "google")]
    pub struct Google;

    /// Both.
    #[derive(Debug, Clone, OAuthRegistry)]
    #[oauth_registry(mount = "/auth", on_login = signed_in)]
    pub struct Providers {
        /// Always present.
        pub github: Client<GitHub>,
        /// Present if it is configured.
        pub google: Option<Client<Google>>,
    }

    async fn signed_in<P: OAuthProvider>(login: Login<P>) -> impl IntoResponse {
        login.identity().display_name().to_owned()
    }

    /// The application.
    pub fn app(oauth: Providers) -> Router {
        Router::new().merge(oauth.routes()).route("/", get(profile)).with_state(oauth)
    }

    async fn profile(user: User, State(google): State<Option<Client<Google>>>) -> String {
        format!("{} {}", user.display_name(), google.is_some())
    }
}

/// Every field of the struct is a placeholder, even with unusual names.
pub mod fields {
    use std::net::IpAddr;

    use oauth_runtime::OAuthProvider;

    /// A provider with fields that look like names of the generated code.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(
        name = "acme",
        issuer = "https://{fields}/{type}/{address}/{self_}",
        scopes("openid")
    )]
    pub struct Acme {
        fields: String,
        r#type: u16,
        address: IpAddr,
        self_: char,
    }
}

/// The configuration supplies the omitted keys.
pub mod configured {
    use oauth_runtime::prelude::*;

    /// Only a name.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "acme", configured)]
    pub struct Acme;

    /// The scope requests an ID token.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "op", configured, scopes("openid"))]
    pub struct Op;

    /// The scope is sufficient for keys that need an ID token.
    #[must_use]
    pub fn has_id_token(login: &Login<Op>) -> bool {
        login.id_token().is_some()
    }
}

/// Items with names of the prelude do not affect generated code.
pub mod shadows {
    use oauth_runtime::{Client, Login, OAuthProvider, OAuthRegistry};

    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Result;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Option;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Vec;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct String;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Box;
    /// Not the one of the prelude.
    pub trait Clone {}
    /// Not the one of the prelude.
    pub trait Send {}
    /// Not the one of the prelude.
    pub trait Sync {}
    /// Not the one of the prelude.
    pub trait ToString {}
    /// Not those of the prelude.
    pub mod std {}
    /// Not those of the prelude.
    pub mod core {}

    /// A provider.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "acme", issuer = "https://{tenant}.acme.example", scopes("openid"))]
    pub struct Acme {
        tenant: u32,
    }

    /// A provider.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(name = "github", preset = "github")]
    pub struct GitHub;

    /// A registry.
    #[derive(Clone, Debug, OAuthRegistry)]
    #[oauth_registry(on_login = signed_in, on_error = failed)]
    #[expect(clippy::absolute_paths, reason = "`Option` is another one here")]
    pub struct Providers {
        assembly: Client<Acme>,
        registry: ::core::option::Option<Client<GitHub>>,
    }

    async fn signed_in<P: OAuthProvider>(_: Login<P>) {}

    async fn failed(_: oauth_runtime::OAuthError) {}
}

/// Handlers take extractors, the application's own state among them.
pub mod handlers {
    use axum::extract::FromRef;
    use axum::http::{HeaderMap, StatusCode};
    use oauth_runtime::prelude::*;

    /// A provider with its own type of profile.
    #[derive(Debug, OAuthProvider)]
    #[oauth_provider(
        name = "acme",
        authorize_url = "https://acme.example/authorize",
        access_token_url = "https://acme.example/token",
        userinfo_endpoint = "https://acme.example/user",
        authorize_params("x-tenant" = "7"),
        userinfo = Envelope<Vec<String>>,
        identity(id = "data.0")
    )]
    pub struct Acme;

    /// A profile.
    #[derive(Debug, serde::Deserialize)]
    pub struct Envelope<T> {
        data: T,
    }

    /// A registry whose handlers need a state.
    #[derive(Debug, Clone, OAuthRegistry)]
    #[oauth_registry(state = Logins, on_login = signed_in, on_error = failed)]
    pub struct Providers {
        acme: Client<Acme>,
    }

    /// The state that the handlers need.
    #[derive(Debug, Clone)]
    pub struct Logins;

    /// The state of the application.
    #[derive(Debug, Clone)]
    pub struct AppState {
        oauth: Providers,
        logins: Logins,
    }

    impl FromRef<AppState> for Logins {
        fn from_ref(state: &AppState) -> Self {
            state.logins.clone()
        }
    }

    async fn signed_in(
        State(_): State<Logins>,
        headers: HeaderMap,
        login: Login<Acme>,
    ) -> Result<String, OAuthError> {
        Ok(format!("{} {}", headers.len(), login.userinfo().data.len()))
    }

    async fn failed(error: OAuthError) -> (StatusCode, String) {
        (StatusCode::FORBIDDEN, error.to_string())
    }

    /// The routes fit every state that provides the declared one.
    pub fn app(state: AppState) -> Router {
        Router::new().merge(state.oauth.routes()).with_state(state)
    }
}

macro_rules! provider {
    ($ident:ident, $name:literal, $url:literal) => {
        #[doc = "A provider that comes out of a macro."]
        #[derive(Debug, OAuthProvider)]
        #[oauth_provider(name = $name, issuer = $url, scopes("openid"))]
        pub struct $ident;
    };
}

provider!(First, "first", "https://first.example");
provider!(Second, "second", "https://second.example");

macro_rules! registry {
    ($ident:ident { $($field:ident: $provider:ty),* }) => {
        #[doc = "A registry that comes out of a macro."]
        #[derive(Debug, Clone, OAuthRegistry)]
        pub struct $ident {
            $($field: oauth_runtime::Client<$provider>,)*
        }
    };
}

registry!(Registry { first: First, second: Second });

#[test]
fn a_declaration_may_stand_in_a_function() {
    use oauth_runtime::AnyProvider as _;

    #[derive(OAuthProvider)]
    #[oauth_provider(name = "local", preset = "google")]
    struct Local;

    #[derive(Clone, OAuthRegistry)]
    struct Providers {
        local: oauth_runtime::Client<Local>,
    }

    assert_eq!(Providers::SPEC.providers.len(), 1);
    assert_eq!(Local::SPEC.name, "local");
}
