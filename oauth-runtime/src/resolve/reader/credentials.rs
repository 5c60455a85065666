//! Who the client is, and how it proves it.

use super::Reader;
use super::key::{CLIENT_ID, CLIENT_SECRET, CLIENT_SECRET_FILE, TOKEN_ENDPOINT_AUTH_METHOD};
use crate::config::{ConfigFault, FaultKind};
use crate::secret::Secret;
use crate::spec::ClientAuthMethod;

impl Reader<'_> {
    pub(in crate::resolve) fn client_id(&mut self, redirect_uri: &str) -> Option<String> {
        if let Some(setting) = self.setting(CLIENT_ID) {
            return Some(setting.text().trim().to_owned());
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
        format!("register an application {place} with the redirect URI {redirect_uri}")
    }

    /// The outer `None`: a fault was recorded. The inner one: a public client.
    pub(in crate::resolve) fn client_secret(
        &mut self,
        method: Option<ClientAuthMethod>,
        redirect_uri: &str,
    ) -> Option<Option<Secret>> {
        let is_public = method == Some(ClientAuthMethod::None);
        let (secret, file) = (self.setting(CLIENT_SECRET), self.setting(CLIENT_SECRET_FILE));
        let fault = match (secret, file) {
            (Some(_), Some(_)) => {
                let what = format!("and {} are both set", self.name_of(CLIENT_SECRET_FILE));
                self.fault(FaultKind::Conflict, CLIENT_SECRET, what).help("set one of them")
            }
            (Some(_), None) if is_public => self.secret_of_public(CLIENT_SECRET),
            (None, Some(_)) if is_public => self.secret_of_public(CLIENT_SECRET_FILE),
            (Some(setting), None) => return Some(Some(Secret::from(setting.text().trim()))),
            (None, Some(setting)) => return self.secret_in_file(setting.text()).map(Some),
            (None, None) if is_public => return Some(None),
            (None, None) => ConfigFault::missing(self.name_of(CLIENT_SECRET)).help(format!(
                "{}; {} may name a file that holds it",
                self.where_to_get(redirect_uri),
                self.name_of(CLIENT_SECRET_FILE),
            )),
        };
        self.faults.push(fault);
        None
    }

    fn secret_of_public(&self, key: super::Key) -> ConfigFault {
        let what = "is set, but the client is declared with the method `none`, which has no secret";
        self.fault(FaultKind::Conflict, key, what)
    }

    fn secret_in_file(&mut self, path: &str) -> Option<Secret> {
        let read = std::fs::read_to_string(path).map_err(|error| {
            let what = format!("names a file that cannot be read: {error}");
            self.fault(FaultKind::Unreadable, CLIENT_SECRET_FILE, what)
        });
        let text = Secret::from(self.faults.record(read)?);
        Some(Secret::from(text.expose().trim()))
    }

    /// The outer `None`: a fault was recorded. The inner one: none is stated.
    pub(in crate::resolve) fn auth_method(&mut self) -> Option<Option<ClientAuthMethod>> {
        let configured = self.member(TOKEN_ENDPOINT_AUTH_METHOD, |name| {
            ClientAuthMethod::from_name(name).ok_or_else(|| {
                let known: Vec<_> = ClientAuthMethod::ALL.iter().map(|own| own.name()).collect();
                format!("known are {}", known.join(", "))
            })
        })?;
        Some(self.winner(self.spec.token_endpoint_auth_method, configured))
    }
}
