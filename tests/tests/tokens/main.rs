//! Tokens that stay fresh: refreshed in time, once, whoever asks, whatever fails meanwhile.

mod api;
#[macro_use]
mod back_ends;
mod connect;
mod ends;
mod harness;
mod hooks;
mod kept;
mod refresh;
mod refresher;
mod restarts;
mod site;
