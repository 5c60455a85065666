//! Authlib's contract as scenarios, and interoperation with servers built from Authlib.

mod calls;
mod configuration;
mod demos;
mod hooks;
mod http_client;
mod lengths;
mod logins;
mod no_login;
mod oauth1;
mod oauth1_requests;
mod openid;
mod run_time;
mod scenarios;
mod scripted;
mod token_requests;
mod tokens;
