//! The capabilities of a provider, as a type: the derive states it once, and every capability trait
//! follows from it.
//!
//! The traits in this file cannot be named outside the crate, so an `impl` cannot claim a
//! capability: it would overlap with the one that follows from the declaration.

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::declaration::provider::{AnyProvider, NoLoginWith};
use crate::declaration::spec::{Identification, Protocol, ProviderSpec};

/// The capabilities of a declared provider: the protocol `P`, whether its logins identify a user (`I`),
/// whether devices without a browser can log in, and whether tokens outlive their session.
#[derive(Debug)]
pub struct Capabilities<P, I, const DEVICES: bool, const KEEPS_TOKENS: bool>(
    Infallible,
    PhantomData<(P, I)>,
);

/// RFC 5849.
#[derive(Debug)]
pub struct OAuth1(Infallible);

/// RFC 6749.
#[derive(Debug)]
pub struct OAuth2(Infallible);

/// The configuration decides between RFC 5849 and RFC 6749.
#[derive(Debug)]
pub struct OAuth1Or2(Infallible);

/// OpenID Connect Core 1.0.
#[derive(Debug)]
pub struct OpenIdConnect(Infallible);

/// A type that stands for providers of every protocol. Only its value knows the protocol.
#[derive(Debug)]
pub struct AnyProtocol(Infallible);

/// Every login identifies a user.
#[derive(Debug)]
pub struct Identified(Infallible);

/// No login identifies a user: it grants access to the provider's API.
#[derive(Debug)]
pub struct Unidentified(Infallible);

/// The configuration or the provider's metadata decide whether logins identify a user.
#[derive(Debug)]
pub struct Undecided(Infallible);

/// No user logs in: the tokens are the application's own.
#[derive(Debug)]
pub struct NoLogin(Infallible);

/// The capabilities of a declaration, to be compared with its constant.
pub trait Declared {
    /// `None` if the type stands for providers of every protocol.
    const PROTOCOL: Option<Protocol>;
    /// Whether logins identify a user.
    const IDENTIFICATION: Identification;
    /// Whether tokens outlive their session.
    const KEEPS_TOKENS: bool;
    /// Whether users log in.
    const HAS_LOGIN: bool;

    /// The provider whose logins a handler of a registry ends: `P`, or a substitute if no user logs
    /// in with `P`.
    type LoginOf<P: AnyProvider>: AnyProvider;

    /// How a login holds its user: as a `T` if every login identifies one, otherwise as an `Option<T>`.
    type Held<T: Send + Sync + 'static>: Send + Sync + 'static;

    /// Takes what a login found out. `None` if it found nothing and had to.
    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<Self::Held<T>>;

    /// The user, if there is one.
    fn found<T: Send + Sync + 'static>(held: &Self::Held<T>) -> Option<&T>;
}

/// A protocol as a type.
pub trait IsProtocol {
    /// `None` if the type stands for providers of every protocol.
    const PROTOCOL: Option<Protocol>;
}

/// An [`Identification`] as a type.
pub trait IsIdentification {
    /// The value of this type.
    const IDENTIFICATION: Identification;
    /// As in [`Declared`].
    const HAS_LOGIN: bool;
    /// As in [`Declared`].
    type LoginOf<P: AnyProvider>: AnyProvider;
    /// As in [`Declared`].
    type Held<T: Send + Sync + 'static>: Send + Sync + 'static;
    /// As in [`Declared`].
    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<Self::Held<T>>;
    /// As in [`Declared`].
    fn found<T: Send + Sync + 'static>(held: &Self::Held<T>) -> Option<&T>;
}

/// Every login identifies a user.
pub trait Identifies: Declared + MayIdentify {
    /// The user.
    fn certain<T: Send + Sync + 'static>(held: &Self::Held<T>) -> &T;
}

/// Users log in.
pub trait HasLogin {}

/// Logins identify a user, unless neither the configuration nor the provider's metadata say how.
pub trait MayIdentify: HasLogin {}

