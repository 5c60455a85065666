//! Credentials belong in the configuration: a declaration with credentials is refused.

use super::{Context, name};
use crate::diagnostics::Errors;
use crate::keys;

/// Illegal: `client_secret = "s3cr3t"`, `client_id = "1f3e"`.
pub(super) fn not_in_source(context: &Context<'_>, errors: &mut Errors) {
    let prefix = context
        .keys
        .name
        .value()
        .map_or_else(|| name::suggested(&context.input.ident), |name| name.value())
        .to_uppercase();
    for (key, at) in context.declaration.settings() {
        let setting = key.example;
        let what = if **key == keys::CLIENT_SECRET {
            "a client secret does not belong in source code"
        } else if **key == keys::PRIVATE_KEY || **key == keys::DECRYPTION_KEY {
            "a private key does not belong in source code"
        } else if **key == keys::CLIENT_ID {
            "the client identifier belongs in the configuration"
        } else {
            "this belongs in the configuration"
        };
        let file = keys::CONFIGURATION.iter().find(|key| key.example == format!("{setting}_FILE"));
        let or_file = file.map(|file| format!(" or {prefix}_{}", file.example)).unwrap_or_default();
        errors.push(at, format!("{what}: set {prefix}_{setting}{or_file} in the environment"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn credentials_in_source_code_are_refused() {
        assert_eq!(
            oauth2_errors_with(
                r#"client_id = "1f3e", client_secret = env!("SECRET"), private_key = KEY"#
            ),
            [
                "`client_id` the client identifier belongs in the configuration: set ACME_CLIENT_ID in the environment",
                "`client_secret` a client secret does not belong in source code: \
                 set ACME_CLIENT_SECRET or ACME_CLIENT_SECRET_FILE in the environment",
                "`private_key` a private key does not belong in source code: \
                 set ACME_PRIVATE_KEY or ACME_PRIVATE_KEY_FILE in the environment",
            ]
        );
        assert_eq!(
            oauth2_errors_with(r#"client_secret_file = "/run/secret", team_id = "8X""#),
            [
                "`client_secret_file` this belongs in the configuration: set ACME_CLIENT_SECRET_FILE in the environment",
                "`team_id` this belongs in the configuration: set ACME_TEAM_ID in the environment",
            ]
        );
    }
}
