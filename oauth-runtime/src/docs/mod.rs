//! Reference and guides.

#[doc = include_str!("keys.md")]
pub mod keys {}