/// Requests are signed with the secret of the token.
pub trait SpeaksOAuth1 {}

/// Tokens are bearer tokens.
pub trait SpeaksOAuth2 {}

/// A protocol whose logins have an ID token.
pub trait HasIdToken: SpeaksOAuth2 {}

/// Logins have an ID token, which identifies the user.
pub trait SpeaksOpenId: SpeaksOAuth2 + Identifies {}

/// Devices without a browser can log in.
pub trait AuthorizesDevices: SpeaksOAuth2 {}

/// Tokens outlive the session of their login.
pub trait Keeps {}

impl<P: IsProtocol, I: IsIdentification, const DEVICES: bool, const KEEPS_TOKENS: bool> Declared
    for Capabilities<P, I, DEVICES, KEEPS_TOKENS>
{
    const PROTOCOL: Option<Protocol> = P::PROTOCOL;
    const IDENTIFICATION: Identification = I::IDENTIFICATION;
    const KEEPS_TOKENS: bool = KEEPS_TOKENS;
    const HAS_LOGIN: bool = I::HAS_LOGIN;
    type LoginOf<L: AnyProvider> = I::LoginOf<L>;
    type Held<T: Send + Sync + 'static> = I::Held<T>;

    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<I::Held<T>> {
        I::hold(found)
    }

    fn found<T: Send + Sync + 'static>(held: &I::Held<T>) -> Option<&T> {
        I::found(held)
    }
}

impl<P: SpeaksOAuth1, I, const D: bool, const K: bool> SpeaksOAuth1 for Capabilities<P, I, D, K> {}
impl<P: SpeaksOAuth2, I, const D: bool, const K: bool> SpeaksOAuth2 for Capabilities<P, I, D, K> {}
impl<P: HasIdToken + IsProtocol, const D: bool, const K: bool> SpeaksOpenId
    for Capabilities<P, Identified, D, K>
{
}
impl<P: SpeaksOAuth2, I, const K: bool> AuthorizesDevices for Capabilities<P, I, true, K> {}
impl<P, I, const D: bool> Keeps for Capabilities<P, I, D, true> {}
impl<P: IsProtocol, const D: bool, const K: bool> Identifies for Capabilities<P, Identified, D, K> {
    fn certain<T: Send + Sync + 'static>(held: &T) -> &T {
        held
    }
}
impl<P, I: HasLogin, const D: bool, const K: bool> HasLogin for Capabilities<P, I, D, K> {}
impl<P, I: MayIdentify, const D: bool, const K: bool> MayIdentify for Capabilities<P, I, D, K> {}

impl IsIdentification for Identified {
    const IDENTIFICATION: Identification = Identification::Identified;
    const HAS_LOGIN: bool = true;
    type LoginOf<P: AnyProvider> = P;
    type Held<T: Send + Sync + 'static> = T;

    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<T> {
        found
    }

    fn found<T: Send + Sync + 'static>(held: &T) -> Option<&T> {
        Some(held)
    }
}
impl HasLogin for Identified {}
impl MayIdentify for Identified {}

impl IsIdentification for NoLogin {
    const IDENTIFICATION: Identification = Identification::Unidentified;
    const HAS_LOGIN: bool = false;
    type LoginOf<P: AnyProvider> = NoLoginWith<P>;
    type Held<T: Send + Sync + 'static> = Option<T>;

    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }

    fn found<T: Send + Sync + 'static>(held: &Option<T>) -> Option<&T> {
        held.as_ref()
    }
}

impl IsIdentification for Unidentified {
    const IDENTIFICATION: Identification = Identification::Unidentified;
    const HAS_LOGIN: bool = true;
    type LoginOf<P: AnyProvider> = P;
    type Held<T: Send + Sync + 'static> = Option<T>;

    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }

    fn found<T: Send + Sync + 'static>(held: &Option<T>) -> Option<&T> {
        held.as_ref()
    }
}
impl HasLogin for Unidentified {}

