//! Every preset, at a provider that speaks its dialect.
//!
//! A fixture states what the provider documents: its addresses, the scopes on the wire, one answer
//! of each endpoint, and the identity that follows from them. It repeats no line of the preset, so
//! that both have to agree. All values of users are invented.

mod awkward;
mod declared;
mod dialect;
mod fixture;
mod table;
mod typed;
