//! Keys of requests: `code_challenge_method`, `response_mode`, `response_type` and `prompt` of the
//! authorization request, and `token_placement` of API requests.

use syn::LitStr;

use super::{Context, additions, callback, params};
use crate::diagnostics::Errors;
use crate::keys::RESPONSE_MODE;
use crate::provider::model::Requests;

/// The parameters that have keys of their own.
pub(super) fn requests(context: &Context<'_>, errors: &mut Errors) -> Requests {
    code_challenge_method(context, errors);
    Requests {
        response_mode: response_mode(context, errors),
        response_type: response_type(context, errors),
        prompt: prompt(context, errors),
        login_params: params::login_params(context, errors),
        token_placement: token_placement(context, errors),
        callback_params: callback::callback_params(context, errors),
        redirect_id: redirect_id(context, errors),
        userinfo_query: additions::userinfo_query(context, errors),
    }
}

/// RFC 7636: `S256` is the default and the only method. Only a quirk turns it off.
fn code_challenge_method(context: &Context<'_>, errors: &mut Errors) {
    let Some(typed) = context.keys.code_challenge_method.value() else {
        return;
    };
    match typed.value().as_str() {
        "S256" => {}
        "s256" | "sha256" | "SHA256" | "true" => errors.push(typed, "write \"S256\""),
        _ => errors.push(
            typed,
            "PKCE uses \"S256\": write that, or `quirks(no_pkce)` if the provider refuses a code challenge",
        ),
    }
}

/// The response mode, from the declaration or the preset.
fn response_mode(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.response_mode.value()?;
    let mode = typed.value();
    match mode.as_str() {
        "query" | "form_post" => return Some(mode),
        "jwt" | "query.jwt" | "form_post.jwt" => errors.push(
            typed,
            format!("\"{mode}\" is not available yet: write \"query\" or \"form_post\""),
        ),
        "fragment" | "fragment.jwt" => errors
            .push(typed, "a fragment never reaches the server: write \"query\" or \"form_post\""),
        "post" | "form" | "form-post" | "web_message" => {
            errors.push(typed, format!("unknown response mode \"{mode}\": write \"form_post\""));
        }
        _ => errors.push(
            typed,
            format!("unknown response mode \"{mode}\": write \"query\" or \"form_post\""),
        ),
    }
    None
}

/// The response type: OpenID Connect Core 1.0 sections 3.1 and 3.3.
fn response_type(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.response_type.value()?;
    let response_type = typed.value();
    let mut types: Vec<_> = response_type.split_whitespace().collect();
    types.sort_unstable();
    match types.as_slice() {
        ["code"] => return Some("code".to_owned()),
        ["code", "id_token"] if response_type != "code id_token" => {
            errors.push(typed, "write \"code id_token\"");
        }
        ["code", "id_token"] => {
            let mode = context.keys.response_mode.value().map(LitStr::value);
            if mode.as_deref() == Some("form_post")
                || context.declaration.is_attempted(&RESPONSE_MODE)
            {
                return Some(response_type);
            }
            let example = RESPONSE_MODE.example;
            errors.push(
                typed,
                format!("\"code id_token\" returns an ID token, which must not appear in a URL: write `{example}` too"),
            );
        }
        types if types.contains(&"token") || types == ["id_token"] => errors.push(
            typed,
            "tokens must not pass through the browser: write \"code\", or \"code id_token\" if the provider demands it",
        ),
        _ => errors.push(
            typed,
            format!("unknown response type \"{response_type}\": write \"code\" or \"code id_token\""),
        ),
    }
    None
}

/// OpenID Connect Core 1.0 section 3.1.2.1: values separated by spaces; `none` excludes all others.
fn prompt(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.prompt.value()?;
    let prompt = typed.value();
    let words: Vec<_> = prompt.split(' ').collect();
    if words.iter().any(|word| word.is_empty() || word.contains(char::is_whitespace)) {
        let tidy = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        errors.push(typed, format!("values are separated by one space: write \"{tidy}\""));
    } else if words.len() > 1 && words.contains(&"none") {
        errors.push(typed, "\"none\" cannot be combined with other values: write \"none\"");
    }
    let params = context.keys.authorize_params.items();
    if let Some(pair) = params.iter().find(|pair| pair.name == "prompt") {
        errors.push(&pair.at, "`prompt` is given twice: it has its own key, remove it here");
    }
    Some(prompt)
}

/// Illegal: `redirect_id = ""`, `redirect_id = "https://app.example/callback"`.
fn redirect_id(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.redirect_id.value()?;
    let text = typed.value();
    if text.is_empty() {
        errors.push(
            typed,
            "it is empty: write the identifier that the provider gave the redirect URI",
        );
    } else if text.contains("://") {
        errors.push(
            typed,
            "this is a redirect URI, which the library sends by itself: write `routes(callback = \"/…\")` for another path",
        );
    }
    Some(text)
}

