//! What a visitor sees of an error: which status, and words that help without telling secrets.

use std::error::Error;
use std::fmt::{self, Write};
use std::sync::Arc;

use axum::extract::OriginalUri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERER};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use url::{Position, Url, form_urlencoded};

use super::client_kind::wants_json;
use super::development;
use super::error_context::{ErrorContext, ErrorReference};
use super::pages::{Action, Notes, Page, harden};
use crate::deployment::ProviderLink;
use crate::error::{BrowserError, NetworkError, OAuthError, ScopesNeeded, TokenError};
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::registry::sessions::Sessions;
use crate::url::public_url::PublicUrl;
use crate::web::login::form_post;
use crate::web::login::handler::ErrorPage;
use crate::web::login::return_to::own_path;
use crate::web::placement;

impl OAuthError {
    /// The status of the answer: 4xx when the browser or the person is the reason, 5xx when the
    /// application, the provider or the network is.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Browser(BrowserError::NotLoggedIn) => StatusCode::UNAUTHORIZED,
            Self::Browser(BrowserError::CookiesWithheld(_)) => StatusCode::OK,
            Self::Browser(BrowserError::AlreadySignedIn { .. }) => StatusCode::SEE_OTHER,
            Self::Browser(BrowserError::CrossSite | BrowserError::NotAVisit) => {
                StatusCode::FORBIDDEN
            }
            Self::Browser(BrowserError::UnknownProvider) => StatusCode::NOT_FOUND,
            Self::Browser(_) => StatusCode::BAD_REQUEST,
            _ if self.is_access_denied() => StatusCode::FORBIDDEN,
            _ if self.scopes_needed().is_some() => StatusCode::FORBIDDEN,
            Self::Token { error: TokenError::Unusable(_), .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Token { .. } => StatusCode::UNAUTHORIZED,
            Self::Network { error: NetworkError::Timeout { .. }, .. } => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Provider { .. } | Self::Network { .. } => StatusCode::BAD_GATEWAY,
            Self::Store(_) if self.is_temporary() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_)
            | Self::Configuration(_)
            | Self::Call(_)
            | Self::Randomness
            | Self::Cryptography
            | Self::TaskPanicked => StatusCode::INTERNAL_SERVER_ERROR,
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
            _ if self.lacks_refused_scopes() => "More access was not granted",
            _ if self.scopes_needed().is_some() => "More access is needed",
            Self::Token { error: TokenError::Unusable(_), .. } => "Something went wrong",
            Self::Browser(BrowserError::NotLoggedIn) | Self::Token { .. } => "Please sign in",
            _ if self.is_interaction_required() => "More is needed to sign in",
            _ if self.is_access_denied() => "Sign-in was cancelled",
            _ if self.is_about_api() => "Unexpected answer",
            Self::Store(_)
            | Self::Call(_)
            | Self::Configuration(_)
            | Self::Randomness
            | Self::Cryptography
            | Self::TaskPanicked => "Something went wrong",
            _ => "Sign-in failed",
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
            _ if self.lacks_refused_scopes() => {
                "This page needs more access than the sign-in service has granted. Asking again would not \
                 help; the operator of this site can find the reason in the log. It needs:"
            }
            _ if self.scopes_needed().is_some() => {
                "This page needs more access than you have granted. If you continue, you will be asked \
                 for it and then return here:"
            }
            Self::Token { error, .. } if !matches!(error, TokenError::Unusable(_)) => {
                "Your access has ended. Please sign in again."
            }
            Self::Store(_) if self.is_temporary() => {
                "This site cannot reach its own storage. Please try again in a minute."
            }
            Self::Provider { .. } if self.is_about_api() => {
                "The service behind this page sent an answer that cannot be used. The operator of \
                 this site can find the reason in the log."
            }
            _ if self.is_temporary() => {
                "The sign-in service is not available at the moment. Please try again in a minute."
            }
            Self::Provider { .. } | Self::Network { .. } => {
                "The sign-in service sent an answer that cannot be accepted. The operator of this \
                 site can find the reason in the log."
            }
            _ => "Something is wrong on this site. Its operator can find the reason in the log.",
        }
    }

    fn lacks_refused_scopes(&self) -> bool {
        self.scopes_needed().is_some_and(ScopesNeeded::is_refused)
    }

    /// A word for programs.
    fn code(&self) -> &'static str {
        match self {
            _ if self.scopes_needed().is_some() => "scopes_required",
            Self::Browser(BrowserError::NotLoggedIn) | Self::Token { .. } => "login_required",
            Self::Browser(BrowserError::UnknownProvider) => "unknown_provider",
            Self::Browser(BrowserError::CrossSite) => "cross_site_request",
            Self::Browser(BrowserError::TooManyAccounts) => "too_many_accounts",
            Self::Browser(_) => "invalid_request",
            _ if self.is_interaction_required() => "interaction_required",
            _ if self.is_access_denied() => "access_denied",
            _ if self.is_temporary() => "temporarily_unavailable",
            _ if self.is_about_api() => "api_error",
            Self::Provider { .. } | Self::Network { .. } => "provider_error",
            _ => "server_error",
        }
    }

    /// The answer to the request that the context is of: a page, or JSON. It is logged here unless it has
    /// been before.
    pub(crate) fn response(&self, context: &ErrorContext) -> Response {
        if let Self::Browser(BrowserError::CookiesWithheld(response)) = self {
            return form_post::again(response);
        }
        if let Self::Browser(BrowserError::AlreadySignedIn { return_to }) = self {
            let mut response = Redirect::to(return_to).into_response();
            harden(response.headers_mut());
            return response;
        }
        if let (Self::Browser(BrowserError::NotLoggedIn), Some(page)) = (self, &context.sign_in) {
            return page.response(context.wants_json);
        }
        let reference = context.reference.clone().unwrap_or_else(|| self.log());
        let needed = self.scopes_needed();
        if context.wants_json || needed.is_some_and(|needed| needed.wants_json) {
            return self.json(context, &reference);
        }
        let mut actions = Vec::new();
        if let Some((label, href)) = self.next(context) {
            actions.push(Action::Link { label: label.to_owned(), href });
        }
        actions.push(Action::Home { href: context.home() });
        let page = Page {
            status: self.status(),
            title: self.title(),
            text: self.public_text(),
            // The code is for the log: it says nothing to a visitor.
            quote: self.error_response().and_then(ErrorResponse::description),
            actions,
        };
        let list = needed.map(ScopesNeeded::missing).unwrap_or_default();
        page.with(&Notes { list, reference: Some(reference.as_str()) })
    }

    fn json(&self, context: &ErrorContext, reference: &ErrorReference) -> Response {
        let mut body = json!({
            "error": self.code(),
            "error_description": self.public_text(),
            "reference": reference.as_str(),
        });
        if let Some(needed) = self.scopes_needed() {
            body["scopes"] = json!(needed.missing());
        }
        if let Some((_, url)) = self.next(context) {
            body["url"] = json!(url);
        }
        json_response(self.status(), &body)
    }

    /// Where the user goes from here, with the label of the link.
    fn next(&self, context: &ErrorContext) -> Option<(&'static str, String)> {
        match self.scopes_needed() {
            Some(needed) => Some(("Continue", needed.login()?.to_owned())),
            None => Some(("Try again", context.try_again()?)),
        }
    }

    /// Logs the error and its causes, under a number that the page can show.
    pub(crate) fn log(&self) -> ErrorReference {
        let (status, reference) = (self.status(), ErrorReference::new());
        let error = with_causes(self);
        if self.lacks_refused_scopes() {
            tracing::warn!(%status, %reference, %error, "an OAuth request was refused");
        } else if status.is_server_error() {
            tracing::error!(%status, %reference, %error, "an OAuth request failed");
        } else {
            tracing::info!(%status, %reference, %error, "an OAuth request was refused");
        }
        // The pages say that the reason is in the log.
        development::tell(&format!(
            "an OAuth request was answered with {status} (reference {reference}): {error}"
        ));
        reference
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

impl BrowserError {
    fn public_text(&self) -> &'static str {
        match self {
            Self::NoPendingLogin => {
                "This sign-in was not started in this browser, or your browser did not keep its \
                 cookie. Please start again, and allow cookies for this site."
            }
            Self::Expired(_) => "This sign-in took too long. Please start again.",
            Self::Replayed => {
                "This sign-in has already been completed. If you are not signed in, please start again."
            }
            Self::UnknownProvider => "Unknown sign-in provider.",
            Self::NotLoggedIn => "You need to sign in to see this page.",
            Self::OtherSession => {
                "This account was to be connected in another session than the one that you have now. \
                 Nothing has changed. Please start again."
            }
            Self::OtherPurpose { .. } => {
                "The answer of the sign-in service does not belong here. Please start again."
            }
            Self::TooManyAccounts => {
                "You have connected the maximum number of accounts. Please disconnect one first."
            }
            Self::CookiesWithheld(_) => "One moment: you are being signed in.",
            Self::InitiatedLogin(_) => {
                "Another site asked for a sign-in here, but its request was not valid. Nothing has changed."
            }
            Self::CrossSite => "This request came from another site, so it was not carried out.",
            Self::AlreadySignedIn { .. } => "You are already signed in.",
            Self::NotAVisit => "This page opens only in a tab of its own. Nothing has changed.",
            Self::LogoutResponse(_) => {
                "This link belongs to a sign-out that was not started in this browser. Nothing has \
                 changed."
            }
            Self::Response(_) | Self::ForeignPendingLogin => {
                "The answer of the sign-in service does not belong to a sign-in that you started \
                 here. Please start again."
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
        self.response(&ErrorContext::current())
    }
}

/// The page that was asked for, to come back to. The answer to a script is no page: there it is the page
/// that the script runs in, as far as its `Referer` is of this site.
pub(crate) fn return_to(sessions: &Sessions, parts: &Parts) -> String {
    let public_url = &sessions.shared().public_url;
    if wants_json(&parts.headers) {
        return calling_page(public_url, parts).unwrap_or_else(|| public_url.outside("/"));
    }
    // A nested router sees a shortened path; visitors see the whole one.
    let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri);
    let path = original.unwrap_or(&parts.uri).path_and_query();
    // Only a page that can be asked for again is worth coming back to.
    let path = path.filter(|_| parts.method == Method::GET);
    let path = path.map_or("/", |path| path.as_str());
    public_url.outside(path)
}

fn calling_page(public_url: &PublicUrl, parts: &Parts) -> Option<String> {
    let referer = Url::parse(parts.headers.get(REFERER)?.to_str().ok()?).ok()?;
    let is_ours = referer.origin().ascii_serialization() == public_url.origin();
    is_ours
        .then(|| own_path(public_url, &referer[Position::BeforePath..Position::AfterQuery]))
        .flatten()
}

/// A login is needed. As a response it is a page with a button for each provider; after the login
/// the user comes back to the page that was asked for. A script gets JSON:
/// `{"error": "login_required", "url": "/auth/github/login?return_to=…", "logins": […], …}`.
///
/// Where the user is signed in with another provider, and this one's tokens are kept (`keep_tokens`), it
/// is a page with a button that connects an account, and `connection_required` in JSON.
///
/// Where the registry has a handler `on_error`, that handler answers in place of the page with the
/// buttons, with [`BrowserError::NotLoggedIn`]; as a response within it, the error is that page. Scripts
/// get their JSON in any case.
pub struct LoginRequired {
    page: Arc<SignInPage>,
    wants_json: bool,
    /// Of the handler `on_error`.
    answer: Option<Box<Response>>,
}

/// What the page says that asks for a login.
#[derive(Debug)]
pub(crate) struct SignInPage {
    sessions: Sessions,
    /// The provider that is needed; any where none is named.
    provider: Option<Arc<str>>,
    /// Whether the user is signed in, and lacks an account at this provider.
    connects: bool,
    return_to: String,
}

impl LoginRequired {
    pub(crate) fn new(sessions: Sessions, provider: Option<&Arc<str>>, parts: &Parts) -> Self {
        Self::of(sessions, provider, false, parts)
    }

    /// The user is signed in, and needs an account at this provider, whose tokens are kept.
    pub(crate) fn connection(sessions: Sessions, provider: &Arc<str>, parts: &Parts) -> Self {
        Self::of(sessions, Some(provider), true, parts)
    }

    fn of(sessions: Sessions, provider: Option<&Arc<str>>, connects: bool, parts: &Parts) -> Self {
        let return_to = return_to(&sessions, parts);
        let page = SignInPage { sessions, provider: provider.cloned(), connects, return_to };
        Self { page: Arc::new(page), wants_json: wants_json(&parts.headers), answer: None }
    }

    /// Has the application's handler answer, where the registry has one for this state.
    #[must_use]
    pub(crate) async fn answered_by<S: 'static>(mut self, parts: &Parts, state: &S) -> Self {
        let shared = self.page.sessions.shared();
        if !self.wants_json
            && !self.page.connects
            && let Some(on_error) = shared.sign_in_handlers.of::<ErrorPage<S>>()
        {
            let context = ErrorContext::of(&parts.headers, shared).asking_for(&self.page);
            let error = BrowserError::NotLoggedIn.into();
            let answer = (on_error.0)(error, parts.clone(), state);
            self.answer = Some(Box::new(context.within(answer).await));
        }
        self
    }
}

