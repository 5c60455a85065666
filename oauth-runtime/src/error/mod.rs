//! What can go wrong, by who is to blame.
//!
//! The texts are for logs and for whoever runs the application; what a visitor is shown is chosen
//! in `web`. No variant holds a secret, a code or a token.

pub(crate) mod api;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::config::ConfigError;
use crate::error::api::ApiError;
use crate::json::JsonError;
use crate::protocol::answer::AnswerExcerpt;
use crate::protocol::authorization_response::{AuthorizationResponseError, Resubmission};
use crate::protocol::end_session::LogoutResponseError;
use crate::protocol::id_token::IdTokenError;
use crate::protocol::initiated_login::InitiatedLoginError;
use crate::protocol::jwk::JwkSetError;
use crate::protocol::refusal::{self, Refusal};
use crate::protocol::token_value::TokenFault;
use crate::protocol::userinfo_response::UserInfoError;
use crate::text::shown;
use crate::url::endpoint::{EndpointError, RedactedUrl};

/// Why a login or an API call did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The application's configuration is to blame.
    #[error("configuration: {0}")]
    Configuration(#[from] ConfigError),
    /// What the browser sent is to blame, or what it did not send.
    #[error("browser: {0}")]
    Browser(#[from] BrowserError),
    /// The provider declined, or broke the protocol.
    #[error("provider {provider}: {error}")]
    Provider {
        /// The name in the declaration.
        provider: Arc<str>,
        /// What it did.
        #[source]
        error: ProviderError,
    },
    /// The provider could not be reached, or its answer could not be carried.
    #[error("network, provider {provider}: {error}")]
    Network {
        /// The name in the declaration.
        provider: Arc<str>,
        /// What happened.
        #[source]
        error: NetworkError,
    },
    /// The store is to blame.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The person has no usable token for this provider.
    #[error("token, provider {provider}: {error}")]
    Token {
        /// The name in the declaration.
        provider: Arc<str>,
        /// What is missing.
        #[source]
        error: TokenError,
        /// The answer of the API that refuses the token; see [`api_error`](Self::api_error).
        answer: Option<ApiError>,
    },
    /// The caller of this library asked for something that cannot be done.
    #[error("call: {0}")]
    Call(#[from] CallError),
    /// The machine gives no random numbers, its cryptography fails, or foreign code panicked.
    #[error("machine: no random numbers, broken cryptography, or a panic in a client or store")]
    Machine,
}

impl OAuthError {
    /// The error response of the provider, if it declined in the protocol's own words.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Provider { error: ProviderError::Declined { response, .. }, .. } => {
                Some(response)
            }
            _ => None,
        }
    }

    /// The answer of an API whose status is not 2xx, with its body, if that is the reason.
    ///
    /// It is for the application and in no text of this error: an API may repeat anything in it.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Token { answer, .. } => answer.as_ref(),
            Self::Provider { error: ProviderError::Status { body, .. }, .. } => body.as_ref(),
            _ => None,
        }
    }

    /// The scopes that a call needs and the grant lacks, if that is the reason.
    pub fn scopes_needed(&self) -> Option<&ScopesNeeded> {
        match self {
            Self::Token { error: TokenError::ScopesNeeded(needed), .. } => Some(needed),
            _ => None,
        }
    }

    /// Whether the user cancelled, or a policy of the provider refuses: `access_denied`, or what
    /// providers say instead, such as `user_cancelled_login`, `user_refused` or `consent_required`.
    /// Neither side made a mistake. [`error_response`](Self::error_response) has the provider's word.
    ///
    /// It includes [`is_interaction_required`](Self::is_interaction_required).
    pub fn is_access_denied(&self) -> bool {
        self.refusal().is_some()
    }

    /// Whether the provider has to talk to the user and was asked not to: `login_required`,
    /// `consent_required`, `interaction_required`, `account_selection_required` (OpenID Connect Core
    /// 1.0 section 3.1.2.6). After `prompt=none` it means that a login without it can succeed.
    pub fn is_interaction_required(&self) -> bool {
        self.refusal() == Some(Refusal::InteractionRequired)
    }

    fn refusal(&self) -> Option<Refusal> {
        refusal::of(self.error_response()?.error())
    }

    /// Whether the same can succeed if it is tried again a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Network { error, .. } => error.is_temporary(),
            Self::Provider { error: ProviderError::Status { status, .. }, .. } => *status >= 500,
            Self::Provider { error: ProviderError::Declined { response, .. }, .. } => {
                matches!(response.error(), "temporarily_unavailable" | "server_error")
            }
            Self::Store(error) => error.is_temporary(),
            _ => false,
        }
    }
}

