//! The HTTP clients of a registry: one for all providers, and those of single providers.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::{Config, ConfigFault, FaultKind, Faults};
use crate::http::{HttpClient, Part, ReqwestClientBuilder};
use crate::registry::application::default_http_client;
use crate::settings::Settings;

/// The clients that the application passes.
#[derive(Clone, Default)]
pub(crate) struct HttpClients {
    all: Option<Arc<dyn HttpClient>>,
    of: HashMap<&'static str, Arc<dyn HttpClient>>,
}

impl HttpClients {
    pub(super) fn set_all(&mut self, client: Arc<dyn HttpClient>) {
        self.all = Some(client);
    }

    pub(super) fn set(&mut self, provider: &'static str, client: Arc<dyn HttpClient>) {
        self.of.insert(provider, client);
    }

    /// The client of all providers that have none of their own.
    pub(super) fn common(&self, faults: &mut Faults) -> Option<Arc<dyn HttpClient>> {
        self.all.clone().or_else(|| default_http_client(faults))
    }

    /// The client of one provider, if it is not the common one. The outer `None`: a fault was
    /// recorded.
    pub(super) fn of(
        &self,
        settings: &Settings,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Option<Arc<dyn HttpClient>>> {
        let passed = self.of.get(&*settings.name);
        let Some(key) = settings.transport.stated() else { return Some(passed.cloned()) };
        let name = |key| config.name_of(&settings.name, key);
        if passed.or(self.all.as_ref()).is_some() {
            let what = "is set, but the application passes an HTTP client of its own";
            let fault = ConfigFault::new(FaultKind::Conflict, name(key), what);
            faults.push(fault.help("configure that client in code, or do not pass one"));
            return None;
        }
        let client = ReqwestClientBuilder::of_provider(&settings.transport).build();
        let client = client.map_err(|error| {
            let key = match error.part() {
                Part::Proxy => "PROXY",
                Part::RootCertificates => "VERIFY",
                Part::Identity => "CERT",
                Part::Other => key,
            };
            let what = format!("cannot be used: {}", error.reason());
            ConfigFault::new(FaultKind::Malformed, name(key), what)
        });
        faults.record(client).map(|client| Some(Arc::new(client) as Arc<dyn HttpClient>))
    }
}

impl std::fmt::Debug for HttpClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClients").finish_non_exhaustive()
    }
}
