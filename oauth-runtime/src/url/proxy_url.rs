//! The URL of a proxy, which may contain a password.

use url::Url;

use crate::crypto::secret::Secret;

/// The URL of an HTTP proxy.
#[derive(Debug, Clone)]
pub(crate) struct ProxyUrl(Secret);

/// The text is not the URL of an HTTP proxy. It is not repeated, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an http or https URL with a host and without a path, such as `http://proxy.internal:3128`"
)]
pub(crate) struct NotAProxyUrl;

impl ProxyUrl {
    /// # Errors
    /// [`NotAProxyUrl`].
    pub(crate) fn parse(text: &str) -> Result<Self, NotAProxyUrl> {
        let url = Url::parse(text).map_err(|_| NotAProxyUrl)?;
        let is_http = matches!(url.scheme(), "http" | "https");
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        match is_http && url.has_host() && is_bare {
            true => Ok(Self(Secret::from(String::from(url)))),
            false => Err(NotAProxyUrl),
        }
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_is_an_http_url_without_a_path() {
        for url in ["http://proxy:3128", "https://u:p@proxy.example/", "http://[::1]:1"] {
            assert!(ProxyUrl::parse(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "proxy:3128",
            "socks5://proxy",
            "file:///SECRET",
            "http://",
            "http://proxy/path",
            "http://proxy?a",
            "http://proxy#a",
        ] {
            assert_eq!(ProxyUrl::parse(url).err(), Some(NotAProxyUrl), "{url}");
        }
        let url = ProxyUrl::parse("http://u:SECRET@proxy").unwrap();
        assert!(!format!("{url:?}").contains("SECRET"));
    }
}
