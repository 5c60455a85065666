//! The client's own keys: read from the configuration, and put to the use that the declaration says.

use std::sync::Arc;

use serde_json::{Value, json};

use super::reader::Reader;
use super::reader::key::{Key, PRIVATE_KEY, PRIVATE_KEY_FILE, PRIVATE_KEY_ID, TEAM_ID};
use crate::config::{ConfigFault, FaultKind};
use crate::protocol::jwk::SigningAlgorithm;
use crate::protocol::private_key::PrivateKey;
use crate::protocol::signing_key::SigningKey;
use crate::spec::ClientAuthMethod;

/// Keys that belong to the client, each for one purpose.
#[derive(Debug, Default)]
pub(crate) struct ClientKeys {
    /// Signs; there is one wherever the method of client authentication needs one.
    signing: Option<Arc<PrivateKey>>,
    key_id: Option<String>,
    /// As declared; the key can do it.
    algorithm: Option<SigningAlgorithm>,
    /// Apple's name for who owns the key.
    pub(super) team_id: Option<String>,
}

impl ClientKeys {
    /// The key with the declared algorithm; else with the first that it can do and the provider
    /// lists; else with its usual one. `None` where no private key is configured.
    pub(crate) fn signing_key(&self, published: &[String]) -> Option<SigningKey> {
        let key = self.signing.as_ref()?;
        let possible = key.signing_algorithms();
        let is_listed = |own: &&SigningAlgorithm| published.iter().any(|name| name == own.name());
        let listed = possible.iter().find(is_listed).or(possible.first()).copied();
        SigningKey::new(Arc::clone(key), self.key_id.clone(), self.algorithm.or(listed)?)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517 section 5).
    pub(crate) fn jwks(&self) -> Value {
        let signing = self.signing.as_ref().map(|key| {
            let possible = key.signing_algorithms();
            let only = (possible.len() == 1).then(|| possible.first().copied()).flatten();
            let algorithm = self.algorithm.or(only).map(SigningAlgorithm::name);
            public_jwk(key, self.key_id.as_deref(), "sig", algorithm)
        });
        json!({ "keys": signing.into_iter().collect::<Vec<_>>() })
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
            self.identifier(TEAM_ID, is_apple, "it stands on the page of your membership");
        let key_id = self.identifier(PRIVATE_KEY_ID, is_apple, "it stands on the page of the key");
        let signing = signing?;
        let algorithm = match &signing {
            Some(key) => self.key_algorithm(key, method)?,
            None => None,
        };
        Some(ClientKeys { signing, key_id: key_id?, algorithm, team_id: team_id? })
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
                "`{}` needs it: {source}; {} may name the file",
                method.name(),
                self.name_of(PRIVATE_KEY_FILE),
            );
            self.faults.push(ConfigFault::missing(self.name_of(PRIVATE_KEY)).help(help));
            return None;
        };
        let parsed = PrivateKey::parse(&text).map_err(|why| {
            self.fault(FaultKind::Malformed, key, format!("is no private key: {why}"))
        });
        Some(Some(Arc::new(self.faults.record(parsed)?)))
    }

    /// The outer `None`: the key cannot do what is declared.
    fn key_algorithm(
        &mut self,
        key: &PrivateKey,
        method: Option<ClientAuthMethod>,
    ) -> Option<Option<SigningAlgorithm>> {
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
        let algorithm = SigningAlgorithm::from_name(name).filter(|alg| possible.contains(alg));
        if algorithm.is_none() {
            let names: Vec<_> = possible.iter().map(|alg| alg.name()).collect();
            let what = match names.as_slice() {
                [] => "is for another use than signing, as its `alg` says".to_owned(),
                names => format!(
                    "is a key of the kind {}, which signs with {}, and not with {name}",
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
        let found = self.setting(key).map(|setting| setting.text().trim().to_owned());
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
