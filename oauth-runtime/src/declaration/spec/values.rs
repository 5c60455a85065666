//! Values of a declaration that the specifications define.

/// How a client authenticates at the token endpoint (OpenID Connect Core 1.0 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// Identifier and secret in the `Authorization` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// Identifier and secret in the form body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// A public client: only the identifier, in the form body.
    None,
    /// A JSON Web Token signed with the client secret (RFC 7523 section 2.2).
    ClientSecretJwt,
    /// A JSON Web Token signed with the client's private key (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// A client secret that is signed for each request with the private key that Apple issues.
    AppleJwt,
}

impl ClientAuthMethod {
    /// Every method.
    pub(crate) const ALL: [Self; 6] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::AppleJwt,
        Self::None,
    ];

    /// The registered name, as written in a declaration; `apple_jwt` is not registered but our own.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::AppleJwt => "apple_jwt",
            Self::None => "none",
        }
    }

    /// The method with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether the client has a private key instead of a secret.
    pub(crate) const fn needs_private_key(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::AppleJwt)
    }
}

/// How a client of OAuth 1.0a signs its requests (RFC 5849 section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// `HMAC-SHA1`, with the client secret.
    HmacSha1,
    /// `HMAC-SHA256`, with the client secret.
    HmacSha256,
    /// `RSA-SHA1`, with a private key.
    RsaSha1,
    /// `RSA-SHA256`, with a private key.
    RsaSha256,
    /// `PLAINTEXT`: the secrets themselves.
    Plaintext,
}

impl SignatureMethod {
    /// Every method.
    pub(crate) const ALL: [Self; 5] =
        [Self::HmacSha1, Self::HmacSha256, Self::RsaSha1, Self::RsaSha256, Self::Plaintext];

    /// `oauth_signature_method`, as written in a declaration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::RsaSha1 => "RSA-SHA1",
            Self::RsaSha256 => "RSA-SHA256",
            Self::Plaintext => "PLAINTEXT",
        }
    }

    /// Whether the client has a private key instead of a secret.
    pub(crate) const fn needs_private_key(self) -> bool {
        matches!(self, Self::RsaSha1 | Self::RsaSha256)
    }
}

/// The place of the protocol parameters of OAuth 1.0a (RFC 5849 section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterTransmission {
    /// In the `Authorization` header.
    AuthorizationHeader,
    /// In the form body, or in the header of a request that has none.
    FormBody,
    /// In the query.
    RequestUri,
}

impl ParameterTransmission {
    /// Every place.
    pub(crate) const ALL: [Self; 3] = [Self::AuthorizationHeader, Self::FormBody, Self::RequestUri];

    /// The name in a declaration, which is Authlib's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationHeader => "HEADER",
            Self::FormBody => "BODY",
            Self::RequestUri => "QUERY",
        }
    }
}
