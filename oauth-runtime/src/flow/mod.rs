//! The order of steps of each flow, and nothing else.

pub(crate) mod access_token;
pub(crate) mod accounts;
pub(crate) mod attempt;
mod authorization_code;
mod compliance;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod grant_record;
pub(crate) mod grants;
pub(crate) mod id_token;
mod identification;
mod kept_grants;
mod key_set;
mod lease;
pub(crate) mod login;
pub(crate) mod logout;
mod oauth1;
mod pending_login;
pub(crate) mod protected_request;
mod refresh;
mod refresh_failures;
mod revocation;
pub(crate) mod scope_request;
pub(crate) mod userinfo;
