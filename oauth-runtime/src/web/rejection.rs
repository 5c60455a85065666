//! What a visitor sees of an error: which status, and words that help without telling secrets.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use axum::extract::OriginalUri;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::development;
use super::form_post;
use super::pages::{Action, Page};
use super::session::Sessions;
use crate::error::{
    BrowserError, Endpoint, ErrorResponse, NetworkError, OAuthError, ProviderError, ScopesNeeded,
};
use crate::shared::ProviderLink;

impl OAuthError {
    /// The status of the answer: 4xx when the browser or the person is the reason, 5xx when the
    /// application, the provider or the network is.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Browser(BrowserError::NotLoggedIn) => StatusCode::UNAUTHORIZED,
            Self::Browser(BrowserError::CookiesWithheld(_)) => StatusCode::OK,
            Self::Browser(BrowserError::CrossSite | BrowserError::NotAVisit) => {
                StatusCode::FORBIDDEN
            }
            Self::Browser(BrowserError::UnknownProvider) => StatusCode::NOT_FOUND,
            Self::Browser(_) => StatusCode::BAD_REQUEST,
            _ if self.is_access_denied() => StatusCode::FORBIDDEN,
            _ if self.scopes_needed().is_some() => StatusCode::FORBIDDEN,
            Self::Token { .. } => StatusCode::UNAUTHORIZED,
            Self::Network { error: NetworkError::Timeout { .. }, .. } => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Provider { .. } | Self::Network { .. } => StatusCode::BAD_GATEWAY,
            Self::Store(_) if self.is_temporary() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Configuration(_) | Self::Call(_) | Self::Machine => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn is_about_api(&self) -> bool {
        use ProviderError::{Declined, Malformed, Status, Unusable};
        let Self::Provider { error, .. } = self else { return false };
        matches!(
            error,
            Declined { endpoint: Endpoint::Api, .. }
                | Malformed { endpoint: Endpoint::Api, .. }
                | Status { endpoint: Endpoint::Api, .. }
                | Unusable { endpoint: Endpoint::Api, .. }
        )
    }

    fn title(&self) -> &'static str {
        match self {
            _ if self.scopes_needed().is_some() => "More access is needed",
            Self::Browser(BrowserError::NotLoggedIn) | Self::Token { .. } => "Please sign in",
            _ if self.is_interaction_required() => "More is needed to sign in",
            _ if self.is_access_denied() => "Sign-in was cancelled",
            _ if self.is_about_api() => "The service did not answer as expected",
            Self::Store(_) | Self::Call(_) | Self::Configuration(_) | Self::Machine => {
                "Something went wrong"
            }
            _ => "Sign-in did not work",
        }
    }

    /// Words for a visitor, who did nothing wrong and wants to know what to do now.
    fn public_text(&self) -> &'static str {
        match self {
            Self::Browser(error) => error.public_text(),
            _ if self.is_interaction_required() => {
                "The sign-in service needs something from you first, such as your password or your \
                 consent. Please try again."
            }
            _ if self.is_access_denied() => {
                "You cancelled the sign-in, or access was not granted. Nothing has changed."
            }
            _ if self.scopes_needed().is_some() => {
                "This page needs more access than you have given. You will be asked for it, and come \
                 back here."
            }
            Self::Token { .. } => "Your access has ended. Please sign in again.",
            Self::Store(_) if self.is_temporary() => {
                "This site cannot reach its own storage. Please try again in a minute."
            }
            Self::Provider { .. } if self.is_about_api() => {
                "The service behind this page sent an answer that cannot be used. The operator of \
                 this site finds the reason in the log."
            }
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
        let label = "Try again".to_owned();
        let link = |href| Action::Link { label, href };
        self.page_with(try_again.map(link).into_iter().collect())
    }

    fn page_with(&self, actions: Vec<Action<'_>>) -> Response {
        // The code is for the log: it says nothing to a visitor.
        let quote = self.error_response().and_then(ErrorResponse::description);
        Page {
            status: self.status(),
            title: self.title(),
            text: self.public_text(),
            quote,
            actions,
        }
        .into_response()
    }

    /// Tells whoever runs the application, down to the cause.
    pub(crate) fn log(&self) {
        let status = self.status();
        let error = with_causes(self);
        if status.is_server_error() {
            tracing::error!(%status, %error, "an OAuth request failed");
        } else {
            tracing::info!(%status, %error, "an OAuth request was refused");
        }
        // The pages say that the reason is in the log.
        development::tell(&format!("an OAuth request was answered with {status}: {error}"));
    }
}

impl BrowserError {
    fn public_text(&self) -> &'static str {
        match self {
            Self::NoPendingLogin => {
                "This sign-in was not begun in this browser, or your browser did not keep its \
                 cookie. Please begin again, and allow cookies for this site."
            }
            Self::Expired(_) => "This sign-in took too long. Please begin again.",
            Self::Replayed => {
                "This sign-in has been used already. If you are not signed in, please begin again."
            }
            Self::UnknownProvider => "There is no such way to sign in here.",
            Self::NotLoggedIn => "This page is for people who are signed in.",
            Self::OtherSession => {
                "This account was to be connected by somebody who is not signed in here now. Nothing has \
                 changed. Please begin again."
            }
            Self::OtherPurpose { .. } => {
                "The answer of the sign-in service does not belong here. Please begin again."
            }
            Self::TooManyAccounts => {
                "You have connected as many accounts as there is room for. Please disconnect one first."
            }
            Self::CookiesWithheld(_) => "One moment: you are being signed in.",
            Self::InitiatedLogin(_) => {
                "Another site asked for a sign-in here, and did not ask properly. Nothing has changed."
            }
            Self::CrossSite => "This request came from another site, so it was not carried out.",
            Self::NotAVisit => "This page opens only in a tab of its own. Nothing has changed.",
            Self::LogoutResponse(_) => {
                "This is the way back from a sign-out that was not begun in this browser. Nothing \
                 has changed."
            }
            Self::Response(_) | Self::ForeignPendingLogin => {
                "The answer of the sign-in service does not belong to a sign-in that you began \
                 here. Please begin again."
            }
        }
    }
}

