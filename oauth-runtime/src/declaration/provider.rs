//! The traits that the derive implements: a provider is one constant and the types that brand the
//! values returned by the engine.

use std::convert::Infallible;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::config::Fields;
use crate::declaration::capabilities::{
    AnyProtocol, AuthorizesDevices, Capabilities, Declared, HasLogin, Identified, Identifies,
    Keeps, MayIdentify, SpeaksOAuth1, SpeaksOAuth2, SpeaksOpenId,
};
use crate::declaration::spec::ProviderSpec;

/// A provider that is declared with `#[derive(OAuthProvider)]`, whether or not its logins identify a
/// user.
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
pub trait AnyProvider: Sized + Send + Sync + 'static {
    /// The declaration.
    const SPEC: &'static ProviderSpec<'static>;

    /// The capabilities of the provider, as a type. The traits below follow from it.
    #[doc(hidden)]
    type Capabilities: Declared;

    /// The type of the userinfo response, declared with `userinfo = Type`. Default:
    /// [`UserInfo`](crate::UserInfo).
    type UserInfo: DeserializeOwned + Send + Sync + 'static;

    /// The type of the ID token's claims, declared with `claims = Type`. Default:
    /// [`UserInfo`](crate::UserInfo).
    type Claims: DeserializeOwned + Send + Sync + 'static;

    /// Whether a function with `#[oauth_login(Self)]` ends its logins.
    #[doc(hidden)]
    const HAS_LOGIN_HANDLER: bool = false;

    /// Fills the struct's fields from the configuration. Returns `None` if any is missing or
    /// malformed, after recording all of them in `fields`.
    #[doc(hidden)]
    fn load(fields: &mut Fields<'_>) -> Option<Self>;

    /// The fields' values as text, in the order of [`ProviderSpec::placeholders`].
    #[doc(hidden)]
    fn placeholder_values(&self) -> Vec<String>;
}

/// A provider whose logins identify a user.
///
/// This follows from the declaration: an OpenID Connect provider identifies users by its ID token, and any other
/// by the endpoint that `userinfo_endpoint` names; OAuth 1.0a also by what comes with the token, if
/// the declaration has `identity(id = "…")`. A provider without any of these is only an [`AnyProvider`]:
/// its logins grant access to its API.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare how it identifies users",
    label = "needs a provider whose logins identify a user",
    note = "declare it: `userinfo_endpoint = \"https://…\"`, or `issuer = \"https://…\"` and `scopes(\"openid\")`; with OAuth 1.0a also `identity(id = \"…\")`",
    note = "a login that identifies no user has `api()` and `token()`; a function for any login has the bound `P: AnyProvider`"
)]
pub trait OAuthProvider: SignInProvider<Capabilities: Identifies> {}

#[diagnostic::do_not_recommend]
impl<P: SignInProvider<Capabilities: Identifies>> OAuthProvider for P {}

/// A provider with which users can sign in: every [`OAuthProvider`], and a provider for which the
/// configuration or the provider's metadata decide whether its logins identify a user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare how it identifies users",
    label = "needs a provider with which users can sign in",
    note = "declare it: `userinfo_endpoint = \"https://…\"`, or `issuer = \"https://…\"` and `scopes(\"openid\")`; with OAuth 1.0a also `identity(id = \"…\")`",
    note = "a user who is signed in with another provider can connect an account of `{Self}`: the route `connect`, and `keep_tokens` if the tokens are to outlive the session"
)]
pub trait SignInProvider: LoginProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: MayIdentify>> SignInProvider for P {}

/// A provider with which users log in: every provider that is declared without `no_login`.
///
/// The tokens of a provider with `no_login` are the application's own, from
/// [`client_credentials`](crate::Client::client_credentials) or
/// [`jwt_bearer`](crate::Client::jwt_bearer): it has no routes, no callback and no [`Login`](crate::Login).
#[diagnostic::on_unimplemented(
    message = "no user logs in with `{Self}`",
    label = "`{Self}` is declared with `no_login`",
    note = "call its API with a token of the application: `client.client_credentials().api().await?`",
    note = "if users log in with it, remove `no_login` and declare `authorize_url = \"https://…\"`"
)]
pub trait LoginProvider: AnyProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: HasLogin>> LoginProvider for P {}

/// A provider that speaks OAuth 2.0, or OpenID Connect, which is built on it.
///
/// Only the declaration can implement this trait. Operations that only such a provider supports
/// require it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth 2.0 provider",
    label = "OAuth 1.0a, which `{Self}` speaks, does not have this",
    note = "`request_token_url` makes `{Self}` an OAuth 1.0a provider: remove it if the provider speaks OAuth 2.0"
)]
pub trait OAuth2Provider: AnyProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: SpeaksOAuth2>> OAuth2Provider for P {}

/// A provider with which devices without a browser can log in (RFC 8628): its declaration names a
/// device authorization endpoint, or metadata that can name one.
///
/// Only the declaration can implement this trait. Operations that only such a provider supports
/// require it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is declared without a device authorization endpoint",
    label = "no device can log in with `{Self}`",
    note = "if the provider has one, declare it: `device_authorization_endpoint = \"https://…\"`, or `server_metadata_url = \"https://…\"` if its metadata names it"
)]
pub trait DeviceProvider: OAuth2Provider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: AuthorizesDevices>> DeviceProvider for P {}

/// A provider that speaks OAuth 1.0a: its requests are signed with the secret of the token.
///
/// Only the declaration can implement this trait. Operations that only such a provider supports
/// require it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth 1.0a provider",
    label = "only OAuth 1.0a has this",
    note = "an OAuth 1.0a provider declares `request_token_url`"
)]
pub trait OAuth1Provider: AnyProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: SpeaksOAuth1>> OAuth1Provider for P {}

/// A provider that speaks OpenID Connect: its logins have an ID token.
///
/// Only the declaration can implement this trait. Operations that only such a provider supports
/// require it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OpenID Connect provider",
    label = "only OpenID Connect has this, and `{Self}` is declared without it",
    note = "an OpenID Connect provider declares `issuer` or `server_metadata_url` and the scope `openid`"
)]
pub trait OpenIdProvider: OAuth2Provider + OAuthProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: SpeaksOpenId>> OpenIdProvider for P {}

/// A provider whose tokens outlive the session of their login: it is declared with `keep_tokens`.
///
/// Only the declaration can implement this trait. Operations that only such a provider supports
/// require it.
#[diagnostic::on_unimplemented(
    message = "the tokens of `{Self}` are not kept",
    label = "they end with the session of their login",
    note = "add `keep_tokens` to the declaration of `{Self}`"
)]
pub trait KeepsTokens: AnyProvider {}

#[diagnostic::do_not_recommend]
impl<P: AnyProvider<Capabilities: Keeps>> KeepsTokens for P {}

/// Stands for a provider without logins in the handler of a registry: a handler for the logins of
/// any provider compiles with it, and is never called.
#[derive(Debug)]
pub struct NoLoginWith<P>(Infallible, PhantomData<fn() -> P>);

#[diagnostic::do_not_recommend]
impl<P: AnyProvider> AnyProvider for NoLoginWith<P> {
    const SPEC: &'static ProviderSpec<'static> = &ProviderSpec::DEFAULT;
    type Capabilities = Capabilities<AnyProtocol, Identified, true, true>;
    type UserInfo = P::UserInfo;
    type Claims = P::Claims;

    fn load(_: &mut Fields<'_>) -> Option<Self> {
        None
    }

    fn placeholder_values(&self) -> Vec<String> {
        Vec::new()
    }
}
