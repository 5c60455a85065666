//! Errors of a provider: how it declines or breaks the protocol.

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

/// An error of a provider: it declined, or broke the protocol.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It declined with an error response of the protocol (RFC 6749 sections 4.1.2.1 and 5.2), or
    /// with one that OAuth 1.0a providers use, whose specification defines none.
    #[error("the {endpoint} declined: {response}{}", registration_hint(.response))]
    Declined {
        /// The endpoint.
        endpoint: EndpointKind,
        /// An excerpt of the response.
        response: ErrorResponse,
    },
    /// A response with a status that the protocol does not define.
    #[error("the {endpoint} answered with status {status}{answer}{}", metadata_hint(*.endpoint, *.status))]
    Status {
        /// The endpoint.
        endpoint: EndpointKind,
        /// The HTTP status.
        status: u16,
        /// An excerpt of the response.
        answer: AnswerExcerpt,
        /// The whole response of an API; see
        /// [`OAuthError::api_error`](crate::OAuthError::api_error).
        body: Option<ApiError>,
    },
    /// A response that cannot be read.
    #[error("the {endpoint} did not return the JSON that the protocol asks for: {reason}{answer}")]
    Malformed {
        /// The endpoint.
        endpoint: EndpointKind,
        /// Where reading stopped.
        reason: JsonError,
        /// An excerpt of the response.
        answer: AnswerExcerpt,
    },
    /// A response that lacks something, or has something unusable.
    #[error("the {endpoint} answered {what}{answer}")]
    Unusable {
        /// The endpoint.
        endpoint: EndpointKind,
        /// The fault.
        what: &'static str,
        /// An excerpt of the response.
        answer: AnswerExcerpt,
    },
    /// The metadata belongs to another issuer.
    #[error("its metadata names the issuer `{}`, not `{}`{}", RedactedUrl::from(.found.as_str()), RedactedUrl::from(.expected.as_str()), slash_hint(.expected, .found))]
    MetadataIssuer {
        /// The configured issuer.
        expected: String,
        /// The issuer that the document names.
        found: String,
    },
    /// The metadata names an issuer that is not in the form in which a URL parser writes it.
    #[error("its metadata names an issuer that is refused: {reason}")]
    MalformedIssuer {
        /// The fault.
        reason: IssuerError,
    },
    /// A configured endpoint identifies the user, but it neither is at the issuer's place nor
    /// appears in the metadata that the issuer publishes.
    #[error(
        "its {endpoint} is not the one that the issuer `{issuer}` publishes, so the issuer does not vouch for its users: use the endpoint from the issuer's metadata, or state another issuer"
    )]
    UnconfirmedEndpoint {
        /// The endpoint.
        endpoint: EndpointKind,
        /// The issuer.
        issuer: String,
    },
    /// For a provider described at run time: the token endpoint is at another origin than the
    /// endpoint that identifies the user.
    #[error(
        "its token endpoint is at `{token_endpoint}`, and its userinfo endpoint at `{userinfo_endpoint}`: a provider described at run time must have both at one origin, or both in the metadata of its issuer"
    )]
    UnrelatedEndpoints {
        /// The origin of the token endpoint.
        token_endpoint: String,
        /// The origin of the endpoint that identifies the user.
        userinfo_endpoint: String,
    },
    /// For a provider described at run time: another provider vouches for the same users.
    #[error("the provider `{holder}` vouches for the users of `{authority}`")]
    AuthorityTaken {
        /// The value of [`Identity::issuer`](crate::Identity::issuer) that both would have.
        authority: String,
        /// The name of the other provider.
        holder: String,
    },
    /// Neither the metadata nor the declaration has an endpoint that is needed.
    #[error("neither its declaration nor its metadata names the {0}")]
    NoEndpoint(EndpointKind),
    /// An endpoint of the metadata is not an acceptable URL.
    #[error("its metadata names an unusable {endpoint}: {reason}")]
    BadEndpoint {
        /// The endpoint.
        endpoint: EndpointKind,
        /// The fault of the URL.
        reason: EndpointError,
    },
    /// The key set cannot be used.
    #[error("its key set was refused: {0}")]
    JwkSet(#[from] JwkSetError),
    /// A token names an unknown key, and too many logins wait already until the key set may be
    /// fetched again.
    #[error(
        "its token is signed with an unknown key, and the key set was fetched too often in the last seconds: try again shortly"
    )]
    KeysDelayed,
    /// An OpenID Connect provider sent no ID token.
    #[error("its token endpoint sent no ID token: is `openid` among the scopes that it grants?")]
    IdTokenMissing,
    /// The ID token was refused.
    #[error("its ID token was refused: {0}")]
    IdToken(#[from] IdTokenError),
    /// The ID token is valid, but does not fit the type that is declared with `claims`.
    #[error("its ID token does not fit the type that is declared with `claims`: {0}")]
    Claims(JsonError),
    /// In the hybrid flow: the two ID tokens of one login identify different users.
    #[error(
        "the ID token from its token endpoint identifies another user than the one in its authorization response"
    )]
    IdTokensDiffer,
    /// The signed or encrypted userinfo response was refused.
    #[error("its userinfo response was refused: {0}")]
    UserInfo(#[from] UserInfoError),
    /// The userinfo response has another subject than the ID token.
    #[error("its userinfo response has another subject than the ID token")]
    SubjectMismatch,
    /// The profile lacks the user's identifier.
    #[error(
        "its profile has no string or number at `{0}`, where the declaration says the user's identifier is"
    )]
    NoIdentifier(String),
}

/// RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4: the URL of the metadata follows from
/// the issuer.
fn metadata_hint(endpoint: EndpointKind, status: u16) -> &'static str {
    match (endpoint, status) {
        (EndpointKind::Metadata, 404) => {
            "; it is expected under the issuer, at `/.well-known/openid-configuration`, unless \
             `server_metadata_url` says otherwise: is it the one in the provider's documentation?"
        }
        _ => "",
    }
}

/// The part of the registration to check if the provider reports a difference.
fn registration_hint(response: &ErrorResponse) -> &'static str {
    match response.error() {
        // The second is GitHub's code for it.
        "invalid_client" | "incorrect_client_credentials" => {
            "; the client identifier or the secret is not the one that the provider issued, or the \
             application is registered there with another `token_endpoint_auth_method`"
        }
        "redirect_uri_mismatch" => {
            "; register the redirect URI with the provider exactly as it is sent: the same scheme, host, \
             port and path"
        }
        _ => "",
    }
}

/// `https://a/` and `https://a` are different issuers: RFC 8414 section 3.3 compares them exactly.
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

    /// The hints name the next step after a registration.
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
