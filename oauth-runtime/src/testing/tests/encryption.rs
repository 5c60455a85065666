//! ID tokens and userinfo that are encrypted to the client.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use aws_lc_rs::{hmac, rsa};
use base64::Engine as _;
use serde_json::{Value, json};

use super::{Pair, URL_SAFE_NO_PAD, parts};
use crate::testing::encryption::{concat_kdf, ephemeral_key};
use crate::testing::public_key::point;
use crate::testing::{
    ContentEncryptionAlgorithm as Content, Fault, KeyManagementAlgorithm as KeyManagement,
    RegisteredClient, SigningAlgorithm, TestProvider,
};

/// The client's private key.
enum Recipient {
    Rsa(OaepPrivateDecryptingKey),
    Curve(PrivateKey),
}

/// The parts of a token, with the header decoded.
struct Parts<'t> {
    protected: &'t str,
    header: Value,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

fn rsa() -> (Recipient, Value) {
    let pair: RsaKeyPair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = pair.public_key();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({
        "kty": "RSA",
        "kid": "ours",
        "n": number(public.modulus().big_endian_without_leading_zero()),
        "e": number(public.exponent().big_endian_without_leading_zero()),
    });
    let private = PrivateDecryptingKey::from_pkcs8(pair.as_der().unwrap().as_ref()).unwrap();
    (Recipient::Rsa(OaepPrivateDecryptingKey::new(private).unwrap()), jwk)
}

fn on_curve(kty: &str, crv: &str) -> (Recipient, Value) {
    let curve = match crv {
        "P-256" => &agreement::ECDH_P256,
        "P-384" => &agreement::ECDH_P384,
        "P-521" => &agreement::ECDH_P521,
        _ => &agreement::X25519,
    };
    let private = PrivateKey::generate(curve).unwrap();
    let public = private.compute_public_key().unwrap();
    let jwk = ephemeral_key(&json!({ "kty": kty, "crv": crv }), public.as_ref());
    (Recipient::Curve(private), jwk)
}

fn take_apart(token: &str) -> Parts<'_> {
    let parts: Vec<_> = token.split('.').collect();
    let [protected, encrypted_key, iv, ciphertext, tag] = parts[..] else { panic!("{token}") };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    Parts {
        protected,
        header: serde_json::from_slice(&decode(protected)).unwrap(),
        encrypted_key: decode(encrypted_key),
        iv: decode(iv),
        ciphertext: decode(ciphertext),
        tag: decode(tag),
    }
}

impl Recipient {
    /// `None` if it was not encrypted to this key, or was changed.
    fn open(&self, token: &str) -> Option<Vec<u8>> {
        let parts = take_apart(token);
        let key = self.content_key(&parts)?;
        match parts.header["enc"].as_str().unwrap() {
            "A128CBC-HS256" => cbc_hmac(&key, parts),
            _ => gcm(&key, parts),
        }
    }

    fn content_key(&self, parts: &Parts<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(private) => {
                let mut key = vec![0; private.min_output_size()];
                let key =
                    private.decrypt(&OAEP_SHA256_MGF1SHA256, &parts.encrypted_key, &mut key, None);
                key.ok().map(|key| key.to_vec())
            }
            Self::Curve(private) if parts.header["alg"] == "ECDH-ES" => {
                assert!(parts.encrypted_key.is_empty());
                let enc = parts.header["enc"].as_str().unwrap();
                let length = if enc == "A128GCM" { 16 } else { 32 };
                agree(private, &parts.header["epk"], enc, length)
            }
            Self::Curve(private) => {
                let agreed = agree(private, &parts.header["epk"], "ECDH-ES+A256KW", 32)?;
                let mut key = vec![0; parts.encrypted_key.len() - 8];
                let wrapping = AesKek::new(&key_wrap::AES_256, &agreed).ok()?;
                wrapping.unwrap(&parts.encrypted_key, &mut key).ok()?;
                Some(key)
            }
        }
    }
}

fn agree(private: &PrivateKey, epk: &Value, id: &str, length: usize) -> Option<Vec<u8>> {
    let peer = UnparsedPublicKey::new(private.algorithm(), point(epk)?);
    let derive = |secret: &[u8]| Ok(concat_kdf(secret, id, b"", b"", length));
    agreement::agree(private, peer, (), derive).ok()
}

fn gcm(key: &[u8], parts: Parts<'_>) -> Option<Vec<u8>> {
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&parts.iv).unwrap();
    let mut sealed = [parts.ciphertext, parts.tag].concat();
    let aad = Aad::from(parts.protected.as_bytes());
    key.open_in_place(nonce, aad, &mut sealed).ok().map(|plain| plain.to_vec())
}

