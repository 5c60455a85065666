//! The order of steps of each flow, and nothing else.

pub(crate) mod authorization_code;
pub(crate) mod discovery;
pub(crate) mod ended_sessions;
mod key_set;
pub(crate) mod pending_login;
mod single_flight;
pub(crate) mod userinfo;
