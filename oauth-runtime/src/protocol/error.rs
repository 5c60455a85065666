//! How a provider declines, or breaks the protocol.

use crate::json::JsonError;
use crate::protocol::answer::AnswerExcerpt;
use crate::protocol::api_error::ApiError;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::id_token::IdTokenError;
use crate::protocol::issuer::IssuerError;
use crate::protocol::jwk::JwkSetError;
use crate::protocol::userinfo_response::UserInfoError;
use crate::url::endpoint::{EndpointError, RedactedUrl};

/// What a provider did wrong, or how it declined.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It declined in the protocol's words (RFC 6749 sections 4.1.2.1 and 5.2), or in those that
    /// providers of OAuth 1.0a use, whose specification has none.
    #[error("the {endpoint} declined: {response}{}", registration_hint(.response))]
    Declined {
        /// Which endpoint.
        endpoint: EndpointKind,
        /// What it said.
        response: ErrorResponse,
    },
    /// An answer with a status that the protocol does not know.
    #[error("the {endpoint} answered with status {status}{answer}{}", metadata_hint(*.endpoint, *.status))]
    Status {
        /// Which endpoint.
        endpoint: EndpointKind,
        /// The HTTP status.
        status: u16,
        /// What it said.
        answer: AnswerExcerpt,
        /// The whole answer of an API; see [`OAuthError::api_error`](crate::OAuthError::api_error).
        body: Option<ApiError>,
    },
    /// An answer that cannot be read.
    #[error("the {endpoint} did not return the JSON that the protocol asks for: {reason}{answer}")]
    Malformed {
        /// Which endpoint.
        endpoint: EndpointKind,
        /// Where reading stopped.
        reason: JsonError,
        /// What it said.
        answer: AnswerExcerpt,
    },
    /// An answer that lacks something, or has something unusable.
    #[error("the {endpoint} answered {what}{answer}")]
    Unusable {
        /// Which endpoint.
        endpoint: EndpointKind,
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
        reason: IssuerError,
    },
    /// An endpoint that says who a user is has been stated, and it is neither the issuer's by its place
    /// nor by the metadata that the issuer publishes.
    #[error(
        "its {endpoint} is not the one that the issuer `{issuer}` publishes, so the issuer does not vouch for its users: state no other endpoint than the metadata of the issuer do, or another issuer"
    )]
    UnconfirmedEndpoint {
        /// Which endpoint.
        endpoint: EndpointKind,
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
    NoEndpoint(EndpointKind),
    /// An endpoint of the metadata is not an acceptable URL.
    #[error("its metadata name an unusable {endpoint}: {reason}")]
    BadEndpoint {
        /// Which endpoint.
        endpoint: EndpointKind,
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
fn metadata_hint(endpoint: EndpointKind, status: u16) -> &'static str {
    match (endpoint, status) {
        (EndpointKind::Metadata, 404) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The hints that name the next step to whoever has just registered an application.
    #[test]
    fn wrong_registration_is_reported_with_the_remedy() {
        let declined = |endpoint, code| {
            let response = ErrorResponse::new(code, None, None);
            ProviderError::Declined { endpoint, response }.to_string()
        };
        for code in ["invalid_client", "incorrect_client_credentials"] {
            let text = declined(EndpointKind::Token, code);
            assert!(text.contains("the secret is not the one"), "{text}");
        }
        let text = declined(EndpointKind::Authorization, "redirect_uri_mismatch");
        assert!(text.contains("the same scheme, host, port and path"), "{text}");
        assert_eq!(
            declined(EndpointKind::Token, "invalid_grant"),
            "the token endpoint declined: invalid_grant"
        );
        let status = |endpoint, status| {
            let answer = AnswerExcerpt::default();
            ProviderError::Status { endpoint, status, answer, body: None }.to_string()
        };
        let text = status(EndpointKind::Metadata, 404);
        assert!(text.contains("`/.well-known/openid-configuration`"), "{text}");
        assert_eq!(status(EndpointKind::Api, 404), "the API answered with status 404");
    }
}