/// What was wrong with a request of the browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The authorization response cannot be read, or answers another request.
    #[error("authorization response: {0}")]
    Response(#[from] AuthorizationResponseError),
    /// There is no cookie of this login: it was begun in another browser, on another host name,
    /// or cookies are blocked.
    #[error(
        "no login is pending in this browser: it was begun in another one, under another host name, or cookies are blocked"
    )]
    NoPendingLogin,
    /// The cookie of this login cannot be opened: another key, another provider, or tampering.
    #[error(
        "the cookie of the pending login cannot be opened: it was sealed with another key, for another provider, or changed"
    )]
    ForeignPendingLogin,
    /// The login took too long.
    #[error("the login was begun more than {} minutes ago", .0.as_secs() / 60)]
    Expired(Duration),
    /// This response has been used before.
    #[error("this authorization response has been used before")]
    Replayed,
    /// A return from the provider does not answer a logout of this browser. Nobody was signed in or
    /// out by it.
    #[error("return from a logout: {0}")]
    LogoutResponse(#[from] LogoutResponseError),
    /// Another site asked for a login at the route `initiate`, and not as it should.
    #[error("login asked for by another site: {0}")]
    InitiatedLogin(#[from] InitiatedLoginError),
    /// The provider's page posted the response here from another site, and the browser kept its
    /// cookies back, as it does with every `POST` between sites. As a response this error is a page
    /// that posts it once more, from this site: whoever handles errors answers with it.
    #[error(
        "the response was posted from another site, without cookies: it has to be posted again from this one"
    )]
    CookiesWithheld(Resubmission),
    /// The browser has been signed in since the login began: the user went back, clicked twice, or signed in in
    /// another tab. The session stays. As a response this error redirects to the page that the login was for,
    /// so a handler of errors should return it.
    #[error("the browser has been signed in since the login began, and stays so")]
    AlreadySignedIn {
        /// A path of this application.
        return_to: String,
    },
    /// A request that changes something came from another site.
    #[error("the request comes from another site")]
    CrossSite,
    /// A route that changes who is signed in was asked by something that shows its answer to no user:
    /// `HEAD`, an image, a frame, a prefetch, or a script of another site. Nothing was spent.
    #[error(
        "the request is not a page load: a `HEAD`, an image, a frame, a prefetch or a script of \
         another site changes nothing here"
    )]
    NotAVisit,
    /// The URL names a provider that is not there, or not any more.
    #[error("the URL names a provider that is not there")]
    UnknownProvider,
    /// A login is needed.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// An account was to be connected in another session than the one that is there now: somebody else
    /// has signed in meanwhile, or somebody else's link was followed. Nothing was connected.
    #[error(
        "the account was to be connected in another session than the one that this browser has now"
    )]
    OtherSession,
    /// The response answers a login where an account is to be connected, or the other way round.
    #[error("the response is one for {found}, and this route takes those for {taken}")]
    OtherPurpose {
        /// What the response is for.
        found: &'static str,
        /// What the route is for.
        taken: &'static str,
    },
    /// The person has connected as many accounts of one provider as are kept.
    #[error("the owner has as many accounts of this provider as are kept: disconnect one of them")]
    TooManyAccounts,
}

