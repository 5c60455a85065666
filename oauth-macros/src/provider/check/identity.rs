//! `identity(...)`: the paths of the identity in the claims or in the profile.

use super::Context;
use super::published::Published;
use crate::attribute::Pair;
use crate::diagnostics::Errors;
use crate::keys::{IDENTITY, SERVER_METADATA_URL, USERINFO_ENDPOINT};
use crate::protocol::Protocol;
use crate::provider::model::Identification;

/// The paths of the members.
pub(super) fn identity(context: &Context<'_>, errors: &mut Errors) -> Vec<(String, String)> {
    let typed = context.keys.identity.items();
    for (index, pair) in typed.iter().enumerate() {
        if typed[..index].iter().any(|earlier| earlier.name == pair.name) {
            let name = &pair.name;
            errors.push(&pair.at, format!("`{name}` is given twice: keep one"));
        }
        well_formed(pair, errors);
        of_token(context, pair, errors);
    }
    typed.iter().map(|pair| (pair.name.clone(), pair.value.value())).collect()
}

/// Whether logins identify a user. What the declaration leaves to the configuration or to metadata is
/// undecided, unless it says where the identity is.
pub(super) fn identification(
    context: &Context<'_>,
    protocol: Protocol,
    published: Option<&Published>,
) -> Identification {
    if context.has_no_login() {
        return Identification::Unidentified;
    }
    let is_published = published.is_some_and(|published| published.names(&USERINFO_ENDPOINT));
    let has_metadata = protocol == Protocol::OAuth2 && context.has(&SERVER_METADATA_URL);
    if protocol == Protocol::OpenIdConnect || is_published || reads_identity(context, protocol) {
        Identification::Identified
    } else if context.is_configured() || has_metadata {
        Identification::Undecided
    } else {
        Identification::Unidentified
    }
}

/// Whether the token response names the user, so that no other document is needed.
pub(super) fn is_of_token(context: &Context<'_>) -> bool {
    let id = context.keys.identity.items().iter().find(|pair| pair.name == "id");
    id.is_some_and(|pair| pair.value.value().starts_with("token."))
}

/// Illegal with OpenID Connect: `id = "token.user"`.
fn of_token(context: &Context<'_>, pair: &Pair, errors: &mut Errors) {
    let is_open_id = context.keys.scopes.items().iter().any(|scope| scope.value() == "openid");
    if pair.name == "id" && is_open_id && pair.value.value().starts_with("token.") {
        errors.push(
            &pair.value,
            "the ID token names the user: write a path of its claims, such as \"sub\"",
        );
    }
}

/// Whether a key says that there is an identity to read.
pub(super) fn reads_identity(context: &Context<'_>, protocol: Protocol) -> bool {
    let has_type = protocol == Protocol::OAuth2 && context.keys.userinfo.is_given();
    context.has(&USERINFO_ENDPOINT) || context.declaration.mentions(&IDENTITY) || has_type
}

/// Legal: `name = "profile.names.0"`, `email_verified = ""`. Illegal: `id = ""`, `id = "email"`,
/// `name = "profile..name"`.
fn well_formed(pair: &Pair, errors: &mut Errors) {
    let path = pair.value.value();
    let is_id = pair.name == "id";
    if pair.name == "picture" && path.contains('{') {
        return;
    }
    if path.is_empty() && !is_id {
        return;
    }
    if path.is_empty() {
        errors.push(
            &pair.value,
            "without an id, users cannot be told apart: write its path, such as \"sub\" or \"id\"",
        );
    } else if path.split('.').any(|segment| segment.trim().is_empty()) {
        errors.push(
            &pair.value,
            "a path consists of names separated by dots, such as \"data.user.id\"",
        );
    } else if is_id && is_reassignable(&path) {
        errors.push(
            &pair.value,
            format!("`{path}` can be reassigned to another user: write the path of an id that never changes, such as \"sub\" or \"id\""),
        );
    }
}

/// Whether the path is an e-mail address or a login name, which can be reassigned to another user.
fn is_reassignable(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(last, "email" | "mail" | "login" | "username" | "preferred_username")
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, identification, oauth2_errors_with};

    #[test]
    fn id_of_token_response_needs_no_userinfo() {
        let endpoints = r#"name = "acme", authorize_url = "https://acme.example/a",
            access_token_url = "https://acme.example/t""#;
        let keys =
            r#"identity(id = "token.user.id", picture = "https://cdn.example/{id}/{avatar}.png")"#;
        assert_eq!(errors_with(&format!("{endpoints}, {keys}")), [""; 0]);
        assert_eq!(identification(&format!("{endpoints}, {keys}")), "Identified");
        let keys =
            r#"issuer = "https://acme.example", scopes("openid"), identity(id = "token.id")"#;
        assert_eq!(
            errors_with(&format!(r#"name = "acme", {keys}"#)),
            [
                "`\"token.id\"` the ID token names the user: write a path of its claims, such as \"sub\""
            ]
        );
    }

    #[test]
    fn declaration_tells_whether_logins_identify_a_user() {
        let endpoints = r#"authorize_url = "https://acme.example/a",
            access_token_url = "https://acme.example/t""#;
        let userinfo = r#"userinfo_endpoint = "https://acme.example/u""#;
        let oauth1 = r#"request_token_url = "https://acme.example/r""#;
        let metadata = r#"server_metadata_url = "https://acme.example/.well-known/x""#;
        for (keys, expected) in [
            (r#"issuer = "https://acme.example", scopes("openid")"#.to_owned(), "Identified"),
            (r#"preset = "github""#.to_owned(), "Identified"),
            (format!("{endpoints}, {userinfo}"), "Identified"),
            (endpoints.to_owned(), "Unidentified"),
            (format!("{endpoints}, {oauth1}, {userinfo}"), "Identified"),
            (format!(r#"{endpoints}, {oauth1}, identity(id = "user_id")"#), "Identified"),
            (format!("{endpoints}, {oauth1}"), "Unidentified"),
            (metadata.to_owned(), "Undecided"),
            (format!(r#"{metadata}, identity(id = "id")"#), "Identified"),
            (format!("{metadata}, userinfo = AcmeUser"), "Identified"),
            ("configured".to_owned(), "Undecided"),
            (format!("configured, {oauth1}"), "Undecided"),
            (r#"configured, scopes("openid")"#.to_owned(), "Identified"),
            (r#"configured, identity(id = "id")"#.to_owned(), "Identified"),
        ] {
            assert_eq!(identification(&format!(r#"name = "acme", {keys}"#)), expected, "{keys}");
        }
    }

    #[test]
    fn an_id_is_never_an_address_or_a_login_name() {
        assert_eq!(
            oauth2_errors_with(
                r#"identity(id = "user.email", name = "login", email_verified = "")"#
            ),
            ["`\"user.email\"` `user.email` can be reassigned to another user: \
                 write the path of an id that never changes, such as \"sub\" or \"id\""]
        );
    }

    #[test]
    fn a_path_is_names_with_dots() {
        assert_eq!(
            oauth2_errors_with(r#"identity(id = "", name = "a..b", name = "c")"#),
            [
                "`\"\"` without an id, users cannot be told apart: write its path, such as \"sub\" or \"id\"",
                "`\"a..b\"` a path consists of names separated by dots, such as \"data.user.id\"",
                "`name` `name` is given twice: keep one",
            ]
        );
    }
}
