//! Measures the validation of one ID token, from the string to the checked claims: with this
//! library, with `openidconnect`, with `openidconnect` and the keys of `aws_lc_key`, and only the
//! signature.
//!
//! ```text
//! cargo bench --package tests --features comparison
//! ```

#![allow(missing_docs, reason = "criterion generates an undocumented function")]

mod aws_lc_key;

use std::hint::black_box;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group, criterion_main};
use oauth_runtime::Secret;
use oauth_runtime::bench_internals::{Keys, Login, validate_id_token};
use oauth_runtime::error::JwsAlgorithm;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, ClientId, ClientSecret, EmptyAdditionalClaims, IdToken,
    IdTokenVerifier, IssuerUrl, JsonWebKey, JsonWebKeySet, Nonce,
};
use serde_json::{Value, json};

use crate::aws_lc_key::AwsLcKey;

const ISSUER: &str = "https://op.example";
const CLIENT_ID: &str = "bench";
const NONCE: &str = "dGhpcyBpcyBub3QgcmFuZG9tIGF0IGFsbA";
const ACCESS_TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA2YotnFZFEjr1zCsicMWpAA";

type Token = IdToken<
    EmptyAdditionalClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// An algorithm, as a type of each library.
struct Algorithm {
    own: JwsAlgorithm,
    openidconnect: CoreJwsSigningAlgorithm,
}

const ALGORITHMS: [Algorithm; 3] = [
    Algorithm {
        own: JwsAlgorithm::RS256,
        openidconnect: CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    },
    Algorithm { own: JwsAlgorithm::ES256, openidconnect: CoreJwsSigningAlgorithm::EcdsaP256Sha256 },
    Algorithm { own: JwsAlgorithm::EdDSA, openidconnect: CoreJwsSigningAlgorithm::EdDsa },
];

/// A provider with a key of each kind, like large providers.
struct Provider {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Provider {
    fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed25519: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn key_set(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [
            {"kid": "RS256", "alg": "RS256", "use": "sig", "kty": "RSA", "n": text(&rsa.n), "e": text(&rsa.e)},
            {"kid": "ES256", "alg": "ES256", "use": "sig", "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)},
            {"kid": "EdDSA", "alg": "EdDSA", "use": "sig", "kty": "OKP", "crv": "Ed25519",
             "x": text(self.ed25519.public_key().as_ref())},
        ]})
    }

    fn id_token(&self, algorithm: JwsAlgorithm, now: u64) -> String {
        let name = algorithm.name();
        let hash = if algorithm == JwsAlgorithm::EdDSA { &digest::SHA512 } else { &digest::SHA256 };
        let hash = digest::digest(hash, ACCESS_TOKEN.as_bytes());
        let header = json!({"alg": name, "kid": name, "typ": "JWT"});
        let claims = json!({
            "iss": ISSUER, "sub": "583231", "aud": CLIENT_ID, "nonce": NONCE,
            "iat": now, "exp": now + 36_000, "auth_time": now,
            "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]),
            "name": "Ada Lovelace", "preferred_username": "ada",
            "email": "ada@op.example", "email_verified": true,
        });
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = self.sign(algorithm, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, algorithm: JwsAlgorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            JwsAlgorithm::ES256 => {
                self.ec.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
            }
            JwsAlgorithm::EdDSA => self.ed25519.sign(message).as_ref().to_vec(),
            _ => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }
}

/// The verifier of `openidconnect`, built once, with either kind of key.
fn verifier<K>(key_set: &Value, algorithm: &CoreJwsSigningAlgorithm) -> IdTokenVerifier<'static, K>
where
    K: JsonWebKey<SigningAlgorithm = CoreJwsSigningAlgorithm>,
{
    let keys = key_set["keys"].as_array().unwrap().iter();
    let keys = keys.map(|key| serde_json::from_value(key.clone()).unwrap()).collect();
    IdTokenVerifier::new_confidential_client(
        ClientId::new(CLIENT_ID.to_owned()),
        ClientSecret::new("secret".to_owned()),
        IssuerUrl::new(ISSUER.to_owned()).unwrap(),
        JsonWebKeySet::new(keys),
    )
    .set_allowed_algs([algorithm.clone()])
}

/// Validates an ID token as in the documentation of `openidconnect`: its claims, then `at_hash`.
fn validate<K>(
    compact: &str,
    verifier: &IdTokenVerifier<'_, K>,
    nonce: &Nonce,
    access_token: &AccessToken,
) where
    K: JsonWebKey<SigningAlgorithm = CoreJwsSigningAlgorithm>,
{
    let token = Token::from_str(compact).unwrap();
    let claims = token.claims(verifier, nonce).unwrap();
    let expected = claims.access_token_hash().unwrap();
    let key = token.signing_key(verifier).unwrap();
    let actual =
        AccessTokenHash::from_token(access_token, token.signing_alg().unwrap(), key).unwrap();
    assert_eq!(actual, *expected);
    black_box(claims);
}

fn id_token(criterion: &mut Criterion) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let provider = Provider::new();
    let key_set = provider.key_set();
    for algorithm in ALGORITHMS {
        let compact = provider.id_token(algorithm.own, now);
        let mut group = criterion.benchmark_group(algorithm.own.name());

        let (message, signature) = compact.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = AwsLcKey::of(&key_set, algorithm.own.name());
        group.bench_function("only the signature", |bencher| {
            bencher.iter(|| {
                key.verify(black_box(message.as_bytes()), black_box(&signature)).unwrap();
            });
        });

        let keys = Keys::parse(key_set.to_string().as_bytes()).unwrap();
        let access_token = Secret::from(ACCESS_TOKEN);
        let login = Login {
            issuer: ISSUER,
            client_id: CLIENT_ID,
            nonce: NONCE,
            access_token: &access_token,
            now,
        };
        let secret = Secret::from(compact.as_str());
        group.bench_function("oauth-runtime", |bencher| {
            bencher.iter(|| {
                validate_id_token(black_box(&secret), &keys, algorithm.own, &login).unwrap()
            });
        });

        let nonce = Nonce::new(NONCE.to_owned());
        let access_token = AccessToken::new(ACCESS_TOKEN.to_owned());
        let aws_lc = verifier::<AwsLcKey>(&key_set, &algorithm.openidconnect);
        group.bench_function("openidconnect with aws-lc-rs", |bencher| {
            bencher.iter(|| validate(black_box(&compact), &aws_lc, &nonce, &access_token));
        });

        let core = verifier::<CoreJsonWebKey>(&key_set, &algorithm.openidconnect);
        group.bench_function("openidconnect", |bencher| {
            bencher.iter(|| validate(black_box(&compact), &core, &nonce, &access_token));
        });
        group.finish();
    }
}

criterion_group!(benches, id_token);
criterion_main!(benches);
