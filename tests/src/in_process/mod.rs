//! An application with generated routes, its identity provider and its users, all in one process
//! and over real sockets.
//!
//! The default [`App`] is valid: a login succeeds. A test states only the differences.

mod app;
mod browser;
mod failures;
mod http;
mod server;

pub use self::app::{
    App, AppBuilder, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Handled, Leaving, Op, Paged, Plain,
    Typed, config, config_of, failed,
};
pub use self::browser::{Browser, Cookie, Page};
pub use self::failures::Failures;
pub use self::http::{Impatient, Recorder, Trusting};
pub use self::server::{RawServer, post_without_end, respond};