/// What a provider did wrong, or how it declined.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It declined in the protocol's words (RFC 6749 sections 4.1.2.1 and 5.2), or in those that
    /// providers of OAuth 1.0a use, whose specification has none.
    #[error("the {endpoint} declined: {response}{}", registration_hint(.response))]
    Declined {
        /// Which endpoint.
        endpoint: Endpoint,
        /// What it said.
        response: ErrorResponse,
    },
    /// An answer with a status that the protocol does not know.
    #[error("the {endpoint} answered with status {status}{answer}{}", metadata_hint(*.endpoint, *.status))]
    Status {
        /// Which endpoint.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// What it said.
        answer: AnswerExcerpt,
        /// The whole answer of an API; see [`OAuthError::api_error`].
        body: Option<ApiError>,
    },
    /// An answer that cannot be read.
    #[error("the {endpoint} did not return the JSON that the protocol asks for: {reason}{answer}")]
    Malformed {
        /// Which endpoint.
        endpoint: Endpoint,
        /// Where reading stopped.
        reason: JsonError,
        /// What it said.
        answer: AnswerExcerpt,
    },
    /// An answer that lacks something, or has something unusable.
    #[error("the {endpoint} answered {what}{answer}")]
    Unusable {
        /// Which endpoint.
        endpoint: Endpoint,
        /// What is wrong with it.
        what: &'static str,
        /// What it said.
        answer: AnswerExcerpt,
    },
    /// The metadata belong to another issuer.
    #[error("its metadata name the issuer `{}`, not `{}`{}", RedactedUrl::from(.found.as_str()), RedactedUrl::from(.expected.as_str()), slash_hint(.expected, .found))]
    MetadataIssuer {
        /// The configured issuer.
        expected: String,
        /// The issuer that the document names.
        found: String,
    },
    /// The issuer that the metadata name has another form than a URL parser gives it.
    #[error("its metadata name an issuer that is refused: {reason}")]
    MalformedIssuer {
        /// What is wrong with it.
        reason: crate::protocol::issuer::IssuerError,
    },
    /// An endpoint that says who a user is has been stated, and it is neither the issuer's by its place
    /// nor by the metadata that the issuer publishes.
    #[error(
        "its {endpoint} is not the one that the issuer `{issuer}` publishes, so the issuer does not vouch for its users: state no other endpoint than the metadata of the issuer do, or another issuer"
    )]
    UnconfirmedEndpoint {
        /// Which endpoint.
        endpoint: Endpoint,
        /// The issuer.
        issuer: String,
    },
    /// Of a provider that is described at run time: another place issues the token than the one that
    /// says whose it is.
    #[error(
        "its token endpoint is at `{token_endpoint}`, and its userinfo endpoint at `{userinfo_endpoint}`: a provider that is described at run time has both at one origin, or in the metadata of its issuer"
    )]
    UnrelatedEndpoints {
        /// The origin of the token endpoint.
        token_endpoint: String,
        /// The origin of the endpoint that says who a user is.
        userinfo_endpoint: String,
    },
    /// Of a provider that is described at run time: another provider has the same users.
    #[error("the provider `{holder}` vouches for the users of `{authority}`")]
    AuthorityTaken {
        /// What both would be called in [`Identity::issuer`](crate::Identity::issuer).
        authority: String,
        /// The name of the other provider.
        holder: String,
    },
    /// The metadata or the declaration lack an endpoint that is needed.
    #[error("neither its declaration nor its metadata name the {0}")]
    NoEndpoint(Endpoint),
    /// An endpoint of the metadata is not an acceptable URL.
    #[error("its metadata name an unusable {endpoint}: {reason}")]
    BadEndpoint {
        /// Which endpoint.
        endpoint: Endpoint,
        /// What is wrong with the URL.
        reason: EndpointError,
    },
    /// The key set cannot be used.
    #[error("its key set: {0}")]
    JwkSet(#[from] JwkSetError),
    /// OpenID Connect without an ID token.
    #[error("its token endpoint sent no ID token: is `openid` among the scopes that it grants?")]
    IdTokenMissing,
    /// The ID token was refused.
    #[error("its ID token was refused: {0}")]
    IdToken(#[from] IdTokenError),
    /// The ID token is in order, and does not fit the type that is declared with `claims`.
    #[error("its ID token does not fit the type that is declared with `claims`: {0}")]
    Claims(JsonError),
    /// In the hybrid flow: the two ID tokens of one login are about two persons.
    #[error(
        "the ID token of its token endpoint is about another person than the one of its authorization response"
    )]
    IdTokensDiffer,
    /// The signed or encrypted userinfo response was refused.
    #[error("its userinfo response was refused: {0}")]
    UserInfo(#[from] UserInfoError),
    /// The userinfo response speaks of another person than the ID token.
    #[error("its userinfo response is about another subject than the ID token")]
    SubjectMismatch,
    /// The profile lacks the identifier of the person.
    #[error(
        "its profile has no text or number at `{0}`, where the declaration says the identifier is"
    )]
    NoIdentifier(String),
}

/// RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4: the place follows from the issuer.
fn metadata_hint(endpoint: Endpoint, status: u16) -> &'static str {
    match (endpoint, status) {
        (Endpoint::Metadata, 404) => {
            "; they lie under the issuer, at `/.well-known/openid-configuration`, unless \
             `server_metadata_url` says otherwise: is it written as the provider's documentation has it?"
        }
        _ => "",
    }
}

/// What to look at where the application is registered, if the provider says that something differs.
fn registration_hint(response: &ErrorResponse) -> &'static str {
    match response.error() {
        // The second is GitHub's word for it.
        "invalid_client" | "incorrect_client_credentials" => {
            "; the client identifier or the secret is not the one that the provider gave out, or the \
             application is registered there with another `token_endpoint_auth_method`"
        }
        "redirect_uri_mismatch" => {
            "; the redirect URI is registered with the provider as it is sent: the same scheme, host, \
             port and path"
        }
        _ => "",
    }
}

/// `https://a/` and `https://a` are two issuers: RFC 8414 section 3.3 compares them exactly.
fn slash_hint(expected: &str, found: &str) -> &'static str {
    if expected.trim_end_matches('/') == found.trim_end_matches('/') {
        ": they differ only by a slash at the end; write the issuer as the provider does"
    } else {
        ""
    }
}

/// The parts of a provider that answer requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// RFC 8414, OpenID Connect Discovery 1.0.
    Metadata,
    /// RFC 6749 section 3.1, RFC 5849 section 2.2.
    Authorization,
    /// RFC 6749 section 3.2, RFC 5849 section 2.3.
    Token,
    /// The token endpoint for refresh, where it is another one (RFC 6749 section 6).
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

impl fmt::Display for Endpoint {
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

/// A provider's error response, whole (RFC 6749 sections 4.1.2.1 and 5.2).
///
/// It is text from outside: control characters are taken out and lengths are bounded, but it still
/// has to be escaped wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    error: String,
    description: Option<String>,
    uri: Option<String>,
}

impl ErrorResponse {
    pub(crate) fn new(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        Self {
            error: shown(error, 100),
            description: description.map(|text| shown(text, 1000)),
            uri: uri.map(|text| shown(text, 1000)),
        }
    }

    /// `error`: the code, such as `access_denied` or `invalid_grant`.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// `error_description`: text for developers.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`: a page about the error. Untrusted: never make it a link without checking it.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        match &self.description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

/// What went wrong between this machine and the provider.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No connection.
    #[error("cannot connect to {host}")]
    Connect {
        /// Host of the request.
        host: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// No whole answer before the deadline.
    #[error("{host} did not answer within {} s", .deadline.as_secs_f32())]
    Timeout {
        /// Host of the request.
        host: String,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The connection broke or the answer is not HTTP.
    #[error("the exchange with {host} broke off")]
    Broken {
        /// Host of the request.
        host: String,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A redirect, which is not followed: it would carry a secret to another place.
    #[error("{host} answered with a redirect (status {status}), which is never followed")]
    Redirected {
        /// Host of the request.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// A content coding that was not asked for: it could unpack to any size.
    #[error(
        "{host} answered with the content coding `{coding}`, which was not asked for and is not undone"
    )]
    ContentCoding {
        /// Host of the request.
        host: String,
        /// What the `Content-Encoding` header says.
        coding: String,
    },
    /// More bytes than any real answer has.
    #[error("{host} answered with more than {most} bytes")]
    TooLarge {
        /// Host of the request.
        host: String,
        /// Most bytes that are read.
        most: usize,
    },
}

impl NetworkError {
    fn is_temporary(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. })
    }
}

