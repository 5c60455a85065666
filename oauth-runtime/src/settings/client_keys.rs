//! The client's own keys: read from the configuration, and used as declared.

use std::sync::Arc;

use serde_json::{Value, json};

use super::reader::Reader;
use super::reader::key::{
    DECRYPTION_KEY, DECRYPTION_KEY_FILE, Key, PRIVATE_KEY, PRIVATE_KEY_FILE, PRIVATE_KEY_ID,
    TEAM_ID,
};
use crate::config::{ConfigFault, FaultKind};
use crate::declaration::spec::ClientAuthMethod;
use crate::protocol::jwe::{
    ContentEncryption, Decryption, DecryptionKey, Encryption, KeyManagement,
};
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::oauth1::rsa_key::RsaKey;
use crate::protocol::private_key::PrivateKey;
use crate::protocol::signing_key::SigningKey;

/// The keys of the client, each for one purpose.
#[derive(Debug, Default)]
pub(crate) struct ClientKeys {
    /// The signing key; present if the client authentication method needs one.
    signing: Option<Arc<PrivateKey>>,
    key_id: Option<String>,
    /// As declared; the key supports it.
    algorithm: Option<JwsAlgorithm>,
    /// Apple's identifier of the key's owner.
    pub(super) team_id: Option<String>,
    /// The decryption key, kept for its public part.
    decryption: Option<PrivateKey>,
    /// Decrypts ID tokens; `None` if they are not encrypted.
    pub(crate) id_token: Option<Decryption>,
    /// Decrypts userinfo responses; `None` if they are not encrypted.
    pub(crate) userinfo: Option<Decryption>,
}

impl ClientKeys {
    /// The key with the declared algorithm; or with the first one that it supports and the provider
    /// lists; or with its usual one. `None` if no private key is configured.
    pub(crate) fn signing_key(&self, published: &[String]) -> Option<SigningKey> {
        let key = self.signing.as_ref()?;
        let possible = key.signing_algorithms();
        let is_listed = |own: &&JwsAlgorithm| published.iter().any(|name| name == own.name());
        let listed = possible.iter().find(is_listed).or(possible.first()).copied();
        SigningKey::new(Arc::clone(key), self.key_id.clone(), self.algorithm.or(listed)?)
    }

    /// Whether a private key is configured.
    pub(super) fn is_there(&self) -> bool {
        self.signing.is_some()
    }

    /// The private key, if it is an RSA key.
    pub(super) fn rsa_key(&self) -> Option<RsaKey> {
        RsaKey::new(Arc::clone(self.signing.as_ref()?))
    }

    /// The public keys as a JSON Web Key Set (RFC 7517 section 5).
    pub(crate) fn jwks(&self) -> Value {
        let signing = self.signing.as_ref().map(|key| {
            let possible = key.signing_algorithms();
            let only = (possible.len() == 1).then(|| possible.first().copied()).flatten();
            let algorithm = self.algorithm.or(only).map(JwsAlgorithm::name);
            public_jwk(key, self.key_id.as_deref(), "sig", algorithm)
        });
        let decryption = self.decryption.as_ref().map(|key| {
            let mut names: Vec<_> = [&self.id_token, &self.userinfo]
                .into_iter()
                .flatten()
                .map(|decryption| decryption.declared.key_management.name())
                .collect();
            names.dedup();
            let only = if let [only] = names.as_slice() { Some(*only) } else { None };
            public_jwk(key, None, "enc", only)
        });
        json!({ "keys": signing.into_iter().chain(decryption).collect::<Vec<_>>() })
    }
}

fn public_jwk(key: &PrivateKey, key_id: Option<&str>, usage: &str, alg: Option<&str>) -> Value {
    let mut jwk = key.public_jwk();
    jwk["use"] = json!(usage);
    if let Some(alg) = alg {
        jwk["alg"] = json!(alg);
    }
    if let Some(key_id) = key_id.or(key.key_id.as_deref()) {
        jwk["kid"] = json!(key_id);
    }
    jwk
}

