//! Quirks: named deviations from the specifications.

/// A named deviation from the specifications. Unnamed ones are not tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// Plain http is allowed to loopback addresses, for a provider in development.
    LoopbackHttp,
    /// The granted `scope` is separated by commas.
    CommaSeparatedScopes,
    /// The granted `scope` is a JSON array.
    ScopesAsList,
    /// The token response has no `token_type`, so `Bearer` is assumed.
    MissingTokenType,
    /// The token response has a `token_type` of the provider's own, which is taken as `Bearer`. A
    /// type that is registered for something else is still refused.
    OwnTokenType,
    /// The token response has the access token at the path in
    /// [`nested_token`](super::ProviderSpec::nested_token), with its other members next to it.
    NestedToken,
    /// The token response may be form-encoded, like a query, instead of JSON.
    FormEncodedTokenResponse,
    /// Token requests and refreshes are a `GET` with their parameters in the query.
    GetTokenRequest,
    /// Requests to the token, revocation and introspection endpoints are JSON instead of a form.
    JsonTokenRequest,
    /// Errors come with a successful status, even where they could not be told from a valid
    /// response.
    ErrorsWithStatus200,
    /// The userinfo request is a `POST`.
    UserinfoByPost,
    /// Identifier and secret are not form-encoded before they go into the Basic header, contrary to
    /// RFC 6749 section 2.3.1.
    UnencodedBasic,
    /// No PKCE: the provider refuses requests that carry a code challenge.
    NoPkce,
    /// A leeway of more than five minutes.
    LongLeeway,
    /// ID tokens are signed with HS256 and the client secret, unless
    /// `id_token_signed_response_alg` states another algorithm.
    Hs256IdToken,
    /// ID tokens name other audiences in addition to this client, which `azp` must then name.
    AdditionalAudiences,
    /// The authorization response of a user's first login has a parameter `user`: their name and
    /// address as unsigned JSON. Apple sends it.
    UserInResponse,
    /// A client's assertions name the token endpoint as their audience instead of the issuer.
    TokenEndpointAudience,
    /// ID tokens have no `nonce`, although the request had one. A wrong one is still refused.
    MissingNonce,
    /// The JSON of token and profile responses is inside other text, such as a JSONP call.
    WrappedJson,
    /// The authorization response states the granted scopes, and the token response does not.
    ScopeInCallback,
    /// A logout sends no `id_token_hint`, which the provider refuses.
    NoIdTokenHint,
    /// A logout sends no expired ID token as `id_token_hint`, which the provider refuses, contrary
    /// to RP-Initiated Logout 1.0 section 2.
    NoExpiredIdTokenHint,
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
        Self::GetTokenRequest,
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
        Self::MissingNonce,
        Self::WrappedJson,
        Self::ScopeInCallback,
        Self::NoIdTokenHint,
        Self::NoExpiredIdTokenHint,
    ];

    /// The names of all quirks.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|quirk| quirk.name())
    }

    /// The quirk with this name.
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
            Self::GetTokenRequest => "get_token_request",
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
            Self::MissingNonce => "missing_nonce",
            Self::WrappedJson => "wrapped_json",
            Self::ScopeInCallback => "scope_in_callback",
            Self::NoIdTokenHint => "no_id_token_hint",
            Self::NoExpiredIdTokenHint => "no_expired_id_token_hint",
        }
    }
}
