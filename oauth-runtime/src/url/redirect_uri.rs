//! A URL of this application that a provider redirects the browser back to.

use std::fmt;

use crate::url::endpoint::{EndpointError, EndpointUrl, RedactedUrl};
use crate::url::public_url::PublicUrl;

/// A URL of this application that a provider redirects the browser back to: the path of a route, or
/// a whole URL. It has to be registered with the provider.
///
/// An attacker who can choose it receives the provider's responses, so it never comes from a
/// request. A string literal converts into one, and configured text does with
/// [`configured`](Self::configured). Never make one from other text.
///
/// ```
/// use oauth_runtime::RedirectUri;
///
/// let by_route = RedirectUri::from("/popup/callback"); // under OAUTH_PUBLIC_URL
/// let of_tenant = RedirectUri::configured("https://shop.example/callback".to_owned());
/// # let _ = (by_route, of_tenant);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Creates a redirect URI from the application's own configuration, such as the domain of a
    /// tenant. A redirect URI taken from a request would expose the login to the author of any
    /// link.
    pub fn configured(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value, safe to show.
    pub(crate) fn redacted(&self) -> RedactedUrl {
        RedactedUrl::from(&*self.0)
    }

    /// The text that an authorization request of the application's own had: a path is under the
    /// public URL, and any other text, such as `postmessage` or the scheme of an app, is unchanged.
    /// Only the provider compares it.
    pub(crate) fn as_sent(&self, public_url: &PublicUrl) -> String {
        let Self(text) = self;
        if text.starts_with('/') { public_url.join(text) } else { text.clone() }
    }

    /// The whole URL, exactly as it has to be registered with the provider.
    ///
    /// # Errors
    /// [`EndpointError`] unless it is a path or an https URL (http on the local host).
    pub(crate) fn resolve(&self, public_url: &PublicUrl) -> Result<String, EndpointError> {
        let Self(text) = self;
        let is_path = text.starts_with('/') && !text.starts_with("//");
        let whole = if is_path { public_url.join(text) } else { text.clone() };
        let is_ours = EndpointUrl::parse(&whole, true).and_then(|url| {
            // Browsers treat `\` as `/`, so an apparent path may be a host.
            if text.contains('\\') { Err(EndpointError::NotAUrl) } else { Ok(url) }
        });
        is_ours.map(|_| whole)
    }
}

/// Origin and path.
impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedirectUri").field(&self.redacted()).finish()
    }
}

impl From<&'static str> for RedirectUri {
    fn from(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

/// A value that can be a redirect URI: a string literal, or a [`RedirectUri`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a redirect URI",
    label = "not a string literal, and not a `RedirectUri`",
    note = "a redirect URI from a request would send the provider's responses to the author of a link",
    note = "for a value from your own configuration, write `RedirectUri::configured(…)`"
)]
pub trait IntoRedirectUri {
    /// Converts the value.
    #[doc(hidden)]
    fn into_redirect_uri(self) -> RedirectUri;
}

#[diagnostic::do_not_recommend]
impl<T: Into<RedirectUri>> IntoRedirectUri for T {
    fn into_redirect_uri(self) -> RedirectUri {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Result<String, EndpointError> {
        let public_url = PublicUrl::parse("https://app.example/base").unwrap();
        RedirectUri::configured(text).resolve(&public_url)
    }

    #[test]
    fn path_is_under_the_public_url() {
        assert_eq!(resolved("/cb").unwrap(), "https://app.example/base/cb");
        assert_eq!(resolved("/cb?popup=1").unwrap(), "https://app.example/base/cb?popup=1");
    }

    #[test]
    fn whole_url_is_kept_unchanged() {
        for url in ["https://shop.example", "https://shop.example/cb/", "http://127.0.0.1:1/cb"] {
            assert_eq!(resolved(url).unwrap(), url);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "cb",
            "//evil.example/cb",
            "/\\evil.example",
            "http://shop.example/cb",
            "https://shop.example/#x",
            "/cb#x",
            "/c b",
            "javascript:alert(1)",
            "https://ada@shop.example/cb",
        ] {
            assert!(resolved(text).is_err(), "{text}");
        }
    }
}
