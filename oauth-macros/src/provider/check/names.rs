//! Other names for the parts of the protocol, and the parts of a list of e-mail addresses.

use super::Context;
use crate::attribute::Pair;
use crate::diagnostics::Errors;
use crate::keys::{EMAILS, EMAILS_ENDPOINT, REQUEST_NAMES, RESPONSE_NAMES, USERINFO_ENDPOINT};

/// Parameters that protect a login, so that no other may have their names.
const PROTECTING: &[&str] = &[
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "request",
    "request_uri",
];

/// The names of each key, under its term.
pub(super) fn names(
    context: &Context<'_>,
    errors: &mut Errors,
) -> Vec<(&'static str, Vec<(String, String)>)> {
    let keys = context.keys;
    let given = [
        (&REQUEST_NAMES, keys.request_names.value()),
        (&RESPONSE_NAMES, keys.response_names.value()),
        (&EMAILS, keys.emails.value()),
    ];
    emails_endpoint(context, errors);
    let mut names = Vec::new();
    for (key, pairs) in given {
        let Some(pairs) = pairs else { continue };
        for (index, pair) in pairs.iter().enumerate() {
            given_once(&pairs[..index], pair, errors);
            if *key == EMAILS {
                path(pair, errors);
            } else {
                name(&pairs[..index], pair, errors);
            }
        }
        let pairs = pairs.iter().map(|pair| (pair.name.clone(), pair.value.value()));
        names.push((key.term, pairs.collect()));
    }
    names
}

/// The provider's names of parameters, which the declaration and visitors must not set.
pub(super) fn is_renamed_to(context: &Context<'_>, name: &str) -> bool {
    context.keys.request_names.items().iter().any(|pair| pair.value.value() == name)
}

fn given_once(before: &[Pair], pair: &Pair, errors: &mut Errors) {
    let name = &pair.name;
    if before.iter().any(|earlier| earlier.name == *name) {
        errors.push(&pair.at, format!("`{name}` is given twice: keep one"));
    }
}

/// Illegal: `client_id = ""`, `client_id = "client_id"`, `client_id = "state"`.
fn name(before: &[Pair], pair: &Pair, errors: &mut Errors) {
    let own = pair.value.value();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if own.is_empty() || !own.chars().all(is_plain) {
        errors.push(&pair.value, "a name consists of letters, digits, `_`, `-` and `.`");
    } else if own == pair.name {
        errors.push(&pair.value, "this is its name anyway: remove it");
    } else if PROTECTING.contains(&&*own) {
        errors.push(&pair.value, format!("`{own}` is another parameter, which protects the login"));
    } else if before.iter().any(|earlier| earlier.value.value() == own) {
        errors.push(&pair.value, format!("two parameters would be called `{own}`"));
    }
}

/// Legal: `verified = ""`. Illegal: `email = "a..b"`.
fn path(pair: &Pair, errors: &mut Errors) {
    let path = pair.value.value();
    let is_path = path.split('.').all(|step| !step.trim().is_empty());
    if !is_path && (pair.name == "email" || !path.is_empty()) {
        errors.push(
            &pair.value,
            "a path consists of names separated by dots, such as \"values\" or \"contact.email\"",
        );
    }
}

/// It receives the token of the userinfo endpoint.
fn emails_endpoint(context: &Context<'_>, errors: &mut Errors) {
    let Some(typed) = context.keys.emails_endpoint.value() else {
        if let Some(at) = context.keys.emails.at()
            && !context.has(&EMAILS_ENDPOINT)
        {
            let example = EMAILS_ENDPOINT.example;
            errors
                .push(at, format!("`{at}` describes the response of another key: add `{example}`"));
        }
        return;
    };
    if context.keys.emails_endpoint.is_of_preset() {
        return;
    }
    let origin = |url: &str| url.split('/').take(3).collect::<Vec<_>>().join("/");
    let userinfo = context.keys.userinfo_endpoint.value().map(syn::LitStr::value);
    if let Some(userinfo) = userinfo.filter(|url| url.contains("://"))
        && origin(&userinfo) != origin(&typed.value())
    {
        let origin = origin(&userinfo);
        errors.push(
            typed,
            format!(
                "it receives the token of `{}`, so it must begin with \"{origin}/\"",
                USERINFO_ENDPOINT.name
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn other_name_takes_no_name_of_the_protocol() {
        for (keys, expected) in [
            (
                r#"request_names(client_id = "state")"#,
                "`\"state\"` `state` is another parameter, which protects the login",
            ),
            (
                r#"request_names(client_id = "a", scope = "a")"#,
                "`\"a\"` two parameters would be called `a`",
            ),
            (
                r#"request_names(client_id = "client_id")"#,
                "`\"client_id\"` this is its name anyway: remove it",
            ),
            (
                r#"response_names(expires_in = "")"#,
                "`\"\"` a name consists of letters, digits, `_`, `-` and `.`",
            ),
            (
                r#"response_names(scope = "a", scope = "b")"#,
                "`scope` `scope` is given twice: keep one",
            ),
            (
                r#"request_names(client_id = "appid"), authorize_params(appid = "x")"#,
                "`appid` `appid` is set by the library: remove it",
            ),
            (
                r#"request_names(client_id = "appid"), login_params("appid")"#,
                "`\"appid\"` `appid` is not for visitors to choose: remove it",
            ),
        ] {
            assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
        }
        let keys = r#"request_names(client_id = "appid", client_secret = "secret"),
            response_names(code = "auth_code", expires_in = "expireIn")"#;
        assert_eq!(oauth2_errors_with(keys), [""; 0]);
    }

    #[test]
    fn list_of_addresses_has_the_origin_of_userinfo() {
        let elsewhere = r#"emails_endpoint = "https://mail.example/emails""#;
        let errors = oauth2_errors_with(elsewhere);
        assert!(errors.len() == 1 && errors[0].contains("so it must begin with"), "{errors:?}");
        let own = r#"emails_endpoint = "https://acme.example/emails", emails(list = "values", verified = "")"#;
        assert_eq!(oauth2_errors_with(own), [""; 0]);
        let errors = oauth2_errors_with(r#"emails(list = "values")"#);
        assert!(errors.len() == 1 && errors[0].contains("add `emails_endpoint"), "{errors:?}");
        let errors = oauth2_errors_with(
            &format!("{own}, emails(email = \"a..b\")")
                .replace(", emails(list = \"values\", verified = \"\")", ""),
        );
        assert!(errors.len() == 1 && errors[0].contains("separated by dots"), "{errors:?}");
    }
}
