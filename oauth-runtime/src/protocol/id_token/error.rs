//! Why an ID token was refused, one variant for each rule.

use super::rules::MAX_SUBJECT_LENGTH;
use crate::clock::UnixTime;
use crate::json::JsonError;
use crate::protocol::jwe::JweError;
use crate::protocol::jws::JwsError;

/// Shown in place of an audience without a name.
pub(super) const EMPTY_AUDIENCE: &str = "empty";

/// Why an ID token was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// Its signature was not accepted.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It could not be decrypted, or came in clear where it has to be encrypted.
    #[error(transparent)]
    Encryption(#[from] JweError),
    /// A claim is missing or of the wrong type.
    #[error("its claims are malformed: {0}")]
    Claims(JsonError),
    /// Issued by somebody else.
    #[error("`iss` is `{found}`, not `{expected}`")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The token's.
        found: String,
    },
    /// Issued by a tenant whose people may not log in.
    #[error("`tid` is `{found}`, which is none of the tenants whose people may log in")]
    Tenant {
        /// The token's tenant; empty if it names none.
        found: String,
    },
    /// Signed with a key that is for another issuer.
    #[error("the key that signed it is for another issuer")]
    KeyIssuer,
    /// Issued for another client, or for others besides this one.
    #[error("`aud` is {found}, not only `{expected}`{}", audience_hint(.expected, .found))]
    Audience {
        /// This client's identifier.
        expected: String,
        /// The token's audiences, each in backquotes; `empty` where it names none.
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
    #[error("it expired at {expires_at}; now it is {now} (leeway {leeway} s)")]
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
        "it is valid from {not_before}; now it is {now} (leeway {leeway} s): are the clocks right?"
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
        "it was issued at {issued_at}; now it is {now} (leeway {leeway} s): are the clocks right?"
    )]
    IssuedAt {
        /// `iat`.
        issued_at: UnixTime,
        /// The local time.
        now: UnixTime,
        /// Tolerated skew in seconds.
        leeway: u64,
    },
    /// Not the nonce of this login.
    #[error("`nonce` is not the one of this login")]
    Nonce,
    /// No subject, or one that is too long or has control characters.
    #[error("`sub` is empty, longer than {MAX_SUBJECT_LENGTH} bytes, or has control characters")]
    Subject,
    /// Another access token came with it than the one it was issued with.
    #[error("`at_hash` does not belong to the access token")]
    AccessTokenHash,
    /// In the hybrid flow: another code came with it than the one it was issued with.
    #[error("`c_hash` is missing or does not belong to the code")]
    CodeHash,
    /// The person's authentication is older than asked for, or its time is missing.
    #[error("`auth_time` is missing or older than the `max_age` of {max_age} s that was asked for")]
    AuthenticationTooOld {
        /// What was asked for, in seconds.
        max_age: u32,
    },
    /// The time of the person's authentication was demanded, and is missing.
    #[error("`auth_time` is missing, which was asked for as essential")]
    AuthenticationTimeMissing,
    /// The person authenticated in another way than was demanded.
    #[error("`acr` is {found}; asked for as essential: {expected}")]
    AuthenticationContext {
        /// The classes that were asked for, separated by commas.
        expected: String,
        /// The token's, or `missing`.
        found: String,
    },
    /// One person was asked for, and another one came.
    #[error("`sub` is not the one that was asked for")]
    OtherSubject,
    /// A claim breaks a rule of the application:
    /// [`ParseIdToken::claim`](crate::ParseIdToken::claim) or
    /// [`check`](crate::ParseIdToken::check).
    #[error("`{claim}` is not as the application demands it")]
    Rule {
        /// The name of the claim.
        claim: String,
    },
    /// It came by another way than from the issuer, and is signed with a client secret that the author
    /// of a description knows.
    #[error(
        "it is signed with the client secret of a provider that is described at run time, and did not come from the issuer"
    )]
    SharedKey,
    /// The ID token of a refresh speaks of another authentication than that of the login.
    #[error("`auth_time` is not that of the login which is refreshed")]
    OtherAuthentication,
}

fn audience_hint(expected: &str, found: &str) -> &'static str {
    if found == EMPTY_AUDIENCE {
        "; the provider does not say for whom the token is: look there at how the client is registered"
    } else if found.contains(&format!("`{expected}`")) {
        "; a provider that always names others needs `quirks(additional_audiences)`"
    } else {
        "; the token is for another client: is the configured client identifier the one that the \
         provider gave out?"
    }
}
