//! Providers that are known only at run time: added, replaced and removed while the application
//! runs.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::client::Client;
use crate::config::{ConfigError, ConfigFault, FaultKind, Faults, Fields};
use crate::declaration::capabilities::{AnyProtocol, Capabilities, Identified};
use crate::declaration::provider::AnyProvider;
use crate::declaration::run_time::ProviderDescription;
use crate::declaration::spec::{ProviderSpec, RegistrySpec};
use crate::deployment::{HoldsGrants, ProviderEntry, ProviderLink, Shared};
use crate::error::{BrowserError, OAuthError};
use crate::flow::provider_client::ProviderClient;
use crate::identity::user_info::UserInfo;
use crate::pages::color::Color;
use crate::registry::check::check_store_of_logouts;
use crate::registry::{Assembly, OAuthRegistry, paths};
use crate::settings::Settings;
use crate::sync::lock::RwLock;

/// Maximum number of providers in one collection: the state of each is bounded, and so is the
/// total.
const MAX_PROVIDERS: usize = 10_000;

/// A provider that is known only at run time: the `P` of its [`Client<P>`], of its
/// [`Login<P>`](crate::Login) and of other generic types.
///
/// Only the value knows which provider it is and whether it speaks OpenID Connect.
#[derive(Debug)]
pub struct RuntimeProvider {
    name: Arc<str>,
    display_name: String,
    /// The colour of its button.
    color: Color,
}

impl RuntimeProvider {
    /// Name in routes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name that users see.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }
}

impl AnyProvider for RuntimeProvider {
    /// Empty: one type represents many providers.
    const SPEC: &'static ProviderSpec<'static> = &ProviderSpec::DEFAULT;

    /// All. Methods that ask for an ID token return none for an OAuth 2.0 provider, and a provider
    /// that is described without [`keep_tokens`](ProviderDescription::keep_tokens) has no stored
    /// tokens.
    type Capabilities = Capabilities<AnyProtocol, Identified, true, true>;
    type UserInfo = UserInfo;
    type Claims = UserInfo;

    fn load(fields: &mut Fields<'_>) -> Option<Self> {
        fields.refuse(
            "a field of the type `Client<RuntimeProvider>`",
            "cannot be configured: such clients are created by `RuntimeProviders::insert`",
        )
    }

