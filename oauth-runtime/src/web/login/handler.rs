//! The application's handlers for the end of a login: async functions whose last argument is the
//! outcome, after any axum extractors.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;

use super::Login;
use super::connection::{Connection, VerifiedConnection};
use crate::declaration::provider::AnyProvider;
use crate::error::OAuthError;
use crate::flow::login::CompletedLogin;
use crate::flow::provider_client::ProviderClient;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;
use crate::web::arguments::{Answer, Asynchronous, EndsWith, Extractors, Function};
use crate::web::session::Session;
use crate::web::state::HasState;

/// An async function that ends a login or a connection: any extractors first, `A` last.
///
/// `T` are the extractors and `S` is the application's state; both are inferred.
#[diagnostic::on_unimplemented(
    message = "this is not a handler of `{A}`",
    label = "not a function of at most nine arguments",
    note = "write `async fn …(…, last: {A}) -> impl IntoResponse`, with at most eight extractors before it"
)]
pub trait EndHandler<A, T, S>: Clone + Send + Sync + 'static {
    /// Calls the function.
    #[doc(hidden)]
    fn handle(self, last: A, parts: Parts, state: S) -> BoxFuture<'static, Response>;
}

// Each bound has its own message for a function that violates it.
impl<F, A, Args, S> EndHandler<A, Args, S> for F
where
    F: Function<Args>,
    Args: EndsWith<A>,
    F::Output: Asynchronous + Send,
    <F::Output as Asynchronous>::Answer: Answer,
    Args::Front: Extractors<S>,
    A: Send + 'static,
    Args: Send,
    S: Send + Sync + 'static,
{
    fn handle(self, last: A, mut parts: Parts, state: S) -> BoxFuture<'static, Response> {
        Box::pin(async move {
            match Args::Front::extract(&mut parts, &state).await {
                Ok(front) => self.call(Args::join(front, last)).await.answer(),
                Err(rejection) => rejection,
            }
        })
    }
}

/// The handler of a verified login, without the type of the provider: routes are compiled once.
pub struct OnLogin<S>(pub(crate) Option<End<VerifiedLogin, S>>);

/// The handler of a verified connection.
pub struct OnConnect<S>(pub(crate) Option<End<VerifiedConnection, S>>);

/// The handler of a failed login or connection.
pub struct OnError<S>(pub(crate) ErrorEnd<S>);

/// [`OnError`] for the state of the whole application, from which the state of the handlers is
/// derived.
pub(crate) struct ErrorPage<Outer>(pub(crate) ErrorPageOf<Outer>);

type ErrorPageOf<Outer> =
    Arc<dyn Fn(OAuthError, Parts, &Outer) -> BoxFuture<'static, Response> + Send + Sync>;

impl<Outer: 'static> ErrorPage<Outer> {
    pub(crate) fn of<S: 'static>(on_error: &Arc<OnError<S>>) -> Self
    where
        Outer: HasState<S>,
    {
        let on_error = Arc::clone(on_error);
        Self(Arc::new(move |error, parts, outer| (on_error.0)(error, parts, outer.state())))
    }
}

impl<Outer> Clone for ErrorPage<Outer> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A handler of `T`, a verified login or connection.
type End<T, S> = Arc<dyn Fn(Box<T>, Parts, S) -> Ended<S> + Send + Sync>;
type ErrorEnd<S> = Arc<dyn Fn(OAuthError, Parts, S) -> BoxFuture<'static, Response> + Send + Sync>;

/// The application's response; or, if the login does not fit the types of its handler, the
/// arguments of the error handler.
pub(crate) type Ended<S> = Result<BoxFuture<'static, Response>, Box<(OAuthError, Parts, S)>>;

/// A verified login and the client that verified it.
#[derive(Debug)]
pub(crate) struct VerifiedLogin {
    pub(crate) client: Arc<ProviderClient>,
    pub(crate) login: Box<CompletedLogin>,
    /// The browser's previous session.
    pub(crate) earlier: Option<Box<Session>>,
}

/// The built-in end of a login: it starts the session and redirects the user to `return_to`.
pub fn built_in_login<S>() -> OnLogin<S> {
    OnLogin(None)
}

/// Ends the logins of `P` with the application's handler.
pub(crate) fn on_login<P, S, T, H>(handler: H) -> OnLogin<S>
where
    P: AnyProvider,
    S: Send + Sync + 'static,
    H: EndHandler<Login<P>, T, S>,
{
    OnLogin(Some(Arc::new(
        move |ended: Box<VerifiedLogin>, parts: Parts, state: S| match Login::new(*ended, None) {
            Ok(login) => Ok(handler.clone().handle(login, parts, state)),
            Err(error) => Err(Box::new((error, parts, state))),
        },
    )))
}

/// The built-in end of a connection: it stores the tokens and redirects the user. A provider whose
/// tokens are not stored has no connections in this case.
pub fn built_in_connection<S>() -> OnConnect<S> {
    OnConnect(None)
}

/// Ends the connections of `P` with the application's handler.
pub(crate) fn on_connect<P, S, T, H>(handler: H) -> OnConnect<S>
where
    P: AnyProvider,
    S: Send + Sync + 'static,
    H: EndHandler<Connection<P>, T, S>,
{
    OnConnect(Some(Arc::new(move |ended: Box<VerifiedConnection>, parts: Parts, state: S| {
        match Connection::new(*ended, None) {
            Ok(connection) => Ok(handler.clone().handle(connection, parts, state)),
            Err(error) => Err(Box::new((error, parts, state))),
        }
    })))
}

/// Ends failed logins with the application's handler.
pub fn on_error<S, T, H>(handler: H) -> OnError<S>
where
    S: Send + Sync + 'static,
    H: EndHandler<OAuthError, T, S>,
{
    OnError(Arc::new(move |error, parts, state| handler.clone().handle(error, parts, state)))
}

impl<S: 'static> OnLogin<S> {
    /// The handler for a state that provides its own.
    pub(crate) fn within<Outer>(self) -> OnLogin<Outer>
    where
        Outer: HasState<S> + Send + Sync + 'static,
    {
        OnLogin(self.0.map(|end| -> End<VerifiedLogin, Outer> {
            Arc::new(move |ended, parts, outer: Outer| {
                end(ended, parts, outer.state()).map_err(|misfit| {
                    let (error, parts, _) = *misfit;
                    Box::new((error, parts, outer))
                })
            })
        }))
    }
}

impl<S> Clone for OnLogin<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> std::fmt::Debug for OnLogin<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "OnLogin(handler)" } else { "OnLogin(built in)" })
    }
}

impl<S> Clone for OnConnect<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> std::fmt::Debug for OnConnect<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "OnConnect(handler)" } else { "OnConnect(built in)" })
    }
}

opaque_debug!(OnError<S>);
