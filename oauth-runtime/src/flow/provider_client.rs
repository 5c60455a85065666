//! The metadata of one provider: fetched when they are first needed, refreshed beside the logins,
//! kept when the provider is down.

use std::fmt;
use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;

use super::access_token::AccessTokens;
use super::grant::Grants;
use super::key_set::KeySet;
use crate::clock::Interval;
use crate::crypto::random;
use crate::declaration::spec::Quirk;
use crate::deployment::{Holder, Shared};
use crate::error::{CallError, OAuthError, TokenError};
use crate::http::{BodyStream, Limits};
use crate::json;
use crate::protocol::answer::{self, AnswerExcerpt};
use crate::protocol::api_error::ApiError;
use crate::protocol::assertion::Moment;
use crate::protocol::client_authentication::ClientAuthentication;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::freshness;
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

/// Age in seconds from which metadata are refreshed: what their response says, within these bounds.
const MIN_LIFETIME: u64 = 3600;
const MAX_LIFETIME: u64 = 24 * 3600;
/// Seconds between two attempts of a refresh.
const RETRY_AFTER: u64 = 60;
const FOR_EVER: Interval = Interval::new(0, u64::MAX);

/// One client at one provider, with what is known of the provider.
pub(crate) struct ProviderClient {
    pub(crate) settings: Settings,
    pub(crate) shared: Arc<Shared>,
    pub(crate) grants: Grants,
    /// Where the application keeps tokens itself.
    pub(super) hooks: Option<Arc<dyn Hooks>>,
    /// Tells the kept grants of this client from those of others of its name.
    pub(super) tag: String,
    pub(super) keys: KeySet,
    pub(super) access_tokens: AccessTokens,
    known: RwLock<Option<Known>>,
    fetching: PacedFlight<Arc<Resolved>, OAuthError>,
    /// After a request for temporary credentials of OAuth 1.0a that failed.
    pub(super) temporary_credentials: Pause<OAuthError>,
}

#[derive(Clone)]
struct Known {
    resolved: Arc<Resolved>,
    /// As it was published; `None` where nothing is.
    document: Option<Bytes>,
    /// While they are not refreshed.
    fresh: Interval,
}

