//! The URL at which users reach the application.

use url::{Host, Position, Url};

/// The URL at which users reach the application. It is configured, never taken from the `Host`
/// header, because an attacker who can choose the redirect URI receives the codes.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl(Url);

impl PublicUrl {
    /// Accepts https, or plain http on the local host.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        // `localhost:3000` is a URL with the scheme `localhost`.
        let url = Url::parse(text).ok().filter(Url::has_host).ok_or(
            "it is not an absolute URL such as `https://app.example` or `http://localhost:3000`",
        )?;
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            _ => {
                return Err(
                    "it is not https; plain http is allowed only on this machine, such as \
                            `http://localhost:3000`",
                );
            }
        }
        let has_more = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if has_more {
            return Err("it has more than a scheme, host, port and path");
        }
        Ok(Self(url))
    }

    /// `path` under this URL.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The base path of the application, without a trailing slash. It is usually empty.
    pub(crate) fn base_path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// Whether a path, with or without a query, is below this URL. Other applications may share the
    /// host.
    pub(crate) fn contains(&self, path: &str) -> bool {
        let base = self.base_path();
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let rest = path.strip_prefix(base);
        let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        base.is_empty() || (is_below && !may_climb(path))
    }

    /// The host as in a `Host` header, without the port.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Host and port as in a `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.0.port_or_known_default()
    }

    /// The path of the application's home page.
    pub(crate) fn home(&self) -> String {
        self.outside("/")
    }

    /// The path that the browser sees: a proxy may have removed the base path.
    pub(crate) fn outside(&self, path: &str) -> String {
        let base = self.base_path();
        let rest = path.strip_prefix(base);
        let has_base = rest.is_some_and(|rest| rest.starts_with(['/', '?']) || rest.is_empty());
        if base.is_empty() || has_base { path.to_owned() } else { format!("{base}{path}") }
    }
}

/// Whether a server that decodes a path before resolving it would see `..` in it.
fn may_climb(path: &str) -> bool {
    let path =
        path.to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/").replace("%2e", ".");
    path.split('/').any(|segment| segment == "..")
}

/// Whether the host is the local host. Browsers treat every name under `.localhost` as it.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_or_this_machine() {
        for text in ["https://app.example", "http://localhost:3000", "http://app.localhost/x"] {
            assert!(PublicUrl::parse(text).is_ok(), "{text}");
        }
        for text in
            ["http://app.example", "app.example", "https://a:b@c", "https://a/?q", "ftp://a"]
        {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn address_without_scheme_gets_an_example_url() {
        for text in ["localhost:3000", "app.example", "app.example:443", "/app", "mailto:a@b"] {
            let why = PublicUrl::parse(text).unwrap_err();
            assert!(why.contains("`http://localhost:3000`") && why.contains("absolute"), "{why}");
        }
        let why = PublicUrl::parse("http://192.168.0.7:3000").unwrap_err();
        assert!(why.starts_with("it is not https"), "{why}");
    }

    #[test]
    fn path_of_another_application_is_not_below() {
        let url = PublicUrl::parse("https://h.example/app/").unwrap();
        for path in ["/app", "/app/", "/app?x=/other", "/app/a/b?c#d", "/app/a%2Fb", "/app/..a"] {
            assert!(url.contains(path), "{path}");
        }
        for path in [
            "/",
            "/other",
            "/application",
            "/App/x",
            "/app%2Fx",
            "/?x=/app/",
            "/app/..%2Fother",
            "/app/%2E%2e%2fother",
            "/app/a%5c..%5c..%5cother",
            "app/x",
            "",
        ] {
            assert!(!url.contains(path), "{path}");
        }
        let root = PublicUrl::parse("https://h.example").unwrap();
        assert!(root.contains("/other") && root.contains("/a/..%2Fb"));
    }

    #[test]
    fn base_path_is_added_if_a_proxy_removed_it() {
        let url = PublicUrl::parse("https://h.example/app/").unwrap();
        assert_eq!(url.join("/auth/login"), "https://h.example/app/auth/login");
        assert_eq!(url.outside("/profile?x=1"), "/app/profile?x=1");
        assert_eq!(url.outside("/app/profile"), "/app/profile");
        assert_eq!(url.outside("/application"), "/app/application");
        let root = PublicUrl::parse("https://h.example").unwrap();
        assert_eq!(root.outside("/profile"), "/profile");
    }
}
