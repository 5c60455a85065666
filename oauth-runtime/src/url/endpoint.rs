//! A URL that may receive a secret: https, or http to the local host if that is allowed.

use std::fmt;

use ::http::Uri;
use url::form_urlencoded::Serializer;
use url::{Host, Url};

use crate::text::shown;

/// A checked URL of a provider. Only the check creates one, so a request cannot go elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EndpointUrl {
    url: Url,
    uri: Uri,
}

/// Why a URL was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an absolute URL.
    #[error("it is not an absolute URL such as `https://provider.example/path`")]
    NotAUrl,
    /// Not https.
    #[error(
        "it is not https; plain http is allowed only to loopback addresses, and only with `quirks(loopback_http)`"
    )]
    NotHttps,
    /// `https://user:password@host/`.
    #[error("it contains a user name or password")]
    UserInfo,
    /// `#fragment`.
    #[error("it contains a fragment (`#`)")]
    Fragment,
    /// Spaces or control characters.
    #[error("it contains white space or control characters")]
    WhiteSpace,
}

impl EndpointUrl {
    /// Checks `text`. `loopback_http` allows plain http to the local host.
    ///
    /// # Errors
    /// [`EndpointError`] for the first rule that is broken.
    pub(crate) fn parse(text: &str, loopback_http: bool) -> Result<Self, EndpointError> {
        // `Url` strips these silently. A URL whose meaning differs from its text is refused.
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(EndpointError::WhiteSpace);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::NotAUrl)?;
        Self::check(url, loopback_http)
    }

    /// Checks a URL that has been parsed already.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(crate) fn check(url: Url, loopback_http: bool) -> Result<Self, EndpointError> {
        match url.scheme() {
            "https" => {}
            "http" if loopback_http && is_loopback(&url) => {}
            "http" => return Err(EndpointError::NotHttps),
            _ if url.has_host() => return Err(EndpointError::NotHttps),
            _ => return Err(EndpointError::NotAUrl),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(EndpointError::Fragment);
        }
        let uri = url.as_str().parse().map_err(|_| EndpointError::NotAUrl)?;
        Ok(Self { url, uri })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn uri(&self) -> Uri {
        self.uri.clone()
    }

    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The URL with a query to append to any existing one (RFC 6749 section 3.1).
    pub(crate) fn with_query(&self) -> Serializer<'static, String> {
        let mut url = String::with_capacity(512);
        url.push_str(self.as_str());
        match self.url.query() {
            None => url.push('?'),
            Some(query) if query.is_empty() || query.ends_with('&') => {}
            Some(_) => url.push('&'),
        }
        let start = url.len();
        Serializer::for_suffix(url, start)
    }

    /// Whether scheme, host and port are the same.
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }
}

/// As [`RedactedUrl`] shows it.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// As [`RedactedUrl`] shows it.
impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RedactedUrl::from(self.as_str()).fmt(f)
    }
}

/// A URL as shown in errors, logs and `Debug`: origin and path. User name and password, the query
/// and the fragment may hold a token or a secret, and are shown as `…`.
///
/// It can be made from any text, even if that is not a URL, and has at most 200 characters.
///
/// ```
/// use oauth_runtime::RedactedUrl;
///
/// let url = RedactedUrl::from("https://ada:pw@api.example/repos?access_token=t#top");
/// assert_eq!(url.to_string(), "https://…@api.example/repos?…");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RedactedUrl(String);

/// Maximum characters of a URL that are shown.
const MAX_SHOWN: usize = 200;

impl From<&str> for RedactedUrl {
    fn from(text: &str) -> Self {
        let end = text.find(['?', '#']).unwrap_or(text.len());
        let (place, rest) = text.split_at(end);
        // Browsers and RFC 3986 disagree where the authority of a broken URL ends, such as
        // `https:/user:password@host`. Then everything before the last `@` may be a secret.
        let is_in_path = |at: usize| {
            Url::parse(place).is_ok_and(|url| {
                url.has_host() && url.username().is_empty() && url.password().is_none() && at > 0
            })
        };
        let place = match place.rfind('@').filter(|at| !is_in_path(*at)) {
            Some(at) => {
                let start = place.find("//").map_or(0, |start| start + 2).min(at);
                format!("{}…{}", &place[..start], &place[at..])
            }
            None => place.to_owned(),
        };
        let rest = match rest.chars().next() {
            Some(mark) if rest.len() > 1 => format!("{mark}…"),
            _ => rest.to_owned(),
        };
        Self(shown(&format!("{place}{rest}"), MAX_SHOWN))
    }
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the parsed host, not its spelling, is the local host.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> EndpointError {
        EndpointUrl::parse(text, true).expect_err(text)
    }

    #[test]
    fn http_is_accepted_only_on_allowed_loopback() {
        assert!(EndpointUrl::parse("https://op.example/token", false).is_ok());
        for text in ["http://127.0.0.1:8080/t", "http://localhost/t", "http://[::1]:1/t"] {
            assert!(EndpointUrl::parse(text, true).is_ok(), "{text}");
            assert_eq!(EndpointUrl::parse(text, false).unwrap_err(), EndpointError::NotHttps);
        }
    }

    #[test]
    fn loopback_is_compared_on_the_parsed_host() {
        for text in [
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://evil.example/?127.0.0.1",
            "http://10.0.0.1/",
        ] {
            assert_eq!(refused(text), EndpointError::NotHttps, "{text}");
        }
    }

    #[test]
    fn url_is_shown_as_origin_and_path() {
        for (given, shown) in [
            ("https://op.example/a@b?c=d@e", "https://op.example/a@b?…"),
            ("https://op.example/a#access_token=hunter2", "https://op.example/a#…"),
            ("https://op.example/a?", "https://op.example/a?"),
            ("/a/b?access_token=hunter2", "/a/b?…"),
            ("?access_token=hunter2", "?…"),
            ("https://user:hunter2@op.example/", "https://…@op.example/"),
            ("https://user:hunt@er2@op.example", "https://…@op.example"),
            ("https://user:hunt/er2@op.example/", "https://…@op.example/"),
            ("https:/user:hunter2@op.example/a", "…@op.example/a"),
            ("https:user:hunter2@op.example/a", "…@op.example/a"),
            ("https:\\\\user:hunter2@op.example\\a", "…@op.example\\a"),
            ("//user:hunter2@op.example/a", "//…@op.example/a"),
            ("user:hunter2@op.example", "…@op.example"),
            ("", ""),
        ] {
            let redacted = RedactedUrl::from(given);
            assert_eq!(redacted.to_string(), shown, "{given}");
            assert_eq!(format!("{redacted:?}"), shown, "{given}");
        }
        let url = EndpointUrl::parse("https://op.example/a?key=hunter2", false).unwrap();
        assert_eq!(format!("{url} {url:?}"), "https://op.example/a?… https://op.example/a?…");
    }

    #[test]
    fn each_broken_rule_has_its_own_reason() {
        assert_eq!(refused("op.example/token"), EndpointError::NotAUrl);
        assert_eq!(refused("javascript:alert(1)"), EndpointError::NotAUrl);
        assert_eq!(refused("ftp://op.example/"), EndpointError::NotHttps);
        assert_eq!(refused("https://a:b@op.example/"), EndpointError::UserInfo);
        assert_eq!(refused("https://op.example/#x"), EndpointError::Fragment);
        assert_eq!(refused("https://op.example/a b"), EndpointError::WhiteSpace);
        assert_eq!(refused("https://op.example/\n"), EndpointError::WhiteSpace);
    }
}
