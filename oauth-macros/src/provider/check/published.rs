//! `metadata_file`: compares the declaration with the provider's published metadata.
//!
//! A list that the provider does not publish is not compared: most of them are optional.

use syn::LitStr;

use super::Context;
use super::client_authentication::{self, CLIENT_SECRET_BASIC, Method};
use super::endpoints::Url;
use super::quirks::{LOOPBACK_HTTP, NO_PKCE, Quirk};
use crate::diagnostics::{Errors, all_of, nearest};
use crate::key::Key;
use crate::keys::{
    END_SESSION_ENDPOINT, ISSUER, RESPONSE_MODE, SERVER_METADATA_URL, TOKEN_ENDPOINT_AUTH_METHOD,
};
use crate::metadata_file::Document;
use crate::provider::model::MetadataFile;
use crate::url::{self, placeholders_in_text};

/// The results of the other rules.
pub(super) struct Declared<'a> {
    pub(super) urls: &'a [Url<'a>],
    pub(super) quirks: &'a [&'static Quirk],
    pub(super) method: Option<&'static Method>,
}

/// A document that the declaration has been compared with.
pub(super) struct Published {
    path: String,
    /// `None` if it cannot be read.
    document: Option<Document>,
}

impl Published {
    /// The part that the runtime needs.
    pub(super) fn into_model(self) -> MetadataFile {
        let document = self.document.as_ref();
        let endpoints = ["token_endpoint", "jwks_uri", "userinfo_endpoint"].into_iter();
        let endpoints = endpoints.filter_map(|member| Some((member, document?.text(member)?)));
        MetadataFile {
            endpoints: endpoints.map(|(member, url)| (member, url.to_owned())).collect(),
            issuer: document.map(Document::issuer).unwrap_or_default().to_owned(),
            path: self.path,
        }
    }

    /// Whether it names an endpoint; true if it cannot be read.
    pub(super) fn names(&self, key: &Key) -> bool {
        self.document.as_ref().is_none_or(|document| document.text(key.term).is_some())
    }
}

/// The document, after comparing the declaration with it.
pub(super) fn metadata_file(
    context: &Context<'_>,
    declared: &Declared<'_>,
    errors: &mut Errors,
) -> Option<Published> {
    let file = context.keys.metadata_file.value()?;
    let path = file.value();
    let document = match Document::read(&path) {
        Ok(document) => {
            let comparison = Comparison { context, declared, file, document };
            compare(&comparison, errors);
            Some(comparison.document)
        }
        Err(message) => {
            errors.push(file, message);
            None
        }
    };
    Some(Published { path, document })
}

/// A declaration and the document that it names.
struct Comparison<'a> {
    context: &'a Context<'a>,
    declared: &'a Declared<'a>,
    /// The literal that names the document: the place for errors about defaults.
    file: &'a LitStr,
    document: Document,
}

fn compare(comparison: &Comparison<'_>, errors: &mut Errors) {
    issuer(comparison, errors);
    endpoints_are_secure(comparison, errors);
    endpoints_are_published(comparison, errors);
    scopes(comparison, errors);
    response_mode(comparison, errors);
    code_challenge_method(comparison, errors);
    client_authentication(comparison, errors);
    algorithms(comparison, errors);
    rp_initiated_logout(comparison, errors);
}

/// Illegal: `issuer = "https://acme.example/"`, where the document's issuer has no trailing slash.
fn issuer(comparison: &Comparison<'_>, errors: &mut Errors) {
    let published = comparison.document.issuer();
    let path = comparison.file.value();
    if let Some((typed, declared)) = comparison.literal(&ISSUER) {
        if declared.trim_end_matches('/') == published.trim_end_matches('/')
            && declared != published
        {
            let with = if published.ends_with('/') { "with" } else { "without" };
            errors.push(
                typed,
                format!("{path} has this issuer {with} a trailing slash: write \"{published}\""),
            );
        } else if declared != published {
            errors.push(typed, format!("{path} belongs to another issuer: write \"{published}\""));
        }
    } else if let Some((typed, declared)) = comparison.literal(&SERVER_METADATA_URL)
        && let Some(issuer) = declared.strip_suffix(WELL_KNOWN)
        && issuer != published.trim_end_matches('/')
    {
        let published = published.trim_end_matches('/');
        errors.push(
            typed,
            format!(
                "{path} belongs to the issuer \"{published}\": write \"{published}{WELL_KNOWN}\""
            ),
        );
    }
}

