//! The form of an issuer identifier (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3).
//!
//! Issuers are compared byte by byte, and used as a URL elsewhere. Both must agree, so an issuer is
//! accepted only if it is written as a URL parser writes it.

use url::Url;

use super::tenants::{PLACEHOLDER, issuer_of};

/// Longest issuer, in bytes: it is part of the session cookie.
const MAX_LENGTH: usize = 512;
/// A placeholder for any tenant.
const SOME_TENANT: &str = "00000000-0000-0000-0000-000000000000";

/// Why an issuer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Not a URL, or one without a host.
    #[error("it is not an https URL")]
    NotAUrl,
    /// It has white space, control characters, upper-case letters in its host, a default port, dot
    /// segments, or anything else that a URL parser removes or rewrites.
    #[error("it is not written as a URL parser writes it")]
    NotCanonical,
    /// It has a user name, a password, a query or a fragment.
    #[error("it has a user name, a query or a fragment, which an issuer must not have")]
    NotAnIssuer,
    /// Longer than any real one.
    #[error("it is longer than {MAX_LENGTH} bytes")]
    TooLong,
}

/// Checks the form of an issuer, which may be a template for several tenants.
///
/// # Errors
/// [`IssuerError`] for the first rule that is broken.
pub(crate) fn check(issuer: &str) -> Result<(), IssuerError> {
    if issuer.len() > MAX_LENGTH {
        return Err(IssuerError::TooLong);
    }
    let filled = issuer.contains(PLACEHOLDER).then(|| issuer_of(issuer, SOME_TENANT));
    let text = filled.as_deref().unwrap_or(issuer);
    // A parser silently drops these, which leaves a different URL.
    let is_plain = |c: char| c.is_ascii_graphic() && c != '\\';
    if !text.chars().all(is_plain) {
        return Err(IssuerError::NotCanonical);
    }
    let url = Url::parse(text).map_err(|_| IssuerError::NotAUrl)?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err(IssuerError::NotAUrl);
    }
    let has_user = text.contains('@') && (!url.username().is_empty() || url.password().is_some());
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(IssuerError::NotAnIssuer);
    }
    // The root path may be written without its slash.
    let is_root = url.path() == "/" && url.as_str().strip_suffix('/') == Some(text);
    let is_canonical = (url.as_str() == text || is_root)
        && url.host_str().is_some_and(|host| !host.ends_with('.'));
    if is_canonical { Ok(()) } else { Err(IssuerError::NotCanonical) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_equals_its_own_parsed_form() {
        for issuer in [
            "https://op.example",
            "https://op.example/",
            "https://op.example/realms/a",
            "https://op.example/realms/a/",
            "https://op.example:8443/a",
            "https://xn--mnchen-3ya.example",
            "http://127.0.0.1:8080",
            "https://[::1]/a",
            "https://login.example/{tenantid}/v2.0",
        ] {
            assert_eq!(check(issuer), Ok(()), "{issuer}");
        }
    }

    #[test]
    fn issuer_with_two_readings_is_refused() {
        for issuer in [
            "https://op.example\n",
            "\nhttps://op.example",
            " https://op.example",
            "https://op.exa\tmple",
            "https://op.example\u{0}",
            "https://op.example/\u{202e}a",
            "https://OP.example",
            "HTTPS://op.example",
            "https://op.example:443",
            "https://op.example./",
            "https://op.example/a/../b",
            "https://op.example/./a",
            "https://op.example\\a",
            "https:op.example",
            "https:///op.example",
            "https://münchen.example",
            "https://op%2eexample",
            "https://0x7f.1",
            "https://op.example/ä",
        ] {
            assert_eq!(check(issuer), Err(IssuerError::NotCanonical), "{issuer:?}");
        }
        for issuer in [
            "https://accounts.other.example@op.example",
            "https://a:b@op.example",
            "https://op.example?",
            "https://op.example/?a=b",
            "https://op.example#",
        ] {
            assert_eq!(check(issuer), Err(IssuerError::NotAnIssuer), "{issuer:?}");
        }
        for issuer in ["", "op.example", "javascript:alert(1)", "urn:op", "ftp://op.example"] {
            assert_eq!(check(issuer), Err(IssuerError::NotAUrl), "{issuer:?}");
        }
        let long = format!("https://op.example/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(check(&long), Err(IssuerError::TooLong));
    }
}
