//! Builds the clients of a registry from their declarations and the configuration.

use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::config::{Config, ConfigFault, FaultKind, Faults, Fields, key_of};
use crate::declaration::provider::AnyProvider;
use crate::declaration::spec::ProviderSpec;
use crate::deployment::{HoldsGrants, Shared};
use crate::flow::provider_client::ProviderClient;
use crate::registry::http_clients::HttpClients;
use crate::registry::paths;
use crate::settings::Settings;
use crate::url::public_url::PublicUrl;
use std::sync::Arc;

/// Builds the clients of one registry.
#[derive(Debug)]
pub struct Assembly<'a> {
    pub(super) mount: &'static str,
    pub(super) config: &'a Config,
    pub(super) public_url: Option<&'a PublicUrl>,
    pub(super) shared: Option<&'a Arc<Shared>>,
    pub(super) http: &'a HttpClients,
    pub(super) faults: &'a mut Faults,
}

impl Assembly<'_> {
    /// The client of `P`; `None` once every fault has been recorded.
    pub fn client<P: AnyProvider>(&mut self) -> Option<Client<P>> {
        let provider = P::load(&mut Fields::new(P::SPEC.name, self.config, self.faults));
        let values = provider.as_ref().map(P::placeholder_values).unwrap_or_default();
        let engine = self.engine(P::SPEC, &values);
        Some(Client::new(engine?, provider?))
    }

    /// The client of `P` if `{NAME}_CLIENT_ID` is set; `None` once every fault has been recorded.
    pub fn optional_client<P: AnyProvider>(&mut self) -> Option<Option<Client<P>>> {
        if is_configured(P::SPEC, self.config) { self.client().map(Some) } else { Some(None) }
    }

    /// The client of `P`, or its missing settings; `None` once every other fault has been recorded.
    pub fn lazy_client<P: AnyProvider>(&mut self) -> Option<LazyClient<P>> {
        let mut own = Faults::default();
        let client = Assembly { faults: &mut own, ..*self }.client::<P>();
        // If it is missing, a fault of the registry has been recorded.
        let shared = Arc::clone(self.shared?);
        match own.finish(client) {
            Ok(client) => Some(LazyClient::configured(client)),
            Err(error) if error.faults().iter().all(|one| one.kind() == FaultKind::Missing) => {
                let missing: Vec<_> = error.faults().iter().map(ConfigFault::key).collect();
                let provider = P::SPEC.name;
                tracing::info!(provider, ?missing, "an optional provider is not configured");
                Some(LazyClient::unconfigured(shared, error))
            }
            Err(error) => {
                self.faults.extend(error.faults().to_vec());
                None
            }
        }
    }

    /// The state that all clients share, if it could be built.
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.shared
    }

    fn engine(
        &mut self,
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
    ) -> Option<Arc<ProviderClient>> {
        let paths = paths(spec, self.mount, self.public_url);
        let settings = Settings::new(spec, placeholder_values, paths, self.config, self.faults);
        let settings = settings?;
        let http = self.http.of(&settings, self.config, self.faults)?;
        let shared = self.shared?;
        let client = Arc::new(ProviderClient::new(settings, Arc::clone(shared), http));
        let settings = &client.settings;
        shared.run_time.declare(Arc::clone(&settings.name), Arc::clone(&settings.binding));
        if let Ok(Some(authority)) = settings.stated_authority()
            && settings.has_login
        {
            shared.declare_authority(authority.name(), client.holder(&authority, false));
        }
        let known: Arc<dyn HoldsGrants> = client.clone();
        shared.register(Arc::downgrade(&known));
        let loaded = Arc::downgrade(&client);
        shared.loaders.add(move || Some(Box::pin(loaded.upgrade()?.load())));
        Some(client)
    }
}

pub(super) fn is_configured(spec: &ProviderSpec<'_>, config: &Config) -> bool {
    config.get(&key_of(spec.name, "CLIENT_ID")).is_some()
}