/// OpenID Connect Discovery 1.0 section 4.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Illegal: `"token_endpoint": "http://acme.example/token"`.
fn endpoints_are_secure(comparison: &Comparison<'_>, errors: &mut Errors) {
    let loopback_http = comparison.declared.quirks.contains(&&LOOPBACK_HTTP);
    let rules = url::Rules { loopback_http, ..url::Rules::default() };
    for (member, endpoint) in comparison.document.endpoints() {
        if let Err(fault) = url::check(endpoint, rules) {
            let path = comparison.file.value();
            let fault = fault.split(": ").next().unwrap_or_default();
            errors.push(
                comparison.file,
                format!("the {member} \"{endpoint}\" of {path} is refused: {fault}"),
            );
        }
    }
}

/// Illegal: `access_token_url = "https://acme.example/token"`, where the document has `/v2/token`.
fn endpoints_are_published(comparison: &Comparison<'_>, errors: &mut Errors) {
    for url in comparison.declared.urls {
        let published = comparison.document.text(url.key.term);
        if let (Some(typed), Some(published)) = (url.typed, published)
            && *url.key != ISSUER
            && url.placeholders().is_empty()
            && url.text != published
        {
            let path = comparison.file.value();
            errors.push(
                typed,
                format!("{path} has a different {}: write \"{published}\"", url.key.term),
            );
        }
    }
}

/// Illegal: `scopes("adress")`, where `scopes_supported` has `address`.
fn scopes(comparison: &Comparison<'_>, errors: &mut Errors) {
    let typed = comparison.context.keys.scopes.items();
    let Some(published) = comparison.document.list("scopes_supported") else { return };
    // Placeholders are filled at run time.
    for scope in typed.iter().filter(|scope| placeholders_in_text(&scope.value()).is_empty()) {
        comparison.is_published(scope, "scope", &published, errors);
    }
}

/// Illegal: `response_mode = "query"`, where `response_modes_supported` has only `form_post`.
fn response_mode(comparison: &Comparison<'_>, errors: &mut Errors) {
    let Some(published) = comparison.document.list("response_modes_supported") else { return };
    if let Some(typed) = comparison.context.keys.response_mode.value() {
        comparison.is_published(typed, "response mode", &published, errors);
    } else if !published.contains(&"query") {
        let path = comparison.file.value();
        let advice = if published.contains(&"form_post") {
            format!("add `{}`", RESPONSE_MODE.example)
        } else {
            format!("it lists {}, which this version does not support", all_of(published))
        };
        errors.push(
            comparison.file,
            format!(
                "{path} does not list the response mode \"query\", which is the default: {advice}"
            ),
        );
    }
}

/// Illegal: a document whose `code_challenge_methods_supported` has no `S256`; and
/// `quirks(no_pkce)`, where it has `S256`.
fn code_challenge_method(comparison: &Comparison<'_>, errors: &mut Errors) {
    let Some(published) = comparison.document.list("code_challenge_methods_supported") else {
        return;
    };
    let path = comparison.file.value();
    let is_published = published.contains(&"S256");
    if comparison.declared.quirks.contains(&&NO_PKCE) {
        let quirk = comparison.context.keys.quirks.items().iter();
        let quirk = quirk.map(|word| &word.name).find(|word| *word == NO_PKCE.name);
        if let (Some(quirk), true) = (quirk, is_published) {
            errors.push(quirk, format!("{path} lists the PKCE method \"S256\": remove `{quirk}`"));
        }
    } else if !is_published {
        errors.push(
            comparison.context.keys.code_challenge_method.value().unwrap_or(comparison.file),
            format!("{path} does not list the PKCE method \"S256\": add `quirks(no_pkce)`"),
        );
    }
}