fn cbc_hmac(key: &[u8], mut parts: Parts<'_>) -> Option<Vec<u8>> {
    let (mac_key, encryption_key) = key.split_at(16);
    let bits = (parts.protected.len() as u64 * 8).to_be_bytes();
    let input = [parts.protected.as_bytes(), &parts.iv, &parts.ciphertext, &bits].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, mac_key), &input);
    if tag.as_ref()[..16] != parts.tag {
        return None;
    }
    let cipher = UnboundCipherKey::new(&AES_128, encryption_key).unwrap();
    let iv: [u8; 16] = parts.iv.try_into().unwrap();
    let context = DecryptionContext::Iv128(FixedLength::from(&iv));
    let opened = PaddedBlockDecryptingKey::cbc_pkcs7(cipher).unwrap();
    opened.decrypt(&mut parts.ciphertext, context).ok().map(|plain| plain.to_vec())
}

async fn pair(jwk: &Value, register: impl FnOnce(RegisteredClient) -> RegisteredClient) -> Pair {
    let client = RegisteredClient::confidential("shop", "secret").jwks(&json!({ "keys": [jwk] }));
    let builder = TestProvider::builder().signing_algorithm(SigningAlgorithm::Es256);
    Pair::build(builder.client(register(client))).await
}

async fn id_token(pair: &Pair) -> String {
    pair.login().await["id_token"].as_str().unwrap().to_owned()
}

async fn userinfo(pair: &Pair) -> String {
    let reply = pair.userinfo(&pair.login().await["access_token"]).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/jwt"));
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.text
}

#[tokio::test]
async fn encrypted_id_token_is_signed_inside() {
    let rsa = rsa();
    for content in Content::ALL {
        for (key_management, (recipient, jwk)) in [
            (KeyManagement::RsaOaep256, &rsa),
            (KeyManagement::EcdhEs, &on_curve("EC", "P-256")),
            (KeyManagement::EcdhEs, &on_curve("EC", "P-521")),
            (KeyManagement::EcdhEs, &on_curve("OKP", "X25519")),
            (KeyManagement::EcdhEsA256Kw, &on_curve("EC", "P-384")),
            (KeyManagement::EcdhEsA256Kw, &on_curve("OKP", "X25519")),
        ] {
            let pair =
                pair(jwk, |it| it.id_token_encrypted_response(key_management, content)).await;
            let token = id_token(&pair).await;
            let header = take_apart(&token).header;
            assert_eq!(
                (&header["alg"], &header["enc"], &header["cty"]),
                (&json!(key_management.name()), &json!(content.name()), &json!("JWT"),)
            );
            assert_eq!(header.get("kid"), jwk.get("kid"));
            let nested = recipient.open(&token).unwrap();
            let (header, claims) = parts(&json!(String::from_utf8(nested).unwrap()));
            assert_eq!((&header["alg"], &claims["sub"]), (&json!("ES256"), &json!("ada")));
        }
    }
}

#[tokio::test]
async fn userinfo_is_signed_encrypted_or_both() {
    let (recipient, jwk) = on_curve("EC", "P-256");
    let (alg, enc) = (KeyManagement::EcdhEs, Content::A256Gcm);
    let signed = pair(&jwk, |it| it.userinfo_signed_response(SigningAlgorithm::Rs256)).await;
    let (header, claims) = parts(&json!(userinfo(&signed).await));
    assert_eq!(header["alg"], "RS256");
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(signed.provider.issuer()), &json!("shop"))
    );

    let encrypted = pair(&jwk, |it| it.userinfo_encrypted_response(alg, enc)).await;
    let token = userinfo(&encrypted).await;
    assert_eq!(take_apart(&token).header.get("cty"), None);
    let claims: Value = serde_json::from_slice(&recipient.open(&token).unwrap()).unwrap();
    assert_eq!((&claims["sub"], claims.get("iss")), (&json!("ada"), None));

    let both = pair(&jwk, |client| {
        let signed = client.userinfo_signed_response(SigningAlgorithm::EdDsa);
        signed.userinfo_encrypted_response(alg, enc)
    })
    .await;
    let nested = recipient.open(&userinfo(&both).await).unwrap();
    let (header, claims) = parts(&json!(String::from_utf8(nested).unwrap()));
    assert_eq!((&header["alg"], &claims["sub"]), (&json!("EdDSA"), &json!("ada")));
}

