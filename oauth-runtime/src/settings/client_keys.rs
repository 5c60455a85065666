//! The client's own keys: read from the configuration, and used as declared.

use std::sync::Arc;

use serde_json::{Value, json};

use super::reader::Reader;
use super::reader::key::{
    DECRYPTION_KEY, DECRYPTION_KEY_FILE, ID_TOKEN_ENCRYPTED_RESPONSE_ALG,
    ID_TOKEN_ENCRYPTED_RESPONSE_ENC, Key, PRIVATE_KEY, PRIVATE_KEY_FILE, PRIVATE_KEY_ID, TEAM_ID,
    TOKEN_ENDPOINT_AUTH_SIGNING_ALG, USERINFO_ENCRYPTED_RESPONSE_ALG,
    USERINFO_ENCRYPTED_RESPONSE_ENC,
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
        let spec = self.spec;
        let id_token = self.encryption(
            (ID_TOKEN_ENCRYPTED_RESPONSE_ALG, spec.id_token_encrypted_response_alg),
            (ID_TOKEN_ENCRYPTED_RESPONSE_ENC, spec.id_token_encrypted_response_enc),
        );
        let userinfo = self.encryption(
            (USERINFO_ENCRYPTED_RESPONSE_ALG, spec.userinfo_encrypted_response_alg),
            (USERINFO_ENCRYPTED_RESPONSE_ENC, spec.userinfo_encrypted_response_enc),
        );
        let first = id_token.flatten().or(userinfo.flatten());
        let decryption = self.decryption_key(first.map(|(alg, _)| alg));
        let declared = self.assertion_algorithm(method);
        let signing = signing?;
        let algorithm = match &signing {
            Some(key) => self.key_algorithm(key, method, declared?)?,
            None => None,
        };
        let (decryption, key) = decryption?.unzip();
        let id_token = self.decryption(key.as_ref(), id_token?);
        let userinfo = self.decryption(key.as_ref(), userinfo?);
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
    fn decryption_key(
        &mut self,
        declared: Option<KeyManagement>,
    ) -> Option<Option<(PrivateKey, Arc<DecryptionKey>)>> {
        let Some((key, text)) = self.text_or_file(DECRYPTION_KEY, DECRYPTION_KEY_FILE)? else {
            let Some(declared) = declared.map(KeyManagement::name) else { return Some(None) };
            let make = if declared.starts_with("RSA") {
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072"
            } else {
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
            };
            let help = format!(
                "{declared} needs it: make one with `{make}` and register its public key with the provider{}",
                self.or_file(DECRYPTION_KEY_FILE),
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

    /// The stated algorithms of an encrypted response. The outer `None`: a fault was recorded.
    fn encryption(
        &mut self,
        (alg, declared_alg): (Key, Option<&str>),
        (enc, declared_enc): (Key, Option<&str>),
    ) -> Option<Option<(KeyManagement, Option<ContentEncryption>)>> {
        let configured_alg = self.member(alg, |name| {
            KeyManagement::from_name(name)
                .ok_or_else(|| expected(&KeyManagement::ALL.map(KeyManagement::name)))
        })?;
        let configured_enc = self.member(enc, |name| {
            ContentEncryption::from_name(name)
                .ok_or_else(|| expected(&ContentEncryption::ALL.map(ContentEncryption::name)))
        })?;
        let key_management =
            self.winner(declared_alg.and_then(KeyManagement::from_name), configured_alg);
        let content =
            self.winner(declared_enc.and_then(ContentEncryption::from_name), configured_enc);
        if key_management.is_none() && content.is_some() {
            let fault = self.fault(FaultKind::Conflict, enc, "needs a key management algorithm");
            self.faults.push(fault.help(format!("set {} too", self.name_of(alg))));
            return None;
        }
        Some(key_management.map(|alg| (alg, content)))
    }

    /// The declared decryption with the key that supports it. The outer `None`: a fault was
    /// recorded.
    fn decryption(
        &mut self,
        key: Option<&Arc<DecryptionKey>>,
        declared: Option<(KeyManagement, Option<ContentEncryption>)>,
    ) -> Option<Option<Decryption>> {
        let (Some((key_management, content)), Some(key)) = (declared, key) else {
            return Some(None);
        };
        // The default of OpenID Connect Dynamic Client Registration 1.0 section 2.
        let content = content.unwrap_or(ContentEncryption::A128CbcHs256);
        if !key_management.fits(key) {
            let (alg, enc) = (key_management.name(), content.name());
            let what = format!("cannot decrypt the declared {alg} with {enc}");
            self.faults.push(self.fault(FaultKind::Conflict, DECRYPTION_KEY, what));
            return None;
        }
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

    /// The stated algorithm of the client's assertions. The outer `None`: a fault was recorded.
    fn assertion_algorithm(
        &mut self,
        method: Option<ClientAuthMethod>,
    ) -> Option<Option<&'static str>> {
        let configured = self.member(TOKEN_ENDPOINT_AUTH_SIGNING_ALG, |name| {
            let asymmetric = JwsAlgorithm::ASYMMETRIC.map(JwsAlgorithm::name);
            let possible: &[&'static str] = match method {
                Some(ClientAuthMethod::ClientSecretJwt) => &["HS256"],
                Some(ClientAuthMethod::AppleJwt) => &["ES256"],
                Some(ClientAuthMethod::PrivateKeyJwt) => &asymmetric,
                _ => return Err("the client's authentication method does not sign".to_owned()),
            };
            let known = possible.iter().find(|own| **own == name).copied();
            known.ok_or_else(|| expected(possible))
        })?;
        let declared = self.spec.token_endpoint_auth_signing_alg.and_then(JwsAlgorithm::from_name);
        Some(self.winner(declared.map(JwsAlgorithm::name), configured))
    }

    /// The outer `None`: the key does not support the declared algorithm.
    fn key_algorithm(
        &mut self,
        key: &PrivateKey,
        method: Option<ClientAuthMethod>,
        declared: Option<&'static str>,
    ) -> Option<Option<JwsAlgorithm>> {
        let declared = match method {
            Some(ClientAuthMethod::AppleJwt) => Some("ES256"),
            // It is signed with the client secret.
            Some(ClientAuthMethod::ClientSecretJwt) => None,
            _ => declared,
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

fn expected(names: &[&str]) -> String {
    format!("expected one of {}", names.join(", "))
}
