//! The targets of the fuzzers in `fuzz/`, which are also tests here. Each is a function of
//! arbitrary bytes that panics if a property does not hold.
//!
//! The properties are stated against an independent reading of the same bytes, in `reference`: a
//! parser that agrees with itself proves nothing.

#![expect(clippy::expect_used, reason = "a target reports by panicking")]

mod browser;
mod configuration;
mod id_token;
mod oauth1;
mod provider;
mod reference;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::{Arc, LazyLock};

use ::http::Response;
use bytes::Bytes;

pub use self::browser::{callback, cookies, initiated_login, logout_response, return_to};
pub use self::configuration::configuration;
pub use self::id_token::{id_token, key_set};
pub use self::oauth1::oauth1;
pub use self::provider::{device_response, link, metadata, token_response};
use crate::config::Config;
use crate::declaration::run_time::ProviderDescription;
use crate::flow::provider_client::ProviderClient;
use crate::registry::OAuthRegistry;
use crate::registry::run_time::RuntimeProviders;
use crate::text::without_hidden;

/// The name and the function of a target.
pub type Target = (&'static str, fn(&[u8]));

/// Every target; each has a program and a corpus under its name in `fuzz/`.
pub const TARGETS: &[Target] = &[
    ("callback", callback),
    ("configuration", configuration),
    ("cookies", cookies),
    ("device_response", device_response),
    ("id_token", id_token),
    ("initiated_login", initiated_login),
    ("key_set", key_set),
    ("link", link),
    ("logout_response", logout_response),
    ("metadata", metadata),
    ("oauth1", oauth1),
    ("return_to", return_to),
    ("token_response", token_response),
];

const ISSUER: &str = "https://op.example";
/// Marks secrets: no text of the library contains it by itself.
const SECRET: &str = "hunter2";

/// An OpenID Connect provider with an API.
static CLIENT: LazyLock<Arc<ProviderClient>> = LazyLock::new(|| {
    let config = Config::empty().set("OAUTH_PUBLIC_URL", "https://app.example");
    let config = config.set("OAUTH_COOKIE_KEYS", "01".repeat(32));
    let providers = RuntimeProviders::builder().config(config).build().expect("in order");
    let description = ProviderDescription::new("op")
        .issuer(ISSUER)
        .api_base_url("https://op.example/api/")
        .scopes(["openid"])
        .client_id("app")
        .client_secret("s3cr3t-of-the-application");
    Arc::clone(providers.insert(description).expect("in order").engine())
});

/// The input of a target that reads a response: a status and a body.
fn answer(status: u8, body: &[u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = match status % 4 {
        0 | 1 => ::http::StatusCode::OK,
        2 => ::http::StatusCode::BAD_REQUEST,
        _ => ::http::StatusCode::SERVICE_UNAVAILABLE,
    };
    response
}

/// Checks that neither the text of an error nor its `Debug`, nor those of its causes, contain a
/// secret.
fn assert_hides(error: &dyn Error) {
    let mut shown = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        shown.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    assert!(!shown.contains(SECRET), "shown: {shown}");
    assert_has_no_controls(error);
}

/// Checks that external text cannot forge a log line.
fn assert_has_no_controls(error: &dyn Error) {
    let display = error.to_string();
    assert!(
        !display.chars().any(|c| c.is_control() && c != '\n'),
        "control character: {display:?}"
    );
}

/// Whether the secret is visible in a text, ignoring hidden characters.
fn has_secret(text: &str) -> bool {
    without_hidden(text).contains(SECRET)
}

/// The other side's own error message may be shown, whatever it contains.
fn assert_hides_all_but(
    error: &dyn Error,
    pairs: &[(String, String)],
    is_word: impl Fn(&str) -> bool,
) {
    let says_so = |(name, value): &(String, String)| is_word(name) && has_secret(value);
    if !pairs.iter().any(says_so) {
        assert_hides(error);
    }
}

/// RFC 6750 section 2.1 and RFC 6749 appendix A.12: a header can carry the token.
fn assert_is_token(token: &str) {
    assert!(
        !token.is_empty() && token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)),
        "{token:?}"
    );
}
