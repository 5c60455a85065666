//! The validation of ID tokens: their algorithm and their times.

use syn::LitInt;

use super::Context;
use super::client_authentication::{self, Method};
use super::quirks::{HS256_ID_TOKEN, LONG_LEEWAY, Quirk};
use crate::diagnostics::{Errors, any_of};
use crate::provider::model::IdToken;

/// RFC 7518 section 3.1 and RFC 8037, without algorithms that prove nothing to a client.
pub(super) static ALGORITHMS: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/// Five minutes, in seconds.
const MAX_LEEWAY: u32 = 300;

/// The requirements on an ID token.
pub(super) fn id_token(
    context: &Context<'_>,
    quirks: &[&Quirk],
    method: Option<&Method>,
    errors: &mut Errors,
) -> IdToken {
    IdToken {
        signed_response_alg: signing_algorithm(context, quirks, method, errors),
        leeway: leeway(context, quirks, errors),
        max_age: max_age(context, errors),
    }
}

/// `id_token_signed_response_alg = "ES256"`, or several as in `"ES256 RS256"`
fn signing_algorithm(
    context: &Context<'_>,
    quirks: &[&Quirk],
    method: Option<&Method>,
    errors: &mut Errors,
) -> Option<String> {
    let Some(typed) = context.keys.id_token_signed_response_alg.value() else {
        check_hs256_quirk(context, method, errors);
        return None;
    };
    let value = typed.value();
    let names: Vec<_> = value.split_whitespace().collect();
    let mut is_usable = true;
    for (index, name) in names.iter().enumerate() {
        let fault = match *name {
            _ if names[..index].contains(name) => {
                Some(format!("\"{name}\" is given twice: keep one"))
            }
            "HS256" if names.len() > 1 && quirks.contains(&&HS256_ID_TOKEN) => {
                Some("\"HS256\" must be the only algorithm: remove the others".to_owned())
            }
            name => fault_of(name, quirks, method),
        };
        is_usable &= fault.is_none();
        if let Some(fault) = fault {
            errors.push(typed, fault);
        }
    }
    is_usable.then(|| names.join(" "))
}

/// The error in one algorithm; `None` if it can be used.
fn fault_of(algorithm: &str, quirks: &[&Quirk], method: Option<&Method>) -> Option<String> {
    let by_secret = "lets every holder of the client secret issue ID tokens";
    Some(match algorithm {
        name if ALGORITHMS.contains(&name) => return None,
        "HS256" if method == Some(&client_authentication::NONE) => {
            "\"HS256\" needs a client secret, but \"none\" is for clients without one: write \"RS256\"".to_owned()
        }
        "HS256" if quirks.contains(&&HS256_ID_TOKEN) => return None,
        "HS256" => format!("\"HS256\" {by_secret}: add `quirks(hs256_id_token)` to accept that"),
        "HS384" | "HS512" => format!("\"{algorithm}\" {by_secret}: write \"RS256\""),
        "none" => "an unsigned ID token proves nothing: write \"RS256\"".to_owned(),
        _ => {
            let known = any_of(ALGORITHMS.iter().copied());
            format!("unknown algorithm \"{algorithm}\": write {known}")
        }
    })
}

/// Without an algorithm, the quirk selects HS256, whose key is the client secret.
fn check_hs256_quirk(context: &Context<'_>, method: Option<&Method>, errors: &mut Errors) {
    let mut words = context.keys.quirks.items().iter();
    if let Some(word) = words.find(|word| word.name == HS256_ID_TOKEN.name)
        && method == Some(&client_authentication::NONE)
    {
        errors.push(
            &word.name,
            "`hs256_id_token` needs a client secret, but \"none\" is for clients without one: remove it",
        );
    }
}

/// `leeway = 30`
fn leeway(context: &Context<'_>, quirks: &[&Quirk], errors: &mut Errors) -> Option<u32> {
    let typed = context.keys.leeway.value()?;
    let leeway = seconds(typed, errors)?;
    if leeway > MAX_LEEWAY && !quirks.contains(&&LONG_LEEWAY) {
        errors.push(
            typed,
            format!("more than five minutes of leeway: write {MAX_LEEWAY} or less, or add `quirks(long_leeway)`"),
        );
    }
    Some(leeway)
}

