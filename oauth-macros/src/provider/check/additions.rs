//! Parameters and headers that a declaration adds to requests with a token, and the query of a
//! GraphQL profile.
//!
//! Besides the fields, a value has placeholders that are filled for each request.

use super::{Context, callback, params};
use crate::attribute::{KeyValue, Pair, Params};
use crate::diagnostics::{Errors, nearest};
use crate::key::Key;
use crate::keys::{
    API_HEADERS, API_PARAMS, ProviderKeys, USERINFO_HEADERS, USERINFO_PARAMS, USERINFO_QUERY,
};
use crate::url;

/// Placeholders with a name of their own. The others are members: `{token.openid}`.
const VALUES: &[&str] = &["client_id", "access_token_hmac"];
/// The documents whose members are placeholders.
const DOCUMENTS: &[&str] = &["token", "callback"];

/// Headers that a request has anyway, or that belong to its connection (RFC 9110 section 7.6.1).
const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The keys with parameters and headers.
pub(super) fn given(keys: &ProviderKeys) -> [(&'static Key, &KeyValue<Params>); 4] {
    [
        (&API_PARAMS, &keys.api_params),
        (&API_HEADERS, &keys.api_headers),
        (&USERINFO_PARAMS, &keys.userinfo_params),
        (&USERINFO_HEADERS, &keys.userinfo_headers),
    ]
}

/// The parameters and headers of each key, under its term.
pub(super) fn additions(
    context: &Context<'_>,
    errors: &mut Errors,
) -> Vec<(&'static str, Vec<(String, String)>)> {
    let mut additions = Vec::new();
    for (key, given) in given(context.keys) {
        let Some(pairs) = given.value() else { continue };
        let is_header = [&API_HEADERS, &USERINFO_HEADERS].contains(&key);
        for (index, pair) in pairs.iter().enumerate() {
            if is_header {
                header(&pairs[..index], pair, errors);
            } else {
                parameter(&pairs[..index], pair, errors);
            }
            placeholders(context, pair, errors);
        }
        let pairs = pairs.iter().map(|pair| (pair.name.clone(), pair.value.value()));
        additions.push((key.term, pairs.collect()));
    }
    additions
}

/// The GraphQL query. Its braces are not placeholders.
pub(super) fn userinfo_query(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.userinfo_query.value()?;
    let query = typed.value();
    if !query.contains('{') {
        let example = USERINFO_QUERY.example;
        errors.push(typed, format!("a GraphQL query selects fields in braces: write `{example}`"));
    }
    Some(query)
}

/// The names of the fields that a value contains.
pub(super) fn fields_in(text: &str) -> impl Iterator<Item = &str> {
    let names = url::names_in_text(text).into_iter();
    names.filter(|name| !name.contains('.') && !VALUES.contains(name) && *name != "access_token")
}

/// Whether the header may hold the token.
pub(super) fn may_hold_token(name: &str) -> bool {
    is_header(name) && !RESERVED.contains(&&*name.to_ascii_lowercase())
}

/// RFC 9110 section 5.6.2.
fn is_header(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_token)
}

/// Illegal: `api_params("" = "x")`, `api_params(access_token = "…")`.
fn parameter(before: &[Pair], pair: &Pair, errors: &mut Errors) {
    let name = &pair.name;
    if name.trim().is_empty() {
        errors.push(&pair.at, "a parameter needs a name");
    } else if name == "access_token" {
        errors.push(&pair.at, "the token has a key of its own: write `token_placement = \"uri\"`");
    }
    params::not_twice(before, pair, errors);
}

/// Illegal: `api_headers(host = "x")`, `api_headers("a b" = "x")`, `api_headers(a = "é")`.
fn header(before: &[Pair], pair: &Pair, errors: &mut Errors) {
    let name = pair.name.to_ascii_lowercase();
    if !is_header(&name) {
        errors.push(&pair.at, format!("`{}` is not the name of a header", pair.name));
    } else if name == "authorization" {
        errors.push(
            &pair.at,
            "this header holds the token: write `token_placement = \"Authorization: OAuth {access_token}\"`",
        );
    } else if RESERVED.contains(&&*name) {
        errors.push(&pair.at, format!("`{name}` is set by the library: remove it"));
    } else if before.iter().any(|earlier| earlier.name.eq_ignore_ascii_case(&name)) {
        errors.push(&pair.at, format!("the header `{name}` is given twice: keep one"));
    }
    let value = pair.value.value();
    if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        errors.push(&pair.value, "a header holds visible ASCII characters and spaces only");
    }
}

