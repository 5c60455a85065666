//! Keys of the authorization request: `code_challenge_method`, `response_mode`, `prompt`.

use super::Context;
use crate::diagnostics::Errors;
use crate::keys::{AUTHORIZE_PARAMS, CODE_CHALLENGE_METHOD, PROMPT, RESPONSE_MODE};

/// RFC 7636: `S256` is the default and the only method; it is turned off by a quirk alone.
pub(super) fn code_challenge_method(context: &Context<'_, '_>, errors: &mut Errors) {
    let Some(typed) = context.text(&CODE_CHALLENGE_METHOD) else {
        return;
    };
    match typed.value().as_str() {
        "S256" => {}
        "s256" | "sha256" | "SHA256" | "true" => errors.push(typed, "write \"S256\""),
        _ => errors.push(
            typed,
            "PKCE is \"S256\": write that, or `quirks(no_pkce)` where the provider refuses a code challenge",
        ),
    }
}

/// How the authorization response comes back.
pub(super) fn response_mode(context: &Context<'_, '_>, errors: &mut Errors) -> Option<String> {
    let typed = context.text(&RESPONSE_MODE)?;
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

/// OpenID Connect Core 1.0 section 3.1.2.1: words with spaces between them, `none` alone.
pub(super) fn prompt(context: &Context<'_, '_>, errors: &mut Errors) -> Option<String> {
    let typed = context.text(&PROMPT)?;
    let prompt = typed.value();
    let words: Vec<_> = prompt.split(' ').collect();
    if words.iter().any(|word| word.is_empty() || word.contains(char::is_whitespace)) {
        let tidy = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        errors.push(typed, format!("words with one space between them: write \"{tidy}\""));
    } else if words.len() > 1 && words.contains(&"none") {
        errors.push(typed, "\"none\" asks for no page at all and stands alone: write \"none\"");
    }
    let params = context.declaration.pairs(&AUTHORIZE_PARAMS).unwrap_or_default();
    if let Some(pair) = params.iter().find(|pair| pair.name == "prompt") {
        errors.push(&pair.at, "`prompt` is given twice: it has its own key, leave it out here");
    }
    Some(prompt)
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn pkce_is_turned_off_by_a_quirk_alone() {
        assert_eq!(
            oauth2_errors_with(r#"code_challenge_method = "plain""#),
            ["`\"plain\"` PKCE is \"S256\": write that, or `quirks(no_pkce)` where the provider \
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
    fn a_prompt_is_words_given_once() {
        assert_eq!(
            oauth2_errors_with(r#"prompt = "none login", authorize_params(prompt = "consent")"#),
            [
                "`\"none login\"` \"none\" asks for no page at all and stands alone: write \"none\"",
                "`prompt` `prompt` is given twice: it has its own key, leave it out here",
            ]
        );
    }
}