impl Reader<'_> {
    /// The client's keys; `None` once every fault has been recorded.
    pub(super) fn client_keys(&mut self, method: Option<ClientAuthMethod>) -> Option<ClientKeys> {
        let signing = self.private_key(method);
        let is_apple = method == Some(ClientAuthMethod::AppleJwt);
        let team_id =
            self.identifier(TEAM_ID, is_apple, "it is shown on the page of your membership");
        let key_id =
            self.identifier(PRIVATE_KEY_ID, is_apple, "it is shown on the page of the key");
        let decryption = self.decryption_key();
        let signing = signing?;
        let algorithm = match &signing {
            Some(key) => self.key_algorithm(key, method)?,
            None => None,
        };
        let (decryption, key) = decryption?.unzip();
        let spec = self.spec;
        let id_token = self.decryption(
            key.as_ref(),
            spec.id_token_encrypted_response_alg,
            spec.id_token_encrypted_response_enc,
        );
        let userinfo = self.decryption(
            key.as_ref(),
            spec.userinfo_encrypted_response_alg,
            spec.userinfo_encrypted_response_enc,
        );
        Some(ClientKeys {
            signing,
            key_id: key_id?,
            algorithm,
            team_id: team_id?,
            decryption,
            id_token: id_token?,
            userinfo: userinfo?,
        })
    }

    /// The key to which the provider encrypts. The outer `None`: a fault was recorded.
    fn decryption_key(&mut self) -> Option<Option<(PrivateKey, Arc<DecryptionKey>)>> {
        let Some((key, text)) = self.text_or_file(DECRYPTION_KEY, DECRYPTION_KEY_FILE)? else {
            let declared = self.spec.id_token_encrypted_response_alg;
            let Some(declared) = declared.or(self.spec.userinfo_encrypted_response_alg) else {
                return Some(None);
            };
            let make = if declared.starts_with("RSA") {
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072"
            } else {
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
            };
            let help = format!(
                "{declared} needs it: make one with `{make}` and register its public key with the provider; {} may name the file",
                self.name_of(DECRYPTION_KEY_FILE),
            );
            self.faults.push(ConfigFault::missing(self.name_of(DECRYPTION_KEY)).help(help));
            return None;
        };
        let parsed = PrivateKey::parse(&text).map_err(|why| format!("is not a private key: {why}"));
        let both = parsed.and_then(|private| match DecryptionKey::new(&private) {
            Some(decrypting) => Ok((private, Arc::new(decrypting))),
            None => Err(format!("is a key of the kind {}, which only signs", private.kind.name())),
        });
        let both = both.map_err(|what| self.fault(FaultKind::Malformed, key, what));
        self.faults.record(both).map(Some)
    }

    /// The declared decryption with the key that supports it. The outer `None`: a fault was
    /// recorded.
    fn decryption(
        &mut self,
        key: Option<&Arc<DecryptionKey>>,
        alg: Option<&str>,
        enc: Option<&str>,
    ) -> Option<Option<Decryption>> {
        let (Some(alg), Some(key)) = (alg, key) else { return Some(None) };
        // The default of OpenID Connect Dynamic Client Registration 1.0 section 2.
        let enc = enc.unwrap_or("A128CBC-HS256");
        let declared = KeyManagement::from_name(alg)
            .filter(|alg| alg.fits(key))
            .zip(ContentEncryption::from_name(enc));
        let Some((key_management, content)) = declared else {
            let what = format!("cannot decrypt the declared {alg} with {enc}");
            self.faults.push(self.fault(FaultKind::Conflict, DECRYPTION_KEY, what));
            return None;
        };
        let declared = Encryption { key_management, content };
        Some(Some(Decryption { key: Arc::clone(key), declared }))
    }

    /// The outer `None`: a fault was recorded.
    fn private_key(&mut self, method: Option<ClientAuthMethod>) -> Option<Option<Arc<PrivateKey>>> {
        let Some((key, text)) = self.text_or_file(PRIVATE_KEY, PRIVATE_KEY_FILE)? else {
            let Some(method) = method.filter(|method| method.needs_private_key()) else {
                return Some(None);
            };
            let source = match method {
                ClientAuthMethod::AppleJwt => {
                    "download it at https://developer.apple.com/account/resources/authkeys/list"
                }
                _ => {
                    "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` and register its public key with the provider"
                }
            };
            let help = format!(
                "`{}` needs it: {source}{}",
                method.name(),
                self.or_file(PRIVATE_KEY_FILE),
            );
            self.faults.push(ConfigFault::missing(self.name_of(PRIVATE_KEY)).help(help));
            return None;
        };
        let parsed = PrivateKey::parse(&text).map_err(|why| {
            self.fault(FaultKind::Malformed, key, format!("is not a private key: {why}"))
        });
        Some(Some(Arc::new(self.faults.record(parsed)?)))
    }

    /// The outer `None`: the key does not support the declared algorithm.
    fn key_algorithm(
        &mut self,
        key: &PrivateKey,
        method: Option<ClientAuthMethod>,
    ) -> Option<Option<JwsAlgorithm>> {
        let declared = match (method, self.spec.token_endpoint_auth_signing_alg) {
            (Some(ClientAuthMethod::AppleJwt), _) => Some("ES256"),
            // It is signed with the client secret.
            (Some(ClientAuthMethod::ClientSecretJwt), _) => None,
            (_, declared) => declared,
        };
        let possible = key.signing_algorithms();
        let Some(name) = declared.or(possible.is_empty().then_some("anything")) else {
            return Some(None);
        };
        let algorithm = JwsAlgorithm::from_name(name).filter(|alg| possible.contains(alg));
        if algorithm.is_none() {
            let names: Vec<_> = possible.iter().map(|alg| alg.name()).collect();
            let what = match names.as_slice() {
                [] => "is not for signing, according to its `alg`".to_owned(),
                names => format!(
                    "is a key of the kind {}, which signs with {}, but not with {name}",
                    key.kind.name(),
                    names.join(", "),
                ),
            };
            self.faults.push(self.fault(FaultKind::Conflict, PRIVATE_KEY, what));
            return None;
        }
        Some(algorithm)
    }

    /// The outer `None`: it is required and missing.
    fn identifier(
        &mut self,
        key: Key,
        is_required: bool,
        where_to_find: &str,
    ) -> Option<Option<String>> {
        let found = self.setting(key).map(|setting| setting.text().to_owned());
        if found.is_none() && is_required {
            let fault = ConfigFault::missing(self.name_of(key));
            self.faults.push(fault.help(format!(
                "`apple_jwt` needs it: {where_to_find} at https://developer.apple.com/account"
            )));
            return None;
        }
        Some(found)
    }
}
