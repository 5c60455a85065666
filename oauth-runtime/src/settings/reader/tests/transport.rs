//! The settings of the HTTP client.

use std::time::Duration;

use super::{ACME, faults, settings};

#[test]
fn headers_of_the_library_are_refused() {
    for name in [
        "Authorization",
        "cookie",
        "Host",
        "Content-Type",
        "Content-Length",
        "Transfer-Encoding",
        "Proxy-Authorization",
        "DPoP",
        "Accept-Encoding",
        "Connection",
    ] {
        let headers = format!(r#"{{"{name}": "SECRET"}}"#);
        let kwargs = format!(r#"{{"headers": {headers}}}"#);
        for (key, value) in [("HEADERS", &headers), ("CLIENT_KWARGS", &kwargs)] {
            let [fault] = &faults(&ACME, &[(key, value)])[..] else { panic!("{name}") };
            let name = name.to_lowercase();
            assert!(fault.contains(&format!("the library sets `{name}` itself")), "{fault}");
            assert!(!fault.contains("SECRET"), "{fault}");
        }
    }
}

#[test]
fn header_must_be_one() {
    for (headers, expected) in [
        ("User-Agent: a", "expected a JSON object of headers"),
        (r#"{"a b": "c"}"#, "`a b` cannot be the name of a header"),
        (r#"{"a": 1}"#, "`a` has a value that is not a string"),
        (r#"{"a": "b\r\nc: d"}"#, "`a` has a value that is not a string"),
    ] {
        let [fault] = &faults(&ACME, &[("HEADERS", headers)])[..] else { panic!("{headers}") };
        assert!(fault.contains(expected), "{fault}");
    }
}

#[test]
fn header_values_are_not_shown() {
    let settings = settings(&ACME, &[("HEADERS", r#"{"X-Api-Key": "SECRET"}"#)]);
    assert_eq!(settings.transport.headers["x-api-key"], "SECRET");
    assert!(!format!("{:?}", settings.transport).contains("SECRET"));
}

#[test]
fn time_limit_is_bounded() {
    for (text, limit) in [("0.1", 100), ("2.5", 2500), ("60", 60_000)] {
        let settings = settings(&ACME, &[("TIMEOUT", text)]);
        assert_eq!(settings.transport.timeout, Some(Duration::from_millis(limit)), "{text}");
    }
    for text in ["0", "-1", "61", "NaN", "inf", "None", "10s"] {
        let expected =
            "ACME_TIMEOUT (from code) cannot be used: expected a number of seconds from 0.1 to 60";
        assert_eq!(faults(&ACME, &[("TIMEOUT", text)]), [expected], "{text}");
    }
}

#[test]
fn proxy_is_a_url_for_https() {
    for (key, value) in [
        ("PROXY", "http://u:p@proxy:3128"),
        ("PROXY", r#"{"https": "http://u:p@proxy:3128"}"#),
        ("CLIENT_KWARGS", r#"{"proxy": "http://u:p@proxy:3128"}"#),
        ("CLIENT_KWARGS", r#"{"proxies": {"http": "x", "https": "http://u:p@proxy:3128"}}"#),
    ] {
        let transport = settings(&ACME, &[(key, value)]).transport;
        let proxy = transport.proxy.as_ref().map(|proxy| proxy.url.expose());
        assert_eq!(proxy, Some("http://u:p@proxy:3128/"), "{value}");
        assert!(!format!("{transport:?}").contains("u:p"), "{transport:?}");
    }
    for (value, expected) in [
        ("socks5://u:SECRET@proxy", "expected an http or https URL"),
        (r#"{"http": "http://u:SECRET@proxy"}"#, "it has no member `https`"),
        (r#"{"ftp": "http://u:SECRET@proxy"}"#, "expected the members `https` and `http`"),
    ] {
        let [fault] = &faults(&ACME, &[("PROXY", value)])[..] else { panic!("{value}") };
        assert!(fault.contains(expected) && !fault.contains("SECRET"), "{fault}");
    }
    let both = r#"{"proxy": "http://a", "proxies": {"https": "http://b"}}"#;
    assert_eq!(
        faults(&ACME, &[("CLIENT_KWARGS", both)]),
        ["ACME_CLIENT_KWARGS holds both `proxy` and `proxies`; write one of them"]
    );
}

#[test]
fn environment_is_trusted_only_if_told_so() {
    let malformed = [("TRUST_ENV", "yes")];
    assert_eq!(
        faults(&ACME, &malformed),
        ["ACME_TRUST_ENV (from code) cannot be used: expected `true` or `false`"]
    );
    let trusting = settings(&ACME, &[("TRUST_ENV", "true")]);
    assert!(trusting.transport.proxy.is_none(), "there is no variable");
}
