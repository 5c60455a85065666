//! The faults of the test provider. Each is a switch with a name. The module `spoil` implements
//! them.

use std::sync::{PoisonError, RwLock};

use super::endpoint::Endpoint;

/// One way in which the [`TestProvider`](super::TestProvider) misbehaves while the switch is on.
///
/// A fault changes only what its name says, so that a test knows the reason for a refusal. Faults
/// can be set and cleared while the provider runs, and can be combined. If two faults change the
/// same value, the one that was set later wins.
///
/// A client must refuse the result of a fault, unless its description says *harmless*.
///
/// ```
/// use oauth_runtime::testing::{Endpoint, Fault, TestProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = TestProvider::start().await?;
/// provider.fault(Fault::WrongNonce);
/// provider.fault(Fault::ServerError(Endpoint::Userinfo));
/// // … a login now must fail …
/// provider.clear_faults();
/// // … and works again here.
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    // Claims of the ID token.
    /// ID token: `nonce` is not the one of the request.
    WrongNonce,
    /// ID token: no `nonce`, although the request had one.
    MissingNonce,
    /// ID token: `iss` is another issuer.
    WrongIssuer,
    /// ID token: no `iss`.
    MissingIssuer,
    /// ID token: `aud` is another client.
    WrongAudience,
    /// ID token: no `aud`.
    MissingAudience,
    /// ID token: `aud` is a list of the client and another client; `azp` is the client.
    ExtraAudience,
    /// ID token: `aud` is a list with the client as its only element. Harmless.
    AudienceAsList,
    /// ID token: `azp` is another client.
    WrongAuthorizedParty,
    /// ID token: no `azp`. Harmless, except together with [`ExtraAudience`](Self::ExtraAudience).
    MissingAuthorizedParty,
    /// ID token: `exp` was an hour ago.
    Expired,
    /// ID token: no `exp`.
    MissingExpiry,
    /// ID token: `nbf` is an hour ahead.
    NotYetValid,
    /// ID token: `iat` is an hour ahead.
    IssuedInTheFuture,
    /// ID token: `iat` was yesterday, and `exp` is in the future.
    IssuedYesterday,
    /// ID token: no `iat`.
    MissingIssuedAt,
    /// ID token: no `sub`.
    MissingSubject,
    /// ID token: `sub` is the empty string.
    EmptySubject,
    /// ID token: `sub` is that of another user. If it is switched on after a login, the user
    /// changes at the next refresh.
    SwappedSubject,
    /// ID token: `at_hash` belongs to another access token.
    WrongAccessTokenHash,
    /// ID token: no `at_hash`. Harmless in the authorization code flow.
    MissingAccessTokenHash,

    /// ID token of the authorization endpoint: `c_hash` belongs to another code.
    WrongCodeHash,
    /// ID token of the authorization endpoint: no `c_hash`.
    MissingCodeHash,
    /// ID token of the token endpoint: `sub` is that of another user. A client must refuse it if
    /// the authorization endpoint sent an ID token too.
    SecondSubjectSwapped,
    /// ID token: `auth_time` was yesterday. Harmless unless the request had a `max_age`.
    AuthenticatedYesterday,
    /// ID token: no `auth_time`. Harmless unless the request had a `max_age`.
    MissingAuthenticationTime,
    /// ID token: `acr` is `0`, regardless of the request. Harmless unless a class was essential.
    WrongAuthenticationContext,
    /// ID token of a provider of many tenants: `tid` names another tenant than `iss`.
    TenantMismatch,
    /// ID token of a provider of many tenants: no `tid`.
    MissingTenant,
    /// ID token: no `acr`. Harmless unless a class was essential.
    MissingAuthenticationContext,

    // Header and signature of the ID token.
    /// ID token: the signature is damaged.
    BadSignature,
    /// ID token: the signature is removed; the header still names the algorithm.
    StrippedSignature,
    /// ID token: `"alg": "none"`, and no signature.
    UnsignedToken,
    /// ID token: `"alg": "HS256"`, keyed with the public key's PEM file.
    Hs256WithPublicKey,
    /// ID token: `"alg": "HS256"`, keyed with the public key's DER bytes.
    Hs256WithPublicKeyDer,
    /// ID token: `"alg": "HS256"`, keyed with the client secret. Harmless if the client is
    /// registered for HS256.
    Hs256WithClientSecret,
    /// ID token: signed with a published key of an algorithm that the metadata does not list.
    UnannouncedAlgorithm,
    /// ID token: signed with a key that is not in the JWK Set; the header names that key.
    UnknownKeyId,
    /// ID token: the header names no key. Harmless if one published key matches.
    MissingKeyId,
    /// ID token: signed with an attacker's key that is embedded in the header (`jwk`).
    EmbeddedJwk,
    /// ID token: signed with an attacker's key that the header refers to (`jku`), at the
    /// [`Bystander`](super::Bystander).
    RemoteJwk,
    /// ID token: the header has an unknown critical extension (`crit`).
    CriticalHeader,

    // Encrypted tokens: ID token and userinfo of a client that is registered for encryption.
    /// Encrypted token: not encrypted, although the client is registered for it.
    NotEncrypted,
    /// Encrypted token: the authentication tag is damaged.
    DamagedEncryption,
    /// Encrypted token: the content has claims but no signature.
    EncryptedUnsigned,
    /// Encrypted token: encrypted to another party's key; the header names the client's.
    EncryptedForAnotherKey,
    /// Encrypted token: another content encryption (`enc`) than the client is registered for.
    OtherContentEncryption,
    /// Encrypted token: the header states that the content was compressed (`zip`).
    CompressedBeforeEncryption,
    /// Encrypted token: `epk` is not a point on its curve. Only `ECDH-ES` has this member.
    InvalidEphemeralKey,

    // The authorization response.
    /// Authorization response: `iss` is another issuer (RFC 9207).
    WrongResponseIssuer,
    /// Authorization response: no `iss`, although the metadata promises it.
    MissingResponseIssuer,
    /// Authorization response: `state` is not the one of the request.
    WrongState,
    /// Authorization response: no `state`.
    MissingState,
    /// Authorization response: neither `code` nor `error`.
    MissingCode,
    /// Authorization response: an error whose description contains markup and control characters,
    /// and whose `error_uri` is a script.
    AuthorizationErrorWithMarkup,

    // The token response.
    /// Token response: no `id_token`, although `openid` was requested.
    MissingIdToken,
    /// Token response: no `access_token`.
    MissingAccessToken,
    /// Token response: the access token contains a line break and another header.
    AccessTokenWithLineBreak,
    /// Token response: `"token_type": "mac"`.
    TokenTypeMac,
    /// Token response: `"token_type": "bEARER"`. Harmless.
    TokenTypeInOddCase,
    /// Token response: no `token_type`.
    MissingTokenType,
    /// Token response: `expires_in` is a number in a string. Harmless.
    ExpiresInAsString,
    /// Token response: `expires_in` is a fraction. Harmless.
    ExpiresInAsFraction,
    /// Token response: `expires_in` is negative. Harmless: the token has expired.
    ExpiresInNegative,
    /// Token response: `expires_in` is larger than any clock can hold. Harmless.
    ExpiresInAbsurd,
    /// Token response: no `expires_in`. Harmless.
    MissingExpiresIn,
    /// Token response: no `scope`. Harmless: the granted scope is unknown.
    ScopeMissing,
    /// Token response: less scope than requested. Harmless.
    ScopeNarrowed,
    /// Token response to a refresh: no new refresh token; the old one remains valid. Harmless.
    RefreshTokenKept,
    /// Token response: an error whose description contains markup and control characters.
    TokenErrorWithMarkup,

    // Deviations that a declaration lists in `quirks(...)`. A client without the quirk must refuse
    // them, unless they are harmless.
    /// Token response: form-encoded. For a client with `form_encoded_token_response`.
    FormEncodedTokenResponse,
    /// Token response: everything is in a member `authed_user`, next to the token of another user.
    /// For a client with `nested_token = "authed_user.access_token"` and `own_token_type`.
    NestedTokenResponse,
    /// Token response: `"token_type": "user"`. For a client with `own_token_type`.
    TokenTypeOfItsOwn,
    /// Token response: commas between the scopes. For a client with `comma_separated_scopes`.
    /// Harmless.
    ScopeWithCommas,
    /// Token response: `scope` is a list. For a client with `scopes_as_list`. Harmless.
    ScopeAsList,
    /// The token, revocation and introspection endpoints accept only JSON. For a client with
    /// `json_token_request`.
    JsonRequestsOnly,
    /// Client authentication: identifier and secret of the Basic header are not form-decoded. For a
    /// client with `unencoded_basic`. Harmless if both consist only of letters and digits.
    BasicWithoutDecoding,
    /// Userinfo and API: the access token is accepted only in a form body. For a client with
    /// `token_placement = "body"`.
    TokenInBodyOnly,
    /// Userinfo and API: the access token is accepted only in the query. For a client with
    /// `token_placement = "uri"`.
    TokenInQueryOnly,
    /// Userinfo: `GET` is answered with 405. For a client with `userinfo_by_post`.
    UserinfoByPostOnly,

    // Devices without a browser.
    /// Device authorization response: `verification_uri` is a `javascript:` URL.
    ScriptAsVerificationUri,
    /// Token response to a device: `slow_down`, however slowly it polls. Harmless: the device has
    /// to continue, more slowly.
    DeviceSlowDown,
    /// Token response to a device: `expired_token`, long before the code expires.
    DeviceCodeExpired,

    // The return from a logout.
    /// Logout: the return has another `state` than the request.
    LogoutWithAnotherState,
    /// Logout: the return has no `state`, although the request had one.
    LogoutWithoutState,

    // Userinfo.
    /// Userinfo: `sub` and all other claims are those of another user.
    UserinfoSubjectSwapped,
    /// Userinfo: no `sub`.
    UserinfoWithoutSubject,

    /// Userinfo: plain JSON, although the client is registered for a signed response.
    UserinfoNotSigned,
    /// Signed userinfo: `"alg": "none"`, and no signature.
    UserinfoUnsigned,
    /// Signed userinfo: the signature is damaged.
    UserinfoBadSignature,
    /// Signed userinfo: signed with another algorithm than the client is registered for.
    UserinfoOfAnotherAlgorithm,
    /// Signed userinfo: `iss` is another issuer.
    UserinfoWrongIssuer,
    /// Signed userinfo: `aud` is another client.
    UserinfoWrongAudience,
    /// Signed userinfo: neither `iss` nor `aud`. Harmless.
    UserinfoWithoutIssuerAndAudience,

    // The JWK Set.
    /// JWK Set: entries with unknown and unusable types around the real key. Harmless.
    UnknownKeyTypesInJwks,
    /// JWK Set: another key, listed first, has the `kid` of the real one. Harmless.
    DuplicateKeyIds,
    /// JWK Set: no key has a `kid`. Harmless if one key matches.
    MissingKeyIdsInJwks,
    /// JWK Set: the signing key is marked for encryption (`"use": "enc"`).
    SigningKeyForEncryption,
    /// JWK Set: the signing key's `key_ops` do not include `verify`.
    KeyOperationsWithoutVerify,
    /// JWK Set: no keys.
    EmptyJwks,
    /// JWK Set: rotated keys are no longer published. Harmless.
    PreviousKeysWithdrawn,
    /// JWK Set: the next response lacks the current signing key, like the response of a cache; the
    /// fault then ends. Harmless.
    StaleJwksOnce,
    /// JWK Set: ten thousand keys before the real one.
    TenThousandKeys,

    // Metadata.
    /// Metadata: `issuer` differs from the issuer that the document was fetched from.
    DiscoveryIssuerMismatch,
    /// Metadata: the authorization endpoint is a `javascript:` URL.
    ScriptAsAuthorizationEndpoint,
    /// Metadata: `jwks_uri` has moved, and the usual location is empty. Harmless.
    JwksMoved,
    /// Metadata: unknown members, algorithms and methods. Harmless.
    UnknownMetadata,

    // Any endpoint with a JSON response.
    /// Redirects with 307 to the [`Bystander`](super::Bystander).
    Redirects(Endpoint),
    /// Accepts the request and never answers.
    Hangs(Endpoint),
    /// Sends the correct response, one byte every tenth of a second.
    Trickles(Endpoint),
    /// Sends the correct response with a hundred megabytes of padding.
    Oversized(Endpoint),
    /// Sends a few hundred kilobytes that are declared as gzip and unpack to a hundred megabytes.
    GzipBomb(Endpoint),
    /// Sends the first half of the correct response as if it were complete.
    TruncatedJson(Endpoint),
    /// Sends half of the response, then closes the connection.
    ConnectionLost(Endpoint),
    /// Sends an HTML page with status 200.
    NotJson(Endpoint),
    /// Sends the correct response as `text/plain`.
    WrongContentType(Endpoint),
    /// Sends every member twice, first with the value `"duplicate"`.
    DuplicateMembers(Endpoint),
    /// Sends the correct response with bytes that are not UTF-8.
    InvalidUtf8(Endpoint),
    /// Responds with status 503.
    ServerError(Endpoint),
    /// Responds with an error with status 200 and without a challenge. For a client with
    /// `errors_with_status_200`.
    ErrorsWithStatus200(Endpoint),
}

/// The active faults, in the order in which they were switched on.
#[derive(Default)]
pub(super) struct Faults(RwLock<Vec<Fault>>);

impl Faults {
    pub(super) fn set(&self, fault: Fault) {
        let mut active = self.0.write().unwrap_or_else(PoisonError::into_inner);
        active.retain(|known| *known != fault);
        active.push(fault);
    }

    pub(super) fn unset(&self, fault: Fault) {
        let mut active = self.0.write().unwrap_or_else(PoisonError::into_inner);
        active.retain(|known| *known != fault);
    }

    pub(super) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&fault)
    }

    pub(super) fn active(&self) -> Vec<Fault> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
