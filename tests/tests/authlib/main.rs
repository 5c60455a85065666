//! Interoperation with servers built from Authlib's server classes.

mod oauth1;
mod openid;
mod run_time;
mod tokens;
