//! The keys of a provider's configuration, each once: what is not listed here cannot be read.

use crate::config::key_of;
use crate::spec::ProviderSpec;

/// What stands behind the provider's name: `CLIENT_ID` of `GITHUB_CLIENT_ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::resolve) struct Key(&'static str);

impl Key {
    pub(super) const fn name(self) -> &'static str {
        self.0
    }
}

macro_rules! keys {
    ($($name:ident)+) => {
        $(pub(in crate::resolve) const $name: Key = Key(stringify!($name));)+

        pub(in crate::resolve) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    CLIENT_ID
    CLIENT_SECRET
    CLIENT_SECRET_FILE
    PRIVATE_KEY
    PRIVATE_KEY_FILE
    PRIVATE_KEY_ID
    DECRYPTION_KEY
    DECRYPTION_KEY_FILE
    TEAM_ID

    ISSUER
    TENANTS
    SERVER_METADATA_URL
    AUTHORIZE_URL
    ACCESS_TOKEN_URL
    REFRESH_TOKEN_URL
    REQUEST_TOKEN_URL
    USERINFO_ENDPOINT
    EMAILS_ENDPOINT
    JWKS_URI
    END_SESSION_ENDPOINT
    REVOCATION_ENDPOINT
    INTROSPECTION_ENDPOINT
    DEVICE_AUTHORIZATION_ENDPOINT
    PUSHED_AUTHORIZATION_REQUEST_ENDPOINT
    API_BASE_URL

    AUTHORIZE_PARAMS
    ACCESS_TOKEN_PARAMS
    REFRESH_TOKEN_PARAMS
    REQUEST_TOKEN_PARAMS

    CLIENT_KWARGS
    SCOPES
    SCOPE_SEPARATOR
    TOKEN_ENDPOINT_AUTH_METHOD
    CODE_CHALLENGE_METHOD
    RESPONSE_MODE
    PROMPT
    TOKEN_PLACEMENT
    MAX_AGE
    LEEWAY
    ID_TOKEN_SIGNED_RESPONSE_ALG
    USERINFO_SIGNED_RESPONSE_ALG
    SIGNATURE_METHOD
    SIGNATURE_TYPE
    REALM
}

/// The names of all settings of one provider, those of its fields among them.
pub(crate) fn setting_names(spec: &ProviderSpec<'_>) -> Vec<String> {
    let fields = spec.placeholders.iter().copied();
    ALL.iter().map(|key| key.0).chain(fields).map(|key| key_of(spec.name, key)).collect()
}

/// Keys that only an ID token or its provider can answer.
pub(super) const OPEN_ID_KEYS: &[Key] = &[
    JWKS_URI,
    END_SESSION_ENDPOINT,
    MAX_AGE,
    LEEWAY,
    ID_TOKEN_SIGNED_RESPONSE_ALG,
    USERINFO_SIGNED_RESPONSE_ALG,
];

/// Keys that only OAuth 1.0a knows.
pub(super) const OAUTH1_KEYS: &[Key] =
    &[REQUEST_TOKEN_URL, REQUEST_TOKEN_PARAMS, SIGNATURE_METHOD, SIGNATURE_TYPE, REALM];

/// The members of `CLIENT_KWARGS`, each with the key that says the same by itself. `scope` is the
/// name that Authlib's users know.
pub(super) const MEMBERS: &[(&str, Key)] = &[
    ("scope", SCOPES),
    ("scope_separator", SCOPE_SEPARATOR),
    ("token_endpoint_auth_method", TOKEN_ENDPOINT_AUTH_METHOD),
    ("code_challenge_method", CODE_CHALLENGE_METHOD),
    ("response_mode", RESPONSE_MODE),
    ("prompt", PROMPT),
    ("token_placement", TOKEN_PLACEMENT),
    ("max_age", MAX_AGE),
    ("leeway", LEEWAY),
    ("id_token_signed_response_alg", ID_TOKEN_SIGNED_RESPONSE_ALG),
    ("userinfo_signed_response_alg", USERINFO_SIGNED_RESPONSE_ALG),
    ("signature_method", SIGNATURE_METHOD),
    ("signature_type", SIGNATURE_TYPE),
    ("realm", REALM),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    /// The table of a provider's keys, as `Config` documents it.
    fn documented() -> BTreeSet<&'static str> {
        let source = include_str!("../../config/mod.rs");
        let (_, table) = source.split_once("/// Of each provider").expect("the table");
        let (table, _) = table.split_once("/// Of the application").expect("its end");
        let cells =
            table.lines().filter_map(|line| line.strip_prefix("/// | ")?.split(" | ").next());
        let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        words.collect()
    }

    #[test]
    fn every_key_that_is_read_is_documented_and_every_documented_one_is_read() {
        let read: BTreeSet<_> = ALL.iter().map(|key| key.name()).collect();
        assert_eq!(read.len(), ALL.len(), "each key once");
        assert_eq!(documented(), read);
    }
}
