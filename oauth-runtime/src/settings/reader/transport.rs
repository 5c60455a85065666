//! The settings of the HTTP client: Authlib passes them to its session.

use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::Reader;
use super::key::{CERT, CLIENT_KWARGS, HEADERS, Key, PROXY, TIMEOUT, TRUST_ENV, VERIFY};
use crate::config::{ConfigFault, FaultKind};
use crate::crypto::secret::Secret;
use crate::json;
use crate::settings::Transport;
use crate::settings::transport::ProxySetting;
use crate::url::proxy_url::ProxyUrl;

/// The bounds of a time limit, in seconds.
const MIN_TIMEOUT: f64 = 0.1;
const MAX_TIMEOUT: f64 = 60.0;
/// The usual variables of a proxy for `https`, and of the hosts that do not use it.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTION_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// Headers that the library or the connection sets: credentials, the description of the body, the
/// host, and those of one connection (RFC 9110 section 7.6.1). No response may be compressed.
const RESERVED_HEADERS: [&str; 13] = [
    "accept-encoding",
    "authorization",
    "connection",
    "cookie",
    "dpop",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const RESERVED_PREFIXES: [&str; 2] = ["content-", "proxy-"];

impl Reader<'_> {
    pub(in crate::settings) fn transport(&mut self) -> Transport {
        Transport {
            proxy: self.proxy(),
            root_certificates: self.root_certificates(),
            identity: self.identity(),
            headers: self.member(HEADERS, headers_of).flatten().unwrap_or_default(),
            timeout: self.member(TIMEOUT, timeout_of).flatten(),
        }
    }

    fn proxy(&mut self) -> Option<ProxySetting> {
        let trusts_environment = self.member(TRUST_ENV, bool_of).flatten().unwrap_or(false);
        match self.member(PROXY, proxy_of)? {
            Some(url) => Some(ProxySetting { url, exceptions: String::new() }),
            None if trusts_environment => self.proxy_of_environment(),
            None => None,
        }
    }

    fn proxy_of_environment(&mut self) -> Option<ProxySetting> {
        let mut found =
            PROXY_VARIABLES.iter().filter_map(|name| Some((name, self.config.get(name)?)));
        let (name, setting) = found.next()?;
        let url = ProxyUrl::parse(setting.text())
            .map_err(|why| ConfigFault::malformed(name, &setting.origin, why));
        let exceptions = EXCEPTION_VARIABLES.iter().find_map(|name| self.config.get(name));
        let exceptions = exceptions.map_or_else(String::new, |own| own.text().to_owned());
        Some(ProxySetting { url: self.faults.record(url)?, exceptions })
    }

    fn root_certificates(&mut self) -> Option<String> {
        let path = self.member(VERIFY, bundle_of).flatten()??;
        self.read_file(VERIFY, &path)
    }

    /// One file with certificate and key, or a file for each: the TLS library takes both together.
    fn identity(&mut self) -> Option<Secret> {
        let paths = self.member(CERT, |text| Ok(text.to_owned())).flatten()?;
        let mut pem = String::new();
        for path in paths.split(',') {
            pem.push_str(&self.read_file(CERT, path.trim())?);
            pem.push('\n');
        }
        Some(Secret::from(pem))
    }

    fn read_file(&mut self, key: Key, path: &str) -> Option<String> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let (key, what) = match self.member_of(key) {
                Some((member, _)) => (CLIENT_KWARGS, format!("holds a `{member}` that names")),
                None => (key, "names".to_owned()),
            };
            let what = format!("{what} a file that cannot be read: {error}");
            self.fault(FaultKind::Unreadable, key, what)
        });
        self.faults.record(text)
    }
}

fn timeout_of(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|own| (MIN_TIMEOUT..=MAX_TIMEOUT).contains(own));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("expected a number of seconds from {MIN_TIMEOUT} to {MAX_TIMEOUT}"))
}

fn bool_of(text: &str) -> Result<bool, String> {
    let is = |word| text.eq_ignore_ascii_case(word);
    match (is("true"), is("false")) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

/// The path of a bundle; the inner `None` for the authorities of the system.
fn bundle_of(text: &str) -> Result<Option<String>, String> {
    match bool_of(text) {
        Ok(true) => Ok(None),
        Ok(false) => Err("certificates are always verified; for an authority of your own, write \
             the path of a file with its certificate in PEM"
            .to_owned()),
        Err(_) => Ok(Some(text.to_owned())),
    }
}

/// A URL, or an object with a URL for each scheme. Requests without TLS stay on this machine, so
/// they use no proxy.
fn proxy_of(text: &str) -> Result<ProxyUrl, String> {
    let parse = |url: &str| ProxyUrl::parse(url).map_err(|why| why.to_string());
    if !text.starts_with('{') {
        return parse(text);
    }
    let schemes: Map<String, Value> = json::read(text.as_bytes()).map_err(|why| why.to_string())?;
    let mut secure = None;
    for (scheme, url) in &schemes {
        match scheme.as_str() {
            "https" | "https://" | "all" | "all://" => secure = secure.or(url.as_str()),
            "http" | "http://" => {}
            _ => return Err("expected the members `https` and `http`".to_owned()),
        }
    }
    parse(secure.ok_or_else(|| "it has no member `https` with a URL".to_owned())?)
}

fn headers_of(text: &str) -> Result<HeaderMap, String> {
    let members: Map<String, Value> = json::read(text.as_bytes())
        .map_err(|why| format!("expected a JSON object of headers; {why}"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in members {
        let unusable =
            || format!("`{name}` has a value that is not a string that a header can have");
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let mut value = value.ok_or_else(unusable)?;
        // It may be an API key.
        value.set_sensitive(true);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{name}` cannot be the name of a header"))?;
        if is_reserved(&name) {
            return Err(format!("the library sets `{name}` itself"));
        }
        headers.insert(name, value);
    }
    Ok(headers)
}

fn is_reserved(name: &HeaderName) -> bool {
    let name = name.as_str();
    RESERVED_HEADERS.contains(&name)
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
