//! The endpoints and their request counters.

use std::sync::atomic::{AtomicU64, Ordering};

/// An endpoint of the [`TestProvider`](super::TestProvider).
///
/// ```
/// use oauth_runtime::testing::{Endpoint, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = TestProvider::start().await?;
/// reqwest::get(provider.url(Endpoint::Jwks)).await?;
/// assert_eq!(provider.requests(Endpoint::Jwks), 1);
/// assert_eq!(provider.requests(Endpoint::Token), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0), and the same document at
    /// the location of RFC 8414.
    Metadata,
    /// `/jwks`: the JWK Set.
    Jwks,
    /// `/authorize`: the authorization endpoint.
    Authorization,
    /// `/token`: the token endpoint.
    Token,
    /// `/userinfo`: the userinfo endpoint.
    Userinfo,
    /// `/revoke`: the revocation endpoint (RFC 7009).
    Revocation,
    /// `/introspect`: the introspection endpoint (RFC 7662).
    Introspection,
    /// `/end_session`: the end session endpoint (OpenID Connect RP-Initiated Logout 1.0).
    EndSession,
    /// `/device_authorization`: the device authorization endpoint (RFC 8628). The page for the user
    /// code is `/device`.
    DeviceAuthorization,
    /// `/api/…`: the protected resources of the demo API.
    Api,
}

impl Endpoint {
    /// The path below the issuer.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Metadata => "/.well-known/openid-configuration",
            Self::Jwks => "/jwks",
            Self::Authorization => "/authorize",
            Self::Token => "/token",
            Self::Userinfo => "/userinfo",
            Self::Revocation => "/revoke",
            Self::Introspection => "/introspect",
            Self::EndSession => "/end_session",
            Self::DeviceAuthorization => "/device_authorization",
            Self::Api => "/api",
        }
    }
}

/// The number of requests to each endpoint. The length of the array follows from [`Endpoint::Api`],
/// the last variant.
#[derive(Default)]
pub(super) struct Counters([AtomicU64; Endpoint::Api as usize + 1]);

impl Counters {
    pub(super) fn count(&self, endpoint: Endpoint) {
        self.0[endpoint as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn of(&self, endpoint: Endpoint) -> u64 {
        self.0[endpoint as usize].load(Ordering::Relaxed)
    }
}
