//! OAuth 1.0a (RFC 5849): temporary credentials, authorization, token credentials, and the
//! signature that every request of a client carries.

pub(crate) mod authorization;
mod base_string;
mod credentials;
mod parameters;
pub(crate) mod rsa_key;
pub(crate) mod signature;
pub(crate) mod signed_request;
pub(crate) mod temporary_credentials;
pub(crate) mod token_credentials;

pub(crate) use self::credentials::Credentials;
