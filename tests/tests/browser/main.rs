//! Interoperation: the examples in a real browser.
//!
//! `tests/setup` installs what they need, and the examples are built before. Pictures of every step
//! are in `tests/screenshots` afterwards.

mod basic;
mod form_post;
mod lemonldap;
mod linking;
mod planted;
mod quickstart;
mod relying_party;
mod repositories;