    fn placeholder_values(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Providers that are added and removed while the application runs, such as those of its tenants.
/// Cheap to clone; every clone is the same collection.
///
/// It can share the sessions, store and keys of a [registry](Self::beside) of declared providers.
/// An independent collection is built like a registry:
///
/// ```
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::{ProviderDescription, RuntimeProviders};
///
/// let tenants = RuntimeProviders::builder().config(Config::empty()).build()?;
/// let acme = ProviderDescription::new("acme")
///     .issuer("https://login.acme.example")
///     .scopes(["openid", "email"])
///     .client_id("my-client")
///     .client_secret("s3cr3t");
/// let client = tenants.insert(acme)?;
/// assert_eq!(client.redirect_uri(), "http://localhost:3000/auth/acme/callback");
///
/// let app: Router = Router::new().merge(tenants.routes()).with_state(tenants);
/// # Ok::<_, oauth_runtime::ConfigError>(())
/// ```
///
/// See the guide [providers known at run time](crate::guide::run_time_providers).
#[derive(Clone)]
pub struct RuntimeProviders {
    shared: Arc<Shared>,
    entries: Arc<RwLock<HashMap<Arc<str>, Entry>>>,
    /// Whether there is no registry that has the shared routes.
    is_independent: bool,
}

/// A provider's description and its client.
#[derive(Clone)]
struct Entry {
    description: Arc<ProviderDescription>,
    client: Client<RuntimeProvider>,
}

impl OAuthRegistry for RuntimeProviders {
    const SPEC: &'static RegistrySpec = &RegistrySpec { mount: "/auth", providers: &[] };

    fn assemble(assembly: &mut Assembly<'_>) -> Option<Self> {
        Some(Self::new(Arc::clone(assembly.shared()?), true))
    }
}

impl RuntimeProviders {
    pub(crate) fn new(shared: Arc<Shared>, is_independent: bool) -> Self {
        Self { shared, entries: Arc::default(), is_independent }
    }

    /// Adds a provider, or replaces the one of the same name.
    ///
    /// A provider is never changed but replaced whole. If the client and all its endpoints are the
    /// same, pending logins and sessions continue: so a secret can be rotated. Otherwise both end,
    /// because the new provider must not inherit the identities of the old one. A description that
    /// equals the current one changes nothing, so a table may be read repeatedly.
    ///
    /// [`ConfigError`] with every fault; the existing provider of this name is then unchanged. A
    /// name that the registry declares cannot be used.
    pub fn insert(
        &self,
        description: ProviderDescription,
    ) -> Result<Client<RuntimeProvider>, ConfigError> {
        if let Some(entry) = self.entry(description.name())
            && *entry.description == description
            && self.is_bound(&entry.client)
        {
            return Ok(entry.client);
        }
        let mut faults = Faults::default();
        let client = self.client_of(&description, &mut faults);
        let client = faults.finish(client)?;
        let mut entries = self.entries.write();
        let name = Arc::clone(&client.engine().settings.name);
        if entries.len() >= MAX_PROVIDERS && !entries.contains_key(&name) {
            let what = format!("are the maximum: {name} cannot be added");
            let fault = ConfigFault::new(
                FaultKind::Conflict,
                format!("{MAX_PROVIDERS} providers known at run time"),
                what,
            );
            return Err(ConfigError::of(fault.help("remove unused ones")));
        }
        // Under the lock, so that the last insertion wins everywhere.
        self.claim(&client, &description).map_err(ConfigError::of)?;
        let known = self.known(&client, &description);
        self.shared.run_time.bind(Arc::clone(&name), known);
        let description = Arc::new(description);
        entries.insert(name, Entry { description, client: client.clone() });
        Ok(client)
    }

    /// Removes a provider: logins with it are no longer possible, and its sessions end. Returns
    /// `false` if there was no provider of this name.
    pub fn remove(&self, name: &str) -> bool {
        let mut entries = self.entries.write();
        let is_removed = entries.remove(name).is_some();
        if is_removed {
            self.shared.run_time.release(name);
            self.shared.authorities.release(name);
        }
        is_removed
    }

    /// Returns the client of a provider. The name may be untrusted, such as from a URL.
    pub fn get(&self, name: &str) -> Option<Client<RuntimeProvider>> {
        self.entry(name).map(|entry| entry.client)
    }

    /// Like [`get`](Self::get), for a handler: Authlib's `create_client`.
    ///
    /// # Errors
    /// [`BrowserError::UnknownProvider`], whose response has the status 404.
    pub fn client(&self, name: &str) -> Result<Client<RuntimeProvider>, OAuthError> {
        self.get(name).ok_or_else(|| BrowserError::UnknownProvider.into())
    }

    /// The names of all providers in alphabetical order.
    pub fn names(&self) -> Vec<Arc<str>> {
        let entries = self.entries.read();
        let mut names: Vec<_> = entries.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn is_independent(&self) -> bool {
        self.is_independent
    }

    fn entry(&self, name: &str) -> Option<Entry> {
        self.entries.read().get(name).cloned()
    }

    /// Whether sessions of this client are current. They are not once a declared provider has its
    /// users.
    fn is_bound(&self, client: &Client<RuntimeProvider>) -> bool {
        let settings = &client.engine().settings;
        self.shared.is_current(&settings.name, &settings.binding)
    }

    /// Ensures that no other provider yields the same identities.
    fn claim(
        &self,
        client: &Client<RuntimeProvider>,
        description: &ProviderDescription,
    ) -> Result<(), ConfigFault> {
        let engine = client.engine();
        let name = &engine.settings.name;
        if !engine.settings.has_login {
            self.shared.authorities.release(name);
            return Ok(());
        }
        let of_key = |key| format!("{name}.{key}");
        let authority = engine.settings.stated_authority().map_err(|error| {
            let help = "state one provider's endpoints, or its issuer alone";
            ConfigFault::new(FaultKind::Conflict, of_key("userinfo_endpoint"), error.to_string())
                .help(help)
        })?;
        let Some(authority) = authority else {
            let what = "is missing: the authority for its users' identities is unknown";
            return Err(ConfigFault::new(FaultKind::Missing, of_key("issuer"), what));
        };
        if !authority.is_short() {
            let what = "is too long for the session cookie";
            return Err(ConfigFault::new(FaultKind::Malformed, of_key("issuer"), what));
        }
        let holder = engine.holder(&authority, description.is_sharing_issuer());
        self.shared.authorities.describe(authority.name(), holder).map_err(|other| {
            let what = format!(
                "identifies the users of `{}`, which belong to the provider `{other}`",
                authority.name()
            );
            ConfigFault::new(FaultKind::AuthorityTaken, of_key("issuer"), what).help(
                "remove one of them; if the issuer is right and both clients are to share its users' accounts, the application's code can call `.shares_issuer(true)`",
            )
        })
    }

    /// The properties that other parts need.
    fn known(
        &self,
        client: &Client<RuntimeProvider>,
        description: &ProviderDescription,
    ) -> ProviderEntry {
        let settings = &client.engine().settings;
        let binding = Arc::clone(&settings.binding);
        let outside = |path: &str| self.shared.public_url.outside(path);
        let connect_path = format!("{}/{}/connect", self.shared.mount, settings.name);
        let link = ProviderLink {
            name: Arc::clone(&settings.name),
            display_name: client.provider().display_name().into(),
            color: client.provider().color,
            path: outside(&settings.login_path),
            signs_in: settings.may_identify(),
            connect_path: settings.stores_connections().then(|| outside(&connect_path)),
        };
        ProviderEntry { binding, link, is_listed: description.is_listed() }
    }

    fn client_of(
        &self,
        description: &ProviderDescription,
        faults: &mut Faults,
    ) -> Option<Client<RuntimeProvider>> {
        let shared = &self.shared;
        let checked = description.check(!shared.public_url.is_https(), faults);
        if shared.run_time.is_declared(description.name()) {
            let what = format!("`{}` is the name of a declared provider", description.name());
            let fault = ConfigFault::new(FaultKind::Conflict, "name", what);
            faults.push(fault.help("choose another name"));
        }
        let checked = checked?;
        if shared.has_implied_store && description.has_backchannel_route() {
            check_store_of_logouts(description.name(), faults);
            return None;
        }
        let spec = checked.spec();
        let mut paths = paths(&spec, shared.mount, Some(&shared.public_url));
        paths.initiate_path = description
            .has_initiate_route()
            .then(|| format!("{}/{}/initiate", shared.mount, description.name()));
        let settings = Settings::new(&spec, &checked.fields, paths, &checked.config, faults)?;
        let provider = RuntimeProvider {
            name: Arc::clone(&settings.name),
            display_name: spec.display_name().to_owned(),
            color: Color::of_provider(spec.brand_color, spec.name),
        };
        let settings = match checked.identifies_as_preset() {
            true => settings.with_preset(),
            false => settings,
        };
        let engine = Arc::new(ProviderClient::new(settings, Arc::clone(shared), None));
        let known: Arc<dyn HoldsGrants> = engine.clone();
        shared.register(Arc::downgrade(&known));
        Some(Client::new(engine, provider))
    }
}

impl fmt::Debug for RuntimeProviders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RuntimeProviders").field(&self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::declaration::spec::RegistrySpec;

    #[test]
    fn provider_count_is_bounded_and_removal_frees_one() {
        let providers = RuntimeProviders::builder().config(Config::empty()).build().unwrap();
        let tenant = |number: usize| {
            ProviderDescription::new(format!("t{number}"))
                .issuer("https://acme.example")
                .scopes(["openid"])
                .client_id("id")
                .client_secret("secret")
        };
        for number in 0..MAX_PROVIDERS {
            providers.insert(tenant(number)).unwrap();
        }
        let error = providers.insert(tenant(MAX_PROVIDERS)).unwrap_err();
        assert!(
            error.to_string().contains("10000 providers known at run time are the maximum"),
            "{error}"
        );
        // An existing one may be replaced.
        assert!(providers.insert(tenant(0).leeway(5)).is_ok());
        assert!(providers.remove("t1"));
        assert!(providers.insert(tenant(MAX_PROVIDERS)).is_ok());
        assert_eq!(providers.names().len(), MAX_PROVIDERS);
    }

    /// Each purpose has a separate key, whatever else the sealed string is bound to.
    #[test]
    fn what_is_sealed_for_one_purpose_opens_for_no_other() {
        let providers = RuntimeProviders::builder().config(Config::empty()).build().unwrap();
        let shared = providers.shared();
        let sealers = [
            &shared.pending_logins,
            &shared.scope_requests,
            &shared.pending_logouts,
            &shared.sessions,
        ];
        for (own, sealer) in sealers.iter().enumerate() {
            let sealed = sealer.seal("one context", b"plain").unwrap();
            for (other, opener) in sealers.iter().enumerate() {
                let opened = opener.open("one context", &sealed);
                assert_eq!(opened.is_some(), own == other, "{sealer:?} {opener:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "`RuntimeProvider` is not a declared provider")]
    fn it_is_no_field_of_a_registry() {
        let spec = RegistrySpec { mount: "/auth", providers: &[RuntimeProvider::SPEC] };
        crate::declaration::collisions::Collisions::of(&spec).check(&spec, 0);
    }
}
