//! Token refresh: in time and only once, even with simultaneous callers and failures.

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
