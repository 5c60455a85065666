//! The handlers that `#[oauth_login(P)]` declares.
//!
//! The attribute implements [`LoginHandler`] for the provider. A registry cannot see the attribute,
//! so its code selects between the two functions `or` of [`LoginEnd`]: the compiler prefers the
//! inherent one, which exists only for a provider with a handler.

use std::marker::PhantomData;

use super::handler::OnLogin;
use crate::web::state::HasState;

/// A provider whose logins end with a handler of the application, declared with
/// `#[oauth_login(P)]`.
#[diagnostic::on_unimplemented(message = "no handler is declared with `#[oauth_login({Self})]`")]
pub trait LoginHandler: Sized {
    /// The state that the handler extracts, which the state of the application provides. A handler
    /// that extracts none takes any.
    type State<Outer: Clone + Send + Sync + 'static>: Send + Sync + 'static;

    /// The handler.
    fn on_login<Outer: Clone + Send + Sync + 'static>() -> OnLogin<Self::State<Outer>>;
}

/// Finds the handler of `P`.
#[derive(Debug)]
pub struct LoginEnd<P>(PhantomData<fn() -> P>);

impl<P> LoginEnd<P> {
    /// For a call of `or`.
    #[expect(clippy::new_without_default, reason = "only generated code calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: LoginHandler> LoginEnd<P> {
    /// Whether `P` has a handler.
    pub const IS_HANDLED: bool = true;

    /// The declared handler.
    #[must_use]
    pub fn or<S>(self, _: OnLogin<S>) -> OnLogin<S>
    where
        S: HasState<P::State<S>> + Clone + Send + Sync + 'static,
    {
        P::on_login::<S>().within()
    }
}

/// The functions of [`LoginEnd`] for a provider without a handler.
pub trait NoLoginHandler: Sized {
    /// Whether there is a handler.
    const IS_HANDLED: bool = false;

    /// The handler of the registry.
    #[must_use]
    fn or<S>(self, of_registry: OnLogin<S>) -> OnLogin<S> {
        of_registry
    }
}

impl<P> NoLoginHandler for LoginEnd<P> {}

/// Refuses a field with `on_login` whose provider has a handler.
///
/// # Panics
/// Panics at compile time, with the error message for the user.
#[track_caller]
pub const fn one_login_handler(has_another: bool) {
    assert!(
        !has_another,
        "the logins of this provider have two handlers: remove `on_login` here, or `#[oauth_login(…)]` from the other function"
    );
}
