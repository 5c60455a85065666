//! What all endpoints share: the configuration, which never changes, and the state, which is
//! bounded.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;

use super::authorization_request::AuthorizationRequest;
use super::bystander::Bystander;
use super::client::RegisteredClient;
use super::clock::Clock;
use super::device::Device;
use super::endpoint::{Counters, Endpoint};
use super::fault::Faults;
use super::grant::{AccessToken, Code, RefreshToken};
use super::key_ring::KeyRing;
use super::person::Person;
use super::random::Random;
use super::short_lived::ShortLived;

/// How many entries of each kind are remembered.
pub(super) const CAPACITY: usize = 4096;

/// What stands in an issuer for the tenant.
pub(super) const TENANT: &str = "{tenantid}";
/// The tenant of whoever has none.
pub(super) const DEFAULT_TENANT: &str = "00000000-0000-4000-8000-000000000001";

pub(super) struct Provider {
    /// Without a trailing slash; with [`TENANT`] in it where there are many tenants.
    pub(super) issuer: String,
    /// Under which all endpoints lie; without tenants the issuer.
    pub(super) base_url: String,
    /// The issuer's path, which every route begins with; empty if it has none.
    pub(super) base_path: String,
    pub(super) people: Vec<Arc<Person>>,
    /// Never empty.
    pub(super) clients: Vec<RegisteredClient>,
    /// Of metadata and JWK Set.
    pub(super) cache_control: Option<HeaderValue>,
    /// Lifetime of access and ID tokens in seconds.
    pub(super) token_lifetime: i64,
    pub(super) random: Random,
    pub(super) clock: Clock,
    pub(super) keys: KeyRing,
    pub(super) faults: Faults,
    pub(super) counters: Counters,
    pub(super) bystander: Arc<Bystander>,
    pub(super) requests: ShortLived<Arc<AuthorizationRequest>>,
    pub(super) codes: ShortLived<Arc<Code>>,
    /// By device code.
    pub(super) devices: ShortLived<Arc<Device>>,
    /// The same by the code that a person types.
    pub(super) user_codes: ShortLived<Arc<Device>>,
    pub(super) access_tokens: ShortLived<Arc<AccessToken>>,
    pub(super) refresh_tokens: ShortLived<Arc<RefreshToken>>,
    /// Identifiers of client assertions that were used.
    pub(super) assertions: ShortLived<()>,
    /// Closed when the handle is dropped.
    pub(super) running: watch::Receiver<()>,
}

impl Provider {
    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.base_url, endpoint.path())
    }

    /// The issuer of what is said about this person: where there are many tenants, their own.
    pub(super) fn issuer_for(&self, person: Option<&Person>) -> String {
        self.issuer.replace(TENANT, person.map_or(DEFAULT_TENANT, Person::tenant))
    }

    /// Whether the issuer is a template for many tenants.
    pub(super) fn has_tenants(&self) -> bool {
        self.issuer.contains(TENANT)
    }

    pub(super) fn client(&self, id: &str) -> Option<&RegisteredClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The same, for a page that says what is wrong.
    pub(super) fn client_or_reason(&self, id: &str) -> Result<&RegisteredClient, String> {
        self.client(id).ok_or_else(|| {
            let known: Vec<_> = self.clients.iter().map(|own| format!("“{}”", own.id)).collect();
            format!("There is no client “{id}”. Registered here: {}.", known.join(", "))
        })
    }

    /// The person with this subject identifier, user name or address.
    pub(super) fn person(&self, hint: &str) -> Option<&Arc<Person>> {
        self.people.iter().find(|person| person.is_called(hint))
    }

    /// Somebody other than `sub`, for the faults that mix people up.
    pub(super) fn somebody_else(&self, sub: &str) -> Person {
        self.people
            .iter()
            .find(|person| person.sub() != sub)
            .map_or_else(|| Person::new(format!("not-{sub}")), |person| Person::clone(person))
    }

    /// Whether the handle has been dropped.
    pub(super) fn is_stopped(&self) -> bool {
        self.running.has_changed().is_err()
    }

    /// Ends when the handle is dropped.
    pub(super) async fn stopped(&self) {
        // Nothing is ever sent, so this can only end with the sender's end.
        let _ = self.running.clone().changed().await;
    }
}
