//! Metadata and keys of one provider: fetched when they are first needed, refreshed beside the
//! logins, kept when the provider is down.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ::http::{Request, Response};
use bytes::Bytes;

use super::key_set::KeySet;
use super::single_flight::SingleFlight;
use crate::error::{OAuthError, ProviderError};
use crate::http::Limits;
use crate::protocol::metadata;
use crate::resolve::{Resolved, Settings};
use crate::shared::Shared;

/// Age in seconds from which metadata are refreshed.
const REFRESH_AFTER: u64 = 24 * 3600;

/// One client at one provider, with what is known of the provider.
pub(crate) struct ProviderClient {
    pub(crate) settings: Settings,
    pub(crate) shared: Arc<Shared>,
    pub(crate) keys: KeySet,
    known: RwLock<Option<Known>>,
    fetching: SingleFlight,
    is_refreshing: AtomicBool,
}

#[derive(Debug, Clone)]
struct Known {
    resolved: Arc<Resolved>,
    /// Seconds since 1970-01-01 UTC.
    fetched_at: u64,
}

impl fmt::Debug for ProviderClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderClient({})", self.name())
    }
}

impl ProviderClient {
    pub(crate) fn new(settings: Settings, shared: Arc<Shared>) -> Self {
        Self {
            settings,
            shared,
            keys: KeySet::default(),
            known: RwLock::default(),
            fetching: SingleFlight::default(),
            is_refreshing: AtomicBool::new(false),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.settings.spec.name
    }

    pub(crate) fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    /// What a login needs of the provider; the first call asks for the metadata.
    ///
    /// # Errors
    /// When the metadata cannot be fetched or used, and never were before.
    pub(crate) async fn resolved(self: &Arc<Self>) -> Result<Arc<Resolved>, OAuthError> {
        if let Some(known) = self.known() {
            if self.is_stale(&known) {
                self.refresh_beside();
            }
            return Ok(known.resolved);
        }
        let found = || self.known().map(|known| known.resolved);
        self.fetching.run(found, self.fetch()).await
    }

    /// Sends a request of a flow to this provider.
    ///
    /// # Errors
    /// [`OAuthError::Network`].
    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, OAuthError> {
        let answer = self.shared.http.send(request, limits).await;
        answer.map_err(|error| OAuthError::Network { provider: self.name(), error })
    }

    /// Puts this provider's name to an error.
    pub(crate) fn blame(&self, error: impl Into<ProviderError>) -> OAuthError {
        OAuthError::Provider { provider: self.name(), error: error.into() }
    }

    fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_stale(&self, known: &Known) -> bool {
        self.settings.metadata_url.is_some()
            && self.now() >= known.fetched_at.saturating_add(REFRESH_AFTER)
    }

    async fn fetch(&self) -> Result<Arc<Resolved>, OAuthError> {
        let resolved = match &self.settings.metadata_url {
            None => self.settings.resolve(None),
            Some(url) => {
                tracing::debug!(provider = self.name(), %url, "fetching the metadata");
                let response = self.send(metadata::request(url), Limits::DOCUMENT).await?;
                let metadata = metadata::read(&response, self.settings.expected_issuer())
                    .map_err(|error| self.blame(error))?;
                self.settings.resolve(Some(&metadata))
            }
        };
        let resolved = Arc::new(resolved.map_err(|error| self.blame(error))?);
        let known = Known { resolved: Arc::clone(&resolved), fetched_at: self.now() };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(resolved)
    }

    /// A login neither waits for a refresh nor fails with it.
    fn refresh_beside(self: &Arc<Self>) {
        if self.is_refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        let client = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = client.fetch().await {
                tracing::warn!(provider = client.name(), %error, "the metadata could not be refreshed");
                client.postpone_refresh();
            }
            client.is_refreshing.store(false, Ordering::Release);
        });
    }

    /// After a failed refresh the next one waits a minute.
    fn postpone_refresh(&self) {
        let next = (self.now() + 60).saturating_sub(REFRESH_AFTER);
        if let Some(known) = &mut *self.known.write().unwrap_or_else(PoisonError::into_inner) {
            known.fetched_at = next;
        }
    }
}
