//! How providers differ from the specifications.

/// A named deviation from the specifications. It is the only way to have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// Plain http is allowed towards loopback addresses: a provider on the developer's machine.
    LoopbackHttp,
    /// The granted `scope` is separated by commas.
    CommaSeparatedScopes,
    /// The granted `scope` is a list of JSON.
    ScopesAsList,
    /// The token response has no `token_type`: it is taken as `Bearer`.
    MissingTokenType,
    /// The token response has a `token_type` of the provider's own, which is taken as `Bearer`. One
    /// that is registered for something else is refused all the same.
    OwnTokenType,
    /// The token response has the access token deeper, where
    /// [`nested_token`](super::ProviderSpec::nested_token) says; what belongs to it stands beside it.
    NestedToken,
    /// The token response may be form-encoded, as a query is, in place of JSON.
    FormEncodedTokenResponse,
    /// Requests to the token endpoint, and those that revoke and introspect, are JSON in place of a
    /// form.
    JsonTokenRequest,
    /// Errors come with a status of success, also where none could be told from an answer.
    ErrorsWithStatus200,
    /// The userinfo endpoint is asked with `POST`.
    UserinfoByPost,
    /// Identifier and secret go into the Basic header without being form-encoded first, against
    /// RFC 6749 section 2.3.1.
    UnencodedBasic,
    /// No PKCE: the provider refuses requests that carry a code challenge.
    NoPkce,
    /// A leeway of more than five minutes.
    LongLeeway,
    /// ID tokens are signed with HS256 and the client secret.
    Hs256IdToken,
    /// ID tokens name other audiences beside this client, which `azp` must then name.
    AdditionalAudiences,
    /// The authorization response of a person's first login has a parameter `user`: their name and
    /// address in JSON, which nobody has signed. Apple sends it.
    UserInResponse,
    /// A client's assertions name the token endpoint as their audience, in place of the issuer.
    TokenEndpointAudience,
}

impl Quirk {
    const ALL: &'static [Self] = &[
        Self::LoopbackHttp,
        Self::CommaSeparatedScopes,
        Self::ScopesAsList,
        Self::MissingTokenType,
        Self::OwnTokenType,
        Self::NestedToken,
        Self::FormEncodedTokenResponse,
        Self::JsonTokenRequest,
        Self::ErrorsWithStatus200,
        Self::UserinfoByPost,
        Self::UnencodedBasic,
        Self::NoPkce,
        Self::LongLeeway,
        Self::Hs256IdToken,
        Self::AdditionalAudiences,
        Self::UserInResponse,
        Self::TokenEndpointAudience,
    ];

    /// The names of all deviations.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|quirk| quirk.name())
    }

    /// The deviation of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|quirk| quirk.name() == name)
    }

    /// The name that a declaration writes in `quirks(...)`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoopbackHttp => "loopback_http",
            Self::CommaSeparatedScopes => "comma_separated_scopes",
            Self::ScopesAsList => "scopes_as_list",
            Self::MissingTokenType => "missing_token_type",
            Self::OwnTokenType => "own_token_type",
            Self::NestedToken => "nested_token",
            Self::FormEncodedTokenResponse => "form_encoded_token_response",
            Self::JsonTokenRequest => "json_token_request",
            Self::ErrorsWithStatus200 => "errors_with_status_200",
            Self::UserinfoByPost => "userinfo_by_post",
            Self::UnencodedBasic => "unencoded_basic",
            Self::NoPkce => "no_pkce",
            Self::LongLeeway => "long_leeway",
            Self::Hs256IdToken => "hs256_id_token",
            Self::AdditionalAudiences => "additional_audiences",
            Self::UserInResponse => "user_in_response",
            Self::TokenEndpointAudience => "token_endpoint_audience",
        }
    }
}
