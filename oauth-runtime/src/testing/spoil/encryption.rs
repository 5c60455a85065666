//! Faults of encrypted tokens.

use aws_lc_rs::agreement::{ECDH_P256, EphemeralPrivateKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::testing::client::RegisteredClient;
use crate::testing::encryption::{
    ContentEncryptionAlgorithm, Encryption, KeyManagementAlgorithm, ephemeral_key,
};
use crate::testing::fault::Fault;
use crate::testing::provider::Provider;
use crate::testing::signing_key::{SigningAlgorithm, SigningKey};

/// Encrypts `token` for a client that is registered for encryption, and returns it unchanged for
/// others. `members` are added to the header.
pub(in crate::testing) fn encrypted(
    provider: &Provider,
    client: &RegisteredClient,
    encryption: Option<Encryption>,
    members: &Value,
    token: String,
) -> Result<String, Unspecified> {
    let Some(mut encryption) = encryption else { return Ok(token) };
    let recipient = encryption.key(client.keys()).ok_or(Unspecified)?;
    let (mut recipient, mut members, mut plaintext) =
        (recipient.clone(), members.clone(), token.clone().into_bytes());
    let faults = provider.faults.active();
    for fault in &faults {
        match fault {
            Fault::NotEncrypted => return Ok(token),
            Fault::EncryptedUnsigned => plaintext = payload(&token),
            Fault::EncryptedForAnotherKey => {
                let mut foreign_key = unknown_key(encryption.key_management)?;
                if let Some(id) = recipient.get("kid") {
                    foreign_key["kid"] = id.clone();
                }
                recipient = foreign_key;
            }
            Fault::OtherContentEncryption => {
                encryption.content = match encryption.content {
                    ContentEncryptionAlgorithm::A256Gcm => ContentEncryptionAlgorithm::A128Gcm,
                    _ => ContentEncryptionAlgorithm::A256Gcm,
                };
            }
            Fault::CompressedBeforeEncryption => members["zip"] = json!("DEF"),
            _ => {}
        }
    }
    let mut encrypted = encryption.encrypt(&recipient, &members, &plaintext)?;
    for fault in &faults {
        match fault {
            Fault::DamagedEncryption => {
                if let Some(byte) = encrypted.tag.first_mut() {
                    *byte ^= 1;
                }
            }
            // A point of all zeros is not on a curve; for X25519 it is of small order.
            Fault::InvalidEphemeralKey => {
                let epk = encrypted.header.get_mut("epk").and_then(Value::as_object_mut);
                for (name, coordinate) in epk.into_iter().flatten() {
                    let length = coordinate.as_str().map_or(0, str::len);
                    if matches!(name.as_str(), "x" | "y") {
                        *coordinate = json!("A".repeat(length));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(encrypted.compact())
}

/// The payload of a token.
fn payload(token: &str) -> Vec<u8> {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload.unwrap_or_default()
}

/// A public key without a known private key.
fn unknown_key(algorithm: KeyManagementAlgorithm) -> Result<Value, Unspecified> {
    if algorithm == KeyManagementAlgorithm::RsaOaep256 {
        return Ok(SigningKey::generate(SigningAlgorithm::Rs256)?.to_jwk());
    }
    let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
    let curve = json!({ "kty": "EC", "crv": "P-256" });
    Ok(ephemeral_key(&curve, key.compute_public_key()?.as_ref()))
}