#[tokio::test]
async fn signed_userinfo_verifies_with_every_algorithm() {
    use crate::testing::compact::Compact;
    use crate::testing::{Endpoint, public_key};
    for algorithm in SigningAlgorithm::ALL {
        let pair = pair(&Value::Null, |it| it.userinfo_signed_response(algorithm)).await;
        let token = userinfo(&pair).await;
        let jwks = pair.get(pair.provider.url(Endpoint::Jwks)).await.json();
        let token = Compact::parse(&token).unwrap();
        let verifies = |jwk: &Value| {
            jwk["kid"] == token.header["kid"]
                && public_key::verifies(jwk, algorithm, token.message, &token.signature)
        };
        assert!(jwks["keys"].as_array().unwrap().iter().any(verifies), "{algorithm}");
    }
}

#[tokio::test]
async fn client_without_encryption_key_is_not_registered() {
    for jwks in [json!({}), json!({ "keys": [] }), json!({ "keys": [rsa().1] })] {
        let client = RegisteredClient::confidential("shop", "secret").jwks(&jwks);
        let client = client.id_token_encrypted_response(KeyManagement::EcdhEs, Content::A128Gcm);
        let refused = TestProvider::builder().client(client).start().await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn encryption_is_spoiled() {
    let (recipient, jwk) = on_curve("EC", "P-256");
    let (alg, enc) = (KeyManagement::EcdhEs, Content::A256Gcm);
    let pair = pair(&jwk, |client| client.id_token_encrypted_response(alg, enc)).await;
    for fault in [
        Fault::NotEncrypted,
        Fault::DamagedEncryption,
        Fault::EncryptedUnsigned,
        Fault::EncryptedForAnotherKey,
        Fault::OtherContentEncryption,
        Fault::CompressedBeforeEncryption,
        Fault::InvalidEphemeralKey,
    ] {
        pair.provider.fault(fault);
        let token = id_token(&pair).await;
        pair.provider.clear_faults();
        let is_as_named = match fault {
            Fault::NotEncrypted => token.split('.').count() == 3,
            Fault::EncryptedUnsigned => {
                let claims = recipient.open(&token).unwrap();
                serde_json::from_slice::<Value>(&claims).unwrap()["sub"] == "ada"
            }
            Fault::OtherContentEncryption => {
                take_apart(&token).header["enc"] == "A128GCM" && recipient.open(&token).is_some()
            }
            Fault::CompressedBeforeEncryption => {
                take_apart(&token).header["zip"] == "DEF" && recipient.open(&token).is_some()
            }
            Fault::InvalidEphemeralKey => {
                let epk = take_apart(&token).header["epk"].clone();
                epk["x"].as_str().unwrap().bytes().all(|byte| byte == b'A')
            }
            _ => recipient.open(&token).is_none(),
        };
        assert!(is_as_named, "{fault:?}: {token}");
    }
}

#[tokio::test]
async fn signed_userinfo_is_spoiled() {
    let pair = pair(&Value::Null, |it| it.userinfo_signed_response(SigningAlgorithm::Rs256)).await;
    let access_token = pair.login().await["access_token"].clone();
    for (fault, part, expected) in [
        (Fault::UserinfoUnsigned, "alg", json!("none")),
        (Fault::UserinfoOfAnotherAlgorithm, "alg", json!("EdDSA")),
        (Fault::UserinfoWrongIssuer, "iss", json!("https://elsewhere.example")),
        (Fault::UserinfoWrongAudience, "aud", json!("https://elsewhere.example")),
        (Fault::UserinfoSubjectSwapped, "sub", json!("alan")),
    ] {
        pair.provider.fault(fault);
        let token = pair.userinfo(&access_token).await.text;
        pair.provider.clear_faults();
        let (header, claims) = parts(&json!(token));
        assert!(header[part] == expected || claims[part] == expected, "{fault:?}: {claims}");
    }
    pair.provider.fault(Fault::UserinfoWithoutIssuerAndAudience);
    let (_, claims) = parts(&json!(pair.userinfo(&access_token).await.text));
    assert_eq!((&claims["iss"], &claims["aud"]), (&Value::Null, &Value::Null));
    pair.provider.clear_faults();
    let honest = pair.userinfo(&access_token).await.text;
    pair.provider.fault(Fault::UserinfoBadSignature);
    let damaged = pair.userinfo(&access_token).await.text;
    assert_eq!(honest.rsplit_once('.').unwrap().0, damaged.rsplit_once('.').unwrap().0);
    assert_ne!(honest, damaged);
    pair.provider.clear_faults();
    pair.provider.fault(Fault::UserinfoNotSigned);
    assert_eq!(pair.userinfo(&access_token).await.json()["sub"], "ada");
}
