//! What the faults do. The endpoints make an honest answer and pass it through here; with no fault
//! switched on, every function of this module leaves it as it is.

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

/// An issuer, a client and a place that have nothing to do with this provider. The name can belong
/// to nobody (RFC 2606).
const ELSEWHERE: &str = "https://elsewhere.example";

/// What a page or a log must not show as it is: markup, a line break, a terminal's escape sequence
/// and a character that turns the reading direction.
const MARKUP: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\r\nSet-Cookie: a=b\u{1b}[2J\u{202e}";

/// Replaces a member, or removes it where there is no value.
fn change(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
}
