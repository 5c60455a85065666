//! The encryption of ID tokens and userinfo responses, and the signature of userinfo responses.

use super::Context;
use super::claims::ALGORITHMS;
use crate::attribute::{KeyValue, Text};
use crate::diagnostics::{Errors, any_of};
use crate::key::Key;
use crate::keys::{
    ID_TOKEN_ENCRYPTED_RESPONSE_ALG, ID_TOKEN_ENCRYPTED_RESPONSE_ENC,
    USERINFO_ENCRYPTED_RESPONSE_ALG, USERINFO_ENCRYPTED_RESPONSE_ENC, USERINFO_SIGNED_RESPONSE_ALG,
};

/// RFC 7518 section 4.1, without RSA1_5, which is broken, and the symmetric algorithms.
static KEY_MANAGEMENT: &[&str] =
    &["RSA-OAEP-256", "RSA-OAEP", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"];
/// RFC 7518 section 5.1.
static CONTENT_ENCRYPTION: &[&str] = &["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"];

/// The declared algorithms, each with its term.
pub(super) fn algorithms(
    context: &Context<'_>,
    errors: &mut Errors,
) -> Vec<(&'static str, String)> {
    let keys = context.keys;
    let mut declared = Vec::new();
    for (key, given, known) in [
        (&ID_TOKEN_ENCRYPTED_RESPONSE_ALG, &keys.id_token_encrypted_response_alg, KEY_MANAGEMENT),
        (
            &ID_TOKEN_ENCRYPTED_RESPONSE_ENC,
            &keys.id_token_encrypted_response_enc,
            CONTENT_ENCRYPTION,
        ),
        (&USERINFO_SIGNED_RESPONSE_ALG, &keys.userinfo_signed_response_alg, ALGORITHMS),
        (&USERINFO_ENCRYPTED_RESPONSE_ALG, &keys.userinfo_encrypted_response_alg, KEY_MANAGEMENT),
        (
            &USERINFO_ENCRYPTED_RESPONSE_ENC,
            &keys.userinfo_encrypted_response_enc,
            CONTENT_ENCRYPTION,
        ),
    ] {
        let Some(typed) = given.value() else { continue };
        let name = typed.value();
        if !known.contains(&name.as_str()) {
            errors.push(typed, unknown(&name, known));
        }
        declared.push((key.term, name));
    }
    let enc = &keys.id_token_encrypted_response_enc;
    without_key(context, enc, &ID_TOKEN_ENCRYPTED_RESPONSE_ALG, errors);
    let enc = &keys.userinfo_encrypted_response_enc;
    without_key(context, enc, &USERINFO_ENCRYPTED_RESPONSE_ALG, errors);
    declared
}

/// Illegal: only `id_token_encrypted_response_enc = "A256GCM"`.
fn without_key(context: &Context<'_>, enc: &KeyValue<Text>, alg: &Key, errors: &mut Errors) {
    if let Some(at) = enc.at()
        && !context.declaration.mentions(alg)
    {
        errors.push(at, format!("`{at}` needs a key management algorithm: add `{}`", alg.example));
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let known = any_of(known.iter().copied());
    match name {
        "RSA1_5" => format!("\"RSA1_5\" is open to padding oracle attacks: write {known}"),
        "none" => format!("\"none\" proves nothing: write {known}"),
        _ => format!("unknown algorithm \"{name}\": write {known}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::open_id_errors_with;

    #[test]
    fn encryption_algorithm_must_be_known() {
        for keys in [
            r#"id_token_encrypted_response_alg = "RSA-OAEP""#,
            r#"id_token_encrypted_response_alg = "ECDH-ES", id_token_encrypted_response_enc = "A128GCM""#,
            r#"userinfo_signed_response_alg = "ES256""#,
            r#"userinfo_encrypted_response_alg = "ECDH-ES+A256KW", userinfo_encrypted_response_enc = "A256CBC-HS512""#,
        ] {
            assert_eq!(open_id_errors_with(keys), [""; 0], "{keys}");
        }
        assert_eq!(
            open_id_errors_with(r#"id_token_encrypted_response_alg = "RSA1_5""#),
            ["`\"RSA1_5\"` \"RSA1_5\" is open to padding oracle attacks: write `RSA-OAEP-256`, \
                 `RSA-OAEP`, `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`"]
        );
        for keys in [
            r#"userinfo_signed_response_alg = "HS256""#,
            r#"userinfo_signed_response_alg = "none""#,
            r#"id_token_encrypted_response_alg = "dir""#,
            r#"userinfo_encrypted_response_alg = "ECDH-ES", userinfo_encrypted_response_enc = "A192GCM""#,
        ] {
            assert_eq!(open_id_errors_with(keys).len(), 1, "{keys}");
        }
    }

    #[test]
    fn encryption_needs_a_key_algorithm() {
        assert_eq!(
            open_id_errors_with(r#"id_token_encrypted_response_enc = "A256GCM""#),
            [
                "`id_token_encrypted_response_enc` `id_token_encrypted_response_enc` needs a key management \
                 algorithm: add `id_token_encrypted_response_alg = \"RSA-OAEP-256\"`"
            ]
        );
    }
}