/// The error's text, and those of its causes that it does not repeat already.
fn with_causes(error: &OAuthError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let shown = next.to_string();
        if !text.contains(&shown) {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {shown}");
        }
        cause = next.source();
    }
    text
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        if let Self::Browser(BrowserError::CookiesWithheld(response)) = &self {
            return form_post::again(response);
        }
        self.log();
        if let Some(login) = self.scopes_needed().and_then(ScopesNeeded::login) {
            let label = "Continue".to_owned();
            return self.page_with(vec![Action::Link { label, href: login.to_owned() }]);
        }
        self.page(None)
    }
}

/// The page that was asked for, to come back to.
pub(crate) fn return_to(sessions: &Sessions, parts: &Parts) -> String {
    // A nested router sees a shortened path; people see the whole one.
    let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri);
    let path = original.unwrap_or(&parts.uri).path_and_query();
    // Only a page that can be asked for again is worth coming back to.
    let path = path.filter(|_| parts.method == Method::GET);
    let path = path.map_or("/", |path| path.as_str());
    sessions.shared().public_url.outside(path)
}

/// A login is needed. As a response it is a page with a button for each provider; after the login
/// the person comes back to the page that was asked for. Who asks for JSON gets JSON.
///
/// Where somebody is signed in with another provider, and this one's tokens are kept (`keep_tokens`), it
/// is a page with a button that connects an account.
#[derive(Debug)]
pub struct LoginRequired {
    sessions: Sessions,
    /// The provider that is needed; any where none is named.
    provider: Option<Arc<str>>,
    /// Whether somebody is signed in, who lacks an account at this provider.
    connects: bool,
    return_to: String,
    wants_json: bool,
}

impl LoginRequired {
    pub(crate) fn new(sessions: Sessions, provider: Option<&Arc<str>>, parts: &Parts) -> Self {
        let return_to = return_to(&sessions, parts);
        let accept = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let wants = |kind: &str| accept.is_some_and(|accept| accept.contains(kind));
        let wants_json = wants("application/json") && !wants("text/html");
        let provider = provider.cloned();
        Self { sessions, provider, connects: false, return_to, wants_json }
    }

    /// Somebody is signed in, and needs an account at this provider, whose tokens are kept.
    pub(crate) fn connection(sessions: Sessions, provider: &Arc<str>, parts: &Parts) -> Self {
        Self { connects: true, ..Self::new(sessions, Some(provider), parts) }
    }

    fn connection_page(&self) -> Response {
        let provider = self.provider.as_deref().unwrap_or_default();
        let links = self.sessions.shared().links(Some(provider));
        let action = links.first().and_then(|link| {
            let label = format!("Connect {}", link.display_name);
            let href = format!("{}?{}", link.connect_path.as_ref()?, self.query());
            Some(Action::Link { label, href })
        });
        Page {
            status: StatusCode::FORBIDDEN,
            title: "An account is needed",
            text: "This page needs an account of yours that is not connected, or whose access has ended.",
            quote: None,
            actions: action.into_iter().collect(),
        }
        .into_response()
    }

    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &self.return_to)
            .finish()
    }
}

impl IntoResponse for LoginRequired {
    fn into_response(self) -> Response {
        let error = OAuthError::from(BrowserError::NotLoggedIn);
        if self.wants_json {
            let json = [("content-type", "application/json"), ("cache-control", "no-store")];
            let (status, body) = match self.connects {
                true => (StatusCode::FORBIDDEN, r#"{"error":"connection_required"}"#),
                false => (error.status(), r#"{"error":"login_required"}"#),
            };
            return (status, json, body).into_response();
        }
        if self.connects {
            return self.connection_page();
        }
        let query = self.query();
        let links = self.sessions.shared().links(self.provider.as_deref());
        let button = |link: &ProviderLink| Action::Link {
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

impl From<LoginRequired> for OAuthError {
    fn from(_: LoginRequired) -> Self {
        Self::Browser(BrowserError::NotLoggedIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever endpoint says it: the device flow hears it from the token endpoint.
    #[test]
    fn refusal_of_a_user_is_no_fault_of_the_provider() {
        for endpoint in [Endpoint::Authorization, Endpoint::Token] {
            for word in ["authorization_declined", "user_refused", "login_required"] {
                let response = ErrorResponse::new(word, None, None);
                let error = ProviderError::Declined { endpoint, response };
                let error = OAuthError::Provider { provider: "op".into(), error };
                assert!(error.is_access_denied(), "{word}");
                assert_eq!(error.status(), StatusCode::FORBIDDEN, "{word}");
            }
        }
    }
}
