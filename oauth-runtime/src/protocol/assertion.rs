//! JSON Web Tokens that a client signs to authenticate itself or to name the subject of a grant
//! (RFC 7521, RFC 7523).

use serde_json::{Map, Value, json};

use super::signing_key::SigningKey;
use crate::crypto::failure::Failure;
use crate::crypto::secret::Secret;

/// `client_assertion_type` of RFC 7523 section 2.2.
pub(crate) const CLIENT_ASSERTION_TYPE: &str =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The time and the randomness of one request, which make its assertion unique.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// Seconds since 1970-01-01 UTC.
    pub(crate) now: u64,
    /// Becomes `jti`, which lets the provider detect a replayed assertion.
    pub(crate) unique: &'a str,
}

/// The content of an assertion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assertion<'a> {
    /// `iss`: the signer.
    pub(crate) issuer: &'a str,
    /// `sub`: the subject. Providers that deviate from RFC 7523 section 3 take none.
    pub(crate) subject: Option<&'a str>,
    /// `aud`: the only party that may accept it.
    pub(crate) audience: &'a str,
    /// Seconds from `iat` to `exp`.
    pub(crate) lifetime: u64,
}

impl Assertion<'_> {
    /// The claims of RFC 7523 section 3. They do not include `nbf`: a provider whose clock is
    /// slightly slow would refuse the assertion.
    pub(crate) fn claims(&self, moment: Moment<'_>) -> Map<String, Value> {
        let subject = self.subject.map(|subject| ("sub".to_owned(), json!(subject)));
        let others = [
            ("iss".to_owned(), json!(self.issuer)),
            ("aud".to_owned(), json!(self.audience)),
            ("jti".to_owned(), json!(moment.unique)),
            ("iat".to_owned(), json!(moment.now)),
            ("exp".to_owned(), json!(moment.now.saturating_add(self.lifetime))),
        ];
        others.into_iter().chain(subject).collect()
    }

    /// Signs the assertion.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn sign(&self, key: &SigningKey, moment: Moment<'_>) -> Result<Secret, Failure> {
        key.sign(None, &self.claims(moment)).map(Secret::from)
    }
}
