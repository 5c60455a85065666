//! The capabilities of a provider, as a type: the derive states it once, and every capability trait
//! follows from it.
//!
//! The traits in this file cannot be named outside the crate, so an `impl` cannot claim a
//! capability: it would overlap with the one that follows from the declaration.

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::declaration::spec::{Protocol, ProviderSpec};

/// The capabilities of a declared provider: the protocol `P`, whether devices without a browser can
/// log in, and whether tokens outlive their session.
#[derive(Debug)]
pub struct Capabilities<P, const DEVICES: bool, const KEEPS_TOKENS: bool>(
    Infallible,
    PhantomData<P>,
);

/// RFC 5849.
#[derive(Debug)]
pub struct OAuth1(Infallible);

/// RFC 6749.
#[derive(Debug)]
pub struct OAuth2(Infallible);

/// OpenID Connect Core 1.0.
#[derive(Debug)]
pub struct OpenIdConnect(Infallible);

/// A type that stands for providers of every protocol. Only its value knows the protocol.
#[derive(Debug)]
pub struct AnyProtocol(Infallible);

/// The capabilities of a declaration, to be compared with its constant.
pub trait Declared {
    /// `None` if the type stands for providers of every protocol.
    const PROTOCOL: Option<Protocol>;
    /// Whether tokens outlive their session.
    const KEEPS_TOKENS: bool;
}

/// A protocol as a type.
pub trait IsProtocol {
    /// `None` if the type stands for providers of every protocol.
    const PROTOCOL: Option<Protocol>;
}

/// Requests are signed with the secret of the token.
pub trait SpeaksOAuth1 {}

/// Tokens are bearer tokens.
pub trait SpeaksOAuth2 {}

/// Logins have an ID token.
pub trait SpeaksOpenId: SpeaksOAuth2 {}

/// Devices without a browser can log in.
pub trait AuthorizesDevices: SpeaksOAuth2 {}

/// Tokens outlive the session of their login.
pub trait Keeps {}

impl<P: IsProtocol, const DEVICES: bool, const KEEPS_TOKENS: bool> Declared
    for Capabilities<P, DEVICES, KEEPS_TOKENS>
{
    const PROTOCOL: Option<Protocol> = P::PROTOCOL;
    const KEEPS_TOKENS: bool = KEEPS_TOKENS;
}

impl<P: SpeaksOAuth1, const D: bool, const K: bool> SpeaksOAuth1 for Capabilities<P, D, K> {}
impl<P: SpeaksOAuth2, const D: bool, const K: bool> SpeaksOAuth2 for Capabilities<P, D, K> {}
impl<P: SpeaksOpenId, const D: bool, const K: bool> SpeaksOpenId for Capabilities<P, D, K> {}
impl<P: SpeaksOAuth2, const K: bool> AuthorizesDevices for Capabilities<P, true, K> {}
impl<P, const D: bool> Keeps for Capabilities<P, D, true> {}

impl IsProtocol for OAuth1 {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OAuth1);
}
impl SpeaksOAuth1 for OAuth1 {}

impl IsProtocol for OAuth2 {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OAuth2);
}
impl SpeaksOAuth2 for OAuth2 {}

impl IsProtocol for OpenIdConnect {
    const PROTOCOL: Option<Protocol> = Some(Protocol::OpenIdConnect);
}
impl SpeaksOAuth2 for OpenIdConnect {}
impl SpeaksOpenId for OpenIdConnect {}

impl IsProtocol for AnyProtocol {
    const PROTOCOL: Option<Protocol> = None;
}
impl SpeaksOAuth1 for AnyProtocol {}
impl SpeaksOAuth2 for AnyProtocol {}
impl SpeaksOpenId for AnyProtocol {}

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
    assert!(
        is_same && is_kept,
        "the capabilities of a provider are those of its declaration: `#[derive(OAuthProvider)]` makes both"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: ProviderSpec<'_> = ProviderSpec { keep_tokens: true, ..ProviderSpec::DEFAULT };

    #[test]
    fn type_and_constant_agree() {
        assert_declared::<Capabilities<OAuth2, true, false>>(&ProviderSpec::DEFAULT);
        assert_declared::<Capabilities<OAuth2, false, true>>(&KEPT);
        assert_declared::<Capabilities<AnyProtocol, true, true>>(&ProviderSpec::DEFAULT);
    }

    #[test]
    #[should_panic(expected = "are those of its declaration")]
    fn another_protocol_is_refused() {
        assert_declared::<Capabilities<OpenIdConnect, true, false>>(&ProviderSpec::DEFAULT);
    }

    #[test]
    #[should_panic(expected = "are those of its declaration")]
    fn tokens_that_are_not_kept_are_refused() {
        assert_declared::<Capabilities<OAuth2, true, true>>(&ProviderSpec::DEFAULT);
    }
}
