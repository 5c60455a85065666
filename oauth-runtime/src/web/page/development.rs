//! Help that is only given during development, when the public URL is plain http on a loopback
//! host.

use axum::http::header::HOST;
use axum::http::request::Parts;
use tracing::subscriber::NoSubscriber;
use url::{Host, Position, Url};

use crate::url::public_url::PublicUrl;

/// `127.0.0.1` and `localhost` are one server but have separate cookies: a login that starts under
/// another name than the redirect URI's is restarted under that name. Only the loopback name
/// changes, and only once, so that a proxy causes no redirect loop.
pub(crate) fn under_right_name(public: &PublicUrl, parts: &Parts) -> Option<String> {
    const ONCE: &str = "renamed=1";
    let query = parts.uri.query().unwrap_or_default();
    let given = other_address(public, parts).filter(|_| !query.contains(ONCE))?;
    let is_other_name = given.host_str() != Some(public.host());
    let is_same_port = given.port_or_known_default() == public.port();
    if !is_other_name || !is_same_port {
        return None;
    }
    let and = if query.is_empty() { "" } else { "&" };
    let path = public.outside(parts.uri.path());
    Some(format!("{}{path}?{query}{and}{ONCE}", public.origin()))
}

/// If the server uses another port than the public URL, the provider redirects to a port without a
/// server. It can be right: a proxy may change the port.
pub(crate) fn warn_of_other_port(public: &PublicUrl, parts: &Parts) {
    if let Some(warning) = other_port(public, parts) {
        tracing::warn!("{warning}");
        print_without_log(&warning);
    }
}

fn other_port(public: &PublicUrl, parts: &Parts) -> Option<String> {
    let given = other_address(public, parts)?;
    let here = &given[Position::BeforeHost..Position::AfterPort];
    let there = public.origin();
    let is_other_port = given.port_or_known_default() != public.port();
    is_other_port.then(|| {
        format!(
            "a login starts at http://{here}, but the provider will redirect back to {there}: if no server \
             listens there, set OAUTH_PUBLIC_URL to http://{here}"
        )
    })
}

/// The address that the browser asked for, if it is a loopback address and not the public one.
fn other_address(public: &PublicUrl, parts: &Parts) -> Option<Url> {
    if public.is_https() {
        return None;
    }
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    // Nearly every request has the expected address, which needs no parsing.
    if host == public.authority() {
        return None;
    }
    let given = Url::parse(&format!("http://{host}/")).ok()?;
    let is_loopback = match given.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    is_loopback.then_some(given)
}

/// Prints a message to standard error if the application has not set up a log yet.
pub(crate) fn print_without_log(text: &str) {
    if cfg!(debug_assertions) && has_no_subscriber() {
        eprintln!("{text}");
    }
}

/// Whether trace events are dropped, because the application has installed no subscriber.
fn has_no_subscriber() -> bool {
    tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    fn request(host: &str) -> Parts {
        Request::get("/auth/op/login").header(HOST, host).body(()).unwrap().into_parts().0
    }

    fn warning(public: &str, host: &str) -> Option<String> {
        other_port(&PublicUrl::parse(public).unwrap(), &request(host))
    }

    #[test]
    fn other_port_warns_with_the_url_to_set() {
        let warning_of = |host| warning("http://localhost:3000", host);
        let text = warning_of("localhost:8080").unwrap();
        assert!(text.ends_with("set OAUTH_PUBLIC_URL to http://localhost:8080"), "{text}");
        assert!(warning_of("127.0.0.1:8080").is_some());
        for right in ["localhost:3000", "127.0.0.1:3000", "app.example:8080", "a b", ""] {
            assert_eq!(warning_of(right), None, "{right}");
        }
        assert_eq!(warning("https://app.example", "localhost:8080"), None);
    }

    #[test]
    fn other_loopback_name_is_replaced_once() {
        let public = PublicUrl::parse("http://localhost:3000").unwrap();
        let renamed = |host| under_right_name(&public, &request(host));
        let location = renamed("127.0.0.1:3000").unwrap();
        assert_eq!(location, "http://localhost:3000/auth/op/login?renamed=1");
        for host in ["localhost:3000", "127.0.0.1:8080", "app.example:3000"] {
            assert_eq!(renamed(host), None, "{host}");
        }
        let again = Request::get(location).header(HOST, "127.0.0.1:3000").body(()).unwrap();
        assert_eq!(under_right_name(&public, &again.into_parts().0), None);
    }

    /// A subscriber that records nothing.
    struct Silent;

    impl Subscriber for Silent {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            false
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {}

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn installed_subscriber_decides_what_is_shown() {
        assert!(has_no_subscriber());
        assert!(!tracing::subscriber::with_default(Silent, has_no_subscriber));
    }
}
