//! Private keys of the client, in the usual formats: PEM files of OpenSSL (RFC 7468: PKCS#8,
//! PKCS#1, SEC 1) and JSON Web Keys (RFC 7517). A key is parsed once, and its kind determines its
//! uses.
//!
//! [`signing_key`](super::signing_key) signs with such a key.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::pem::{PemObject, SectionKind};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::crypto::secret::Secret;

/// A private key. aws-lc overwrites it when it is dropped.
pub(crate) struct PrivateKey {
    pub(crate) kind: PrivateKeyKind,
    /// `kid` of a JSON Web Key; `None` for a PEM file.
    pub(crate) key_id: Option<String>,
    /// `alg` of a JSON Web Key: the only algorithm that the key may be used with.
    pub(crate) only_for: Option<String>,
}

/// The kind of a key, which determines its uses.
pub(crate) enum PrivateKeyKind {
    Rsa(RsaKeyPair),
    Ec(Curve, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The curves of RFC 7518 section 6.2.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// Why a private key cannot be used. The message repeats nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PrivateKeyError {
    #[error(
        "it is neither PEM, which begins with `-----BEGIN PRIVATE KEY-----` on a line of its own, nor a JSON Web Key"
    )]
    Neither,
    #[error(
        "its PEM is damaged: keep its line breaks, or write each as `\\n` if the value must be one line"
    )]
    Lines,
    #[error("it is protected by a passphrase: remove that with `openssl pkey -in key.pem`")]
    Encrypted,
    #[error("it is a public key or a certificate: use the private key that belongs to it")]
    Public,
    #[error(
        "it is damaged, or of an unsupported kind: use RSA with 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519"
    )]
    Unsupported,
}

impl PrivateKey {
    /// Reads the first private key in `text`. In PEM, a literal `\n` may replace a line break, as
    /// in environment variables of one line.
    ///
    /// # Errors
    /// [`PrivateKeyError`].
    pub(crate) fn parse(text: &Secret) -> Result<Self, PrivateKeyError> {
        let text = text.expose().trim();
        if text.starts_with('{') {
            return Self::from_jwk(text);
        }
        Ok(Self { kind: PrivateKeyKind::from_pem(text)?, key_id: None, only_for: None })
    }

    fn from_jwk(text: &str) -> Result<Self, PrivateKeyError> {
        let document: Jwk<'_> =
            serde_json::from_str(text).map_err(|_| PrivateKeyError::Unsupported)?;
        if document.d.is_none() && matches!(document.kty.as_ref(), "RSA" | "EC" | "OKP") {
            return Err(PrivateKeyError::Public);
        }
        let kind = PrivateKeyKind::from_jwk(&document).ok_or(PrivateKeyError::Unsupported)?;
        Ok(Self { kind, key_id: document.kid, only_for: document.alg })
    }

    /// The public key as a JSON Web Key, without `kid`, `use` and `alg`.
    pub(crate) fn public_jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.kind {
            PrivateKeyKind::Rsa(key) => {
                let public = key.public_key();
                json!({
                    "kty": "RSA",
                    "n": text(public.modulus().big_endian_without_leading_zero()),
                    "e": text(public.exponent().big_endian_without_leading_zero()),
                })
            }
            PrivateKeyKind::Ec(curve, key) => {
                // An uncompressed point: 0x04, then x and y in equal parts (SEC 1 section 2.3.3).
                let point = key.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve.name(), "x": text(x), "y": text(y)})
            }
            PrivateKeyKind::Ed25519(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(key.public_key().as_ref())})
            }
        }
    }
}

