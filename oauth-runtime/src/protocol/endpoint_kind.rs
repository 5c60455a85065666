//! The endpoints of a provider, as named in errors.

use std::fmt;

/// An endpoint of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointKind {
    /// RFC 8414, OpenID Connect Discovery 1.0.
    Metadata,
    /// RFC 6749 section 3.1, RFC 5849 section 2.2.
    Authorization,
    /// RFC 6749 section 3.2, RFC 5849 section 2.3.
    Token,
    /// The token endpoint for refresh, if it is a different one (RFC 6749 section 6).
    Refresh,
    /// RFC 5849 section 2.1.
    TemporaryCredentials,
    /// OpenID Connect Core 1.0 section 5.3.
    UserInfo,
    /// RFC 7517 section 5.
    JwkSet,
    /// OpenID Connect RP-Initiated Logout 1.0 section 2.
    EndSession,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// RFC 8628 section 3.1.
    DeviceAuthorization,
    /// The protected resources.
    Api,
}

impl fmt::Display for EndpointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "authorization server metadata",
            Self::Authorization => "authorization endpoint",
            Self::Token => "token endpoint",
            Self::UserInfo => "userinfo endpoint",
            Self::JwkSet => "key set (`jwks_uri`)",
            Self::Refresh => "token endpoint for refresh",
            Self::TemporaryCredentials => "temporary credential endpoint",
            Self::EndSession => "end-session endpoint",
            Self::Revocation => "revocation endpoint",
            Self::Introspection => "introspection endpoint",
            Self::DeviceAuthorization => "device authorization endpoint",
            Self::Api => "API",
        })
    }
}
