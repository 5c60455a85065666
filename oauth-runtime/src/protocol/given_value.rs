//! Checks of unguessable values, such as `state`, that the caller supplies.
//!
//! A check cannot see how a value was made, but it can detect a placeholder, a counter or a word.

use crate::crypto::secret::Secret;
use crate::protocol::request_error::RequestError;

/// 22 base64url characters are 128 bits. The first eight of a `state` name a cookie.
const MIN_LENGTH: usize = 22;
/// 32 hexadecimal digits are 128 bits.
const MIN_HEXADECIMAL_LENGTH: usize = 32;
/// RFC 7636 section 4.1.
const MIN_VERIFIER_LENGTH: usize = 43;
const MAX_LENGTH: usize = 128;
/// Of 10¹² random strings of 32 hexadecimal digits, one has fewer.
const MIN_DISTINCT: usize = 6;

/// Refuses a `state` or `nonce` that could be guessed or that a URL does not carry unchanged.
///
/// # Errors
/// [`RequestError::WeakValue`].
pub(crate) fn check(parameter: &'static str, value: &str) -> Result<(), RequestError> {
    let is_hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shortest = if is_hexadecimal { MIN_HEXADECIMAL_LENGTH } else { MIN_LENGTH };
    check_length_and_text(shortest, parameter, value)
}

/// Refuses a code verifier that could be guessed or that a URL does not carry unchanged.
///
/// # Errors
/// [`RequestError::WeakValue`].
pub(crate) fn check_code_verifier(value: &Secret) -> Result<(), RequestError> {
    check_length_and_text(MIN_VERIFIER_LENGTH, "code_verifier", value.expose())
}

fn check_length_and_text(
    shortest: usize,
    parameter: &'static str,
    value: &str,
) -> Result<(), RequestError> {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    let reason = if !value.bytes().all(is_unreserved) {
        "it has characters other than letters, digits and - . _ ~"
    } else if value.len() < shortest {
        "it is too short"
    } else if value.len() > MAX_LENGTH {
        "it is longer than 128 characters"
    } else if seen.iter().filter(|seen| **seen).count() < MIN_DISTINCT {
        "it repeats a few characters"
    } else {
        return Ok(());
    };
    Err(RequestError::WeakValue { parameter, reason, shortest })
}

/// RFC 3986 section 2.3: characters that need no encoding anywhere.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::OAuthError;

    fn text(error: RequestError) -> String {
        OAuthError::from(error).to_string()
    }

    const RANDOM: &str = "9f86d081884c7d659a2feaa0c55ad015";

    #[test]
    fn random_text_is_accepted() {
        assert_eq!(check("state", RANDOM), Ok(()));
        // 128 bits as base64url.
        assert_eq!(check("state", "n4bQgYhMfWWaL-qgxVrQFQ"), Ok(()));
    }

    #[test]
    fn guessable_or_unstable_value_is_refused() {
        for (value, part) in [
            ("", "too short"),
            ("xyz", "too short"),
            (&RANDOM[1..], "too short"),
            ("n4bQgYhMfWWaL-qgxVrQF", "too short"),
            (&"ab".repeat(32), "repeats"),
            (&RANDOM.repeat(5), "longer"),
            ("9f86d081884c7d659a2feaa0c55ad01 ", "characters"),
            ("9f86d081884c7d659a2feaa0c55ad01&", "characters"),
            ("9f86d081884c7d659a2feaa0c55ad0\r\n", "characters"),
            ("9f86d081884c7d659a2feaa0c55ad0ä", "characters"),
        ] {
            let error = text(check("nonce", value).unwrap_err());
            assert!(error.contains(part) && error.contains("`nonce`"), "{error}");
        }
    }

    #[test]
    fn a_code_verifier_is_longer() {
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(check_code_verifier(&verifier), Ok(()));
        let error = text(check_code_verifier(&Secret::from(RANDOM)).unwrap_err());
        assert!(error.contains("43"), "{error}");
    }

    #[test]
    fn error_does_not_repeat_the_value() {
        let error = check("state", "hunter2").unwrap_err();
        assert!(!format!("{error:?} {}", text(error.clone())).contains("hunter2"));
    }
}