/// RFC 6750 section 2, or a place of the provider's own. `uri` is Authlib's word.
///
/// Legal: `"Authorization: OAuth {access_token}"`, `"?token={access_token}"`. Illegal:
/// `"Host: {access_token}"`, `"Authorization: OAuth"`.
fn token_placement(context: &Context<'_>, errors: &mut Errors) -> Option<String> {
    let typed = context.keys.token_placement.value()?;
    let placement = typed.value();
    let meant = match placement.as_str() {
        "header" | "body" | "uri" => return Some(placement),
        own if is_own_placement(own) => return Some(placement),
        "form" | "form_body" | "post" | "BODY" => "write \"body\"",
        "query" | "url" | "query_string" | "QUERY" | "URI" => "write \"uri\"",
        _ => {
            "write \"header\", \"body\" or \"uri\", or a header such as \"Authorization: OAuth {access_token}\", \
             or a parameter such as \"?token={access_token}\""
        }
    };
    errors.push(typed, format!("unknown token placement \"{placement}\": {meant}"));
    None
}

/// A header or a parameter that ends with the token.
fn is_own_placement(text: &str) -> bool {
    let Some(before) = text.strip_suffix("{access_token}") else { return false };
    if before.contains(['{', '}']) {
        return false;
    }
    if let Some(name) = before.strip_prefix('?') {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        return name
            .strip_suffix('=')
            .is_some_and(|name| !name.is_empty() && name.chars().all(is_name));
    }
    before.split_once(": ").is_some_and(|(name, prefix)| {
        additions::may_hold_token(name) && prefix.chars().all(|c| c == ' ' || c.is_ascii_graphic())
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{oauth2_errors_with, open_id_errors_with};

    const ANY: &str = "write \"header\", \"body\" or \"uri\", \
        or a header such as \"Authorization: OAuth {access_token}\", \
        or a parameter such as \"?token={access_token}\"";

    #[test]
    fn only_a_quirk_turns_off_pkce() {
        assert_eq!(
            oauth2_errors_with(r#"code_challenge_method = "plain""#),
            ["`\"plain\"` PKCE uses \"S256\": write that, or `quirks(no_pkce)` if the provider \
                 refuses a code challenge"]
        );
        assert_eq!(oauth2_errors_with(r#"code_challenge_method = "S256""#), [""; 0]);
        assert_eq!(oauth2_errors_with("quirks(no_pkce)"), [""; 0]);
    }

    #[test]
    fn a_response_that_no_route_can_read_is_refused() {
        assert_eq!(
            oauth2_errors_with(r#"response_mode = "fragment""#),
            [
                "`\"fragment\"` a fragment never reaches the server: write \"query\" or \"form_post\""
            ]
        );
        assert_eq!(
            oauth2_errors_with(r#"response_mode = "form_post.jwt""#),
            ["`\"form_post.jwt\"` \"form_post.jwt\" is not available yet: \
                 write \"query\" or \"form_post\""]
        );
        for mode in ["query", "form_post"] {
            assert_eq!(oauth2_errors_with(&format!("response_mode = \"{mode}\"")), [""; 0]);
        }
    }

    #[test]
    fn hybrid_response_needs_form_post() {
        let hybrid = r#"response_type = "code id_token""#;
        let with_mode = format!(r#"{hybrid}, response_mode = "form_post""#);
        assert_eq!(open_id_errors_with(&with_mode), [""; 0]);
        assert_eq!(open_id_errors_with(r#"response_type = "code""#), [""; 0]);
        for keys in [hybrid.to_owned(), format!(r#"{hybrid}, response_mode = "query""#)] {
            assert_eq!(
                open_id_errors_with(&keys),
                [
                    "`\"code id_token\"` \"code id_token\" returns an ID token, which must not appear in a URL: \
                 write `response_mode = \"form_post\"` too"
                ]
            );
        }
    }

    #[test]
    fn token_in_the_response_type_is_refused() {
        let refused = "tokens must not pass through the browser: write \"code\", \
                       or \"code id_token\" if the provider demands it";
        for (value, expected) in [
            ("id_token code", "write \"code id_token\""),
            ("token", refused),
            ("id_token", refused),
            ("code token", refused),
            ("cod", "unknown response type \"cod\": write \"code\" or \"code id_token\""),
        ] {
            assert_eq!(
                open_id_errors_with(&format!("response_type = \"{value}\"")),
                [format!("`\"{value}\"` {expected}")]
            );
        }
    }

    #[test]
    fn token_has_a_known_place() {
        for (given, meant) in [
            ("query", "write \"uri\""),
            ("form", "write \"body\""),
            ("cookie", ANY),
            ("Authorization: OAuth", ANY),
            ("Host: {access_token}", ANY),
            ("Authorization: {scheme} {access_token}", ANY),
            ("?={access_token}", ANY),
        ] {
            assert_eq!(
                oauth2_errors_with(&format!("token_placement = \"{given}\"")),
                [format!("`\"{given}\"` unknown token placement \"{given}\": {meant}")]
            );
        }
        for place in [
            "header",
            "body",
            "uri",
            "Authorization: OAuth {access_token}",
            "X-Acme-Token: {access_token}",
            "?oauth_token={access_token}",
        ] {
            let keys = format!("token_placement = \"{place}\"");
            assert_eq!(oauth2_errors_with(&keys), [""; 0]);
        }
    }

    #[test]
    fn prompt_is_well_formed_and_given_once() {
        assert_eq!(
            oauth2_errors_with(r#"prompt = "none login", authorize_params(prompt = "consent")"#),
            [
                "`\"none login\"` \"none\" cannot be combined with other values: write \"none\"",
                "`prompt` `prompt` is given twice: it has its own key, remove it here",
            ]
        );
    }
}