/// Illegal: `token_endpoint_auth_method = "none"`, where the document lists other methods. A
/// declaration without the key means `client_secret_basic`.
fn client_authentication(comparison: &Comparison<'_>, errors: &mut Errors) {
    let typed = comparison.context.keys.token_endpoint_auth_method.value();
    let method = match (comparison.declared.method, typed) {
        (Some(method), _) => method,
        (None, None) => &CLIENT_SECRET_BASIC,
        (None, Some(_)) => return,
    };
    let published = comparison.document.list("token_endpoint_auth_methods_supported");
    let Some(published) = published.filter(|published| !published.contains(&method.published))
    else {
        return;
    };
    let (path, name) = (comparison.file.value(), method.published);
    let usable = published.iter().find(|name| client_authentication::find(name).is_some());
    let advice = match (usable, typed) {
        (Some(usable), Some(_)) => format!("write \"{usable}\""),
        (Some(usable), None) => format!("add `{} = \"{usable}\"`", TOKEN_ENDPOINT_AUTH_METHOD.name),
        (None, _) => format!("it lists {}, which this version does not support", all_of(published)),
    };
    match typed {
        Some(typed) => errors.push(typed, format!("{path} does not list \"{name}\": {advice}")),
        None => errors.push(
            comparison.file,
            format!("{path} does not list the method \"{name}\", which is the default: {advice}"),
        ),
    }
}

/// Illegal: `id_token_signed_response_alg = "EdDSA"`, where the document lists only `RS256`.
fn algorithms(comparison: &Comparison<'_>, errors: &mut Errors) {
    let keys = comparison.context.keys;
    for (given, what, member) in [
        (
            &keys.id_token_signed_response_alg,
            "signing algorithm",
            "id_token_signing_alg_values_supported",
        ),
        (
            &keys.id_token_encrypted_response_alg,
            "algorithm of encryption",
            "id_token_encryption_alg_values_supported",
        ),
        (
            &keys.id_token_encrypted_response_enc,
            "encryption",
            "id_token_encryption_enc_values_supported",
        ),
        (
            &keys.userinfo_signed_response_alg,
            "signing algorithm",
            "userinfo_signing_alg_values_supported",
        ),
        (
            &keys.userinfo_encrypted_response_alg,
            "algorithm of encryption",
            "userinfo_encryption_alg_values_supported",
        ),
        (
            &keys.userinfo_encrypted_response_enc,
            "encryption",
            "userinfo_encryption_enc_values_supported",
        ),
        (
            &keys.token_endpoint_auth_signing_alg,
            "algorithm of client authentication",
            "token_endpoint_auth_signing_alg_values_supported",
        ),
    ] {
        if let (Some(typed), Some(published)) = (given.value(), comparison.document.list(member)) {
            comparison.is_published(typed, what, &published, errors);
        }
    }
}

/// Illegal: `rp_initiated_logout`, where the document has no `end_session_endpoint`.
fn rp_initiated_logout(comparison: &Comparison<'_>, errors: &mut Errors) {
    let context = comparison.context;
    let endpoint = &END_SESSION_ENDPOINT;
    let is_there =
        comparison.document.text(endpoint.term).is_some() || context.declaration.mentions(endpoint);
    if let Some(at) = context.keys.rp_initiated_logout.at()
        && !is_there
    {
        let path = comparison.file.value();
        errors.push(
            at,
            format!(
                "{path} has no {}, so the provider has no logout page: remove `{at}`, or write `{}`",
                endpoint.term, endpoint.example
            ),
        );
    }
}

impl<'a> Comparison<'a> {
    /// The URL of a key, if it was typed without placeholders.
    fn literal(&self, key: &Key) -> Option<(&'a LitStr, &'a str)> {
        let url = self.declared.urls.iter().find(|url| url.key == key)?;
        url.placeholders().is_empty().then_some((url.typed?, url.text.as_str()))
    }

