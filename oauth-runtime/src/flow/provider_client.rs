//! The client of one provider with the provider's metadata: fetched on first use, refreshed in the
//! background, kept while the provider is unavailable.

use std::fmt;
use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;

use super::access_token::AccessTokens;
use super::grant::Grants;
use super::key_set::KeySet;
use crate::clock::Interval;
use crate::crypto::random;
use crate::declaration::client_authenticator::Authenticator;
use crate::declaration::spec::Quirk;
use crate::deployment::{Holder, Shared};
use crate::error::{CallError, OAuthError, TokenError};
use crate::http::HttpClient;
use crate::json;
use crate::protocol::answer::{self, AnswerExcerpt};
use crate::protocol::api_error::ApiError;
use crate::protocol::assertion::Moment;
use crate::protocol::client_authentication::ClientAuthentication;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::freshness;
use crate::protocol::jwk::JwkSet;
use crate::protocol::metadata;
use crate::protocol::server_metadata::ServerMetadata;
use crate::protocol::token_request;
use crate::protocol::token_response::{self, TokenResponse};
use crate::settings::{Authority, Resolved, Settings};
use crate::store::Key;
use crate::sync::future::BoxFuture;
use crate::sync::lock::RwLock;
use crate::sync::paced_flight::{PacedFlight, Pause};
use crate::token::TokenData;
use crate::token::hooks::Hooks;
use crate::token::updated::TokenUpdated;
use crate::url::redirect_uri::RedirectUri;

/// Minimum age in seconds of metadata for a refresh: the lifetime that their response states,
/// within these bounds.
const MIN_LIFETIME: u64 = 3600;
const MAX_LIFETIME: u64 = 24 * 3600;
/// Seconds between two attempts to refresh.
const RETRY_AFTER: u64 = 60;
const FOR_EVER: Interval = Interval::new(0, u64::MAX);

/// One client at one provider, with the provider's known data.
pub(crate) struct ProviderClient {
    pub(crate) settings: Settings,
    pub(crate) shared: Arc<Shared>,
    pub(super) http: Arc<dyn HttpClient>,
    pub(crate) grants: Grants,
    /// Present if the application stores tokens itself.
    pub(super) hooks: Option<Arc<dyn Hooks>>,
    /// Present if the application authenticates the client itself.
    pub(super) authenticator: Option<Arc<dyn Authenticator>>,
    /// Distinguishes the offline grants of this client from those of other clients with its name.
    pub(super) tag: String,
    pub(super) keys: KeySet,
    pub(super) access_tokens: AccessTokens,
    known: RwLock<Option<CachedMetadata>>,
    fetching: PacedFlight<Arc<Resolved>, OAuthError>,
    /// The pause after a failed request for OAuth 1.0a temporary credentials.
    pub(super) temporary_credentials: Pause<OAuthError>,
}

#[derive(Clone)]
struct CachedMetadata {
    resolved: Arc<Resolved>,
    /// The document as it was published; `None` if there is none.
    document: Option<Bytes>,
    /// While they are not refreshed.
    fresh: Interval,
}

