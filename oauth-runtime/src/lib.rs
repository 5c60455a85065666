//! Declarative OAuth login for axum.

#[cfg(feature = "testing")]
pub mod testing;
