//! Random values, secrets, and what seals text for a later process.

pub(crate) mod failure;
pub(crate) mod random;
pub(crate) mod seal;
pub(crate) mod secret;
