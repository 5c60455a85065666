//! `quirks(...)`: the named quirks of providers.

use super::Context;
use crate::attribute::Word;
use crate::diagnostics::{Errors, all_of, nearest};

/// A quirk: its name in declarations and its variant of the runtime's `Quirk`.
#[derive(PartialEq)]
pub(super) struct Quirk {
    pub(super) name: &'static str,
    pub(super) variant: &'static str,
    /// The description and an example of its value, for quirks that take one.
    value: Option<(&'static str, &'static str)>,
}

impl Quirk {
    const fn new(name: &'static str, variant: &'static str) -> Self {
        Self { name, variant, value: None }
    }

    const fn with_value(self, what: &'static str, example: &'static str) -> Self {
        Self { value: Some((what, example)), ..self }
    }
}

pub(super) static LOOPBACK_HTTP: Quirk = Quirk::new("loopback_http", "LoopbackHttp");
pub(super) static NO_PKCE: Quirk = Quirk::new("no_pkce", "NoPkce");
pub(super) static LONG_LEEWAY: Quirk = Quirk::new("long_leeway", "LongLeeway");
pub(super) static HS256_ID_TOKEN: Quirk = Quirk::new("hs256_id_token", "Hs256IdToken");
static GET_TOKEN_REQUEST: Quirk = Quirk::new("get_token_request", "GetTokenRequest");
static JSON_TOKEN_REQUEST: Quirk = Quirk::new("json_token_request", "JsonTokenRequest");
static NESTED_TOKEN: Quirk = Quirk::new("nested_token", "NestedToken")
    .with_value("the path of the access token", "authed_user.access_token");

static ALL: &[&Quirk] = &[
    &LOOPBACK_HTTP,
    &Quirk::new("comma_separated_scopes", "CommaSeparatedScopes"),
    &Quirk::new("scopes_as_list", "ScopesAsList"),
    &Quirk::new("missing_token_type", "MissingTokenType"),
    &Quirk::new("own_token_type", "OwnTokenType"),
    &NESTED_TOKEN,
    &Quirk::new("form_encoded_token_response", "FormEncodedTokenResponse"),
    &GET_TOKEN_REQUEST,
    &JSON_TOKEN_REQUEST,
    &Quirk::new("errors_with_status_200", "ErrorsWithStatus200"),
    &Quirk::new("userinfo_by_post", "UserinfoByPost"),
    &Quirk::new("unencoded_basic", "UnencodedBasic"),
    &NO_PKCE,
    &LONG_LEEWAY,
    &HS256_ID_TOKEN,
    &Quirk::new("additional_audiences", "AdditionalAudiences"),
    &Quirk::new("user_in_response", "UserInResponse"),
    &Quirk::new("token_endpoint_audience", "TokenEndpointAudience"),
    &Quirk::new("missing_nonce", "MissingNonce"),
    &Quirk::new("wrapped_json", "WrappedJson"),
    &Quirk::new("scope_in_callback", "ScopeInCallback"),
    &Quirk::new("no_id_token_hint", "NoIdTokenHint"),
    &Quirk::new("no_expired_id_token_hint", "NoExpiredIdTokenHint"),
];

