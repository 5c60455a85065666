//! Why an ID token was refused, one variant for each rule.

use super::rules::MAX_SUBJECT_LENGTH;
use crate::clock::UnixTime;
use crate::json::JsonError;
use crate::protocol::jwe::JweError;
use crate::protocol::jws::JwsError;

/// Shown if the audience is empty.
pub(super) const EMPTY_AUDIENCE: &str = "empty";

/// Why an ID token was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// Its signature was not accepted.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It could not be decrypted, or came unencrypted although it has to be encrypted.
    #[error(transparent)]
    Encryption(#[from] JweError),
    /// A claim is missing or of the wrong type.
    #[error("its claims are malformed: {0}")]
    Claims(JsonError),
    /// Issued by another issuer.
    #[error("`iss` is `{found}`, not `{expected}`")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The token's issuer.
        found: String,
    },
    /// Issued by a tenant whose users may not log in.
    #[error("`tid` is `{found}`, which is not a tenant whose users may log in")]
    Tenant {
        /// The token's tenant; empty if it names none.
        found: String,
    },
    /// Signed with a key that is for another issuer.
    #[error("the key that signed it is for another issuer")]
    KeyIssuer,
    /// Issued for another client, or also for others.
    #[error("`aud` is {found}, not only `{expected}`{}", audience_hint(.expected, .found))]
    Audience {
        /// This client's identifier.
        expected: String,
        /// The token's audiences, each in backquotes; `empty` if it names none.
        found: String,
    },
    /// Authorized for another client.
    #[error("`azp` is {found}, not `{expected}`")]
    AuthorizedParty {
        /// This client's identifier.
        expected: String,
        /// The token's authorized party.
        found: String,
    },
    /// Expired.
    #[error("`exp` is {expires_at}: it expired; now it is {now} (leeway {leeway} s)")]
    Expired {
        /// `exp`.
        expires_at: UnixTime,
        /// The local time.
        now: UnixTime,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Not valid yet.
    #[error(
        "`nbf` is {not_before}: it is not valid yet; now it is {now} (leeway {leeway} s): are the clocks right?"
    )]
    NotYetValid {
        /// `nbf`.
        not_before: UnixTime,
        /// The local time.
        now: UnixTime,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Issued in the future or too long ago.
    #[error(
        "`iat` is {issued_at}, in the future or too long ago; now it is {now} (leeway {leeway} s): are the clocks right?"
    )]
    IssuedAt {
        /// `iat`.
        issued_at: UnixTime,
        /// The local time.
        now: UnixTime,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// The nonce is not that of this login.
    #[error("`nonce` does not match this login")]
    Nonce,
    /// There is no nonce, although the request had one.
    #[error(
        "`nonce` is missing, although the request had one; a provider that never returns it needs `quirks(missing_nonce)`"
    )]
    NonceMissing,
    /// The subject is empty or too long, or has control characters.
    #[error("`sub` is empty, longer than {MAX_SUBJECT_LENGTH} bytes, or has control characters")]
    Subject,
    /// It came with another access token than the one it was issued with.
    #[error("`at_hash` does not belong to the access token")]
    AccessTokenHash,
    /// In the hybrid flow: it came with another code than the one it was issued with.
    #[error("`c_hash` is missing or does not belong to the code")]
    CodeHash,
    /// In the hybrid flow: it came with another `state` than the one it was issued for.
    #[error("`s_hash` does not belong to the `state`")]
    StateHash,
    /// The user's authentication is older than requested, or its time is missing.
    #[error("`auth_time` is missing or older than the requested `max_age` of {max_age} s")]
    AuthenticationTooOld {
        /// The requested maximum, in seconds.
        max_age: u32,
    },
    /// The time of the user's authentication was requested as essential, but is missing.
    #[error("`auth_time` is missing, although it was requested as essential")]
    AuthenticationTimeMissing,
    /// The user authenticated in a way that was not requested.
    #[error("`acr` is {found}; requested as essential: {expected}")]
    AuthenticationContext {
        /// The requested classes, separated by commas.
        expected: String,
        /// The token's class, or `missing`.
        found: String,
    },
    /// The user did not use a required authentication method.
    #[error("`amr` is {found}; `{expected}` is required")]
    AuthenticationMethods {
        /// The first required method that is not listed.
        expected: String,
        /// The token's methods, separated by commas, or `missing`.
        found: String,
    },
    /// The token identifies another user than the requested one.
    #[error("`sub` is not the requested one")]
    OtherSubject,
    /// A claim breaks a rule of the application:
    /// [`ParseIdToken::claim`](crate::ParseIdToken::claim) or
    /// [`check`](crate::ParseIdToken::check).
    #[error("`{claim}` does not meet the application's rule")]
    Rule {
        /// The name of the claim.
        claim: String,
    },
    /// It did not come directly from the issuer, and is signed with a client secret that the author
    /// of a description knows.
    #[error(
        "it is signed with the client secret of a provider described at run time, but did not come directly from the issuer"
    )]
    SharedKey,
    /// The ID token of a refresh names another authentication than that of the login.
    #[error("`auth_time` is not that of the login that is refreshed")]
    OtherAuthentication,
}

fn audience_hint(expected: &str, found: &str) -> &'static str {
    if found == EMPTY_AUDIENCE {
        "; the token names no audience: check how the client is registered with the provider"
    } else if found.contains(&format!("`{expected}`")) {
        "; a provider that always names other audiences needs `quirks(additional_audiences)`"
    } else {
        "; the token is for another client: is the configured client identifier the one that the \
         provider issued?"
    }
}
