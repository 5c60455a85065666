//! The state that all clients of a registry share.

mod authorities;
mod by_type;
mod ended_sessions;
mod loaders;
mod provider_sessions;
mod run_time;
mod under_way;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, MutexGuard, OnceLock, Weak};
use std::time::Duration;

use self::authorities::Authorities;
pub(crate) use self::authorities::Holder;
use self::by_type::ByType;
use self::ended_sessions::EndedSessions;
pub(crate) use self::ended_sessions::{AtProvider, Beginning, ProviderTag, SessionMark};
use self::loaders::Loaders;
pub(crate) use self::provider_sessions::ListedSession;
pub(crate) use self::run_time::ProviderEntry;
use self::run_time::RunTimeNames;
use self::under_way::UnderWay;
pub(crate) use self::under_way::Work;
use crate::clock::Clock;
use crate::crypto::seal::{self, CookieKeys, Sealer};
use crate::declaration::client_authenticator::Authenticators;
use crate::error::OAuthError;
use crate::http::HttpClient;
use crate::pages::color::Color;
use crate::pages::settings::PageSettings;
use crate::store::{SealedStore, Store};
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;
use crate::token::hooks::HookTable;
use crate::token::owner_of::OwnerOf;
use crate::token::updated::Listeners;
use crate::url::page_path::PagePath;
use crate::url::public_url::PublicUrl;

/// The shared state that flows use.
pub(crate) struct Shared {
    pub(crate) public_url: PublicUrl,
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) store: SealedStore,
    pub(crate) clock: Clock,
    pub(crate) pending_logins: Sealer,
    pub(crate) scope_requests: Sealer,
    pub(crate) pending_logouts: Sealer,
    pub(crate) sessions: Sealer,
    pub(crate) session_lifetime: Duration,
    pub(crate) ended_sessions: EndedSessions,
    pub(crate) cookie_names: CookieNames,
    /// How pages look, and what they say.
    pub(crate) pages: PageSettings,
    pub(crate) providers: Vec<ProviderLink>,
    pub(crate) loaders: Loaders,
    pub(crate) run_time: RunTimeNames,
    /// Whether the generated routes were created; unset until known.
    pub(crate) has_routes: OnceLock<bool>,
    /// Which provider identifies the users of an issuer.
    pub(crate) authorities: Authorities,
    /// Path under which the routes are served.
    pub(crate) mount: &'static str,
    /// Whether a sign-out revokes tokens at the provider too.
    pub(crate) revokes_on_sign_out: bool,
    pub(crate) listeners: Listeners,
    pub(crate) token_hooks: HookTable,
    pub(crate) authenticators: Authenticators,
    /// The owner of tokens, if the application has sessions of its own.
    pub(crate) owner_of: Option<OwnerOf>,
    /// The application's own sign-in page, with its path as visitors see it.
    pub(crate) sign_in_page: Option<PagePath>,
    /// Refreshes of this instance, until their tokens are stored.
    pub(crate) refreshes: UnderWay,
    clients: Mutex<Vec<Weak<dyn HoldsGrants>>>,
    /// The handlers that respond if a login is needed, by the state of the application.
    pub(crate) sign_in_handlers: ByType,
    /// Whether the store is the memory of this process because no other was configured, on https.
    pub(crate) has_implied_store: bool,
    /// Name of this registry in this deployment: cookies sealed for it open for no other.
    pub(crate) realm: String,
}

/// The parts of the shared state.
pub(crate) struct Parts {
    pub(crate) public_url: PublicUrl,
    pub(crate) mount: &'static str,
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) session_lifetime: Duration,
    pub(crate) pages: PageSettings,
    pub(crate) providers: Vec<ProviderLink>,
    /// The names of all declared providers, configured or not.
    pub(crate) declared: Vec<&'static str>,
    pub(crate) revokes_on_sign_out: bool,
    pub(crate) listeners: Listeners,
    pub(crate) token_hooks: HookTable,
    pub(crate) authenticators: Authenticators,
    /// The owner of tokens, if the application has sessions of its own.
    pub(crate) owner_of: Option<OwnerOf>,
    pub(crate) has_implied_store: bool,
    /// The application's own sign-in page.
    pub(crate) sign_in_page: Option<PagePath>,
}

/// The outcome of a check of one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refreshed {
    Yes,
    No,
    Failed,
}

