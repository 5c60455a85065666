//! Error responses for visitors: the status, and a text that helps without revealing secrets.

use std::error::Error;
use std::fmt::Write;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::development;
use super::error_context::{ErrorContext, ErrorReference};
use super::pages::{Action, Notes, Page, harden};
use crate::error::{BrowserError, NetworkError, OAuthError, ScopesNeeded, TokenError};
use crate::pages::Text;
use crate::pages::phrase::Phrase;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::error_response::ErrorResponse;
use crate::web::login::form_post;

impl OAuthError {
    /// The status of the response: 4xx if the browser or the user is the cause, 5xx if the
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
            Self::Store(_) | Self::Call(_) if self.is_temporary() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
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
            Declined { endpoint: EndpointKind::Api, .. }
                | Malformed { endpoint: EndpointKind::Api, .. }
                | Status { endpoint: EndpointKind::Api, .. }
                | Unusable { endpoint: EndpointKind::Api, .. }
        )
    }

    fn is_about_metadata(&self) -> bool {
        use ProviderError::{
            BadEndpoint, Declined, Malformed, MalformedIssuer, MetadataIssuer, NoEndpoint, Status,
            Unusable,
        };
        match self {
            Self::Network { .. } => true,
            Self::Provider { error, .. } => matches!(
                error,
                BadEndpoint { .. }
                    | MalformedIssuer { .. }
                    | MetadataIssuer { .. }
                    | NoEndpoint(_)
                    | Declined { endpoint: EndpointKind::Metadata, .. }
                    | Malformed { endpoint: EndpointKind::Metadata, .. }
                    | Status { endpoint: EndpointKind::Metadata, .. }
                    | Unusable { endpoint: EndpointKind::Metadata, .. }
            ),
            _ => false,
        }
    }

    fn title(&self) -> Text {
        match self {
            _ if self.lacks_refused_scopes() => Text::AccessRefusedTitle,
            _ if self.scopes_needed().is_some() => Text::AccessNeededTitle,
            Self::Token { error: TokenError::Unusable(_), .. } => Text::FailureTitle,
            Self::Browser(BrowserError::NotLoggedIn) | Self::Token { .. } => Text::SignInTitle,
            _ if self.is_interaction_required() => Text::InteractionTitle,
            _ if self.is_access_denied() => Text::CancelledTitle,
            _ if self.is_about_api() => Text::ApiFailureTitle,
            Self::Store(_)
            | Self::Call(_)
            | Self::Configuration(_)
            | Self::Randomness
            | Self::Cryptography
            | Self::TaskPanicked => Text::FailureTitle,
            Self::Browser(BrowserError::LogoutResponse(_)) => Text::LogoutResponseTitle,
            Self::Browser(BrowserError::CrossSite | BrowserError::NotAVisit) => Text::RefusedTitle,
            // A logout needs the metadata too, and its page must not speak of a sign-in.
            Self::Provider {
                error: ProviderError::NoEndpoint(EndpointKind::EndSession), ..
            } => Text::LogoutFailedTitle,
            _ if self.is_temporary() => Text::UnavailableTitle,
            _ if self.is_about_metadata() => Text::ApiFailureTitle,
            _ => Text::SignInFailedTitle,
        }
    }

    /// The text for a visitor, which says what to do now.
    fn public_text(&self) -> Text {
        match self {
            Self::Browser(error) => error.public_text(),
            _ if self.is_interaction_required() => Text::InteractionText,
            _ if self.is_access_denied() => Text::CancelledText,
            _ if self.lacks_refused_scopes() => Text::AccessRefusedText,
            _ if self.scopes_needed().is_some() => Text::AccessNeededText,
            Self::Token { error, .. } if !matches!(error, TokenError::Unusable(_)) => {
                Text::AccessEnded
            }
            Self::Store(_) if self.is_temporary() => Text::StoreUnavailable,
            Self::Call(_) if self.is_temporary() => Text::Starting,
            Self::Provider { .. } if self.is_about_api() => Text::ApiFailureText,
            _ if self.is_temporary() => Text::ServiceUnavailable,
            Self::Provider { .. } | Self::Network { .. } => Text::ServiceFailure,
            _ => Text::FailureText,
        }
    }

    fn lacks_refused_scopes(&self) -> bool {
        self.scopes_needed().is_some_and(ScopesNeeded::is_refused)
    }

    /// The error code for programs.
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

    /// The response to the request of the context: a page or JSON. It logs the error unless it has
    /// been logged before.
    pub(crate) fn response(&self, context: &ErrorContext) -> Response {
        if let Self::Browser(BrowserError::CookiesWithheld(response)) = self {
            return form_post::again(response, &context.viewer());
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
            actions.push(Action::Link { label: Phrase::of(label), href });
        }
        actions.push(Action::Home { href: context.home() });
        let page = Page {
            status: self.status(),
            title: Phrase::of(self.title()),
            text: &[Phrase::of(self.public_text())],
            // The code is for the log; it is meaningless to a visitor.
            quote: self.error_response().and_then(ErrorResponse::description),
            actions,
        };
        let list = needed.map(ScopesNeeded::missing).unwrap_or_default();
        page.with(&Notes { list, reference: Some(reference.as_str()) }, &context.viewer())
    }

    fn json(&self, context: &ErrorContext, reference: &ErrorReference) -> Response {
        let mut body = json!({
            "error": self.code(),
            // For programs and their logs, always in English.
            "error_description": self.public_text().english(),
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

    /// The link by which the user can continue: label and URL.
    fn next(&self, context: &ErrorContext) -> Option<(Text, String)> {
        match self.scopes_needed() {
            Some(needed) => Some((Text::Continue, needed.login()?.to_owned())),
            None => Some((Text::TryAgain, context.try_again()?)),
        }
    }

    /// Logs the error and its causes, under a number that the page can show.
    pub(crate) fn log(&self) -> ErrorReference {
        let (status, reference) = (self.status(), ErrorReference::new());
        let error = with_causes(self);
        if self.lacks_refused_scopes() {
            tracing::warn!(%status, %reference, %error, "rejected an OAuth request");
        } else if status.is_server_error() {
            tracing::error!(%status, %reference, %error, "an OAuth request failed");
        } else {
            tracing::info!(%status, %reference, %error, "rejected an OAuth request");
        }
        // The pages refer to the log.
        development::print_without_log(&format!(
            "an OAuth request was answered with {status} (reference {reference}): {error}"
        ));
        reference
    }
}

pub(in crate::web) fn json_response(status: StatusCode, body: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

impl BrowserError {
    fn public_text(&self) -> Text {
        match self {
            Self::NoPendingLogin => Text::NoPendingLogin,
            Self::Expired(_) => Text::Expired,
            Self::Replayed => Text::Replayed,
            Self::UnknownProvider => Text::UnknownProvider,
            Self::NotLoggedIn => Text::SignInText,
            Self::OtherSession => Text::OtherSession,
            Self::OtherPurpose { .. } => Text::OtherPurpose,
            Self::TooManyAccounts => Text::TooManyAccounts,
            Self::CookiesWithheld(_) => Text::ReturningText,
            Self::InitiatedLogin(_) => Text::InvalidInitiatedLogin,
            Self::CrossSite => Text::CrossSite,
            Self::AlreadySignedIn { .. } => Text::AlreadySignedIn,
            Self::EndedAtProvider => Text::EndedAtProvider,
            Self::NotAVisit => Text::NotAVisit,
            Self::LogoutResponse(_) => Text::LogoutResponse,
            Self::Response(_) | Self::ForeignPendingLogin => Text::ForeignResponse,
        }
    }
}

/// The error's text, and those of its causes that are not yet part of it.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::LogoutResponseError;

    #[test]
    fn failed_logout_does_not_speak_of_a_failed_sign_in() {
        let of_provider = |error| OAuthError::Provider { provider: "op".into(), error };
        let host = || "op.example".to_owned();
        let of_network = |error| OAuthError::Network { provider: "op".into(), error };
        for (error, expected) in [
            (BrowserError::NotAVisit.into(), "Request refused"),
            (BrowserError::CrossSite.into(), "Request refused"),
            (
                BrowserError::LogoutResponse(LogoutResponseError::StateMissing).into(),
                "Sign-out not confirmed",
            ),
            (of_provider(ProviderError::NoEndpoint(EndpointKind::EndSession)), "Sign-out failed"),
            (of_network(NetworkError::TooLarge { host: host(), most: 1 }), "Unexpected response"),
            (
                of_network(NetworkError::Timeout { host: host(), deadline: Duration::ZERO }),
                "Service unavailable",
            ),
            (of_provider(ProviderError::NoEndpoint(EndpointKind::Token)), "Unexpected response"),
        ] {
            let error: OAuthError = error;
            assert_eq!(error.title().english(), expected, "{error}");
        }
        assert_eq!(of_provider(ProviderError::IdTokenMissing).title().english(), "Sign-in failed");
    }

    /// From any endpoint: the device flow receives it from the token endpoint.
    #[test]
    fn refusal_of_a_user_is_no_fault_of_the_provider() {
        for endpoint in [EndpointKind::Authorization, EndpointKind::Token] {
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