impl IsIdentification for Undecided {
    const IDENTIFICATION: Identification = Identification::Undecided;
    const HAS_LOGIN: bool = true;
    type LoginOf<P: AnyProvider> = P;
    type Held<T: Send + Sync + 'static> = Option<T>;

    fn hold<T: Send + Sync + 'static>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }

    fn found<T: Send + Sync + 'static>(held: &Option<T>) -> Option<&T> {
        held.as_ref()
    }
}
impl HasLogin for Undecided {}
impl MayIdentify for Undecided {}

impl IsProtocol for OAuth1 {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OAuth1);
}
impl SpeaksOAuth1 for OAuth1 {}

impl IsProtocol for OAuth2 {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OAuth2);
}
impl SpeaksOAuth2 for OAuth2 {}

impl IsProtocol for OAuth1Or2 {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OAuth2);
}
impl SpeaksOAuth1 for OAuth1Or2 {}
impl SpeaksOAuth2 for OAuth1Or2 {}

impl IsProtocol for OpenIdConnect {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OpenIdConnect);
}
impl SpeaksOAuth2 for OpenIdConnect {}
impl HasIdToken for OpenIdConnect {}

impl IsProtocol for AnyProtocol {
    const PROTOCOL: Option<Protocol> = None;
}
impl SpeaksOAuth1 for AnyProtocol {}
impl SpeaksOAuth2 for AnyProtocol {}
impl HasIdToken for AnyProtocol {}

/// Checks that the type and the constant of a declaration agree.
pub(crate) const fn assert_declared<C: Declared>(spec: &ProviderSpec<'_>) {
    let is_same = match (C::PROTOCOL, spec.protocol) {
        (None, _)
        | (Some(Protocol::OAuth1), Protocol::OAuth1)
        | (Some(Protocol::OAuth2), Protocol::OAuth2)
        | (Some(Protocol::OpenIdConnect), Protocol::OpenIdConnect) => true,
        (Some(_), _) => false,
    };
    let is_kept = C::PROTOCOL.is_none() || C::KEEPS_TOKENS == spec.keep_tokens;
    let logs_in_as_declared = C::PROTOCOL.is_none() || C::HAS_LOGIN != spec.no_login;
    let identifies_as_declared = C::IDENTIFICATION as u8 == spec.identification as u8;
    assert!(
        is_same && is_kept && logs_in_as_declared && identifies_as_declared,
        "the capabilities of a provider are those of its declaration: `#[derive(OAuthProvider)]` makes both"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: ProviderSpec<'_> = ProviderSpec { keep_tokens: true, ..ProviderSpec::DEFAULT };

    #[test]
    fn type_and_constant_agree() {
        assert_declared::<Capabilities<OAuth2, Identified, true, false>>(&ProviderSpec::DEFAULT);
        assert_declared::<Capabilities<OAuth2, Identified, false, true>>(&KEPT);
        assert_declared::<Capabilities<AnyProtocol, Identified, true, true>>(
            &ProviderSpec::DEFAULT,
        );
    }

    #[test]
    #[should_panic(expected = "are those of its declaration")]
    fn another_protocol_is_refused() {
        assert_declared::<Capabilities<OpenIdConnect, Identified, true, false>>(
            &ProviderSpec::DEFAULT,
        );
    }

    #[test]
    #[should_panic(expected = "are those of its declaration")]
    fn tokens_that_are_not_kept_are_refused() {
        assert_declared::<Capabilities<OAuth2, Identified, true, true>>(&ProviderSpec::DEFAULT);
    }
    #[test]
    #[should_panic(expected = "are those of its declaration")]
    fn identity_that_is_not_declared_is_refused() {
        const UNIDENTIFIED: ProviderSpec<'_> =
            ProviderSpec { identification: Identification::Unidentified, ..ProviderSpec::DEFAULT };
        assert_declared::<Capabilities<OAuth2, Identified, false, false>>(&UNIDENTIFIED);
    }
}
