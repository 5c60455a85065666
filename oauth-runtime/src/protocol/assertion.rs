//! JSON Web Tokens by which a client says who it is, or for whom it asks (RFC 7521, RFC 7523).

use serde_json::{Map, Value, json};

use super::signing_key::SigningKey;
use crate::crypto::failure::Failure;
use crate::crypto::secret::Secret;

/// `client_assertion_type` of RFC 7523 section 2.2.
pub(crate) const CLIENT_ASSERTION_TYPE: &str =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The time and the randomness of one request, which make its assertion unlike every other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
    /// Becomes `jti`, by which the provider knows an assertion that is sent a second time.
    pub(crate) unique: &'a str,
}

/// What an assertion says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assertion<'a> {
    /// `iss`: who signs.
    pub(crate) issuer: &'a str,
    /// `sub`: of whom it speaks.
    pub(crate) subject: &'a str,
    /// `aud`: who may accept it, and nobody else.
    pub(crate) audience: &'a str,
    /// Seconds from `iat` to `exp`.
    pub(crate) lifetime: u64,
}

impl Assertion<'_> {
    /// The claims of RFC 7523 section 3. There is no `nbf`: a provider whose clock is a little
    /// behind would refuse it.
    pub(crate) fn claims(&self, moment: Moment<'_>) -> Map<String, Value> {
        Map::from_iter([
            ("iss".to_owned(), json!(self.issuer)),
            ("sub".to_owned(), json!(self.subject)),
            ("aud".to_owned(), json!(self.audience)),
            ("jti".to_owned(), json!(moment.unique)),
            ("iat".to_owned(), json!(moment.now)),
            ("exp".to_owned(), json!(moment.now.saturating_add(self.lifetime))),
        ])
    }

    /// The signed assertion.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn sign(&self, key: &SigningKey, moment: Moment<'_>) -> Result<Secret, Failure> {
        key.sign(None, &self.claims(moment)).map(Secret::from)
    }
}
