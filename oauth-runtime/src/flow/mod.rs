//! The order of steps of each flow, and nothing else.

pub(crate) mod attempt;
mod authorization_code;
pub(crate) mod discovery;
mod key_set;
pub(crate) mod login;
mod pending_login;
pub(crate) mod protected_request;
pub(crate) mod userinfo;
