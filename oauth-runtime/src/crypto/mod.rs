//! Random values, secrets and sealed text.

pub(crate) mod failure;
pub(crate) mod random;
pub(crate) mod seal;
pub(crate) mod secret;