impl ProviderClient {
    pub(crate) fn new(settings: Settings, shared: Arc<Shared>) -> Self {
        let quirks = settings.quirk_names();
        if !quirks.is_empty() {
            tracing::info!(provider = &*settings.name, ?quirks, "a provider with named deviations");
        }
        let hooks = shared.token_hooks.of(&settings.name).filter(|_| settings.keep_tokens);
        // Nothing that a provider vouched for is that of the one in its place.
        let tag = Key::fingerprint(&[&settings.client_id, &settings.binding]);
        Self {
            settings,
            shared,
            hooks,
            tag,
            grants: Grants::default(),
            keys: KeySet::default(),
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

    /// What a login needs of the provider; the first call fetches the metadata. If that fails, the
    /// failure is the answer for a few seconds.
    ///
    /// # Errors
    /// When the metadata cannot be fetched or used, and never were before.
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
    /// As [`resolved`](Self::resolved), and the same of the keys.
    pub(crate) async fn load(self: Arc<Self>) -> Result<(), OAuthError> {
        let resolved = self.resolved().await?;
        self.keys(&resolved).await?;
        Ok(())
    }

    /// What the provider publishes of itself, as far as it is known.
    ///
    /// # Errors
    /// [`ProviderError::Malformed`] for a document of which only a part can be read.
    pub(crate) fn server_metadata(&self) -> Result<ServerMetadata, OAuthError> {
        let known = self.known.read();
        let document = known.as_ref().and_then(|known| known.document.clone());
        drop(known);
        let Some(document) = document else { return Ok(ServerMetadata::default()) };
        let document = json::read(json::without_byte_order_mark(&document));
        document.map(ServerMetadata::new).map_err(|reason| {
            let answer = AnswerExcerpt::default();
            self.blame(ProviderError::Malformed {
                endpoint: EndpointKind::Metadata,
                reason,
                answer,
            })
        })
    }

    /// A redirect URI of the caller as the provider has to know it.
    ///
    /// # Errors
    /// [`CallError::BadUrl`].
    pub(super) fn whole_redirect_uri(&self, given: &RedirectUri) -> Result<String, CallError> {
        let whole = given.resolve(&self.shared.public_url);
        whole.map_err(|reason| CallError::BadUrl { url: given.redacted(), reason })
    }

    /// By what one request shows which client sends it; another request needs another one.
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

    /// Sends a request of a flow to this provider.
    ///
    /// It is no `async fn`, in whose future the request would stay: each future around it would be larger.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> impl Future<Output = Result<Response<Bytes>, OAuthError>> + Send {
        let answer = self.shared.http.send(request, limits);
        async move {
            answer.await.map_err(|error| OAuthError::Network {
                provider: Arc::clone(&self.settings.name),
                error,
            })
        }
    }

    /// Gives a request that carries a form the encoding that the provider wants.
    pub(super) fn encode(&self, request: &mut Request<Bytes>) {
        if self.settings.has_quirk(Quirk::JsonTokenRequest) {
            token_request::encode_as_json(request);
        }
    }

    /// An answer that says in its body alone that it is an error, where the provider sends such.
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
            Some(response) => Err(self.blame(ProviderError::Declined { endpoint, response })),
            None => Ok(()),
        }
    }

    /// RFC 7009 section 2.2: what a revocation is answered with besides its status counts for nothing.
    /// Where it speaks of an error, the token may live on.
    fn warn_of_error(&self, endpoint: EndpointKind, response: &Response<Bytes>) {
        if endpoint == EndpointKind::Revocation
            && response.status().is_success()
            && let Some(response) = answer::error_response(response)
        {
            let hint = "a provider that answers errors with status 200 needs `quirks(errors_with_status_200)`";
            tracing::warn!(provider = self.name(), %response, hint, "a revocation may have failed");
        }
    }

    /// Sends a token request and reads the answer, with the time at which it came.
    ///
    /// # Errors
    /// [`OAuthError::Network`], [`OAuthError::Provider`].
    pub(super) fn request_tokens(
        &self,
        mut request: Request<Bytes>,
    ) -> impl Future<Output = Result<(TokenResponse, u64), OAuthError>> + Send {
        self.encode(&mut request);
        let response = self.send(request, Limits::DOCUMENT);
        async move {
            let mut response = response.await?;
            self.fix_response(&mut response, |fix, response| fix.access_token_response(response));
            let quirks = self.settings.token_response_quirks();
            let tokens =
                token_response::read(&response, quirks).map_err(|error| self.blame(error))?;
            Ok((tokens, self.now()))
        }
    }

    /// Sends a request whose answer comes in pieces.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) async fn stream(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<BodyStream>, OAuthError> {
        let answer = self.shared.http.send_streaming(request, limits).await;
        answer.map_err(|error| OAuthError::Network {
            provider: Arc::clone(&self.settings.name),
            error,
        })
    }

    /// Tells the application that tokens have changed.
    pub(super) fn tell(&self, old: &Arc<TokenData>, new: &Arc<TokenData>) {
        let is_run_time = self.settings.evidence.is_described();
        let event = TokenUpdated::new(&self.settings.name, is_run_time, old, new);
        self.shared.listeners.tell(&event);
    }

    /// Puts this provider's name to an error.
    pub(crate) fn blame(&self, error: impl Into<ProviderError>) -> OAuthError {
        OAuthError::Provider { provider: Arc::clone(&self.settings.name), error: error.into() }
    }

    /// Logs the error in a response that answers no login of this browser: it may be the provider's word
    /// on what went wrong, and anyone can have sent it.
    pub(super) fn log_unverified(&self, response: Option<&ErrorResponse>) {
        if let Some(response) = response {
            tracing::info!(provider = self.name(), %response, "unverified: a response says");
        }
    }

    /// This provider as what vouches for an authority. `is_sharing` says whether the application wants
    /// it to share that.
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

    /// No two providers say who the users of one authority are, unless the application wants it so.
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
        Err(self.blame(ProviderError::AuthorityTaken { authority, holder }))
    }

    /// Says that there is no usable token of this provider.
    pub(crate) fn no_token(&self, error: TokenError) -> OAuthError {
        OAuthError::Token { provider: Arc::clone(&self.settings.name), error, answer: None }
    }

    /// Says that an API refuses the token, with its answer.
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
                let response = self.send(metadata::request(url), Limits::DOCUMENT).await?;
                let metadata = metadata::read(&response, self.settings.expected_issuer(url))
                    .map_err(|error| self.blame(error))?;
                let stated = freshness::lifetime(response.headers()).unwrap_or(MAX_LIFETIME);
                lifetime = Some(stated.clamp(MIN_LIFETIME, MAX_LIFETIME));
                document = Some(response.into_body());
                self.settings.resolve(Some(&metadata))
            }
        };
        let resolved = Arc::new(resolved.map_err(|error| self.blame(error))?);
        if !self.settings.evidence.is_described() {
            let authority = &resolved.authority;
            self.shared.declare_authority(authority.name(), self.holder(authority, false));
        }
        // Without a document there is nothing to refresh.
        let fresh = lifetime.map_or(FOR_EVER, |lifetime| Interval::new(self.now(), lifetime));
        let known = Known { resolved: Arc::clone(&resolved), document, fresh };
        *self.known.write() = Some(known);
        Ok(resolved)
    }

    /// A login neither waits for a refresh nor fails with it.
    async fn refresh(self: Arc<Self>) -> Result<Arc<Resolved>, OAuthError> {
        let refreshed = Arc::clone(&self).fetch().await;
        if let Err(error) = &refreshed {
            tracing::warn!(provider = self.name(), %error, "the metadata could not be refreshed");
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
