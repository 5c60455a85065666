//! Every exchange of the protocol as a pair of pure functions: build the request as a value, read
//! the response into a value. They do no I/O, and take time and randomness as arguments.

pub(crate) mod additions;
pub(crate) mod answer;
pub(crate) mod api_error;
pub(crate) mod assertion;
pub(crate) mod authorization_request;
pub(crate) mod authorization_response;
pub(crate) mod bearer;
pub(crate) mod claims_request;
pub(crate) mod client_authentication;
pub(crate) mod device_authorization;
pub(crate) mod end_session;
pub(crate) mod endpoint_kind;
pub(crate) mod error;
pub(crate) mod error_response;
pub(crate) mod freshness;
pub(crate) mod given_value;
pub(crate) mod id_token;
pub(crate) mod initiated_login;
pub(crate) mod introspection;
pub(crate) mod issuer;
pub(crate) mod jwe;
pub(crate) mod jwk;
pub(crate) mod jws;
pub(crate) mod link;
pub(crate) mod logout_token;
pub(crate) mod media_type;
pub(crate) mod metadata;
pub(crate) mod oauth1;
pub(crate) mod parameter;
pub(crate) mod pkce;
pub(crate) mod private_key;
pub(crate) mod refresh_refusal;
pub(crate) mod refusal;
pub(crate) mod request_error;
pub(crate) mod retry_after;
pub(crate) mod revocation;
pub(crate) mod server_metadata;
#[cfg(test)]
mod signer;
pub(crate) mod signing_key;
pub(crate) mod tenants;
mod token_deviation;
pub(crate) mod token_request;
pub(crate) mod token_response;
pub(crate) mod token_value;
pub(crate) mod userinfo_response;
