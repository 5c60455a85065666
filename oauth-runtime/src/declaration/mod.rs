//! The declarations of an application's providers, before any configuration is read.

pub(crate) mod capabilities;
pub(crate) mod client_authenticator;
pub(crate) mod collisions;
pub(crate) mod compliance_fix;
pub(crate) mod presets;
pub(crate) mod provider;
pub(crate) mod run_time;
pub(crate) mod spec;
pub(crate) mod token_request_part;
