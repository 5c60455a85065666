//! The faults: each a switch with a name. What they do stands in `spoil`.

use std::sync::{PoisonError, RwLock};

use super::endpoint::Endpoint;

/// One thing that the [`TestProvider`](super::TestProvider) does wrong while the switch is on.
///
/// A fault changes what its name says and nothing else, so that a test knows why a login was
/// refused. Faults are set and cleared while the provider runs, and combine freely; where two
/// change the same value, the one set later wins.
///
/// Unless its description says *harmless*, a client must refuse what a fault produces.
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
/// // … and here it works again.
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
    /// ID token: `aud` is a list that holds the client and one that it does not know; `azp` is the
    /// client.
    ExtraAudience,
    /// ID token: `aud` is a list with the client as its only element. Harmless.
    AudienceAsList,
    /// ID token: `azp` is another client.
    WrongAuthorizedParty,
    /// ID token: no `azp`. Harmless alone; to be refused together with
    /// [`ExtraAudience`](Self::ExtraAudience).
    MissingAuthorizedParty,
    /// ID token: `exp` was an hour ago.
    Expired,
    /// ID token: no `exp`.
    MissingExpiry,
    /// ID token: `nbf` is an hour ahead.
    NotYetValid,
    /// ID token: `iat` is an hour ahead.
    IssuedInTheFuture,
    /// ID token: `iat` was yesterday, `exp` is still to come.
    IssuedYesterday,
    /// ID token: no `iat`.
    MissingIssuedAt,
    /// ID token: no `sub`.
    MissingSubject,
    /// ID token: `sub` is the empty string.
    EmptySubject,
    /// ID token: `sub` is somebody else's. Switched on after a login, it changes the person at the
    /// next refresh.
    SwappedSubject,
    /// ID token: `at_hash` belongs to another access token.
    WrongAccessTokenHash,
    /// ID token: no `at_hash`. Harmless in the authorization code flow.
    MissingAccessTokenHash,

    /// ID token of the authorization endpoint: `c_hash` belongs to another code.
    WrongCodeHash,
    /// ID token of the authorization endpoint: no `c_hash`.
    MissingCodeHash,
    /// ID token of the token endpoint: `sub` is somebody else's. To be refused where the
    /// authorization endpoint sent an ID token too.
    SecondSubjectSwapped,
    /// ID token: `auth_time` was yesterday. Harmless unless the request had a `max_age`.
    AuthenticatedYesterday,
    /// ID token: no `auth_time`. Harmless unless the request had a `max_age`.
    MissingAuthenticationTime,
    /// ID token: `acr` is `0`, whatever was asked for. Harmless unless a class was essential.
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
    /// ID token: the signature is cut off, the header still names the algorithm.
    StrippedSignature,
    /// ID token: `"alg": "none"`, and no signature.
    UnsignedToken,
    /// ID token: `"alg": "HS256"`, keyed with the public key's PEM file.
    Hs256WithPublicKey,
    /// ID token: `"alg": "HS256"`, keyed with the public key's DER bytes.
    Hs256WithPublicKeyDer,
    /// ID token: `"alg": "HS256"`, keyed with the client secret. Harmless where the client is
    /// registered for HS256.
    Hs256WithClientSecret,
    /// ID token: signed with a published key of an algorithm that the metadata does not promise.
    UnannouncedAlgorithm,
    /// ID token: signed with a key that is not in the JWK Set; the header names that key.
    UnknownKeyId,
    /// ID token: the header names no key. Harmless while one published key fits.
    MissingKeyId,
    /// ID token: signed with an attacker's key that the header itself brings along (`jwk`).
    EmbeddedJwk,
    /// ID token: signed with an attacker's key that the header points to (`jku`), at the
    /// [`Bystander`](super::Bystander).
    RemoteJwk,
    /// ID token: the header demands an extension that nobody knows (`crit`).
    CriticalHeader,

    // What is encrypted to a client that is registered for it: ID token, userinfo.
    /// Encrypted token: it is not encrypted, although the client is registered for it.
    NotEncrypted,
    /// Encrypted token: the authentication tag is damaged.
    DamagedEncryption,
    /// Encrypted token: what is inside has claims and no signature.
    EncryptedUnsigned,
    /// Encrypted token: encrypted to a key of somebody else; the header names the client's.
    EncryptedForAnotherKey,
    /// Encrypted token: another content encryption (`enc`) than the client is registered for.
    OtherContentEncryption,
    /// Encrypted token: the header says that what is inside was compressed (`zip`).
    CompressedBeforeEncryption,
    /// Encrypted token: `epk` is no point on its curve. Only `ECDH-ES` has one.
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
    /// Authorization response: an error whose description holds markup and control characters, and
    /// whose `error_uri` is a script.
    AuthorizationErrorWithMarkup,

    // The token response.
    /// Token response: no `id_token`, although `openid` was asked for.
    MissingIdToken,
    /// Token response: no `access_token`.
    MissingAccessToken,
    /// Token response: the access token holds a line break and a header of its own.
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
    /// Token response: no `scope`. Harmless: what was granted is unknown.
    ScopeMissing,
    /// Token response: less scope than was asked for. Harmless.
    ScopeNarrowed,
    /// Token response to a refresh: no new refresh token; the one used stays valid. Harmless.
    RefreshTokenKept,
    /// Token response: an error whose description holds markup and control characters.
    TokenErrorWithMarkup,

    // Deviations that providers have and a declaration names in `quirks(...)`. A client that is not
    // declared so must refuse them, unless they are harmless.
    /// Token response: encoded like a form. For a client with `form_encoded_token_response`.
    FormEncodedTokenResponse,
    /// Token response: everything stands in a member `authed_user`, beside the token of somebody else.
    /// For a client with `nested_token = "authed_user.access_token"` and `own_token_type`.
    NestedTokenResponse,
    /// Token response: `"token_type": "user"`. For a client with `own_token_type`.
    TokenTypeOfItsOwn,
    /// Token response: commas between the scopes. For a client with `comma_separated_scopes`.
    /// Harmless.
    ScopeWithCommas,
    /// Token response: `scope` is a list. For a client with `scopes_as_list`. Harmless.
    ScopeAsList,
    /// The token, revocation and introspection endpoints take JSON and no form. For a client with
    /// `json_token_request`.
    JsonRequestsOnly,
    /// Client authentication: identifier and secret of the Basic header are taken as they come. For a
    /// client with `unencoded_basic`. Harmless where both have letters and digits alone.
    BasicWithoutDecoding,
    /// Userinfo and API: the access token is looked for in a form body alone. For a client with
    /// `token_placement = "body"`.
    TokenInBodyOnly,
    /// Userinfo and API: the access token is looked for in the query alone. For a client with
    /// `token_placement = "uri"`.
    TokenInQueryOnly,
    /// Userinfo: `GET` is answered with 405. For a client with `userinfo_by_post`.
    UserinfoByPostOnly,

    // Devices without a browser.
    /// Device authorization response: `verification_uri` is a `javascript:` URL.
    ScriptAsVerificationUri,
    /// Token response to a device: `slow_down`, however seldom it asks. Harmless: the device has to go
    /// on, and more slowly.
    DeviceSlowDown,
    /// Token response to a device: `expired_token`, long before the time.
    DeviceCodeExpired,

    // The way back after a logout.
    /// Logout: the person comes back with another `state` than was sent.
    LogoutWithAnotherState,
    /// Logout: the person comes back without the `state` that was sent.
    LogoutWithoutState,

    // Userinfo.
    /// Userinfo: `sub` and all else are somebody else's.
    UserinfoSubjectSwapped,
    /// Userinfo: no `sub`.
    UserinfoWithoutSubject,

    /// Userinfo: plain JSON, although the client is registered for a signed response.
    UserinfoNotSigned,
    /// Signed userinfo: `"alg": "none"`, and no signature.
    UserinfoUnsigned,
    /// Signed userinfo: the signature is damaged.
    UserinfoBadSignature,
    /// Signed userinfo: signed by another algorithm than the client is registered for.
    UserinfoOfAnotherAlgorithm,
    /// Signed userinfo: `iss` is another issuer.
    UserinfoWrongIssuer,
    /// Signed userinfo: `aud` is another client.
    UserinfoWrongAudience,
    /// Signed userinfo: neither `iss` nor `aud`. Harmless.
    UserinfoWithoutIssuerAndAudience,

    // The JWK Set.
    /// JWK Set: entries of unknown and of unusable types around the real key. Harmless.
    UnknownKeyTypesInJwks,
    /// JWK Set: another key, listed first, has the `kid` of the real one. Harmless.
    DuplicateKeyIds,
    /// JWK Set: no key has a `kid`. Harmless while one key fits.
    MissingKeyIdsInJwks,
    /// JWK Set: the signing key is marked for encryption (`"use": "enc"`).
    SigningKeyForEncryption,
    /// JWK Set: the signing key's `key_ops` do not include `verify`.
    KeyOperationsWithoutVerify,
    /// JWK Set: no keys.
    EmptyJwks,
    /// JWK Set: keys that were rotated out are not published any more. Harmless.
    PreviousKeysWithdrawn,
    /// JWK Set: the next answer lacks the key that signs, as a cache would have it; then the fault
    /// is over. Harmless.
    StaleJwksOnce,
    /// JWK Set: ten thousand keys before the real one.
    TenThousandKeys,

    // Metadata.
    /// Metadata: `issuer` is another issuer than the document was fetched from.
    DiscoveryIssuerMismatch,
    /// Metadata: the authorization endpoint is a `javascript:` URL.
    ScriptAsAuthorizationEndpoint,
    /// Metadata: `jwks_uri` is another one than usual, where nothing is now. Harmless.
    JwksMoved,
    /// Metadata: members, algorithms and methods that nobody knows. Harmless.
    UnknownMetadata,

    // Any endpoint that answers with JSON.
    /// Answers 307 to the [`Bystander`](super::Bystander).
    Redirects(Endpoint),
    /// Accepts the request and never answers.
    Hangs(Endpoint),
    /// Sends the right answer, a byte every tenth of a second.
    Trickles(Endpoint),
    /// Sends the right answer with a hundred megabytes of padding in it.
    Oversized(Endpoint),
    /// Sends a few hundred kilobytes that say of themselves to be gzip, and unpack to a hundred
    /// megabytes.
    GzipBomb(Endpoint),
    /// Sends the first half of the right answer, as if it were all.
    TruncatedJson(Endpoint),
    /// Sends half of the answer, then closes the connection.
    ConnectionLost(Endpoint),
    /// Sends an HTML page with status 200.
    NotJson(Endpoint),
    /// Sends the right answer as `text/plain`.
    WrongContentType(Endpoint),
    /// Sends every member twice, first with the value `"duplicate"`.
    DuplicateMembers(Endpoint),
    /// Sends the right answer with bytes that are not UTF-8 in it.
    InvalidUtf8(Endpoint),
    /// Answers 503.
    ServerError(Endpoint),
    /// Answers an error with status 200 and without a challenge. For a client with
    /// `errors_with_status_200`.
    ErrorsWithStatus200(Endpoint),
}

/// The faults that are switched on, in the order in which they were.
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
