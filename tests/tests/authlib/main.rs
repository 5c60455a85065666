//! Interoperation with servers made of Authlib's own server classes.

mod oauth1;
mod openid;
mod run_time;
mod tokens;
