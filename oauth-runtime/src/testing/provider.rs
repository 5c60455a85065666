//! What all endpoints share: the configuration, which never changes, and the state, which is
//! bounded.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;

use super::authorization_request::AuthorizationRequest;
use super::bystander::Bystander;
use super::client::RegisteredClient;
use super::clock::Clock;
use super::endpoint::{Counters, Endpoint};
use super::fault::Faults;
use super::grant::{AccessToken, Code, RefreshToken};
use super::key_ring::KeyRing;
use super::person::Person;
use super::random::Random;
use super::short_lived::ShortLived;

/// How many entries of each kind are remembered.
pub(super) const CAPACITY: usize = 4096;

pub(super) struct Provider {
    /// Without a trailing slash.
    pub(super) issuer: String,
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
    pub(super) access_tokens: ShortLived<Arc<AccessToken>>,
    pub(super) refresh_tokens: ShortLived<Arc<RefreshToken>>,
    /// Identifiers of client assertions that were used.
    pub(super) assertions: ShortLived<()>,
    /// Closed when the handle is dropped.
    pub(super) running: watch::Receiver<()>,
}

impl Provider {
    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer, endpoint.path())
    }

    pub(super) fn client(&self, id: &str) -> Option<&RegisteredClient> {
        self.clients.iter().find(|client| client.id == id)
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