/// `max_age = 3600`
fn max_age(context: &Context<'_>, errors: &mut Errors) -> Option<u32> {
    seconds(context.keys.max_age.value()?, errors)
}

/// Legal: `3600`. Illegal: `1h`, `5000000000`.
fn seconds(typed: &LitInt, errors: &mut Errors) -> Option<u32> {
    let number = typed.base10_digits().parse::<u32>().ok();
    let unit = match typed.suffix() {
        "" if number.is_some() => return number,
        "" => None,
        "s" => Some(1),
        "m" | "min" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let seconds = unit.zip(number).and_then(|(unit, number)| number.checked_mul(unit));
    errors.push(
        typed,
        match seconds {
            Some(seconds) => format!("seconds have no unit: write {seconds}"),
            None => format!("seconds must be a number between 0 and {}", u32::MAX),
        },
    );
    None
}

#[cfg(test)]
mod tests {
    use crate::testing::open_id_errors_with;

    #[test]
    fn an_algorithm_that_proves_nothing_is_refused() {
        for (algorithm, expected) in [
            ("none", "an unsigned ID token proves nothing: write \"RS256\""),
            (
                "HS256",
                "\"HS256\" lets every holder of the client secret issue ID tokens: \
                 add `quirks(hs256_id_token)` to accept that",
            ),
        ] {
            assert_eq!(
                open_id_errors_with(&format!("id_token_signed_response_alg = \"{algorithm}\"")),
                [format!("`\"{algorithm}\"` {expected}")]
            );
        }
        let none = r#"id_token_signed_response_alg = "HS256", token_endpoint_auth_method = "none""#;
        assert_eq!(
            open_id_errors_with(none),
            ["`\"HS256\"` \"HS256\" needs a client secret, \
                 but \"none\" is for clients without one: write \"RS256\""]
        );
        let named = r#"id_token_signed_response_alg = "HS256", quirks(hs256_id_token)"#;
        assert_eq!(open_id_errors_with(named), [""; 0]);
    }

    #[test]
    fn several_algorithms_are_each_checked() {
        let errors = |value: &str, quirks: &str| {
            open_id_errors_with(&format!(r#"id_token_signed_response_alg = "{value}"{quirks}"#))
        };
        assert_eq!(errors("ES256 RS256", ""), [""; 0]);
        for (value, quirks, expected) in [
            ("ES256 ES256", "", "\"ES256\" is given twice: keep one"),
            ("ES256 none", "", "an unsigned ID token proves nothing: write \"RS256\""),
            (
                "HS256 RS256",
                ", quirks(hs256_id_token)",
                "\"HS256\" must be the only algorithm: remove the others",
            ),
        ] {
            assert_eq!(errors(value, quirks), [format!("`\"{value}\"` {expected}")]);
        }
    }

    #[test]
    fn hs256_quirk_needs_a_client_secret() {
        assert_eq!(open_id_errors_with("quirks(hs256_id_token)"), [""; 0]);
        assert_eq!(
            open_id_errors_with(r#"quirks(hs256_id_token), token_endpoint_auth_method = "none""#),
            ["`hs256_id_token` `hs256_id_token` needs a client secret, \
              but \"none\" is for clients without one: remove it"]
        );
    }

    #[test]
    fn a_long_leeway_needs_the_quirk() {
        assert_eq!(
            open_id_errors_with("leeway = 301"),
            [
                "`301` more than five minutes of leeway: write 300 or less, or add `quirks(long_leeway)`"
            ]
        );
        assert_eq!(open_id_errors_with("leeway = 301, quirks(long_leeway)"), [""; 0]);
        assert_eq!(
            open_id_errors_with("max_age = 5000000000, leeway = 5min"),
            [
                "`5000000000` seconds must be a number between 0 and 4294967295",
                "`5min` seconds have no unit: write 300",
            ]
        );
    }
}
