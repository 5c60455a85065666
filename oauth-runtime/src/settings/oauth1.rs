//! The settings of an OAuth 1.0a client in addition to its endpoints: how it signs, and with which
//! key.

use super::reader::Reader;
use super::reader::key::{PRIVATE_KEY, REALM, SIGNATURE_METHOD, SIGNATURE_TYPE};
use super::{ClientKeys, Endpoints, Params};
use crate::config::{ConfigFault, FaultKind};
use crate::crypto::secret::Secret;
use crate::declaration::spec::{ParameterTransmission, SignatureMethod};
use crate::protocol::endpoint_kind::EndpointKind;
#[cfg(feature = "rsa-sha1")]
use crate::protocol::oauth1::rsa_key::RsaSha1Key;
use crate::protocol::oauth1::signature::SignatureKey;
use crate::protocol::oauth1::signed_request::Signer;
use crate::url::endpoint::EndpointUrl;

/// The additional settings of OAuth 1.0a logins.
#[derive(Debug)]
pub(crate) struct OAuth1 {
    pub(crate) signer: Signer,
    pub(crate) temporary_credential_endpoint: EndpointUrl,
    pub(crate) authorization_endpoint: EndpointUrl,
    /// `realm` of the temporary credential request, if it has its own.
    pub(crate) temporary_credential_realm: Option<String>,
    /// Extra parameters of the temporary credential request.
    pub(crate) temporary_credential_params: Vec<(String, String)>,
}

/// The signature settings, before the client's secret and key are known.
pub(super) struct Signing {
    pub(super) method: SignatureMethod,
    transmission: ParameterTransmission,
    realm: Option<String>,
}

impl Reader<'_> {
    /// How requests are signed; `None` once every fault has been recorded.
    pub(super) fn signing(&mut self) -> Option<Signing> {
        let method = self.signature_method();
        let transmission = self.parameter_transmission();
        let realm = self.realm();
        Some(Signing { method: method?, transmission: transmission?, realm: realm? })
    }

    fn signature_method(&mut self) -> Option<SignatureMethod> {
        let configured = self.member(SIGNATURE_METHOD, |name| {
            let method = SignatureMethod::ALL.into_iter().find(|method| method.name() == name);
            match method {
                Some(SignatureMethod::RsaSha1) if !cfg!(feature = "rsa-sha1") => {
                    Err("it needs the feature `rsa-sha1` of oauth-runtime".to_owned())
                }
                Some(method) => Ok(method),
                None => {
                    let known = SignatureMethod::ALL.map(SignatureMethod::name);
                    Err(format!("expected one of {}", known.join(", ")))
                }
            }
        })?;
        let method = self.winner(self.spec.signature_method, configured);
        Some(method.unwrap_or(SignatureMethod::HmacSha1))
    }

    fn parameter_transmission(&mut self) -> Option<ParameterTransmission> {
        let configured = self.member(SIGNATURE_TYPE, |name| {
            let all = ParameterTransmission::ALL;
            all.into_iter().find(|own| own.name() == name).ok_or_else(|| {
                format!("expected one of {}", all.map(ParameterTransmission::name).join(", "))
            })
        })?;
        let transmission = self.winner(self.spec.parameter_transmission, configured);
        Some(transmission.unwrap_or(ParameterTransmission::AuthorizationHeader))
    }

    fn realm(&mut self) -> Option<Option<String>> {
        let configured = self.member(REALM, |realm| match is_realm(realm) {
            true => Ok(realm.to_owned()),
            false => {
                Err("it must not contain quotes, backslashes or non-ASCII characters".to_owned())
            }
        })?;
        Some(self.winner(self.spec.realm.map(str::to_owned), configured))
    }

    /// `None` once every fault has been recorded.
    pub(super) fn oauth1(
        &mut self,
        signing: Signing,
        client_id: &str,
        client_secret: Option<&Secret>,
        keys: &ClientKeys,
        endpoints: &Endpoints,
        params: &Params,
    ) -> Option<OAuth1> {
        if signing.method == SignatureMethod::Plaintext {
            self.check_https(endpoints)?;
        }
        let key = self.signature_key(signing.method, client_secret, keys)?;
        let (client_id, transmission) = (client_id.to_owned(), signing.transmission);
        let own = params.of(EndpointKind::TemporaryCredentials);
        let is_realm = |(name, _): &&(String, String)| name == "realm";
        Some(OAuth1 {
            signer: Signer { client_id, key, transmission, realm: signing.realm },
            temporary_credential_endpoint: endpoints
                .get(EndpointKind::TemporaryCredentials)?
                .clone(),
            authorization_endpoint: endpoints.get(EndpointKind::Authorization)?.clone(),
            temporary_credential_realm: own.iter().find(is_realm).map(|(_, realm)| realm.clone()),
            temporary_credential_params: own
                .iter()
                .filter(|param| !is_realm(param))
                .cloned()
                .collect(),
        })
    }

    fn signature_key(
        &mut self,
        method: SignatureMethod,
        client_secret: Option<&Secret>,
        keys: &ClientKeys,
    ) -> Option<SignatureKey> {
        let secret = client_secret.cloned();
        if !method.needs_private_key() {
            return Some(match method {
                SignatureMethod::HmacSha256 => SignatureKey::HmacSha256(secret?),
                SignatureMethod::Plaintext => SignatureKey::Plaintext(secret?),
                _ => SignatureKey::HmacSha1(secret?),
            });
        }
        let Some(rsa) = keys.rsa_key() else {
            let fault = match keys.is_there() {
                true => self.fault(FaultKind::Conflict, PRIVATE_KEY, "is not an RSA key"),
                false => ConfigFault::missing(self.name_of(PRIVATE_KEY)),
            };
            let help = format!(
                "`{}` needs an RSA key: make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` \
                 and register its public key with the provider; {}_FILE may name the file",
                method.name(),
                self.name_of(PRIVATE_KEY),
            );
            self.faults.push(fault.help(help));
            return None;
        };
        match method {
            #[cfg(feature = "rsa-sha1")]
            SignatureMethod::RsaSha1 => RsaSha1Key::new(&rsa).map(SignatureKey::RsaSha1),
            #[cfg(not(feature = "rsa-sha1"))]
            SignatureMethod::RsaSha1 => {
                let what = "says `RSA-SHA1`, which needs the feature `rsa-sha1` of oauth-runtime";
                self.faults.push(self.fault(FaultKind::Conflict, SIGNATURE_METHOD, what));
                None
            }
            _ => Some(SignatureKey::RsaSha256(rsa)),
        }
    }

    /// PLAINTEXT sends the secrets themselves (RFC 5849 section 3.4.4), so not even loopback may
    /// use plain http.
    fn check_https(&mut self, endpoints: &Endpoints) -> Option<()> {
        let plain = endpoints.0.iter().find(|(_, url)| url.url().scheme() != "https");
        let Some((endpoint, url)) = plain else { return Some(()) };
        let what = format!("is PLAINTEXT, and the {endpoint} is `{url}`");
        let fault = self.fault(FaultKind::Conflict, SIGNATURE_METHOD, what);
        self.faults.push(fault.help("PLAINTEXT sends the secrets themselves and requires https"));
        None
    }
}

/// Whether a quoted string of a header can hold the text unescaped.
fn is_realm(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')
}
