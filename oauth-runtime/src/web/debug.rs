//! What `#[debug_handler]` asks of a handler, a function for each of its pieces.

use axum::extract::{FromRequest, FromRequestParts};

use super::arguments::{Answer, AnswerError};

/// An argument that is extracted from the request without its body.
pub fn argument<T: FromRequestParts<S>, S>() {}

/// The last argument, which may take the body.
pub fn last_argument<T: FromRequest<S, M>, S, M>() {}

/// An argument that takes the body.
pub fn body_argument<T: FromRequest<S, M>, S, M>() {}

/// The answer.
pub fn answer<T: Answer>() {}

/// The error of an answer.
pub fn error<T: AnswerError>() {}

/// The future of a handler: it goes from thread to thread, and comes to a response.
pub fn future<F>(_: F)
where
    F: Future + Send,
{
}