impl SignInPage {
    pub(super) fn response(&self, wants_json: bool) -> Response {
        let links = self.sessions.shared().links(self.provider.as_deref());
        if let Some(link) = links.first() {
            placement::expect_routes(self.sessions.shared(), &link.path);
        }
        if wants_json { self.json(&links) } else { self.page(&links) }
    }

    fn page(&self, links: &[ProviderLink]) -> Response {
        let name = links.first().map_or("", |link| &*link.display_name);
        let (title, text) = match self.connects {
            true => (
                format!("Connect {name}"),
                format!(
                    "This page needs your {name} account, which is not connected or no longer gives access."
                ),
            ),
            false => {
                ("Please sign in".to_owned(), "You need to sign in to see this page.".to_owned())
            }
        };
        let button = |link: &ProviderLink| {
            let verb = if self.connects { "Connect" } else { "Sign in with" };
            let label = format!("{verb} {}", link.display_name);
            Some(Action::Link { label, href: self.url(link)? })
        };
        let home = Action::Home { href: self.sessions.shared().public_url.outside("/") };
        let page = Page {
            status: self.status(),
            title: &title,
            text: &text,
            quote: None,
            actions: links.iter().filter_map(button).chain([home]).collect(),
        };
        page.into_response()
    }

    fn json(&self, links: &[ProviderLink]) -> Response {
        let logins = links.iter().filter_map(|link| {
            let url = self.url(link)?;
            Some(json!({ "provider": &*link.name, "name": &*link.display_name, "url": url }))
        });
        let logins: Vec<_> = logins.collect();
        let mut body = match self.connects {
            true => json!({
                "error": "connection_required",
                "error_description": "An account is needed that is not connected.",
            }),
            false => json!({
                "error": "login_required",
                "error_description": "A login is needed.",
            }),
        };
        if let Some(first) = logins.first() {
            body["url"] = first["url"].clone();
        }
        body["logins"] = Value::Array(logins);
        json_response(self.status(), &body)
    }

    fn status(&self) -> StatusCode {
        if self.connects { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED }
    }

    fn url(&self, link: &ProviderLink) -> Option<String> {
        let path = if self.connects { link.connect_path.as_ref()? } else { &link.path };
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &self.return_to)
            .finish();
        Some(format!("{path}?{query}"))
    }
}

impl IntoResponse for LoginRequired {
    fn into_response(self) -> Response {
        match self.answer {
            Some(answer) => *answer,
            None => self.page.response(self.wants_json),
        }
    }
}

impl fmt::Debug for LoginRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequired").field("page", &self.page).finish_non_exhaustive()
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