impl ProviderClient {
    /// `http` is the HTTP client of this provider; `None` for the common one.
    pub(crate) fn new(
        settings: Settings,
        shared: Arc<Shared>,
        http: Option<Arc<dyn HttpClient>>,
    ) -> Self {
        let quirks = settings.quirk_names();
        if !quirks.is_empty() {
            tracing::info!(provider = &*settings.name, ?quirks, "a provider with quirks");
        }
        let hooks = shared.token_hooks.of(&settings.name).filter(|_| settings.keep_tokens);
        // A provider that replaces another one must not inherit the identities of its predecessor.
        let tag = Key::fingerprint(&[&settings.client_id, &settings.binding]);
        let authenticator = shared.authenticators.of(&settings.name);
        let jwks = settings.jwks.clone();
        Self {
            settings,
            http: http.unwrap_or_else(|| Arc::clone(&shared.http)),
            shared,
            hooks,
            authenticator,
            tag,
            grants: Grants::default(),
            keys: KeySet::new(jwks.as_ref()),
            access_tokens: AccessTokens::default(),
            known: RwLock::default(),
            fetching: PacedFlight::default(),
            temporary_credentials: Pause::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(crate) fn now(&self) -> u64 {
        self.shared.clock.seconds()
    }

    /// Returns the provider's data for a login; the first call fetches the metadata. If that fails,
    /// the failure is cached for a few seconds.
    ///
    /// # Errors
    /// When the metadata cannot be fetched or used and never could be.
    pub(crate) async fn resolved(self: &Arc<Self>) -> Result<Arc<Resolved>, OAuthError> {
        let known = self.known.read().clone();
        match known {
            Some(known) => {
                if !known.fresh.contains(self.now()) {
                    self.postpone_refresh();
                    self.fetching.start(|| Box::pin(Arc::clone(self).refresh()));
                }
                Ok(known.resolved)
            }
            None => {
                let attempt = || Box::pin(Arc::clone(self).fetch()) as BoxFuture<'static, _>;
                self.fetching.run(&self.shared.clock, attempt).await
            }
        }
    }

    /// Fetches metadata and keys, unless they are known.
    ///
    /// # Errors
    /// As [`resolved`](Self::resolved), and the same for the keys.
    pub(crate) async fn load(self: Arc<Self>) -> Result<(), OAuthError> {
        let resolved = self.resolved().await?;
        self.keys(&resolved).await?;
        Ok(())
    }

    /// The provider's keys.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(crate) async fn key_set(self: &Arc<Self>) -> Result<Arc<JwkSet>, OAuthError> {
        let resolved = self.resolved().await?;
        Ok(self.keys(&resolved).await?.set)
    }

    /// The provider's metadata, as far as they are known.
    ///
    /// # Errors
    /// [`ProviderError::Malformed`] for a document that can be read only in part.
    pub(crate) fn server_metadata(&self) -> Result<ServerMetadata, OAuthError> {
        let known = self.known.read();
        let document = known.as_ref().and_then(|known| known.document.clone());
        drop(known);
        let Some(document) = document else { return Ok(ServerMetadata::default()) };
        let document = json::read(json::without_byte_order_mark(&document));
        document.map(ServerMetadata::new).map_err(|reason| {
            let answer = AnswerExcerpt::default();
            self.provider_error(ProviderError::Malformed {
                endpoint: EndpointKind::Metadata,
                reason,
                answer,
            })
        })
    }

    /// The absolute form of a caller's redirect URI, as registered at the provider.
    ///
    /// # Errors
    /// [`CallError::BadUrl`].
    pub(super) fn whole_redirect_uri(&self, given: &RedirectUri) -> Result<String, CallError> {
        let whole = given.resolve(&self.shared.public_url);
        whole.map_err(|reason| CallError::BadUrl { url: given.redacted(), reason })
    }

    /// The client authentication of one request; another request needs a new one.
    ///
    /// # Errors
    /// [`OAuthError::Randomness`], [`OAuthError::Cryptography`].
    pub(crate) fn authentication(
        &self,
        resolved: &Resolved,
    ) -> Result<ClientAuthentication, OAuthError> {
        let unique = match resolved.credential.is_signed() {
            true => random::text::<16>()?,
            false => String::new(),
        };
        let moment = Moment { now: self.now(), unique: &unique };
        Ok(resolved.credential.authentication(moment)?)
    }

    /// Re-encodes the form in a request as the provider demands.
    pub(super) fn encode(&self, request: &mut Request<Bytes>) {
        self.settings.own.request.rename_form(request);
        if self.settings.has_quirk(Quirk::JsonTokenRequest) {
            token_request::encode_as_json(request);
        }
    }

    /// Re-encodes a token request or a refresh as the provider demands.
    ///
    /// # Errors
    /// [`CallError::Unsendable`] for a query that is too long.
    pub(super) fn encode_token_request(
        &self,
        request: &mut Request<Bytes>,
    ) -> Result<(), OAuthError> {
        if self.settings.has_quirk(Quirk::GetTokenRequest) {
            self.settings.own.request.rename_form(request);
            return Ok(token_request::encode_as_query(request)?);
        }
        self.encode(request);
        Ok(())
    }

    /// Rejects a response that shows only in its body that it is an error, if the provider sends
    /// such.
    ///
    /// # Errors
    /// [`ProviderError::Declined`].
    pub(super) fn refuse_error(
        &self,
        endpoint: EndpointKind,
        response: &Response<Bytes>,
    ) -> Result<(), OAuthError> {
        if !self.settings.has_quirk(Quirk::ErrorsWithStatus200) {
            self.warn_of_error(endpoint, response);
            return Ok(());
        }
        match answer::error_response(response) {
            Some(response) => {
                Err(self.provider_error(ProviderError::Declined { endpoint, response }))
            }
            None => Ok(()),
        }
    }

    /// RFC 7009 section 2.2: only the status of a revocation response counts. If its body contains
    /// an error, the token may still be valid.
    fn warn_of_error(&self, endpoint: EndpointKind, response: &Response<Bytes>) {
        if endpoint == EndpointKind::Revocation
            && response.status().is_success()
            && let Some(response) = answer::error_response(response)
        {
            let hint = "a provider that answers errors with status 200 needs `quirks(errors_with_status_200)`";
            tracing::warn!(provider = self.name(), %response, hint, "a revocation may have failed");
        }
    }

    /// Sends a token request and reads the response, with the time of its arrival.
    ///
    /// # Errors
    /// [`OAuthError::Network`], [`OAuthError::Provider`].
    pub(super) fn request_tokens(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<(TokenResponse, u64), OAuthError>> + Send {
        self.request_tokens_with(request, self.settings.token_response_quirks())
    }

    /// Like [`request_tokens`](Self::request_tokens), for a response that is read with `quirks`.
    ///
    /// # Errors
    /// [`OAuthError::Network`], [`OAuthError::Provider`]; [`OAuthError::Call`] when the compliance
    /// fix sets what only the library may set.
    pub(super) fn request_tokens_with(
        &self,
        mut request: Request<Bytes>,
        quirks: token_response::Quirks<'_>,
    ) -> impl Future<Output = Result<(TokenResponse, u64), OAuthError>> + Send {
        let fixed = self.fix_token_request(&mut request).map_err(OAuthError::from);
        let response = fixed.map(|()| self.send_token_request(request));
        async move {
            let mut response = response?.await?;
            self.fix_response(&mut response, |fix, response| fix.access_token_response(response));
            let tokens = token_response::read(&response, quirks)
                .map_err(|error| self.provider_error(error))?;
            Ok((tokens, self.now()))
        }
    }

    /// Notifies the application that tokens have changed.
    pub(super) fn notify_listeners(&self, old: &Arc<TokenData>, new: &Arc<TokenData>) {
        let is_run_time = self.settings.evidence.is_described();
        let event = TokenUpdated::new(&self.settings.name, is_run_time, old, new);
        self.shared.listeners.notify(&event);
    }

    /// Notifies the application that a token that it requested for itself has been replaced.
    pub(super) fn notify_of_own_token(&self, old: TokenData, new: &TokenData) {
        let is_run_time = self.settings.evidence.is_described();
        let (old, new) = (Arc::new(old), Arc::new(new.clone()));
        let event = TokenUpdated::new(&self.settings.name, is_run_time, &old, &new);
        self.shared.listeners.notify(&event.of_application());
    }

    /// Adds this provider's name to an error.
    pub(crate) fn provider_error(&self, error: impl Into<ProviderError>) -> OAuthError {
        OAuthError::Provider { provider: Arc::clone(&self.settings.name), error: error.into() }
    }

    /// Logs the error in a response that answers no login of this browser: it may be the provider's
    /// reason for a failure, but anyone can have sent it.
    pub(super) fn log_unverified(&self, response: Option<&ErrorResponse>) {
        if let Some(response) = response {
            tracing::info!(provider = self.name(), %response, "an unverified response contains an error");
        }
    }

    /// This provider as a holder of an authority. `is_sharing` says whether the application allows
    /// other providers to share it.
    pub(crate) fn holder(&self, authority: &Authority, is_sharing: bool) -> Holder {
        Holder {
            provider: Arc::clone(&self.settings.name),
            client_id: self.settings.client_id.as_str().into(),
            binding: Arc::clone(&self.settings.binding),
            is_declared: !self.settings.evidence.is_described(),
            is_genuine: authority.is_genuine(),
            is_sharing,
        }
    }

    /// Only one provider identifies the users of an authority, unless the application allows
    /// sharing.
    ///
    /// # Errors
    /// [`ProviderError::AuthorityTaken`].
    pub(super) fn check_authority(&self, authority: &str) -> Result<(), OAuthError> {
        if !self.settings.evidence.is_described() {
            return Ok(());
        }
        let Some(holder) = self.shared.authorities.conflict(self.name(), authority) else {
            return Ok(());
        };
        let (authority, holder) = (authority.to_owned(), holder.to_string());
        Err(self.provider_error(ProviderError::AuthorityTaken { authority, holder }))
    }

    /// The error for a missing or unusable token of this provider.
    pub(crate) fn no_token(&self, error: TokenError) -> OAuthError {
        OAuthError::Token { provider: Arc::clone(&self.settings.name), error, answer: None }
    }

    /// The error for a token that an API refuses, with its response.
    pub(crate) fn refused_token(&self, answer: ApiError) -> OAuthError {
        let (provider, error) = (Arc::clone(&self.settings.name), TokenError::Refused);
        OAuthError::Token { provider, error, answer: Some(answer) }
    }

    async fn fetch(self: Arc<Self>) -> Result<Arc<Resolved>, OAuthError> {
        let (mut lifetime, mut document) = (None, None);
        let resolved = match &self.settings.metadata_url {
            None => self.settings.resolve(None),
            Some(url) => {
                tracing::debug!(provider = self.name(), %url, "fetching the metadata");
                let response = self.send(metadata::request(url), self.document()).await?;
                let metadata = metadata::read(&response, self.settings.expected_issuer(url))
                    .map_err(|error| self.provider_error(error))?;
                let stated = freshness::lifetime(response.headers()).unwrap_or(MAX_LIFETIME);
                lifetime = Some(stated.clamp(MIN_LIFETIME, MAX_LIFETIME));
                document = Some(response.into_body());
                self.settings.resolve(Some(&metadata))
            }
        };
        let resolved = Arc::new(resolved.map_err(|error| self.provider_error(error))?);
        if !self.settings.evidence.is_described() {
            let authority = &resolved.authority;
            self.shared.declare_authority(authority.name(), self.holder(authority, false));
        }
        // Without a document there is nothing to refresh.
        let fresh = lifetime.map_or(FOR_EVER, |lifetime| Interval::new(self.now(), lifetime));
        let known = CachedMetadata { resolved: Arc::clone(&resolved), document, fresh };
        *self.known.write() = Some(known);
        Ok(resolved)
    }

    /// Refreshes the metadata in the background: a login neither waits for it nor fails with it.
    async fn refresh(self: Arc<Self>) -> Result<Arc<Resolved>, OAuthError> {
        let refreshed = Arc::clone(&self).fetch().await;
        if let Err(error) = &refreshed {
            tracing::warn!(provider = self.name(), %error, "failed to refresh the metadata");
        }
        refreshed
    }

    fn postpone_refresh(&self) {
        if let Some(known) = &mut *self.known.write() {
            known.fresh = Interval::new(self.now(), RETRY_AFTER);
        }
    }
}

impl fmt::Debug for ProviderClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProviderClient").field(&self.name()).finish()
    }
}