/// A client that holds grants: sessions that end and stored grants concern it.
pub(crate) trait HoldsGrants: Any + Send + Sync {
    /// The name in the declaration.
    fn provider(&self) -> &str;

    /// Whether a session that started with another provider can hold tokens of this one.
    fn connects_in_sessions(&self) -> bool;

    /// Refreshes the stored grant with this key, if its token is at least this many seconds old.
    /// `None` if it is not an offline grant of this client.
    fn refresh_kept(self: Arc<Self>, key: &str, age: u64) -> Option<BoxFuture<'static, Refreshed>>;

    /// Forgets the tokens of a session in memory and in the store. `revokes` says whether they are
    /// also revoked at the provider, which runs in the background.
    ///
    /// # Errors
    /// [`OAuthError::Store`].
    fn forget_tokens(
        self: Arc<Self>,
        session: &str,
        revokes: bool,
    ) -> BoxFuture<'static, Result<(), OAuthError>>;
}

/// Where a login with one configured provider starts.
#[derive(Debug, Clone)]
pub(crate) struct ProviderLink {
    pub(crate) name: Arc<str>,
    pub(crate) display_name: Arc<str>,
    pub(crate) color: Color,
    pub(crate) path: String,
    /// Whether its logins can identify a user.
    pub(crate) signs_in: bool,
    /// The route that connects an account to the user who is signed in, if the built-in end does.
    pub(crate) connect_path: Option<String>,
}

/// Names of the cookies of one registry. They differ from those of another registry on the same
/// host, and of another application on `localhost`, where ports share their cookies.
#[derive(Debug)]
pub(crate) struct CookieNames {
    pub(crate) session: String,
    /// A prefix: the attempt follows.
    pub(crate) pending_login: String,
    /// A prefix: the logout follows.
    pub(crate) pending_logout: String,
    /// The cookie of the last question for more scopes.
    pub(crate) scope_question: String,
    /// The cookie of the last used provider.
    pub(crate) last_provider: String,
}

impl Shared {
    pub(crate) fn new(parts: Parts, keys: &CookieKeys) -> Result<Self, OAuthError> {
        let realm = parts.public_url.join(parts.mount);
        Ok(Self {
            sign_in_page: parts.sign_in_page.map(|page| page.outside(&parts.public_url)),
            cookie_names: CookieNames::new(&realm, parts.public_url.is_https()),
            public_url: parts.public_url,
            http: parts.http,
            store: SealedStore::new(parts.store, keys, parts.clock.clone())?,
            clock: parts.clock,
            pending_logins: Sealer::new(keys, "pending login")?,
            scope_requests: Sealer::new(keys, "scope request")?,
            pending_logouts: Sealer::new(keys, "pending logout")?,
            sessions: Sealer::new(keys, "session")?,
            session_lifetime: parts.session_lifetime,
            ended_sessions: EndedSessions::default(),
            pages: parts.pages,
            providers: parts.providers,
            loaders: Loaders::default(),
            run_time: RunTimeNames::new(parts.declared),
            has_routes: OnceLock::new(),
            authorities: Authorities::default(),
            mount: parts.mount,
            revokes_on_sign_out: parts.revokes_on_sign_out,
            listeners: parts.listeners,
            token_hooks: parts.token_hooks,
            authenticators: parts.authenticators,
            owner_of: parts.owner_of,
            has_implied_store: parts.has_implied_store,
            refreshes: UnderWay::default(),
            clients: Mutex::default(),
            sign_in_handlers: ByType::default(),
            realm,
        })
    }

    /// Whether the provider of this name is the one that a session was started with: the same
    /// client and the same authority for its users.
    pub(crate) fn is_current(&self, provider: &str, binding: &str) -> bool {
        self.run_time.is_bound(provider, binding)
    }

    /// Records the authority of a declared provider. If it becomes known late, a description may
    /// have claimed it: then logins with that provider fail from now on, and its sessions end.
    pub(crate) fn declare_authority(&self, authority: &str, holder: Holder) {
        let name = Arc::clone(&holder.provider);
        for provider in self.authorities.declare(authority, holder) {
            let provider = &*provider;
            let declared = &*name;
            tracing::error!(
                provider,
                declared,
                authority,
                "a description claims the users of a declared provider"
            );
            self.run_time.release(provider);
        }
    }

