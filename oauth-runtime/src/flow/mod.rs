//! The order of steps of each flow, and nothing else.

pub(crate) mod access_token;
pub(crate) mod backchannel_logout;
mod client_proof;
mod compliance;
pub(crate) mod extra_parameters;
pub(crate) mod grant;
mod key_set;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod protected_request;
pub(crate) mod provider_client;
mod sending;
