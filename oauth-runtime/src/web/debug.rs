//! The requirements of `#[debug_handler]`, one function for each part of a handler.

use axum::extract::{FromRequest, FromRequestParts};

use super::arguments::{Answer, AnswerError};

/// An argument that is extracted without the body.
pub fn argument<T: FromRequestParts<S>, S>() {}

/// The last argument, which may consume the body.
pub fn last_argument<T: FromRequest<S, M>, S, M>() {}

/// An argument that consumes the body.
pub fn body_argument<T: FromRequest<S, M>, S, M>() {}

/// The output.
pub fn answer<T: Answer>() {}

/// The error type of the output.
pub fn error<T: AnswerError>() {}

/// The future of a handler: it is `Send` and resolves to a response.
pub fn future<F>(_: F)
where
    F: Future + Send,
{
}
