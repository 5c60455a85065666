//! Checks of the literal parts of a URL: `{placeholders}` are filled at run time.

/// The rules for a particular URL.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    /// Whether plain http to loopback hosts is allowed, by the quirk of that name.
    pub(crate) loopback_http: bool,
    /// Whether a query is refused: an issuer (RFC 8414 section 2) and a base URL have none.
    pub(crate) no_query: bool,
}

/// The names in braces, in order of appearance. The error is a message for the user.
pub(crate) fn placeholders(text: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = rest[at..].strip_prefix('{');
        let Some((name, after)) = inside.and_then(|inside| inside.split_once('}')) else {
            return Err("unmatched brace: a placeholder is `{field}`".to_owned());
        };
        if !is_identifier(name) {
            return Err(format!(
                "`{{{name}}}` is not a valid placeholder: write the name of a field in the braces"
            ));
        }
        names.push(name);
        rest = after;
    }
    Ok(names)
}

/// The names in braces in a string that may contain other braces, such as JSON.
pub(crate) fn placeholders_in_text(text: &str) -> Vec<&str> {
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inside.map(|(name, _)| name).filter(|name| is_identifier(name)).collect()
}

/// Like [`placeholders_in_text`], with dotted paths: `{token.openid}`.
pub(crate) fn names_in_text(text: &str) -> Vec<&str> {
    let is_name = |name: &&str| {
        name.split('.').next().is_some_and(is_identifier)
            && name.chars().all(|char| char.is_alphanumeric() || "_-.".contains(char))
    };
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inside.map(|(name, _)| name).filter(is_name).collect()
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|char| char.is_alphanumeric() || char == '_')
}

/// Whether it is relative to `api_base_url`: it has no scheme, not even one in a placeholder.
pub(crate) fn is_relative(text: &str) -> bool {
    !text.starts_with('{') && !text.contains("://") && !looks_like_host(text)
}

/// `acme.example/user` lacks its scheme; `user.json` and `api/user.json` do not.
fn looks_like_host(text: &str) -> bool {
    text.split_once('/').is_some_and(|(host, _)| host.contains('.') && !host.starts_with('.'))
}

/// Checks the literal parts. The error is a message for the user.
pub(crate) fn check(text: &str, rules: Rules) -> Result<(), String> {
    placeholders(text)?;
    check_characters(text)?;
    if text.contains('#') {
        let without = text.split('#').next().unwrap_or_default();
        return Err(format!("a fragment is not allowed here: write \"{without}\""));
    }
    if rules.no_query && text.contains('?') {
        let without = text.split('?').next().unwrap_or_default();
        return Err(format!("a query is not allowed here: write \"{without}\""));
    }
    if text.starts_with('{') {
        return Ok(());
    }
    let (scheme, authority) = split(text)?;
    check_authority(authority, text)?;
    check_scheme(scheme, authority, text, rules)
}

/// RFC 3986 section 2, and punctuation that was copied along with a URL.
fn check_characters(text: &str) -> Result<(), String> {
    if text.contains(char::is_whitespace) {
        let without: String = text.split_whitespace().collect();
        return Err(format!("white space in a URL: write \"{without}\""));
    }
    let foreign = |char: &char| char.is_control() || "\"<>\\^`|".contains(*char);
    if let Some(char) = text.chars().find(foreign) {
        return Err(format!("`{}` is not allowed in a URL", char.escape_default()));
    }
    let without = text.trim_end_matches([',', ';', '.', ')', '\'', '!', '*']);
    if without.len() < text.len() {
        let garbage = &text[without.len()..];
        return Err(format!("`{garbage}` after the URL: write \"{without}\""));
    }
    Ok(())
}

/// Scheme and authority.
fn split(text: &str) -> Result<(&str, &str), String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let path = text.trim_start_matches('/');
        return Err(format!("not an absolute URL: write \"https://{path}\""));
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok((scheme, &rest[..end]))
}