/// Why a registry could not load the metadata and keys of all its providers: one error for each that
/// failed.
#[derive(Debug, Clone)]
pub struct ServerMetadataError(Vec<OAuthError>);

impl ServerMetadataError {
    /// An error, if there were failures.
    pub(crate) fn check(failures: Vec<OAuthError>) -> Result<(), Self> {
        if failures.is_empty() { Ok(()) } else { Err(Self(failures)) }
    }

    /// What went wrong, in the order of the registry's fields. Each names its provider.
    pub fn failures(&self) -> &[OAuthError] {
        &self.0
    }

    /// Whether all of them can succeed if it is tried again a little later.
    pub fn is_temporary(&self) -> bool {
        self.0.iter().all(OAuthError::is_temporary)
    }
}

impl fmt::Display for ServerMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "metadata or keys of {} could not be loaded",
            match self.0.len() {
                1 => "a provider".to_owned(),
                several => format!("{several} providers"),
            }
        )?;
        for failure in &self.0 {
            write!(f, "\n- {failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ServerMetadataError {}

/// What a store could not do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL of a store cannot be used. The text does not repeat it: a password may be in it.
    #[error("the URL of the store cannot be used: {0}")]
    Url(&'static str),
    /// The store cannot be reached, or declined.
    #[error("it did not answer as it should: {0}")]
    Backend(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// Others wrote the same record all the time.
    #[error("the record of kind `{0}` was changed by others at every attempt to write it")]
    Contended(&'static str),
    /// A record cannot be read: written by another version, damaged, or moved under another key.
    #[error(
        "the record of kind `{0}` cannot be read: it was written by another version of the library, changed, or moved from another key"
    )]
    Unreadable(&'static str),
    /// A record was sealed with a key that this machine does not have.
    #[error(
        "the record of kind `{kind}` was sealed with the key `{key_id}`, which is not in `OAUTH_COOKIE_KEYS`: add that key again, behind the first; without it the record is lost"
    )]
    KeyLost {
        /// What the record is about: the first part of its key in the store.
        kind: &'static str,
        /// Names the lost key: records with the same name were sealed with the same key.
        key_id: String,
    },
    /// There is no room for another record of this kind. Nothing that is needed was removed to make
    /// room.
    #[error(
        "there is no room for another record of kind `{0}`: use a store outside of this process, such as SQLite, PostgreSQL or Redis"
    )]
    Full(&'static str),
    /// The back end cannot tell which records it has.
    #[error("this store cannot list its records: its back end does not implement `Store::list`")]
    CannotList,
}

impl StoreError {
    /// What a back end says when it cannot do its duty.
    pub fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend(Arc::from(error.into()))
    }

    fn is_temporary(&self) -> bool {
        matches!(self, Self::Backend(_) | Self::Contended(_) | Self::Full(_))
    }
}