/// The quirks of the preset and of the declaration.
pub(super) fn quirks(context: &Context<'_>, errors: &mut Errors) -> Vec<&'static Quirk> {
    let mut quirks = Vec::new();
    let typed = context.keys.quirks.items();
    for (index, word) in typed.iter().enumerate() {
        let name = word.name.to_string();
        match find(&name) {
            _ if typed[..index].iter().any(|earlier| earlier.name == word.name) => {
                errors.push(&word.name, format!("`{name}` is given twice: keep one"));
            }
            Some(quirk) => {
                check_value(quirk, word, errors);
                if !quirks.contains(&quirk) {
                    quirks.push(quirk);
                }
            }
            None => errors.push(&word.name, unknown(&name)),
        }
    }
    check_encoding(typed, &quirks, errors);
    quirks
}

/// Illegal: `quirks(get_token_request, json_token_request)`. A `GET` has no body.
fn check_encoding(typed: &[Word], quirks: &[&Quirk], errors: &mut Errors) {
    let both = [&GET_TOKEN_REQUEST, &JSON_TOKEN_REQUEST];
    let last = typed.iter().rev().find(|word| both.iter().any(|quirk| word.name == quirk.name));
    if let Some(word) = last.filter(|_| both.iter().all(|quirk| quirks.contains(quirk))) {
        errors.push(
            &word.name,
            "a token request by `GET` has no JSON body: keep `get_token_request` or `json_token_request`",
        );
    }
}

/// The path of the access token in a token response that nests it, unlike RFC 6749 section 5.1.
pub(super) fn nested_token(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let mut typed = context.keys.quirks.items().iter();
    let word = typed.find(|word| word.name == NESTED_TOKEN.name)?;
    let path = word.value.as_ref()?;
    let text = path.value();
    if text.split('.').any(|segment| segment.trim().is_empty()) {
        errors.push(
            path,
            "a path consists of names separated by dots, such as \"data.access_token\"",
        );
    } else if text == "access_token" {
        errors.push(path, "this is where RFC 6749 puts it: remove `nested_token`");
    }
    Some(text)
}

fn check_value(quirk: &Quirk, word: &Word, errors: &mut Errors) {
    let name = quirk.name;
    match (quirk.value, &word.value) {
        (Some((what, example)), None) => {
            errors
                .push(&word.name, format!("`{name}` takes {what}: write `{name} = \"{example}\"`"));
        }
        (None, Some(value)) => {
            errors.push(value, format!("`{name}` takes no value: write `{name}`"));
        }
        _ => {}
    }
}

/// The names that `quirks(...)` accepts.
#[cfg(test)]
pub(crate) fn quirk_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|quirk| quirk.name)
}

fn find(name: &str) -> Option<&'static Quirk> {
    ALL.iter().copied().find(|quirk| quirk.name == name)
}

fn unknown(name: &str) -> String {
    let names = || ALL.iter().map(|quirk| quirk.name);
    match nearest(name, names()) {
        Some(meant) => format!("unknown quirk `{name}`: write `{meant}`"),
        None => format!("unknown quirk `{name}`: the quirks are {}", all_of(names())),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn quirk_has_a_known_name_and_is_given_once() {
        let errors = oauth2_errors_with("quirks(loopbak_http, no_pkce, no_pkce, magic)");
        assert_eq!(
            errors[..2],
            [
                "`loopbak_http` unknown quirk `loopbak_http`: write `loopback_http`",
                "`no_pkce` `no_pkce` is given twice: keep one",
            ]
        );
        assert!(
            errors[2]
                .starts_with("`magic` unknown quirk `magic`: the quirks are `loopback_http`, ")
        );
    }

    #[test]
    fn quirk_value_must_be_as_expected() {
        for (quirk, expected) in [
            (
                "nested_token",
                "`nested_token` `nested_token` takes the path of the access token: \
                 write `nested_token = \"authed_user.access_token\"`",
            ),
            (r#"no_pkce = "yes""#, "`\"yes\"` `no_pkce` takes no value: write `no_pkce`"),
            (
                r#"nested_token = "a..b""#,
                "`\"a..b\"` a path consists of names separated by dots, such as \"data.access_token\"",
            ),
            (
                r#"nested_token = "access_token""#,
                "`\"access_token\"` this is where RFC 6749 puts it: remove `nested_token`",
            ),
            ("nested_token = a", "`nested_token = a` `quirks` takes names"),
        ] {
            assert_eq!(oauth2_errors_with(&format!("quirks({quirk})")), [expected]);
        }
        assert_eq!(oauth2_errors_with(r#"quirks(nested_token = "data.0.token")"#), [""; 0]);
    }
}
