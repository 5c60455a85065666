//! What the derive implements: a provider is one constant and the types that brand what the engine
//! returns.

use serde::de::DeserializeOwned;

use crate::config::Fields;
use crate::declaration::capabilities::{
    AuthorizesDevices, Declared, Keeps, SpeaksOAuth1, SpeaksOAuth2, SpeaksOpenId,
};
use crate::declaration::spec::ProviderSpec;

/// An OAuth provider, declared with `#[derive(OAuthProvider)]`.
///
/// ```
/// use oauth_runtime::prelude::*;
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// struct GitHub;
///
/// assert_eq!(GitHub::SPEC.scopes, ["read:user"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth provider",
    label = "not declared as a provider",
    note = "declare it: #[derive(OAuthProvider)] #[oauth_provider(name = \"…\", …)]"
)]
pub trait OAuthProvider: Sized + Send + Sync + 'static {
    /// The declaration.
    const SPEC: &'static ProviderSpec<'static>;

    /// What the provider can do, as a type. The traits below follow from it.
    #[doc(hidden)]
    type Capabilities: Declared;

    /// What the userinfo endpoint answers, as `userinfo = Type` declares it;
    /// [`UserInfo`](crate::UserInfo) where nothing is declared.
    type UserInfo: DeserializeOwned + Send + Sync + 'static;

    /// What the ID token says, as `claims = Type` declares it; [`UserInfo`](crate::UserInfo) where
    /// nothing is declared.
    type Claims: DeserializeOwned + Send + Sync + 'static;

    /// Fills the struct's fields from the configuration; `None` once every missing or malformed
    /// one has been recorded in `fields`.
    #[doc(hidden)]
    fn load(fields: &mut Fields<'_>) -> Option<Self>;

    /// The fields' values as text, in the order of [`ProviderSpec::placeholders`].
    #[doc(hidden)]
    fn placeholder_values(&self) -> Vec<String>;
}

/// A provider that speaks OAuth 2.0, or OpenID Connect, which is built on it.
///
/// It follows from the declaration, and from nothing else; what only such a provider can do asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth 2.0 provider",
    label = "OAuth 1.0a, which `{Self}` speaks, does not have this",
    note = "`request_token_url` makes `{Self}` an OAuth 1.0a provider: remove it if the provider speaks OAuth 2.0"
)]
pub trait OAuth2Provider: OAuthProvider {}

#[diagnostic::do_not_recommend]
impl<P: OAuthProvider<Capabilities: SpeaksOAuth2>> OAuth2Provider for P {}

/// A provider with which devices without a browser can log in (RFC 8628): its declaration names a
/// device authorization endpoint, or metadata that can name one.
///
/// It follows from the declaration, and from nothing else; what only such a provider can do asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is declared without a device authorization endpoint",
    label = "no device can log in with `{Self}`",
    note = "if the provider has one, declare it: `device_authorization_endpoint = \"https://…\"`, or `server_metadata_url = \"https://…\"` if its metadata names it"
)]
pub trait DeviceProvider: OAuth2Provider {}

#[diagnostic::do_not_recommend]
impl<P: OAuthProvider<Capabilities: AuthorizesDevices>> DeviceProvider for P {}

/// A provider that speaks OAuth 1.0a: its requests are signed with the secret of the token.
///
/// It follows from the declaration, and from nothing else; what only such a provider can do asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth 1.0a provider",
    label = "only OAuth 1.0a has this",
    note = "an OAuth 1.0a provider declares `request_token_url`"
)]
pub trait OAuth1Provider: OAuthProvider {}

#[diagnostic::do_not_recommend]
impl<P: OAuthProvider<Capabilities: SpeaksOAuth1>> OAuth1Provider for P {}

/// A provider that speaks OpenID Connect: its logins have an ID token.
///
/// It follows from the declaration, and from nothing else; what only such a provider can do asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OpenID Connect provider",
    label = "only OpenID Connect has this, and `{Self}` is declared without it",
    note = "an OpenID Connect provider declares `issuer` or `server_metadata_url` and the scope `openid`"
)]
pub trait OpenIdProvider: OAuth2Provider {}

#[diagnostic::do_not_recommend]
impl<P: OAuthProvider<Capabilities: SpeaksOpenId>> OpenIdProvider for P {}

/// A provider whose tokens outlive the session of their login: it is declared with `keep_tokens`.
///
/// It follows from the declaration, and from nothing else; what only such a provider can do asks for it.
#[diagnostic::on_unimplemented(
    message = "the tokens of `{Self}` are not kept",
    label = "they end with the session of their login",
    note = "add `keep_tokens` to the declaration of `{Self}`"
)]
pub trait KeepsTokens: OAuthProvider {}

#[diagnostic::do_not_recommend]
impl<P: OAuthProvider<Capabilities: Keeps>> KeepsTokens for P {}
