//! What a visitor sees of an error: which status, and words that help without telling secrets.

use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::pages::{Action, Page};
use super::session::Sessions;
use crate::error::{BrowserError, ErrorResponse, NetworkError, OAuthError};

impl OAuthError {
    /// The status of the answer: 4xx when the browser or the person is the reason, 5xx when the
    /// application, the provider or the network is.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Browser(BrowserError::NotLoggedIn) => StatusCode::UNAUTHORIZED,
            Self::Browser(BrowserError::CrossSite) => StatusCode::FORBIDDEN,
            Self::Browser(_) => StatusCode::BAD_REQUEST,
            _ if self.is_access_denied() => StatusCode::FORBIDDEN,
            Self::Token { .. } => StatusCode::UNAUTHORIZED,
            Self::Network { error: NetworkError::Timeout { .. }, .. } => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Provider { .. } | Self::Network { .. } => StatusCode::BAD_GATEWAY,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Configuration(_) | Self::Call(_) | Self::NoRandomness => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Browser(BrowserError::NotLoggedIn) => "Please sign in",
            _ if self.is_access_denied() => "Access was denied",
            _ => "Sign-in did not work",
        }
    }

    /// Words for a visitor, who did nothing wrong and wants to know what to do now.
    fn public_text(&self) -> &'static str {
        match self {
            Self::Browser(error) => match error {
                BrowserError::NoPendingLogin => {
                    "This sign-in was not begun in this browser, or your browser did not keep its \
                     cookie. Please begin again, and allow cookies for this site."
                }
                BrowserError::Expired(_) => "This sign-in took too long. Please begin again.",
                BrowserError::Replayed => {
                    "This sign-in has been used already. If you are not signed in, please begin again."
                }
                BrowserError::NotLoggedIn => "This page is for people who are signed in.",
                BrowserError::CrossSite => {
                    "This request came from another site, so it was not carried out."
                }
                BrowserError::Response(_) | BrowserError::ForeignPendingLogin => {
                    "The answer of the sign-in service does not belong to a sign-in that you began \
                     here. Please begin again."
                }
            },
            _ if self.is_access_denied() => {
                "The sign-in was cancelled, or access was not granted. Nothing has changed."
            }
            Self::Token { .. } => "Your access has ended. Please sign in again.",
            _ if self.is_temporary() => {
                "The sign-in service does not answer well at the moment. Please try again in a minute."
            }
            Self::Provider { .. } | Self::Network { .. } => {
                "The sign-in service sent an answer that cannot be accepted. The operator of this \
                 site finds the reason in the log."
            }
            _ => "Something is wrong on this site. Its operator finds the reason in the log.",
        }
    }

    /// The page for this error, with a way to try again if there is one.
    pub(crate) fn page(&self, try_again: Option<String>) -> Response {
        self.log();
        let quote = self.error_response().map(ErrorResponse::to_string);
        let label = "Try again".to_owned();
        Page {
            status: self.status(),
            title: self.title(),
            text: self.public_text(),
            quote: quote.as_deref(),
            actions: try_again.map(|href| Action::Link { label, href }).into_iter().collect(),
        }
        .into_response()
    }

    fn log(&self) {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(%status, error = %self, "login failed");
        } else {
            tracing::info!(%status, error = %self, "login refused");
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        self.page(None)
    }
}

/// Nobody is logged in. As a response it is a page with a button for each provider; after the login
/// the person comes back to the page that was asked for.
#[derive(Debug)]
pub struct NotLoggedIn {
    sessions: Sessions,
    return_to: String,
}

impl NotLoggedIn {
    pub(crate) fn new(sessions: Sessions, parts: &Parts) -> Self {
        // Only a page that can be asked for again is worth coming back to.
        let is_page = parts.method == Method::GET;
        let path = parts.uri.path_and_query().filter(|_| is_page);
        let return_to = path.map_or_else(|| "/".to_owned(), ToString::to_string);
        Self { sessions, return_to }
    }
}

impl IntoResponse for NotLoggedIn {
    fn into_response(self) -> Response {
        let error = OAuthError::from(BrowserError::NotLoggedIn);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &self.return_to)
            .finish();
        let links = &self.sessions.shared().login_links;
        let button = |link: &crate::shared::LoginLink| Action::Link {
            label: format!("Sign in with {}", link.display_name),
            href: format!("{}?{query}", link.path),
        };
        Page {
            status: error.status(),
            title: error.title(),
            text: error.public_text(),
            quote: None,
            actions: links.iter().map(button).collect(),
        }
        .into_response()
    }
}

impl From<NotLoggedIn> for OAuthError {
    fn from(_: NotLoggedIn) -> Self {
        Self::Browser(BrowserError::NotLoggedIn)
    }
}
