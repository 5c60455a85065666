//! Interoperation: the examples in a real browser.
//!
//! `tests/setup` installs the requirements, and the examples must be built first. Screenshots of
//! every step are written to `tests/screenshots`.

mod basic;
mod form_post;
mod lemonldap;
mod linking;
mod pages;
mod planted;
mod quickstart;
mod relying_party;
mod repositories;
