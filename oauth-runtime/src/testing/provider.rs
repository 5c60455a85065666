//! The data of all endpoints: the configuration, which never changes, and the state, which is
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
use super::logout_token::Sessions;
use super::person::Person;
use super::random::Random;
use super::short_lived::ShortLived;

/// Maximum number of entries of each kind.
pub(super) const CAPACITY: usize = 4096;

/// The placeholder for the tenant in an issuer.
pub(super) const TENANT: &str = "{tenantid}";
/// The tenant of a user without one.
pub(super) const DEFAULT_TENANT: &str = "00000000-0000-4000-8000-000000000001";

pub(super) struct Provider {
    /// For many tenants it contains [`TENANT`].
    pub(super) issuer: String,
    /// The base of all endpoints, without a trailing slash. Without tenants it is the issuer.
    pub(super) base_url: String,
    /// The issuer's path, the prefix of every route; empty if it has none.
    pub(super) base_path: String,
    pub(super) people: Vec<Arc<Person>>,
    /// Never empty.
    pub(super) clients: Vec<RegisteredClient>,
    /// The `Cache-Control` of metadata and JWK Set.
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
    /// Devices by device code.
    pub(super) devices: ShortLived<Arc<Device>>,
    /// Devices by user code.
    pub(super) user_codes: ShortLived<Arc<Device>>,
    pub(super) access_tokens: ShortLived<Arc<AccessToken>>,
    pub(super) refresh_tokens: ShortLived<Arc<RefreshToken>>,
    /// The `sub` and `sid` of each sign-in, in order.
    pub(super) sessions: Sessions,
    /// Identifiers of used client assertions.
    pub(super) assertions: ShortLived<()>,
    /// Closed when the handle is dropped.
    pub(super) running: watch::Receiver<()>,
}

impl Provider {
    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.base_url, endpoint.path())
    }

    /// The issuer of statements about this user. With many tenants, it is that of the user's
    /// tenant.
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

    /// The client, or the reason for an error page.
    pub(super) fn client_or_reason(&self, id: &str) -> Result<&RegisteredClient, String> {
        self.client(id).ok_or_else(|| {
            let known: Vec<_> = self.clients.iter().map(|own| format!("“{}”", own.id)).collect();
            format!(
                "The client “{id}” is not registered. Registered clients: {}.",
                known.join(", ")
            )
        })
    }

    /// The user with this subject identifier, user name or address.
    pub(super) fn person(&self, hint: &str) -> Option<&Arc<Person>> {
        self.people.iter().find(|person| person.is_called(hint))
    }

    /// A user other than `sub`, for faults that confuse two users.
    pub(super) fn other_user(&self, sub: &str) -> Person {
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