fn check_authority(authority: &str, text: &str) -> Result<(), String> {
    if let Some((user_info, _)) = authority.rsplit_once('@') {
        let without = text.replacen(&format!("{user_info}@"), "", 1);
        return Err(format!(
            "a user name or password does not belong in a URL: write \"{without}\""
        ));
    }
    if authority.contains('{') {
        return Ok(());
    }
    let (host, port) = host_and_port(authority);
    if host.is_empty() {
        return Err("the URL has no host: write \"https://host/path\"".to_owned());
    }
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '-' | '.' | '_');
    let is_address = host.starts_with('[') && host.ends_with(']');
    if !is_address && !host.chars().all(is_name) {
        return Err(format!("`{host}` is not a host"));
    }
    match port {
        Some(port) if port.parse::<u16>().is_err() => Err(format!("`{port}` is not a port number")),
        _ => Ok(()),
    }
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn check_scheme(scheme: &str, authority: &str, text: &str, rules: Rules) -> Result<(), String> {
    let (host, _) = host_and_port(authority);
    let secure = format!("https{}", &text[scheme.len()..]);
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) && rules.loopback_http => Ok(()),
        "http" if is_loopback(host) => {
            Err("plain http: add `quirks(loopback_http)`, which allows it for loopback hosts"
                .to_owned())
        }
        // The host is known and checked at run time.
        "http" if host.contains('{') && rules.loopback_http => Ok(()),
        "http" => Err(format!("plain http sends secrets unencrypted: write \"{secure}\"")),
        _ => Err(format!("`{scheme}` is not https: write \"{secure}\"")),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Rules, check, is_relative, placeholders, placeholders_in_text};

    fn fault(text: &str) -> String {
        check(text, Rules::default()).err().unwrap_or_default()
    }

    #[test]
    fn what_providers_publish_is_accepted() {
        for text in [
            "https://acme.example",
            "https://acme.example/",
            "https://login.acme.example:8443/t/7/authorize?audience=api",
            "https://[2001:db8::1]:8443/token",
            "https://{domain}/authorize",
            "https://{domain}.acme.example:8443/{realm}/token",
            "{issuer}",
            "{issuer}/.well-known/openid-configuration",
        ] {
            assert_eq!(fault(text), "", "{text}");
        }
    }

    #[test]
    fn each_fault_says_what_to_write() {
        for (text, expected) in [
            ("acme.example/token", "not an absolute URL: write \"https://acme.example/token\""),
            ("/token", "not an absolute URL: write \"https://token\""),
            ("ftp://acme.example", "`ftp` is not https: write \"https://acme.example\""),
            ("https:///token", "the URL has no host: write \"https://host/path\""),
            ("https://acme.example:x/", "`x` is not a port number"),
            ("https://acme_example!/", "`acme_example!` is not a host"),
            ("https://a b", "white space in a URL: write \"https://ab\""),
            ("https://acme.example/<id>", "`<` is not allowed in a URL"),
            (
                "https://acme.example/token;",
                "`;` after the URL: write \"https://acme.example/token\"",
            ),
            (
                "https://acme.example/#top",
                "a fragment is not allowed here: write \"https://acme.example/\"",
            ),
            (
                "https://ada:pw@acme.example/",
                "a user name or password does not belong in a URL: write \"https://acme.example/\"",
            ),
            (
                "http://acme.example/",
                "plain http sends secrets unencrypted: write \"https://acme.example/\"",
            ),
            (
                "http://127.0.0.1:9000/",
                "plain http: add `quirks(loopback_http)`, which allows it for loopback hosts",
            ),
            ("https://{domain", "unmatched brace: a placeholder is `{field}`"),
            (
                "https://{}",
                "`{}` is not a valid placeholder: write the name of a field in the braces",
            ),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        let rules = Rules { loopback_http: true, ..Rules::default() };
        for text in
            ["http://127.0.0.1:9000", "http://[::1]/a", "http://localhost", "http://{host}/"]
        {
            assert_eq!(check(text, rules), Ok(()), "{text}");
        }
        for text in
            ["http://localhost.acme.example", "http://127.0.0.1.acme.example", "http://10.0.0.1"]
        {
            assert!(check(text, rules).is_err(), "{text}");
        }
    }

    #[test]
    fn an_issuer_has_no_query() {
        let rules = Rules { no_query: true, ..Rules::default() };
        let expected = "a query is not allowed here: write \"https://acme.example\"";
        assert_eq!(check("https://acme.example?a=b", rules), Err(expected.to_owned()));
    }

    #[test]
    fn placeholders_are_found_in_order() {
        assert_eq!(placeholders("https://{a}.x/{b_2}/{a}"), Ok(vec!["a", "b_2", "a"]));
    }

    #[test]
    fn braces_of_json_are_not_placeholders() {
        let text = r#"{"a": {"b": null}, "c": "{field}"} {{other} { not}"#;
        assert_eq!(placeholders_in_text(text), ["field", "other"]);
    }

    #[test]
    fn a_host_without_scheme_is_not_a_relative_path() {
        assert!(is_relative("user"));
        assert!(is_relative("/v1/user.json"));
        assert!(!is_relative("acme.example/user"));
        assert!(!is_relative("{base}/user"));
    }
}
