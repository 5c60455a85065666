//! The application's state as extractors need it: a registry provides all of it.

use axum::extract::FromRef;

use crate::client::Client;

/// A state that provides the client of the provider `P`.
///
/// A registry with a field of type `Client<P>` is one, and so is every state for which that client
/// implements [`FromRef`].
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` provides no client of `{P}`",
    label = "needs a registry with a `Client<{P}>` in the state `{Self}`",
    note = "make the registry the state: `.with_state(oauth)`; it needs a field of the type `Client<{P}>`",
    note = "or keep it in a state of your own: `#[oauth_registry(state = AppState)]` above the registry, and `impl FromRef<AppState>` for it",
    note = "`#[debug_handler]` assumes the state `()` unless it is named: `#[debug_handler(state = …)]`"
)]
pub trait HasClient<P>: 'static {
    /// The client.
    #[doc(hidden)]
    fn client(&self) -> Client<P>;
}

#[diagnostic::do_not_recommend]
impl<S: 'static, P> HasClient<P> for S
where
    Client<P>: FromRef<S>,
{
    fn client(&self) -> Client<P> {
        Client::from_ref(self)
    }
}

/// A state that provides the one that a registry declares with `state = T`.
///
/// `T` itself is one, and so is every state for which `T` implements [`FromRef`].
#[diagnostic::on_unimplemented(
    message = "the routes of this registry need the state `{T}`, and `{Self}` does not provide it",
    label = "declared with `state = {T}`",
    note = "give the router its state: `.merge(oauth.routes()).with_state(…)`",
    note = "if a handler with `#[oauth_login(…)]` extracts it, the registry names it too: `#[oauth_registry(state = {T})]`",
    note = "a larger state provides it with `impl FromRef<{Self}> for {T}`"
)]
pub trait HasState<T> {
    /// The state.
    #[doc(hidden)]
    fn state(&self) -> T;
}

#[diagnostic::do_not_recommend]
impl<S, T> HasState<T> for S
where
    T: FromRef<S>,
{
    fn state(&self) -> T {
        T::from_ref(self)
    }
}

/// A registry that can be the state of a router, which clones its state for each request.
#[diagnostic::on_unimplemented(
    message = "the registry `{Self}` is not `Clone`",
    label = "a router clones its state for each request",
    note = "write `#[derive(Clone, OAuthRegistry)]`: the clients are shared, so a clone is cheap"
)]
pub trait CloneRegistry {}

#[diagnostic::do_not_recommend]
impl<R: Clone> CloneRegistry for R {}

/// Compiles for a registry that is `Clone`.
pub const fn cloneable<R: CloneRegistry>() {}