impl PrivateKeyKind {
    fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        let lines = if text.contains('\n') {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.replace("\\n", "\n"))
        };
        let lines = Zeroizing::new(lines.into_owned());
        if lines.contains("ENCRYPTED") {
            return Err(PrivateKeyError::Encrypted);
        }
        let mut others = 0;
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(lines.as_bytes()) {
            let (section, der) = section.map_err(|_| PrivateKeyError::Lines)?;
            let der = Zeroizing::new(der);
            let key = match section {
                SectionKind::RsaPrivateKey => RsaKeyPair::from_der(&der).ok().map(Self::Rsa),
                SectionKind::EcPrivateKey => Self::ec(&der),
                SectionKind::PrivateKey => Self::from_pkcs8(&der),
                _ => {
                    others += 1;
                    continue;
                }
            };
            return key.ok_or(PrivateKeyError::Unsupported);
        }
        Err(if others > 0 { PrivateKeyError::Public } else { PrivateKeyError::Neither })
    }

    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let rsa = || RsaKeyPair::from_pkcs8(der).ok().map(Self::Rsa);
        // The first version of PKCS#8, which OpenSSL writes, has no public key to compare.
        let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Self::Ed25519);
        rsa().or_else(|| Self::ec(der)).or_else(ed25519)
    }

    fn ec(der: &[u8]) -> Option<Self> {
        Curve::ALL.into_iter().find_map(|curve| {
            let key = EcdsaKeyPair::from_private_key_der(curve.signing(), der).ok()?;
            Some(Self::Ec(curve, key))
        })
    }

    fn from_jwk(jwk: &Jwk<'_>) -> Option<Self> {
        match (jwk.kty.as_ref(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                let public_key = PublicKeyComponents { n: jwk.n.bytes()?, e: jwk.e.bytes()? };
                let components = KeyPairComponents {
                    public_key,
                    d: jwk.d.bytes()?,
                    p: jwk.p.bytes()?,
                    q: jwk.q.bytes()?,
                    dP: jwk.dp.bytes()?,
                    dQ: jwk.dq.bytes()?,
                    qInv: jwk.qi.bytes()?,
                };
                RsaKeyPair::from_components(&components).ok().map(Self::Rsa)
            }
            ("EC", Some(name)) => {
                let curve = Curve::ALL.into_iter().find(|curve| curve.name() == name)?;
                let point = [&[4], jwk.x.bytes()?.as_slice(), jwk.y.bytes()?.as_slice()].concat();
                let d = jwk.d.bytes()?;
                EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), &d, &point)
                    .ok()
                    .map(|key| Self::Ec(curve, key))
            }
            ("OKP", Some("Ed25519")) => {
                let (d, x) = (jwk.d.bytes()?, jwk.x.bytes()?);
                Ed25519KeyPair::from_seed_and_public_key(&d, &x).ok().map(Self::Ed25519)
            }
            _ => None,
        }
    }

    /// The human-readable name of the kind.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec(Curve::P256, _) => "EC (P-256)",
            Self::Ec(Curve::P384, _) => "EC (P-384)",
            Self::Ec(Curve::P521, _) => "EC (P-521)",
            Self::Ed25519(_) => "Ed25519",
        }
    }
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// `crv` of a JSON Web Key.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    pub(crate) fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.kind.name())
    }
}

/// The members of a private key (RFC 7518 section 6). The RSA members that only speed up
/// computation are optional there, but required here: every program writes them.
#[derive(Deserialize)]
struct Jwk<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(borrow)]
    crv: Option<Cow<'a, str>>,
    n: Option<Base64Url>,
    e: Option<Base64Url>,
    x: Option<Base64Url>,
    y: Option<Base64Url>,
    d: Option<Base64Url>,
    p: Option<Base64Url>,
    q: Option<Base64Url>,
    dp: Option<Base64Url>,
    dq: Option<Base64Url>,
    qi: Option<Base64Url>,
}

/// A member in base64url, overwritten when it is dropped.
#[derive(Deserialize)]
struct Base64Url(Secret);

trait Bytes {
    fn bytes(&self) -> Option<Zeroizing<Vec<u8>>>;
}

impl Bytes for Option<Base64Url> {
    fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        URL_SAFE_NO_PAD.decode(self.as_ref()?.0.expose()).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! key_file {
        ($name:literal) => {
            include_str!(concat!("fixtures/keys/", $name))
        };
    }

    /// One key of each kind, in every form that OpenSSL writes, and as a JSON Web Key that another
    /// library wrote.
    const KEYS: [(&str, &[&str], &str); 5] = [
        (
            "RSA",
            &[key_file!("rsa-pkcs8.pem"), key_file!("rsa-pkcs1.pem")],
            key_file!("rsa.jwk.json"),
        ),
        (
            "EC (P-256)",
            &[key_file!("p256-pkcs8.pem"), key_file!("p256-sec1.pem")],
            key_file!("p256.jwk.json"),
        ),
        (
            "EC (P-384)",
            &[key_file!("p384-pkcs8.pem"), key_file!("p384-sec1.pem")],
            key_file!("p384.jwk.json"),
        ),
        (
            "EC (P-521)",
            &[key_file!("p521-pkcs8.pem"), key_file!("p521-sec1.pem")],
            key_file!("p521.jwk.json"),
        ),
        ("Ed25519", &[key_file!("ed25519-pkcs8.pem")], key_file!("ed25519.jwk.json")),
    ];

    fn parse(text: &str) -> Result<PrivateKey, PrivateKeyError> {
        PrivateKey::parse(&Secret::from(text))
    }

