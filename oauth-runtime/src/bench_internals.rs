//! Internals for benchmarks, without any promise of stability.

use crate::crypto::secret::Secret;
use crate::protocol::claims_request::Demands;
use crate::protocol::id_token::{self, Expected, HashBinding, IdToken, IdTokenError, Nonce};
use crate::protocol::jwk::{JwkSet, JwkSetError, JwsAlgorithm};
use crate::protocol::jws::VerificationKeys;

/// The keys of a provider, parsed once.
#[derive(Debug)]
pub struct Keys(JwkSet);

impl Keys {
    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    /// [`JwkSetError`].
    pub fn parse(document: &[u8]) -> Result<Self, JwkSetError> {
        JwkSet::parse(document).map(Self)
    }
}

/// The login that an ID token answers.
#[derive(Debug)]
pub struct Login<'a> {
    /// The issuer identifier.
    pub issuer: &'a str,
    /// This client.
    pub client_id: &'a str,
    /// The nonce of the authorization request.
    pub nonce: &'a str,
    /// The access token that came with the ID token.
    pub access_token: &'a Secret,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
}

/// Validates an ID token like the callback.
///
/// # Errors
/// [`IdTokenError`].
pub fn validate_id_token(
    compact: &Secret,
    keys: &Keys,
    algorithm: JwsAlgorithm,
    login: &Login<'_>,
) -> Result<IdToken, IdTokenError> {
    let keys = VerificationKeys { jwks: &keys.0, client_secret: None, algorithms: &[algorithm] };
    let &Login { issuer, client_id, nonce, access_token, now } = login;
    let expected = Expected {
        issuer,
        tenants: None,
        client_id,
        nonce: Nonce::Demanded(nonce),
        hash_binding: HashBinding::AccessToken(access_token),
        max_age: None,
        demands: &Demands::default(),
        authenticated_at: None,
        additional_audiences: false,
        leeway: 60,
        now,
    };
    id_token::validate(compact, &keys, &expected)
}
