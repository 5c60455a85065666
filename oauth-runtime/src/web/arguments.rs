//! The parts of a handler, as one trait each, so that the compiler's error names the part that is
//! wrong.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// A function of up to nine arguments with the types `Args`.
pub trait Function<Args>: Clone + Send + Sync + 'static {
    /// The return type: the future of an `async fn`.
    type Output;

    /// Calls the function.
    fn call(self, arguments: Args) -> Self::Output;
}

/// Arguments of a handler: any extractors, then `A`.
#[diagnostic::on_unimplemented(
    message = "this handler does not take `{A}`",
    label = "its arguments are `{Self}`",
    note = "write `async fn …(…, last: {A}) -> impl IntoResponse`"
)]
pub trait EndsWith<A>: Sized {
    /// The types of the extractors.
    type Front;

    /// Joins the arguments.
    fn join(front: Self::Front, last: A) -> Self;
}

/// The last argument of a handler, of type `A`.
#[diagnostic::on_unimplemented(
    message = "the last argument of this handler is `{Self}`, not `{A}`",
    label = "write `async fn …(…, last: {A}) -> impl IntoResponse`",
    note = "`{A}` is the last argument; all arguments before it are extractors",
    note = "a handler for several providers is generic: `async fn signed_in<P: OAuthProvider>(login: Login<P>)`"
)]
pub trait IsLast<A> {
    /// Converts the argument.
    fn of(argument: A) -> Self;
}

impl<A> IsLast<A> for A {
    fn of(argument: A) -> A {
        argument
    }
}

/// The extractors before the last argument.
pub trait Extractors<S>: Sized + Send {
    /// Runs the extractors in order until one rejects.
    fn extract(parts: &mut Parts, state: &S)
    -> impl Future<Output = Result<Self, Response>> + Send;
}

/// An argument that axum extracts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be extracted for this handler",
    label = "`{Self}` is not an extractor, or not with the state `{S}`",
    note = "an extractor of the application's state needs its type: `#[oauth_registry(state = AppState)]`, or on the handler `#[oauth_login(…, state = AppState)]`",
    note = "the body is not available to extractors here"
)]
pub trait Extractor<S>: Sized + Send {
    /// Extracts the argument.
    fn extract(parts: &mut Parts, state: &S)
    -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T, S> Extractor<S> for T
where
    T: FromRequestParts<S> + Send,
    S: Send + Sync,
{
    async fn extract(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        T::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)
    }
}

/// The return type of an `async fn`.
#[diagnostic::on_unimplemented(
    message = "this handler is not async: it returns `{Self}`",
    label = "write `async fn`"
)]
pub trait Asynchronous: Future<Output = Self::Answer> {
    /// The output of the future.
    type Answer;
}

#[diagnostic::do_not_recommend]
impl<F: Future> Asynchronous for F {
    type Answer = F::Output;
}

/// The output of a handler.
#[diagnostic::on_unimplemented(
    message = "this handler returns `{Self}`, which is not a response",
    label = "`{Self}` does not implement `IntoResponse`",
    note = "return `impl IntoResponse`, or a `Result` of it with an error that is a response too: `Result<impl IntoResponse, OAuthError>`"
)]
pub trait Answer {
    /// Converts it into a response.
    fn answer(self) -> Response;
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> Answer for T {
    fn answer(self) -> Response {
        self.into_response()
    }
}

/// The error type of a handler.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return the error `{Self}`",
    label = "`{Self}` does not implement `IntoResponse`",
    note = "`OAuthError` is a response; for your own error, write `impl IntoResponse for {Self}`"
)]
pub trait AnswerError {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> AnswerError for T {}

macro_rules! arguments {
    ($($extractor:ident)*) => {
        impl<Fun, Output, Last, $($extractor,)*> Function<($($extractor,)* Last,)> for Fun
        where
            Fun: FnOnce($($extractor,)* Last) -> Output + Clone + Send + Sync + 'static,
        {
            type Output = Output;

            #[allow(non_snake_case, reason = "one pattern for all lengths")]
            fn call(self, ($($extractor,)* Last,): ($($extractor,)* Last,)) -> Output {
                self($($extractor,)* Last)
            }
        }

        impl<A, Last: IsLast<A>, $($extractor,)*> EndsWith<A> for ($($extractor,)* Last,) {
            type Front = ($($extractor,)*);

            #[allow(non_snake_case, reason = "one pattern for all lengths")]
            fn join(($($extractor,)*): Self::Front, last: A) -> Self {
                ($($extractor,)* Last::of(last),)
            }
        }

        impl<S: Send + Sync, $($extractor: Extractor<S>,)*> Extractors<S> for ($($extractor,)*) {
            #[allow(unused_variables, reason = "there may be no extractor")]
            async fn extract(parts: &mut Parts, state: &S) -> Result<Self, Response> {
                Ok(($($extractor::extract(parts, state).await?,)*))
            }
        }
    };
}

impl<Fun, Output> Function<()> for Fun
where
    Fun: FnOnce() -> Output + Clone + Send + Sync + 'static,
{
    type Output = Output;

    fn call(self, (): ()) -> Output {
        self()
    }
}

arguments!();
arguments!(T1);
arguments!(T1 T2);
arguments!(T1 T2 T3);
arguments!(T1 T2 T3 T4);
arguments!(T1 T2 T3 T4 T5);
arguments!(T1 T2 T3 T4 T5 T6);
arguments!(T1 T2 T3 T4 T5 T6 T7);
arguments!(T1 T2 T3 T4 T5 T6 T7 T8);