    fn refused(text: &str) -> PrivateKeyError {
        parse(text).map(|key| key.kind.name()).expect_err("no key")
    }

    /// The public members of a JSON Web Key.
    fn public_part(jwk: &str) -> Value {
        let mut jwk: Value = serde_json::from_str(jwk).unwrap();
        let members = jwk.as_object_mut().unwrap();
        members.retain(|name, _| ["kty", "crv", "n", "e", "x", "y"].contains(&name.as_str()));
        jwk
    }

    #[test]
    fn every_form_of_a_key_is_the_same_key() {
        for (name, pems, jwk) in KEYS {
            for text in pems.iter().chain([&jwk]) {
                let key = parse(text).unwrap();
                assert_eq!(key.kind.name(), name);
                assert_eq!(key.public_jwk(), public_part(jwk), "{name}");
            }
        }
    }

    #[test]
    fn json_web_key_brings_its_id_and_algorithm() {
        let mut jwk: Value = serde_json::from_str(key_file!("p256.jwk.json")).unwrap();
        jwk["alg"] = json!("ES256");
        let key = parse(&jwk.to_string()).unwrap();
        assert_eq!(key.key_id.as_deref(), Some("the p256 key"));
        assert_eq!(key.only_for.as_deref(), Some("ES256"));
        let key = parse(key_file!("p256-pkcs8.pem")).unwrap();
        assert_eq!((key.key_id, key.only_for), (None, None));
    }

    #[test]
    fn pem_may_be_one_line_in_an_environment_variable() {
        let pem = key_file!("ed25519-pkcs8.pem");
        assert!(parse(&pem.trim().replace('\n', "\\n")).is_ok());
        assert!(parse(&format!("\n  {pem}\n\n")).is_ok());
        assert!(parse(&pem.replace('\n', "\r\n")).is_ok());
        assert_eq!(refused(&pem.trim().replace('\n', " ")), PrivateKeyError::Lines);
    }

    #[test]
    fn private_key_is_found_after_other_pem_blocks() {
        let public = key_file!("refused-public.pem");
        let text = format!("The key of the shop\n{public}{}", key_file!("p256-sec1.pem"));
        assert_eq!(parse(&text).unwrap().kind.name(), "EC (P-256)");
    }

    #[test]
    fn unusable_private_key_is_refused_with_the_reason() {
        let mut without_d: Value = serde_json::from_str(key_file!("p256.jwk.json")).unwrap();
        without_d["d"] = Value::Null;
        let mut foreign: Value = serde_json::from_str(key_file!("rsa.jwk.json")).unwrap();
        foreign["p"] = json!("AQAB");
        let mut moved: Value = serde_json::from_str(key_file!("p256.jwk.json")).unwrap();
        moved["x"] = moved["y"].clone();
        for (text, reason) in [
            ("", PrivateKeyError::Neither),
            ("hunter2", PrivateKeyError::Neither),
            (key_file!("refused-encrypted.pem"), PrivateKeyError::Encrypted),
            (key_file!("refused-encrypted-pkcs1.pem"), PrivateKeyError::Encrypted),
            (key_file!("refused-public.pem"), PrivateKeyError::Public),
            (&without_d.to_string(), PrivateKeyError::Public),
            (key_file!("refused-rsa-1024.pem"), PrivateKeyError::Unsupported),
            (key_file!("refused-secp256k1.pem"), PrivateKeyError::Unsupported),
            (key_file!("refused-x25519.pem"), PrivateKeyError::Unsupported),
            (&foreign.to_string(), PrivateKeyError::Unsupported),
            (&moved.to_string(), PrivateKeyError::Unsupported),
            (r#"{"kty":"oct","k":"c2VjcmV0"}"#, PrivateKeyError::Unsupported),
            ("{", PrivateKeyError::Unsupported),
        ] {
            assert_eq!(refused(text), reason, "{text}");
        }
        let pem = key_file!("rsa-pkcs8.pem");
        let at = pem.len() / 2;
        let cut = format!("{}{}", &pem[..at], &pem[at + 1..]);
        assert_eq!(refused(&cut), PrivateKeyError::Lines);
        let other = if &pem[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &pem[..at], &pem[at + 1..]);
        assert_eq!(refused(&changed), PrivateKeyError::Unsupported);
    }

    #[test]
    fn debug_shows_only_the_kind() {
        for (name, pems, _) in KEYS {
            assert_eq!(format!("{:?}", parse(pems[0]).unwrap()), format!("PrivateKey({name}, …)"));
        }
    }
}
