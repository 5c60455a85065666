//! Responses of a provider.

use ::http::HeaderMap;
use ::http::HeaderValue;
use ::http::header::{CACHE_CONTROL, LINK, RETRY_AFTER};
use serde_json::Value;

use super::{
    CLIENT, answer, assert_has_no_controls, assert_hides, assert_is_token, has_secret, reference,
};
use crate::json::{self, Members};
use crate::protocol::error::ProviderError;
use crate::protocol::metadata::Metadata;
use crate::protocol::names::Names;
use crate::protocol::token_response::{self, Quirks};
use crate::protocol::{device_authorization, freshness, link, retry_after};
use crate::url::endpoint::EndpointUrl;

/// A byte that selects quirks, one for the status, and the body of a token response. An accepted
/// token can be sent in a header, and no error repeats a token.
pub fn token_response(data: &[u8]) {
    let [quirks, status, body @ ..] = data else { return };
    let names = Names::new(vec![("expires_in".to_owned(), "expires".to_owned())]);
    let quirks = Quirks {
        exchanged: false,
        missing_token_type: quirks & 1 != 0,
        own_token_type: quirks & 2 != 0,
        comma_separated_scopes: quirks & 4 != 0,
        scopes_as_list: quirks & 8 != 0,
        form_encoded: quirks & 16 != 0,
        nested_token: (quirks & 32 != 0).then_some("data.token"),
        names: (quirks & 64 != 0).then_some(&names),
    };
    match token_response::read(&answer(*status, body), quirks) {
        Err(error) => assert_hides_tokens(&error, body),
        Ok(tokens) => {
            assert_is_token(tokens.access_token.expose());
            for token in [&tokens.refresh_token].into_iter().flatten() {
                assert_is_token(token.expose());
            }
            assert!(tokens.id_token.is_none_or(|token| !token.is_empty()));
            assert!(tokens.expires_in.is_none_or(|seconds| (1..=315_360_000).contains(&seconds)));
            if let Some(extra) = tokens.extra {
                let extra: Value = serde_json::from_str(extra.expose()).expect("JSON");
                assert!(extra.is_object() && extra.get("access_token").is_none());
            }
            let scope = tokens.scope.into_iter().flatten();
            assert!(quirks.scopes_as_list || { scope }.all(|scope| !scope.contains(' ')));
        }
    }
}

/// A provider may repeat anything in its own message; the library repeats no token.
fn assert_hides_tokens(error: &ProviderError, body: &[u8]) {
    let is_token = |name: &str| name.ends_with("_token") || name == "device_code";
    let says_so = match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => {
            let says_so = |(name, value): (&String, &Value)| {
                has_secret(name) || (!is_token(name) && contains_secret(value))
            };
            members.iter().any(says_so)
        }
        // A form, or not JSON at all: an excerpt of it may be shown if it contains no token.
        _ => {
            let text = String::from_utf8_lossy(body);
            let says_so = |(name, value): &(String, String)| {
                has_secret(name) || (!is_token(name) && has_secret(value))
            };
            let mut members = text.split('&').filter(|pair| pair.contains('='));
            let says_so = |pair: &str| reference::form(pair).iter().any(says_so);
            !text.contains("token") || members.any(says_so)
        }
    };
    if !says_so {
        assert_hides(error);
    }
}

fn contains_secret(value: &Value) -> bool {
    match value {
        Value::String(text) => has_secret(text),
        Value::Array(list) => list.iter().any(contains_secret),
        Value::Object(members) => {
            members.iter().any(|(name, value)| has_secret(name) || contains_secret(value))
        }
        _ => false,
    }
}

/// A byte that selects the status, and the body of a device authorization response. A displayed
/// code can be typed, and the URL that users are sent to is https.
pub fn device_response(data: &[u8]) {
    let [status, body @ ..] = data else { return };
    let response = answer(*status, body);
    match device_authorization::read(&response, false) {
        Err(error) => {
            let _ = device_authorization::wait(&error);
            assert_hides_tokens(&error, body);
        }
        Ok(answer) => {
            assert!(!answer.device_code.is_empty());
            assert!(!answer.user_code.is_empty() && answer.user_code.chars().count() <= 100);
            assert!(!answer.user_code.chars().any(char::is_control), "{:?}", answer.user_code);
            for page in [Some(answer.verification_uri), answer.verification_uri_complete] {
                assert!(page.is_none_or(|page| page.scheme() == "https" && page.has_host()));
            }
            assert!((1..=24 * 3600).contains(&answer.expires_in));
            assert!((1..=300).contains(&answer.interval.seconds()));
            assert!(answer.interval.slowed_down().backed_off().seconds() <= 300);
        }
    }
}

/// A metadata document. Every endpoint in it is https, without user information or fragment.
pub fn metadata(data: &[u8]) {
    let metadata = match json::read::<Members<Metadata>>(data) {
        Ok(Members(metadata)) => metadata,
        Err(error) => return assert_hides(&error),
    };
    let resolved = match CLIENT.settings.resolve(Some(&metadata)) {
        Ok(resolved) => resolved,
        Err(error) => return assert_has_no_controls(&error),
    };
    let endpoints = [
        resolved.userinfo_endpoint,
        resolved.revocation_endpoint,
        resolved.introspection_endpoint,
        resolved.device_authorization_endpoint,
        resolved.jwks_uri,
        resolved.end_session_endpoint,
    ];
    assert_is_safe(&resolved.token_endpoint);
    assert_is_safe(&resolved.refresh_endpoint);
    endpoints.iter().flatten().for_each(assert_is_safe);
}

fn assert_is_safe(endpoint: &EndpointUrl) {
    let url = url::Url::parse(endpoint.as_str()).expect("a URL");
    assert!(url.scheme() == "https" && url.has_host(), "{url}");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert_eq!(endpoint.uri().host(), url.host_str(), "two hosts");
}

/// Response headers, one per line: `Link`, and with the same bytes `Cache-Control` and
/// `Retry-After`.
pub fn link(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n');
    let values = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CACHE_CONTROL, value.clone());
        headers.append(RETRY_AFTER, value.clone());
        headers.append(LINK, value);
    }
    if let Some(target) = link::next(&headers) {
        // It was between angle brackets in one of the headers.
        let is_there = |value: &HeaderValue| {
            let mut targets = value.to_str().unwrap_or_default().split('<').skip(1);
            targets.any(|rest| rest.split_once('>').is_some_and(|(own, _)| own == target))
        };
        assert!(headers.get_all(LINK).iter().any(is_there), "{target}");
        assert!(!target.contains(['<', '>', '"', ' ', '\\']), "{target}");
    }
    let _ = freshness::lifetime(&headers);
    let _ = retry_after::read(&headers, 1_000);
}
