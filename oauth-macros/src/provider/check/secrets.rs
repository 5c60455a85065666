//! Credentials are configuration: a declaration that holds them is refused.

use super::{Context, name};
use crate::diagnostics::Errors;
use crate::keys;

/// Illegal: `client_secret = "s3cr3t"`, `client_id = "1f3e"`.
pub(super) fn not_in_source(context: &Context<'_, '_>, errors: &mut Errors) {
    let prefix = context
        .text(&keys::NAME)
        .map_or_else(|| name::suggested(context.input.ident), |name| name.value())
        .to_uppercase();
    for entry in context.declaration.entries() {
        let at = &entry.at;
        if *entry.key == keys::CLIENT_SECRET {
            errors.push(
                at,
                format!(
                    "a client secret does not belong in source code: set {prefix}_CLIENT_SECRET or {prefix}_CLIENT_SECRET_FILE in the environment"
                ),
            );
        } else if *entry.key == keys::PRIVATE_KEY {
            errors.push(
                at,
                format!(
                    "a private key does not belong in source code: set {prefix}_PRIVATE_KEY or {prefix}_PRIVATE_KEY_FILE in the environment"
                ),
            );
        } else if *entry.key == keys::CLIENT_ID {
            errors.push(
                at,
                format!(
                    "the client identifier is configuration: set {prefix}_CLIENT_ID in the environment"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::oauth2_errors_with;

    #[test]
    fn credentials_in_source_are_sent_to_the_environment() {
        assert_eq!(
            oauth2_errors_with(
                r#"client_id = "1f3e", client_secret = env!("SECRET"), private_key = KEY"#
            ),
            [
                "`client_id` the client identifier is configuration: set ACME_CLIENT_ID in the environment",
                "`client_secret` a client secret does not belong in source code: \
                 set ACME_CLIENT_SECRET or ACME_CLIENT_SECRET_FILE in the environment",
                "`private_key` a private key does not belong in source code: \
                 set ACME_PRIVATE_KEY or ACME_PRIVATE_KEY_FILE in the environment",
            ]
        );
    }
}
