//! Error codes of refusals that are caused by a user or a policy, not by a fault: those of RFC 6749
//! section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6 and OAuth Problem Reporting, and those
//! that providers use instead.

/// Why a provider declined although neither side made a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The user cancelled, or is not allowed to log in.
    Denied,
    /// The provider has to interact with the user, but was asked not to (`prompt=none`).
    InteractionRequired,
}

/// Error codes in lower case, each listed once.
const WORDS: &[(&str, Refusal)] = &[
    ("access_denied", Refusal::Denied),
    // RFC 8628 has `access_denied`; Microsoft sends
    // (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code):
    ("authorization_declined", Refusal::Denied),
    // LinkedIn (https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow):
    ("user_cancelled_login", Refusal::Denied),
    ("user_cancelled_authorize", Refusal::Denied),
    // Apple (https://developer.apple.com/documentation/signinwithapple):
    ("user_canceled_authorize", Refusal::Denied),
    ("user_cancelled", Refusal::Denied),
    ("user_canceled", Refusal::Denied),
    ("cancelled", Refusal::Denied),
    ("canceled", Refusal::Denied),
    ("user_cancel", Refusal::Denied),
    ("user_cancelled_authorization", Refusal::Denied),
    ("user_canceled_authorization", Refusal::Denied),
    ("user_canceled_login", Refusal::Denied),
    ("login_cancelled", Refusal::Denied),
    ("login_canceled", Refusal::Denied),
    ("user_denied", Refusal::Denied),
    ("user_denied_access", Refusal::Denied),
    ("user_rejected", Refusal::Denied),
    ("user_declined", Refusal::Denied),
    ("consent_denied", Refusal::Denied),
    ("consent_declined", Refusal::Denied),
    ("authorization_denied", Refusal::Denied),
    // OAuth Problem Reporting, for OAuth 1.0a.
    ("user_refused", Refusal::Denied),
    ("permission_denied", Refusal::Denied),
    ("permission_unknown", Refusal::InteractionRequired),
    // OpenID Connect Core 1.0 section 3.1.2.6.
    ("interaction_required", Refusal::InteractionRequired),
    ("login_required", Refusal::InteractionRequired),
    ("account_selection_required", Refusal::InteractionRequired),
    ("consent_required", Refusal::InteractionRequired),
    // OpenID Connect Core Unmet Authentication Requirements 1.0 section 2; RFC 9470 section 3.
    ("unmet_authentication_requirements", Refusal::InteractionRequired),
    ("insufficient_user_authentication", Refusal::InteractionRequired),
];

/// The refusal that an error code stands for; `None` if something has to be fixed.
pub(crate) fn of(error: &str) -> Option<Refusal> {
    let word = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(error.trim()));
    word.map(|(_, refusal)| *refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_users_and_policies_are_known() {
        for word in ["access_denied", "ACCESS_DENIED", "user_cancelled_login", "user_refused"] {
            assert_eq!(of(word), Some(Refusal::Denied), "{word}");
        }
        for word in ["login_required", "consent_required", "interaction_required"] {
            assert_eq!(of(word), Some(Refusal::InteractionRequired), "{word}");
        }
        for word in ["", "server_error", "invalid_client", "invalid_scope", "access", "denied x"] {
            assert_eq!(of(word), None, "{word}");
        }
    }

    #[test]
    fn each_word_is_listed_once() {
        for (index, (word, _)) in WORDS.iter().enumerate() {
            assert!(WORDS[..index].iter().all(|(other, _)| other != word), "{word}");
            assert_eq!(*word, word.to_ascii_lowercase());
        }
    }
}
