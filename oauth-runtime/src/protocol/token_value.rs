//! The syntax of a token: one check for tokens of any origin (RFC 6749 appendix A.12, RFC 6750
//! section 2.1).

use crate::crypto::secret::Secret;

/// Longest token, in bytes. The longest tokens of real providers, with hundreds of groups, have a
/// tenth of that, and no server accepts a header of this length.
const MAX_LENGTH: usize = 64 * 1024;

/// Why a token cannot be sent. The message never repeats the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It has a line break, a control character, a space at the beginning or the end, or a
    /// character that is not ASCII.
    #[error(
        "it has a character that a token cannot have: was a line break or a space stored with it?"
    )]
    Characters,
    /// It is longer than 64 KiB.
    #[error("it is longer than 64 KiB")]
    TooLong,
    /// Its type is not `Bearer` but, for example, `DPoP`, which needs an additional proof.
    #[error("its `token_type` is not `Bearer`, and no other type can be sent")]
    Type,
    /// Requests need this member of the token response, which it came without.
    #[error("it came without `{0}`, which the declaration adds to requests")]
    MemberMissing(Box<str>),
}

/// An access token that may be sent as a bearer token. Only the check creates one, and a request
/// accepts nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BearerToken<'a>(&'a Secret);

impl<'a> BearerToken<'a> {
    /// # Errors
    /// [`TokenFault`].
    pub(crate) fn check(token: &'a Secret, token_type: &str) -> Result<Self, TokenFault> {
        // RFC 6749 section 5.1: compared without regard to case.
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(TokenFault::Type);
        }
        check(token)?;
        Ok(Self(token))
    }

    pub(crate) fn expose(self) -> &'a str {
        self.0.expose()
    }
}

/// Checks an access or refresh token: it is visible ASCII, so that it cannot break out of a header.
/// A space may be inside, but not at either end, where it would get lost.
///
/// # Errors
/// [`TokenFault`].
pub(crate) fn check(token: &Secret) -> Result<(), TokenFault> {
    check_length(token)?;
    let text = token.expose();
    let is_visible = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if is_visible && text.trim_matches(' ').len() == text.len() {
        Ok(())
    } else {
        Err(TokenFault::Characters)
    }
}

/// Checks a token of OAuth 1.0a, which is percent-encoded wherever it is sent (RFC 5849 section
/// 3.6).
///
/// # Errors
/// [`TokenFault`].
pub(crate) fn check_credential(token: &Secret) -> Result<(), TokenFault> {
    check_length(token)?;
    match token.expose().chars().any(char::is_control) {
        true => Err(TokenFault::Characters),
        false => Ok(()),
    }
}

fn check_length(token: &Secret) -> Result<(), TokenFault> {
    match token.expose().len() {
        0 => Err(TokenFault::Empty),
        length if length > MAX_LENGTH => Err(TokenFault::TooLong),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<TokenFault> {
        BearerToken::check(&Secret::from(text), "Bearer").err()
    }

    #[test]
    fn token_is_visible_ascii() {
        for text in ["a", "a.b-c_d~e+f/g==", "123|abc", "a b", &"x".repeat(MAX_LENGTH)] {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in ["a\n", "\ra", "a\0b", "\ta", " a", "a ", " ", "\u{7f}", "ä", "\u{2000}"] {
            assert_eq!(fault(text), Some(TokenFault::Characters), "{text:?}");
        }
        assert_eq!(fault(""), Some(TokenFault::Empty));
        assert_eq!(fault(&"x".repeat(MAX_LENGTH + 1)), Some(TokenFault::TooLong));
    }

    #[test]
    fn only_a_bearer_token_is_sent_as_one() {
        let token = Secret::from("a");
        for kind in ["Bearer", "bearer", "BEARER"] {
            assert!(BearerToken::check(&token, kind).is_ok(), "{kind}");
        }
        for kind in ["DPoP", "mac", "N_A", "OAuth", "", " Bearer", "Bearer "] {
            assert_eq!(BearerToken::check(&token, kind).err(), Some(TokenFault::Type), "{kind}");
        }
    }

    #[test]
    fn credential_of_oauth1_may_have_any_letters() {
        let check = |text: &str| check_credential(&Secret::from(text));
        assert!(check("ä b+/=").is_ok());
        assert_eq!(check("a\r\nb"), Err(TokenFault::Characters));
        assert_eq!(check(""), Err(TokenFault::Empty));
    }
}
