//! Errors, grouped by the party at fault.
//!
//! The texts are for logs and operators; `web` chooses the text for visitors. No variant holds a
//! secret, a code or a token.

mod browser;
mod call;
mod network;
mod server_metadata;
mod store;
mod token;

pub use self::browser::BrowserError;
pub use self::call::CallError;
pub use self::network::NetworkError;
pub use self::server_metadata::ServerMetadataError;
pub use self::store::StoreError;
pub use self::token::{ScopesNeeded, TokenError};
pub use crate::config::{ConfigFault, FaultKind};
pub use crate::json::JsonError;
pub use crate::protocol::answer::AnswerExcerpt;
pub use crate::protocol::api_error::ApiError;
pub use crate::protocol::authorization_response::AuthorizationResponseError;
pub use crate::protocol::end_session::LogoutResponseError;
pub use crate::protocol::endpoint_kind::EndpointKind;
pub use crate::protocol::error::ProviderError;
pub use crate::protocol::error_response::ErrorResponse;
pub use crate::protocol::id_token::IdTokenError;
pub use crate::protocol::initiated_login::InitiatedLoginError;
pub use crate::protocol::issuer::IssuerError;
pub use crate::protocol::jwe::JweError;
pub use crate::protocol::jwk::{JwkSetError, JwsAlgorithm};
pub use crate::protocol::jws::JwsError;
pub use crate::protocol::token_value::TokenFault;
pub use crate::protocol::userinfo_response::UserInfoError;
pub use crate::url::endpoint::EndpointError;

use std::sync::Arc;

use crate::config::ConfigError;
use crate::crypto::failure::Failure;
use crate::protocol::refusal::{self, Refusal};
use crate::sync::single_flight::TaskPanicked;

/// An error of a login or an API call.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The application's configuration is at fault.
    #[error("configuration: {0}")]
    Configuration(#[from] ConfigError),
    /// The browser's request is at fault, by what it contains or lacks.
    #[error("browser: {0}")]
    Browser(#[from] BrowserError),
    /// The provider declined, or broke the protocol.
    #[error("provider {provider}: {error}")]
    Provider {
        /// The name in the declaration.
        provider: Arc<str>,
        /// The provider's error.
        #[source]
        error: ProviderError,
    },
    /// The provider could not be reached, or its response could not be received.
    #[error("network, provider {provider}: {error}")]
    Network {
        /// The name in the declaration.
        provider: Arc<str>,
        /// The network error.
        #[source]
        error: NetworkError,
    },
    /// The store is at fault.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The user has no usable token for this provider.
    #[error("token, provider {provider}: {error}")]
    Token {
        /// The name in the declaration.
        provider: Arc<str>,
        /// The reason.
        #[source]
        error: TokenError,
        /// The response of the API that refused the token; see [`api_error`](Self::api_error).
        answer: Option<ApiError>,
    },
    /// The application called this library in a way that cannot be carried out.
    #[error("call: {0}")]
    Call(#[from] CallError),
    /// The operating system provides no random bytes, without which no operation is safe.
    #[error("randomness: the operating system provides no random bytes")]
    Randomness,
    /// A cryptographic operation failed that should always succeed.
    #[error("cryptography: an operation failed that should always succeed with these keys")]
    Cryptography,
    /// A task panicked in an HTTP client, a store or a hook of the application. The process's panic
    /// message says where.
    #[error("panic: an HTTP client, a store or a hook panicked; the panic message says where")]
    TaskPanicked,
}

impl OAuthError {
    /// The provider's error response, if it declined with one.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Provider { error: ProviderError::Declined { response, .. }, .. } => {
                Some(response)
            }
            _ => None,
        }
    }

    /// The response of an API whose status is not 2xx, with its body, if that is the reason.
    ///
    /// It is for the application and never part of this error's text, because an API may repeat
    /// anything in it.
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

    /// Whether the user cancelled or a policy of the provider refused: `access_denied`, or a
    /// provider's own code for it, such as `user_cancelled_login`, `user_refused` or
    /// `consent_required`. Neither side made a mistake. [`error_response`](Self::error_response)
    /// has the provider's code.
    ///
    /// It includes [`is_interaction_required`](Self::is_interaction_required).
    pub fn is_access_denied(&self) -> bool {
        self.refusal().is_some()
    }

    /// Whether the provider has to interact with the user but was asked not to: `login_required`,
    /// `consent_required`, `interaction_required`, `account_selection_required` (OpenID Connect
    /// Core 1.0 section 3.1.2.6). After `prompt=none`, a login without it can succeed.
    pub fn is_interaction_required(&self) -> bool {
        self.refusal() == Some(Refusal::InteractionRequired)
    }

    fn refusal(&self) -> Option<Refusal> {
        refusal::of(self.error_response()?.error())
    }

    /// Whether the same operation can succeed a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Network { error, .. } => error.is_temporary(),
            Self::Provider { error: ProviderError::Status { status, .. }, .. } => *status >= 500,
            Self::Provider { error: ProviderError::Declined { response, .. }, .. } => {
                matches!(response.error(), "temporarily_unavailable" | "server_error")
            }
            Self::Provider { error: ProviderError::KeysDelayed, .. } => true,
            Self::Store(error) => error.is_temporary(),
            Self::Call(error) => *error == CallError::NotConfigured,
            _ => false,
        }
    }
}

impl From<Failure> for OAuthError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Randomness => Self::Randomness,
            Failure::Operation => Self::Cryptography,
        }
    }
}

impl From<TaskPanicked> for OAuthError {
    fn from(_: TaskPanicked) -> Self {
        Self::TaskPanicked
    }
}