    /// The link to a provider; without a name, the links to those that the sign-in page offers.
    pub(crate) fn links(&self, provider: Option<&str>) -> Vec<ProviderLink> {
        let fits =
            |link: &&ProviderLink| provider.map_or(link.signs_in, |name| *link.name == *name);
        let declared = self.providers.iter().filter(fits).cloned();
        declared.chain(self.run_time.links(provider)).collect()
    }

    /// Registers a client, which is notified of the end of sessions.
    pub(crate) fn register(&self, client: Weak<dyn HoldsGrants>) {
        self.clients().push(client);
    }

    /// Returns the client of a provider.
    pub(crate) fn client(&self, provider: &str) -> Option<Arc<dyn HoldsGrants>> {
        let clients = self.clients();
        clients.iter().rev().filter_map(Weak::upgrade).find(|client| client.provider() == provider)
    }

    /// The clients whose tokens a session of this provider can hold in addition to its own.
    pub(crate) fn connected_in_sessions_of(&self, provider: &str) -> Vec<Arc<dyn HoldsGrants>> {
        let clients = self.clients();
        let clients = clients.iter().filter_map(Weak::upgrade);
        let connects = |client: &Arc<dyn HoldsGrants>| {
            client.connects_in_sessions() && client.provider() != provider
        };
        clients.filter(connects).collect()
    }

    /// Forgets the tokens of accounts that are connected in a session of this provider. A failure is
    /// logged.
    pub(crate) async fn forget_connected_tokens(
        &self,
        provider: &str,
        session: &str,
        revokes: bool,
    ) {
        for client in self.connected_in_sessions_of(provider) {
            self.log_forgotten(client.forget_tokens(session, revokes).await);
        }
    }

    /// Logs that the tokens of a session could not be removed.
    pub(crate) fn log_forgotten(&self, forgotten: Result<(), OAuthError>) {
        if let Err(error) = forgotten {
            tracing::warn!(realm = self.realm, %error, "failed to remove the tokens of a session");
        }
    }

    /// Checks the record with this key, if it is a stored grant of one of the clients.
    pub(crate) fn refresh_kept(
        &self,
        key: &str,
        age: u64,
    ) -> Option<BoxFuture<'static, Refreshed>> {
        let (provider, _) = key.strip_prefix("kept:")?.split_once(':')?;
        self.client(provider)?.refresh_kept(key, age)
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Weak<dyn HoldsGrants>>> {
        let mut clients = self.clients.lock();
        clients.retain(|client| client.strong_count() > 0);
        clients
    }
}

impl CookieNames {
    fn new(realm: &str, is_https: bool) -> Self {
        // On https the name ties a cookie to this host and scheme (RFC 6265bis section 4.1.3.2).
        // Browsers reject such a name on plain http, which only loopback may use.
        let host = if is_https { "__Host-" } else { "" };
        let tag = seal::tag(realm);
        Self {
            session: format!("{host}oauth-session-{tag}"),
            pending_login: format!("{host}oauth-login-{tag}-"),
            pending_logout: format!("{host}oauth-logout-{tag}-"),
            scope_question: format!("{host}oauth-scopes-{tag}"),
            last_provider: format!("{host}oauth-last-{tag}"),
        }
    }

    /// The cookie of the pending login with this OAuth 1.0a temporary token, which may have any
    /// content and length.
    pub(crate) fn pending_login_of(&self, token: &str) -> String {
        format!("{}{}", self.pending_login, &seal::fingerprint(token)[..8])
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("realm", &self.realm).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::http::ReqwestClient;

    /// One instance of an application with this store and clock.
    pub(crate) fn shared_with(store: impl Store, clock: Clock) -> Shared {
        let parts = Parts {
            declared: Vec::new(),
            public_url: PublicUrl::parse("http://localhost:3000").unwrap(),
            mount: "/auth",
            http: Arc::new(ReqwestClient::new().unwrap()),
            store: Arc::new(store),
            clock,
            session_lifetime: Duration::from_secs(3600),
            pages: PageSettings::default(),
            providers: Vec::new(),
            revokes_on_sign_out: true,
            listeners: Listeners::default(),
            token_hooks: HookTable::default(),
            authenticators: Authenticators::default(),
            owner_of: None,
            has_implied_store: false,
            sign_in_page: None,
        };
        let keys = CookieKeys::parse(&"01".repeat(32)).unwrap();
        Shared::new(parts, &keys).unwrap()
    }
}