/// Why there is no token to call an API with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The user never logged in with this provider, or its token is gone.
    #[error("there is no token of the user at this provider: send the user to its login")]
    Missing,
    /// The access token has expired, and there is no refresh token to get another one with. Many
    /// providers issue one only for a scope such as `offline_access` or a parameter such as
    /// `access_type=offline`.
    #[error(
        "the access token has expired, and there is no refresh token: send the user to the login again"
    )]
    Expired,
    /// An access token that the application passed to [`Client::with_token`](crate::Client::with_token)
    /// has expired. The library does not refresh what it does not keep.
    #[error(
        "the access token has expired, and a token that is passed by hand is not refreshed: get another \
         one where this one came from, or let the library keep it (`keep_tokens`)"
    )]
    NotRefreshed,
    /// A token that cannot be sent, from a record or the application's own tables. Nothing was sent.
    #[error("the stored token cannot be used: {0}")]
    Unusable(#[from] TokenFault),
    /// The provider has ended the grant: it was revoked, its time is over, or its refresh token was
    /// used twice (`invalid_grant`, RFC 6749 section 5.2, or what providers say instead).
    #[error("the provider has ended the grant: {0}; send the user to the login again")]
    Ended(ErrorResponse),
    /// The API refuses an access token that has not expired, and another one as well.
    #[error("the API refuses the access token, though it has not expired (status 401)")]
    Refused,
    /// The grant is known to lack scopes that the call needs.
    #[error("the grant lacks scopes that the call needs: {}{}", .0.missing.join(", "), refused_hint(.0))]
    ScopesNeeded(ScopesNeeded),
}

fn refused_hint(needed: &ScopesNeeded) -> String {
    let granted = needed.refused.as_ref();
    granted.map_or_else(String::new, |granted| {
        format!("; the user was asked for them, and the provider granted {granted}")
    })
}

/// The scopes that a call needs and a grant lacks.
///
/// As a response, the error that holds it is a page with a link to a login that asks for all of them
/// and leads back to the page that needed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopesNeeded {
    pub(crate) missing: Vec<String>,
    /// What is granted, and what is missing.
    pub(crate) all: Vec<String>,
    // Boxed strings: clippy bounds the size of an error.
    pub(crate) login: Option<Box<str>>,
    /// The answer to the same question, if it has just been asked.
    pub(crate) refused: Option<Box<str>>,
    /// Whether the request was made by a script.
    pub(crate) wants_json: bool,
}

impl ScopesNeeded {
    /// The scopes that are missing.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What is granted already, and what is missing: what an authorization request has to ask for, so
    /// that the grant holds both afterwards. By hand that is
    /// [`AuthorizeRedirect::scopes`](crate::AuthorizeRedirect::scopes).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Whether the user was asked for these scopes just now, and the provider did not grant them, or
    /// grants them in a form that the declaration does not name. Then there is no
    /// [`login`](Self::login): the same question would be asked for ever.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Where the login begins that asks for what is granted and what is missing: a path of this
    /// application. `None` where the call was not made for a page, and where they
    /// [are refused](Self::is_refused).
    pub fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }
}

