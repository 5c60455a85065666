//! The meaning of a refused refresh (RFC 6749 sections 5.2 and 6): whether the grant has ended.
//!
//! The specification has one code for that, `invalid_grant`, but providers use many more. So the
//! check is reversed: a refusal ends the grant unless it is about the client, the request or the
//! moment. These three fail for all users at once, and must not end any grant.
//!
//! | response | about |
//! | --- | --- |
//! | status 408, 425, 429 or 5xx, with any body | the moment |
//! | `temporarily_unavailable`, `server_error`, `slow_down`, rate limits, time-outs | the moment |
//! | a code that names the client or the application: `invalid_client`, `unauthorized_client`, … | the client |
//! | `invalid_request`, `invalid_scope`, `invalid_target`, `unsupported_grant_type`, … | the request |
//! | a status other than 200, 400, 401 or 403; a code that only repeats the status, such as `Bad Request` | the request |
//! | no error response: HTML, text, an unreadable body | nothing: an error of the provider |
//! | any other code: `invalid_grant`, `bad_refresh_token`, `token_revoked`, `access_denied`, … | the grant |

use ::http::StatusCode;

use crate::protocol::error_response::ErrorResponse;

/// Codes of a request that fails for every user.
const REQUEST: &[&str] = &[
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_resource",
    "invalid_redirect_uri",
    "redirect_uri_mismatch",
    "unsupported_grant_type",
    "invalid_grant_type",
    "unsupported_token_type",
    "not_allowed_token_type",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "missing_scope",
    "method_not_supported",
];
/// Parts of codes about the client, including codes of single providers:
/// `incorrect_client_credentials`, `bad_client_secret`, `application_suspended`.
const CLIENT: &[&str] = &["client", "application", "appid", "app_id", "app_secret", "appsecret"];
/// Parts of codes about the moment.
const MOMENT: &[&str] = &[
    "temporar",
    "unavailable",
    "server_error",
    "internal_error",
    "fatal_error",
    "slow_down",
    "rate_limit",
    "ratelimit",
    "throttl",
    "too_many",
    "quota",
    "timeout",
    "timed_out",
    "maintenance",
    "overloaded",
    "try_again",
    "busy",
];

/// Whether a refused refresh with this status ends the grant.
pub(crate) fn ends_grant(status: StatusCode, response: &ErrorResponse) -> bool {
    if !matches!(status.as_u16(), 200 | 400 | 401 | 403) {
        return false;
    }
    let code = normalized(response.error());
    if code == "invalid_grant" {
        return true;
    }
    // A number means nothing without the provider's description of it.
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let words = match response.description().filter(|_| is_number) {
        Some(description) => format!("{code}_{}", normalized(description)),
        None => code,
    };
    let speaks_of = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    !(REQUEST.contains(&&*words)
        || repeats_status(&words)
        || speaks_of(CLIENT)
        || speaks_of(MOMENT))
}

/// The text in lower case, with underscores between words.
fn normalized(text: &str) -> String {
    let separated =
        |c: char| if matches!(c, ' ' | '-' | '.') { '_' } else { c.to_ascii_lowercase() };
    text.trim().chars().map(separated).collect()
}

/// Frameworks respond to a wrong URL with the name of the status: `{"error":"Not Found"}`.
fn repeats_status(code: &str) -> bool {
    (400..600)
        .filter_map(|status| StatusCode::from_u16(status).ok()?.canonical_reason())
        .any(|reason| normalized(reason) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(status: u16, code: &str) -> bool {
        ends_grant(StatusCode::from_u16(status).unwrap(), &ErrorResponse::new(code, None, None))
    }

    #[test]
    fn refusal_in_any_words_ends_the_grant() {
        for code in [
            "invalid_grant",
            "bad_refresh_token",
            "token_revoked",
            "token_expired",
            "invalid_token",
            "invalid_refresh_token",
            "refresh_token_expired",
            "access_denied",
            "consent_required",
            "interaction_required",
            "account_inactive",
            "user_suspended",
            "190",
        ] {
            for status in [200, 400, 401, 403] {
                assert!(ends(status, code), "{status} {code}");
            }
        }
    }

    #[test]
    fn refusal_of_the_client_ends_no_grant() {
        for code in [
            "invalid_client",
            "unauthorized_client",
            "INVALID_CLIENT",
            "incorrect_client_credentials",
            "bad_client_secret",
            "application_suspended",
        ] {
            for status in [200, 400, 401, 403] {
                assert!(!ends(status, code), "{status} {code}");
            }
        }
    }

    #[test]
    fn refusal_of_the_request_ends_no_grant() {
        for code in [
            "invalid_request",
            "invalid_scope",
            "unsupported_grant_type",
            "Bad Request",
            "unauthorized",
            "Forbidden",
            "Not Found",
        ] {
            assert!(!ends(400, code), "{code}");
        }
        for status in [302, 404, 405, 415] {
            assert!(!ends(status, "token_revoked"), "{status}");
        }
    }

    #[test]
    fn refusal_of_the_moment_ends_no_grant() {
        for code in [
            "temporarily_unavailable",
            "server_error",
            "slow_down",
            "rate_limit_exceeded",
            "ratelimited",
            "request_timeout",
            "internal_server_error",
        ] {
            assert!(!ends(400, code), "{code}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(!ends(status, "invalid_grant"), "{status}");
        }
    }

    #[test]
    fn number_is_understood_by_its_description() {
        let ends = |description| {
            ends_grant(StatusCode::BAD_REQUEST, &ErrorResponse::new("1", Some(description), None))
        };
        assert!(ends("Error validating access token: the session has expired"));
        assert!(!ends("Error validating application. Invalid application ID."));
        assert!(!ends("Service temporarily unavailable"));
    }
}
