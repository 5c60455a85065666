//! The pages that visitors see, including those for errors.

pub(super) mod client_kind;
pub(super) mod development;
pub(crate) mod error_context;
mod html;
pub(crate) mod last_provider;
pub(crate) mod login_required;
pub(crate) mod pages;
pub(crate) mod rejection;
pub(super) mod unconfigured;
pub(crate) mod viewer;
