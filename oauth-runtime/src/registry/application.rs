//! The settings of the application: `OAUTH_…`.

use crate::clock::Clock;
use crate::config::{Config, ConfigFault, FaultKind, Faults};
use crate::crypto::seal::CookieKeys;
use crate::http::{HttpClient, ReqwestClient};
use crate::pages::settings::{APP_COLOR, APP_LOGO, APP_NAME};
use crate::store::{self, MemoryStore, Store};
use crate::url::endpoint::RedactedUrl;
use crate::url::public_url::PublicUrl;
use std::sync::Arc;

pub(crate) const PUBLIC_URL: &str = "OAUTH_PUBLIC_URL";

pub(crate) const COOKIE_KEYS: &str = "OAUTH_COOKIE_KEYS";

pub(super) const STORE_URL: &str = "OAUTH_STORE_URL";

/// The default in debug builds.
pub(super) const DEVELOPMENT_URL: &str = "http://localhost:3000";

pub(super) fn shared_settings() -> [String; 6] {
    [PUBLIC_URL, COOKIE_KEYS, STORE_URL, APP_NAME, APP_LOGO, APP_COLOR].map(str::to_owned)
}

pub(super) fn public_url(config: &Config, faults: &mut Faults) -> Option<PublicUrl> {
    let Some(setting) = config.get(PUBLIC_URL) else {
        if cfg!(debug_assertions) {
            tracing::info!("{PUBLIC_URL} is not set: using {DEVELOPMENT_URL}");
            return PublicUrl::parse(DEVELOPMENT_URL).ok();
        }
        faults.push(ConfigFault::missing(PUBLIC_URL).help(
            "set it to the address of the application as users see it, such as https://app.example",
        ));
        return None;
    };
    let url = PublicUrl::parse(setting.text());
    faults.record(url.map_err(|why| {
        let what = format!("is `{}`: {why}", RedactedUrl::from(setting.text()));
        ConfigFault::new(FaultKind::Malformed, PUBLIC_URL, what)
    }))
}

pub(super) fn cookie_keys(
    config: &Config,
    public_url: Option<&PublicUrl>,
    faults: &mut Faults,
) -> Option<CookieKeys> {
    match config.get(COOKIE_KEYS) {
        Some(setting) => {
            let keys = CookieKeys::parse(setting.text());
            faults.record(
                keys.map_err(|why| ConfigFault::malformed(COOKIE_KEYS, &setting.origin, why)),
            )
        }
        // During development, sessions may end with the process.
        None if public_url.is_some_and(|url| !url.is_https()) => CookieKeys::random().ok(),
        // Whether keys are required is unknown until the URL is valid.
        None if public_url.is_none() && config.get(PUBLIC_URL).is_some() => None,
        None => {
            faults.push(ConfigFault::missing(COOKIE_KEYS).help(
                "make a key with `openssl rand -base64 32`, and use the same key on all instances; it seals sessions",
            ));
            None
        }
    }
}

/// Whether the store would be the memory of this process because no other was chosen, although other
/// instances may exist.
pub(super) fn is_store_implied(config: &Config, public_url: Option<&PublicUrl>) -> bool {
    config.get(STORE_URL).is_none() && public_url.is_some_and(PublicUrl::is_https)
}

pub(super) fn store_of(
    config: &Config,
    public_url: Option<&PublicUrl>,
    clock: &Clock,
    faults: &mut Faults,
) -> Option<Arc<dyn Store>> {
    let Some(setting) = config.get(STORE_URL) else {
        if public_url.is_some_and(PublicUrl::is_https) {
            tracing::warn!(
                "tokens and sign-outs are stored in the memory of this process: they are lost when it ends, and \
                 other instances do not see them; set {STORE_URL}, to `memory:` if this is intended"
            );
        }
        return Some(Arc::new(MemoryStore::new(clock.clone())));
    };
    let store = store::open(setting.text(), clock);
    faults.record(store.map_err(|why| ConfigFault::malformed(STORE_URL, &setting.origin, why)))
}

pub(super) fn default_http_client(faults: &mut Faults) -> Option<Arc<dyn HttpClient>> {
    let client = ReqwestClient::new().map_err(|error| {
        let what = format!("cannot be created: {error}");
        ConfigFault::new(FaultKind::Unreadable, "the HTTP client", what)
            .help("https needs the system's certificate store (on Debian: ca-certificates)")
    });
    faults.record(client).map(|client| Arc::new(client) as Arc<dyn HttpClient>)
}
