//! The protocols of providers, and the sets of protocols that a key applies to.

/// The protocol that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// RFC 5849.
    OAuth1,
    /// RFC 6749.
    OAuth2,
    /// OpenID Connect Core 1.0.
    OpenIdConnect,
}

/// The protocols that a key applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocols {
    /// All of them.
    Any,
    /// Only OAuth 1.0a.
    OAuth1,
    /// OAuth 2.0 and OpenID Connect, which is built on it.
    OAuth2,
    /// Only OpenID Connect.
    OpenIdConnect,
}

impl Protocol {
    /// The protocol's own name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OAuth1 => "OAuth 1.0a",
            Self::OAuth2 => "OAuth 2.0",
            Self::OpenIdConnect => "OpenID Connect",
        }
    }
}

impl Protocols {
    /// Whether `protocol` is one of them.
    pub(crate) fn include(self, protocol: Protocol) -> bool {
        match self {
            Self::Any => true,
            Self::OAuth1 => protocol == Protocol::OAuth1,
            Self::OAuth2 => protocol != Protocol::OAuth1,
            Self::OpenIdConnect => protocol == Protocol::OpenIdConnect,
        }
    }
}
