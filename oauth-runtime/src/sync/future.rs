//! Futures without a name.

use std::future::Future;
use std::pin::Pin;

/// A boxed future, so that a trait with asynchronous methods can be an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
