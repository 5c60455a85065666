//! The implementation of the faults. The endpoints create a correct response and pass it through
//! this module. Without a fault, its functions change nothing.

mod delivery;
mod documents;
mod encryption;
mod gzip;
mod id_token;
mod responses;
mod userinfo;

pub(super) use delivery::deliver;
pub(super) use documents::{jwks, metadata};
pub(super) use encryption::encrypted;
pub(super) use id_token::{claims as id_token_claims, signed};
pub(super) use responses::{
    authorization_response, encoded_token_response, logout_state, token_request, token_response,
};
pub(super) use userinfo::{signed_userinfo, userinfo};

use serde_json::{Map, Value};

/// An issuer, a client and a URL that are unrelated to this provider. The name cannot be registered
/// (RFC 2606).
const ELSEWHERE: &str = "https://elsewhere.example";

/// Text that a page or a log must not show unchanged: markup, a line break, a terminal's escape
/// sequence and a character that changes the reading direction.
const MARKUP: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\r\nSet-Cookie: a=b\u{1b}[2J\u{202e}";

/// Replaces a member, or removes it if the value is `None`.
pub(super) fn change(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
}
