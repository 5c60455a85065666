//! The owner of tokens in applications with sessions of their own.

use std::sync::Arc;

use ::http::request::Parts;

use crate::text::opaque_debug;
use crate::token::owner::Owner;

type Function = dyn Fn(&Parts) -> Option<Owner> + Send + Sync;

/// The application's function that returns the owner of the tokens that a request uses.
#[derive(Clone)]
pub(crate) struct OwnerOf(Arc<Function>);

impl OwnerOf {
    pub(crate) fn new(function: impl Fn(&Parts) -> Option<Owner> + Send + Sync + 'static) -> Self {
        Self(Arc::new(function))
    }

    pub(crate) fn find(&self, parts: &Parts) -> Option<Owner> {
        (self.0)(parts)
    }
}

opaque_debug!(OwnerOf);