/// Illegal: `{access_token}`, which has its own place, and `{user.id}`, which nothing fills.
fn placeholders(context: &Context<'_>, pair: &Pair, errors: &mut Errors) {
    let value = pair.value.value();
    for name in url::names_in_text(&value) {
        if name == "access_token" {
            errors.push(
                &pair.value,
                "the token is sent at one place only: write `token_placement = \"uri\"`, or one of its other values",
            );
        }
        let Some((document, path)) = name.split_once('.') else { continue };
        if document == "callback" {
            if let Some(unknown) = callback::unknown(context, path) {
                errors.push(&pair.value, unknown);
            }
            continue;
        }
        if DOCUMENTS.contains(&document) && path.split('.').all(|step| !step.is_empty()) {
            continue;
        }
        let meant = nearest(document, DOCUMENTS.iter().copied()).unwrap_or("token");
        let path = path.trim_matches('.');
        errors.push(
            &pair.value,
            format!(
                "nothing fills `{{{name}}}`: a member of the token response is `{{{meant}.{path}}}`"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{oauth2_errors_with, provider_errors};

    #[test]
    fn value_is_filled_from_token_response_and_client() {
        for keys in [
            r#"api_params(openid = "{token.openid}", appid = "{client_id}", proof = "{access_token_hmac}")"#,
            r#"api_headers("x-api-key" = "{client_id}", "User-Agent" = "acme/1")"#,
            r#"userinfo_params(fields = "id,name", data = "{ \"a\": {} }")"#,
            r#"userinfo_headers("x-org" = "{token.org.0.id}")"#,
            r#"userinfo_query = "{ viewer { id } }""#,
        ] {
            assert_eq!(oauth2_errors_with(keys), [""; 0], "{keys}");
        }
    }

    #[test]
    fn placeholder_that_nothing_fills_is_refused() {
        for (keys, expected) in [
            (
                r#"api_params(id = "{tokn.openid}")"#,
                "`\"{tokn.openid}\"` nothing fills `{tokn.openid}`: a member of the token response is `{token.openid}`",
            ),
            (
                r#"api_headers(id = "{token.}")"#,
                "`\"{token.}\"` nothing fills `{token.}`: a member of the token response is `{token.}`",
            ),
            (
                r#"userinfo_params(key = "{api_key}")"#,
                "`\"{api_key}\"` `{api_key}` is not a field of `Acme`: write `struct Acme { api_key: String }`",
            ),
            (
                r#"userinfo_params(token = "{access_token}")"#,
                "`\"{access_token}\"` the token is sent at one place only: write `token_placement = \"uri\"`, \
                 or one of its other values",
            ),
        ] {
            assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
        }
    }

    #[test]
    fn header_of_the_library_is_reserved() {
        for (keys, expected) in [
            (
                r#"api_headers(Authorization = "x")"#,
                "`Authorization` this header holds the token: write \
                 `token_placement = \"Authorization: OAuth {access_token}\"`",
            ),
            (r#"userinfo_headers(Host = "x")"#, "`Host` `host` is set by the library: remove it"),
            (r#"api_headers(a = "1", A = "2")"#, "`A` the header `a` is given twice: keep one"),
            (r#"api_headers("a b" = "1")"#, "`\"a b\"` `a b` is not the name of a header"),
            (
                r#"api_headers(a = "\n")"#,
                "`\"\\n\"` a header holds visible ASCII characters and spaces only",
            ),
            (
                r#"api_params(access_token = "x")"#,
                "`access_token` the token has a key of its own: write `token_placement = \"uri\"`",
            ),
            (
                r#"userinfo_query = "me""#,
                "`\"me\"` a GraphQL query selects fields in braces: write \
                 `userinfo_query = \"{ me { id name } }\"`",
            ),
        ] {
            assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
        }
    }

    #[test]
    fn field_fills_a_header() {
        let item = r#"#[oauth_provider(
            name = "acme", authorize_url = "https://a.example/a", access_token_url = "https://a.example/t",
            userinfo_endpoint = "https://a.example/u", api_headers("x-api-key" = "{api_key}")
        )] struct Acme { api_key: String }"#;
        assert_eq!(provider_errors(item), [""; 0]);
    }
}