/// A call that cannot be carried out as it was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// A parameter that the library sets itself.
    #[error("the parameter `{}` is set by the library", shown(.0, 100))]
    ReservedParameter(String),
    /// A call of OAuth 2.0 at a provider known at run time, which speaks OAuth 1.0a. With a declared one
    /// it does not compile.
    #[error("OAuth 1.0a, which the provider speaks, does not have `{0}`")]
    OtherProtocol(&'static str),
    /// An assertion, and no private key to sign it with.
    #[error(
        "an assertion is signed with a private key: set `{{NAME}}_PRIVATE_KEY` of this provider"
    )]
    NoPrivateKey,
    /// A value that protects the login, given by the caller, and not fit for it.
    #[error(
        "`{parameter}` cannot be used: {reason}; give at least {shortest} random characters, or none: then the library makes it"
    )]
    WeakValue {
        /// `state`, `nonce` or `code_verifier`.
        parameter: &'static str,
        /// What is wrong with it.
        reason: &'static str,
        /// Fewest characters of it.
        shortest: usize,
    },
    /// A value was given that this login has no use for: a `nonce` without OpenID Connect, a
    /// `code_verifier` without PKCE.
    #[error("`{0}` was given, and this login has no use for it: its provider is declared without")]
    UnusedValue(&'static str),
    /// A relative API path, and no `api_base_url`.
    #[error("`{0}` is a relative path, and the provider is declared without `api_base_url`")]
    NoApiBase(RedactedUrl),
    /// A URL that cannot be called.
    #[error("`{url}` cannot be called: {reason}")]
    BadUrl {
        /// What was given.
        url: RedactedUrl,
        /// What is wrong with it.
        reason: EndpointError,
    },
    /// A header that the library sets itself.
    #[error("the header `{0}` is set by the library")]
    ReservedHeader(&'static str),
    /// A token would leave the API: for another origin, or above its base.
    #[error("`{0}` leads out of the API: the token is not sent there")]
    ForeignOrigin(RedactedUrl),
    /// An [`Owner`](crate::Owner) that is no name: empty, or longer than 256 bytes.
    #[error("an owner of tokens needs an identifier of 1 to 256 bytes")]
    BadOwner,
    /// The tokens of a provider were to outlive the session, and it is declared, or described, without
    /// `keep_tokens`.
    #[error("the tokens of this provider are not kept: add `keep_tokens` to its description")]
    TokensNotKept,
    /// An account was connected with [`Client::connect_redirect`](crate::Client::connect_redirect), and the
    /// generated callback has no handler for it.
    #[error(
        "an account was connected and nothing handles it: declare `on_connect = …` in the registry, or give `connect_redirect` the `redirect_uri` of a route that takes `Connection`"
    )]
    NoOnConnect,
    /// A list of accounts, where the application keeps tokens in tables of its own.
    #[error(
        "the application keeps the tokens of this provider itself: its own tables list the accounts"
    )]
    AccountsOfHooks,
    /// A stored token of another provider.
    #[error("the stored token is one of `{}`, and `{expected}` takes its own alone", shown(.found, 100))]
    ForeignToken {
        /// Whose token it is.
        found: String,
        /// Whose it was taken for.
        expected: String,
    },
    /// A stored token that cannot be one.
    #[error("the stored token cannot be used: {0}")]
    UnusableToken(#[from] TokenFault),
    /// A claim of an assertion that the library sets itself.
    #[error(
        "the claim `{}` is set by the library: `BearerAssertion` has methods for `iss`, `sub` and `aud`, \
         and none for the others",
        shown(.0, 100)
    )]
    ReservedClaim(String),
    /// A body that cannot be written as JSON.
    #[error("the body cannot be written as JSON: {0}")]
    Body(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_from_outside_forges_no_line_of_the_log() {
        let evil = || "oauth_x\n\u{85}\u{202e}2026".to_owned();
        for error in [
            CallError::ReservedParameter(evil()),
            CallError::ReservedClaim(evil()),
            CallError::ForeignToken { found: evil(), expected: "op".to_owned() },
        ] {
            let text = error.to_string();
            assert!(text.contains("`oauth_x2026`"), "{text}");
        }
    }

    /// The hints that name the next step to whoever has just registered an application.
    #[test]
    fn what_is_registered_wrong_is_told_with_what_to_look_at() {
        let declined = |endpoint, code| {
            let response = ErrorResponse::new(code, None, None);
            ProviderError::Declined { endpoint, response }.to_string()
        };
        for code in ["invalid_client", "incorrect_client_credentials"] {
            let text = declined(Endpoint::Token, code);
            assert!(text.contains("the secret is not the one"), "{text}");
        }
        let text = declined(Endpoint::Authorization, "redirect_uri_mismatch");
        assert!(text.contains("the same scheme, host, port and path"), "{text}");
        assert_eq!(
            declined(Endpoint::Token, "invalid_grant"),
            "the token endpoint declined: invalid_grant"
        );
        let status = |endpoint, status| {
            let answer = AnswerExcerpt::default();
            ProviderError::Status { endpoint, status, answer, body: None }.to_string()
        };
        let text = status(Endpoint::Metadata, 404);
        assert!(text.contains("`/.well-known/openid-configuration`"), "{text}");
        assert_eq!(status(Endpoint::Api, 404), "the API answered with status 404");
    }

    #[test]
    fn what_a_provider_says_is_cut_to_a_length_that_a_log_can_bear() {
        let long = "x".repeat(1_000_000);
        let response = ErrorResponse::new(&long, Some(&long), Some(&long));
        assert_eq!(response.error().len(), 100);
        assert_eq!(response.description().map(str::len), Some(1_000));
        assert_eq!(response.uri().map(str::len), Some(1_000));
    }
}
