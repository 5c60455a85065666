//! Files and values of the configuration.

use super::{SECRET, assert_hides};
use crate::config::Config;
use crate::crypto::seal::CookieKeys;
use crate::url::endpoint::EndpointUrl;
use crate::url::public_url::PublicUrl;

/// A byte that selects the kind of input, and its text: a TOML file, a `.env` file, a public URL,
/// cookie keys, or an endpoint. No fault repeats a value, and an accepted URL is what it looks
/// like.
pub fn configuration(data: &[u8]) {
    let [kind, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match kind % 5 {
        0 => file(Config::empty().toml_text(text), text),
        1 => file(Config::empty().dotenv_text(text), text),
        2 => public_url(text),
        3 => {
            if let Err(error) = CookieKeys::parse(text) {
                assert_hides(&error);
            }
        }
        _ => endpoint(text),
    }
}

fn file(mut config: Config, text: &str) {
    // If the name of a setting is a secret, the property does not hold.
    let is_name = text.lines().any(|line| {
        let name = line.split('=').next().unwrap_or_default();
        name.contains(SECRET)
    });
    for fault in config.take_faults() {
        if !is_name {
            assert!(!fault.to_string().contains(SECRET), "{fault}");
            assert!(!format!("{fault:?}").contains(SECRET), "{fault:?}");
        }
    }
    assert!(!format!("{config:?}").contains(SECRET));
}

fn public_url(text: &str) {
    let Ok(url) = PublicUrl::parse(text) else { return };
    let origin = url::Url::parse(&url.origin()).expect("an origin");
    assert!(
        url.is_https()
            || ["127.0.0.1", "::1", "localhost"].contains(&trimmed(url.host()))
            || url.host().ends_with(".localhost")
            || url.host().starts_with("127."),
        "{text}"
    );
    let joined = url::Url::parse(&url.join("/auth/op/callback")).expect("a URL");
    assert_eq!(joined.origin(), origin.origin(), "{text}");
    assert!(joined.path().ends_with("/auth/op/callback"), "{joined}");
    assert!(joined.query().is_none() && joined.fragment().is_none(), "{joined}");
}

fn trimmed(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn endpoint(text: &str) {
    match EndpointUrl::parse(text, false) {
        Ok(url) => {
            assert_eq!(url.url().scheme(), "https");
            assert!(url.url().username().is_empty() && url.url().password().is_none(), "{url}");
            assert_eq!(url.uri().host(), url.url().host_str(), "two hosts: {url}");
            let query = url.with_query().append_pair("state", "s t&").finish();
            let query = url::Url::parse(&query).expect("a URL");
            assert_eq!(query.host_str(), url.url().host_str());
            assert!(query.query_pairs().any(|pair| pair == ("state".into(), "s t&".into())));
        }
        Err(error) => assert_hides(&error),
    }
}
