//! Keys of OAuth 1.0a: `signature_method`, `signature_type`, `realm`.

use super::Context;
use super::endpoints::Url;
use crate::diagnostics::{Errors, any_of};
use crate::provider::model::Signature;

/// Authlib's name, and the variant of the runtime's enum.
type Named = (&'static str, &'static str);

/// RFC 5849 section 3.4, and its methods with SHA-256.
static METHODS: &[Named] = &[
    ("HMAC-SHA1", "HmacSha1"),
    ("HMAC-SHA256", "HmacSha256"),
    ("RSA-SHA1", RSA_SHA1),
    ("RSA-SHA256", "RsaSha256"),
    ("PLAINTEXT", PLAINTEXT),
];
const RSA_SHA1: &str = "RsaSha1";
const PLAINTEXT: &str = "Plaintext";

/// RFC 5849 section 3.5.
static TRANSMISSIONS: &[Named] =
    &[("HEADER", "AuthorizationHeader"), ("BODY", "FormBody"), ("QUERY", "RequestUri")];

/// The signature of requests.
pub(super) fn signature(context: &Context<'_>, urls: &[Url<'_>], errors: &mut Errors) -> Signature {
    Signature {
        method: signature_method(context, urls, errors),
        transmission: signature_type(context, errors),
        realm: realm(context, errors),
    }
}

/// The variant of the runtime's `SignatureMethod`.
fn signature_method(
    context: &Context<'_>,
    urls: &[Url<'_>],
    errors: &mut Errors,
) -> Option<&'static str> {
    let typed = context.keys.signature_method.value()?;
    let name = typed.value();
    let method = find(METHODS, &name);
    let message = match method {
        None => Some(unknown("signature method", METHODS, &name)),
        Some(RSA_SHA1) => without_feature(cfg!(feature = "rsa-sha1")),
        Some(PLAINTEXT) => plaintext_in_the_open(urls),
        Some(_) => None,
    };
    if let Some(message) = message {
        errors.push(typed, message);
        return None;
    }
    method
}

/// Illegal without the runtime's feature `rsa-sha1`: `signature_method = "RSA-SHA1"`.
fn without_feature(has_it: bool) -> Option<String> {
    (!has_it).then(|| {
        "\"RSA-SHA1\" needs the feature `rsa-sha1` of oauth-runtime: add it in Cargo.toml, or write \"RSA-SHA256\" if the provider supports it".to_owned()
    })
}

/// Illegal: `signature_method = "PLAINTEXT"` with `quirks(loopback_http)` and a URL that needs it.
fn plaintext_in_the_open(urls: &[Url<'_>]) -> Option<String> {
    let url = urls.iter().find(|url| url.text.starts_with("http:"))?;
    Some(format!(
        "\"PLAINTEXT\" sends the secrets themselves and needs https, but `{}` is \"{}\": write \"HMAC-SHA1\"",
        url.key.name, url.text
    ))
}

/// The variant of the runtime's `ParameterTransmission`.
fn signature_type(context: &Context<'_>, errors: &mut Errors) -> Option<&'static str> {
    let typed = context.keys.signature_type.value()?;
    let name = typed.value();
    let transmission = find(TRANSMISSIONS, &name);
    if transmission.is_none() {
        errors.push(typed, unknown("signature type", TRANSMISSIONS, &name));
    }
    transmission
}

/// A string that needs no escapes in a quoted string of a header (RFC 5849 section 3.5.1).
fn realm(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.realm.value()?;
    let realm = typed.value();
    let is_plain = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    if realm.is_empty() || !realm.chars().all(is_plain) {
        errors.push(typed, "a realm is ASCII text without quotes or backslashes");
    }
    Some(realm)
}

fn find(all: &'static [Named], name: &str) -> Option<&'static str> {
    all.iter().find(|(own, _)| *own == name).map(|(_, variant)| *variant)
}

fn unknown(what: &str, all: &[Named], name: &str) -> String {
    let plain = |name: &str| name.to_uppercase().replace(['-', '_'], "");
    match all.iter().find(|(own, _)| plain(own) == plain(name)) {
        Some((meant, _)) => format!("unknown {what} \"{name}\": write \"{meant}\""),
        None => {
            let names = any_of(all.iter().map(|(own, _)| *own));
            format!("unknown {what} \"{name}\": write {names}")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth1_errors_with;

    #[test]
    fn only_a_known_method_is_accepted() {
        for method in ["HMAC-SHA1", "HMAC-SHA256", "RSA-SHA256", "PLAINTEXT"] {
            assert_eq!(
                oauth1_errors_with(&format!("signature_method = \"{method}\"")),
                [""; 0],
                "{method}"
            );
        }
        for (method, expected) in [
            ("hmac_sha1", "write \"HMAC-SHA1\""),
            ("MD5", "write `HMAC-SHA1`, `HMAC-SHA256`, `RSA-SHA1`, `RSA-SHA256` or `PLAINTEXT`"),
        ] {
            assert_eq!(
                oauth1_errors_with(&format!("signature_method = \"{method}\"")),
                [format!("`\"{method}\"` unknown signature method \"{method}\": {expected}")]
            );
        }
    }

    #[test]
    fn rsa_sha1_needs_its_feature() {
        assert_eq!(super::without_feature(true), None);
        let told = super::without_feature(false).unwrap();
        assert!(told.contains("needs the feature `rsa-sha1` of oauth-runtime"), "{told}");
    }

    #[test]
    fn plaintext_needs_https() {
        let errors = oauth1_errors_with(
            r#"signature_method = "PLAINTEXT", quirks(loopback_http),
            userinfo_endpoint = "http://127.0.0.1:9000/me""#,
        );
        assert_eq!(
            errors,
            ["`\"PLAINTEXT\"` \"PLAINTEXT\" sends the secrets themselves and needs https, but \
              `userinfo_endpoint` is \"http://127.0.0.1:9000/me\": write \"HMAC-SHA1\""]
        );
    }

    #[test]
    fn realm_is_quotable_and_type_is_one_of_three() {
        assert_eq!(
            oauth1_errors_with(r#"realm = "a\"b", signature_type = "header""#),
            [
                "`\"a\\\"b\"` a realm is ASCII text without quotes or backslashes",
                "`\"header\"` unknown signature type \"header\": write \"HEADER\"",
            ]
        );
        assert_eq!(oauth1_errors_with(r#"realm = "Photos 7", signature_type = "BODY""#), [""; 0]);
    }
}