    /// Records the values in a string that are not in the provider's list.
    fn is_published(&self, typed: &LitStr, what: &str, published: &[&str], errors: &mut Errors) {
        let path = self.file.value();
        for value in typed.value().split_whitespace().filter(|value| !published.contains(value)) {
            let advice = match nearest(value, published.iter().copied()) {
                Some(meant) => format!("write \"{meant}\""),
                None => format!("it lists {}", all_of(published.iter().copied())),
            };
            errors.push(typed, format!("{path} does not list the {what} \"{value}\": {advice}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::errors_with;

    fn errors_with_file(keys: &str) -> Vec<String> {
        errors_with(&format!(r#"name = "acme", metadata_file = "fixtures/acme.json", {keys}"#))
    }

    #[test]
    fn declaration_that_matches_the_document_is_accepted() {
        assert_eq!(
            errors_with_file(
                r#"issuer = "https://acme.example", scopes("openid", "email"),
                authorize_url = "https://acme.example/authorize", response_mode = "query",
                token_endpoint_auth_method = "client_secret_post",
                id_token_signed_response_alg = "ES256""#
            ),
            [""; 0]
        );
    }

    #[test]
    fn unpublished_value_is_refused_where_it_was_typed() {
        assert_eq!(
            errors_with_file(
                r#"issuer = "https://acme.example/", scopes("openid", "emial", "offline_access"),
                access_token_url = "https://acme.example/t", token_endpoint_auth_method = "none",
                id_token_signed_response_alg = "EdDSA", quirks(no_pkce)"#
            ),
            [
                "`\"https://acme.example/\"` fixtures/acme.json has this issuer without a trailing slash: \
                 write \"https://acme.example\"",
                "`\"emial\"` fixtures/acme.json does not list the scope \"emial\": write \"email\"",
                "`\"offline_access\"` fixtures/acme.json does not list the scope \"offline_access\": \
                 it lists `openid`, `email` and `profile`",
                "`\"https://acme.example/t\"` fixtures/acme.json has a different token_endpoint: \
                 write \"https://acme.example/token\"",
                "`\"none\"` fixtures/acme.json does not list \"none\": write \"client_secret_post\"",
                "`\"EdDSA\"` fixtures/acme.json does not list the signing algorithm \"EdDSA\": \
                 it lists `RS256` and `ES256`",
                "`no_pkce` fixtures/acme.json lists the PKCE method \"S256\": remove `no_pkce`",
            ]
        );
    }

    #[test]
    fn a_default_is_compared_too() {
        assert_eq!(
            errors_with_file(
                r#"scopes("openid"),
                server_metadata_url = "https://acme.test/.well-known/openid-configuration""#
            ),
            [
                "`\"fixtures/acme.json\"` fixtures/acme.json does not list the method \"client_secret_basic\", \
                 which is the default: add `token_endpoint_auth_method = \"client_secret_post\"`",
                "`\"https://acme.test/.well-known/openid-configuration\"` fixtures/acme.json belongs to the issuer \
                 \"https://acme.example\": write \"https://acme.example/.well-known/openid-configuration\"",
            ]
        );
    }

    #[test]
    fn document_with_plain_http_is_refused() {
        let errors = errors_with(
            r#"name = "acme", metadata_file = "fixtures/insecure.json",
            issuer = "https://acme.example", scopes("openid")"#,
        );
        assert_eq!(
            errors,
            [
                "`\"fixtures/insecure.json\"` the token_endpoint \"http://acme.example/token\" \
                 of fixtures/insecure.json is refused: plain http sends secrets unencrypted",
                "`\"fixtures/insecure.json\"` fixtures/insecure.json does not list the response mode \"query\", \
                 which is the default: add `response_mode = \"form_post\"`",
                "`\"fixtures/insecure.json\"` fixtures/insecure.json does not list the PKCE method \"S256\": \
                 add `quirks(no_pkce)`",
            ]
        );
    }
}
