//! A URL that may be given a secret: https, or http to this machine where that is allowed.

use std::borrow::Cow;
use std::fmt;

use ::http::Uri;
use url::form_urlencoded::Serializer;
use url::{Host, Url};

/// A checked URL of a provider. Only the check makes one, so a request cannot go elsewhere.
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
        "it is not https; plain http is allowed to loopback addresses alone, and only with `quirks(loopback_http)`"
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
    /// Checks `text`. `loopback_http` allows plain http towards this machine.
    ///
    /// # Errors
    /// [`EndpointError`] by the first rule that is broken.
    pub(crate) fn parse(text: &str, loopback_http: bool) -> Result<Self, EndpointError> {
        // `Url` strips these silently; a URL that means something else than it shows is refused.
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

    /// The URL with a query to be written, behind the one that it may have (RFC 6749 section 3.1).
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

    /// Scheme, host and port are the same.
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A URL as an error may show it: without user name and password, which somebody may have put there.
pub(crate) fn without_user_info(text: &str) -> Cow<'_, str> {
    let start = text.find("//").map_or(0, |at| at + 2);
    let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    match text[start..end].rfind('@') {
        Some(at) => Cow::Owned(format!("{}…{}", &text[..start], &text[start + at..])),
        None => Cow::Borrowed(text),
    }
}

/// Whether the host is this machine, by the parsed host and not by its spelling.
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
    fn https_is_accepted_and_loopback_http_only_where_allowed() {
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
    fn a_url_is_shown_without_user_name_and_password() {
        for (given, shown) in [
            ("https://op.example/a@b?c=d@e", "https://op.example/a@b?c=d@e"),
            ("https://user:hunter2@op.example/", "https://…@op.example/"),
            ("https://user:hunt@er2@op.example", "https://…@op.example"),
            ("user:hunter2@op.example", "…@op.example"),
            ("", ""),
        ] {
            assert_eq!(without_user_info(given), shown);
        }
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
