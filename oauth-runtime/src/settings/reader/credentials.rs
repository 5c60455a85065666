//! The client's identifier and credentials.

use super::Reader;
use super::key::{CLIENT_ID, CLIENT_SECRET, CLIENT_SECRET_FILE, Key, TOKEN_ENDPOINT_AUTH_METHOD};
use crate::config::{ConfigFault, FaultKind, unquoted};
use crate::crypto::secret::Secret;
use crate::declaration::spec::ClientAuthMethod;

impl Reader<'_> {
    pub(in crate::settings) fn client_id(&mut self, redirect_uri: &str) -> Option<String> {
        if let Some(setting) = self.setting(CLIENT_ID) {
            return Some(setting.text().to_owned());
        }
        let fault =
            ConfigFault::missing(self.name_of(CLIENT_ID)).help(self.where_to_get(redirect_uri));
        self.faults.push(fault);
        None
    }

    fn where_to_get(&self, redirect_uri: &str) -> String {
        let place = self.spec.registration_page.map_or_else(
            || format!("with the provider `{}`", self.spec.name),
            |page| format!("at {page}"),
        );
        if self.spec.no_login {
            return format!("register an application {place}");
        }
        format!("register an application {place} with the redirect URI {redirect_uri}")
    }

    /// The outer `None`: a fault was recorded. The inner one: the client has no secret.
    pub(in crate::settings) fn client_secret(
        &mut self,
        method: Option<ClientAuthMethod>,
        redirect_uri: &str,
    ) -> Option<Option<Secret>> {
        // Without a stated method the metadata choose among those with a secret.
        let without_secret = method
            .filter(|method| method.needs_private_key() || *method == ClientAuthMethod::None)
            .filter(|_| !self.is_signed_with_secret());
        let found = self.text_or_file(CLIENT_SECRET, CLIENT_SECRET_FILE)?;
        let fault = match (found, without_secret) {
            (Some((_, secret)), None) => return Some(Some(secret)),
            (None, Some(_)) => return Some(None),
            (Some((key, _)), Some(method)) => {
                let what = format!(
                    "is set, but the client is declared with the method `{}`, which has no secret",
                    method.name(),
                );
                self.fault(FaultKind::Conflict, key, what)
            }
            (None, None) => ConfigFault::missing(self.name_of(CLIENT_SECRET)).help(format!(
                "{}{}",
                self.where_to_get(redirect_uri),
                self.or_file(CLIENT_SECRET_FILE),
            )),
        };
        self.faults.push(fault);
        None
    }

    /// Reads a secret from the setting `key`, or from the file that the setting `file` names, with
    /// the key of the one that was set. The outer `None`: a fault was recorded.
    pub(in crate::settings) fn text_or_file(
        &mut self,
        key: Key,
        file: Key,
    ) -> Option<Option<(Key, Secret)>> {
        match (self.setting(key), self.setting(file)) {
            (None, None) => Some(None),
            (Some(setting), None) => Some(Some((key, Secret::from(setting.text())))),
            (None, Some(setting)) => {
                let read = std::fs::read_to_string(setting.text()).map_err(|error| {
                    let what = format!("names a file that cannot be read: {error}");
                    self.fault(FaultKind::Unreadable, file, what)
                });
                let text = Secret::from(self.faults.record(read)?);
                if unquoted(text.expose().trim()).is_some() {
                    let what = "names a file whose content is in quotes";
                    let fault = self.fault(FaultKind::Malformed, file, what);
                    self.faults.push(fault.help("write the value without them"));
                    return None;
                }
                Some(Some((file, Secret::from(text.expose().trim()))))
            }
            (Some(_), Some(_)) => {
                let what = format!("and {} are both set", self.name_of(file));
                let fault = self.fault(FaultKind::Conflict, key, what);
                self.faults.push(fault.help("set one of them"));
                None
            }
        }
    }

    /// The outer `None`: a fault was recorded. The inner one: none is stated.
    pub(in crate::settings) fn auth_method(&mut self) -> Option<Option<ClientAuthMethod>> {
        let configured = self.member(TOKEN_ENDPOINT_AUTH_METHOD, |name| {
            ClientAuthMethod::from_name(name).ok_or_else(|| {
                let known: Vec<_> = ClientAuthMethod::ALL.iter().map(|own| own.name()).collect();
                format!("expected one of {}", known.join(", "))
            })
        })?;
        Some(self.winner(self.spec.token_endpoint_auth_method, configured))
    }
}
