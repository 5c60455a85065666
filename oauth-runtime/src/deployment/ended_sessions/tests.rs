//! Instances of an application that share a store.

use crate::crypto::random;
use crate::error::StoreError;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use super::*;
use crate::clock::{Clock, UnixTime};
use crate::crypto::seal::CookieKeys;
use crate::deployment::ended_sessions::exchange::LOOKS_PER_CHECK;
use crate::deployment::tests::shared_with;
use crate::store::{MemoryStore, SealedStore, Store};
use crate::sync::future::BoxFuture;

mod at_provider;
mod lost;

/// Lifetime of sessions and of [`shared_with`].
const LIFETIME: u64 = 3600;
const NOON: u64 = 1_000_000;

/// Counts operations and fails on demand.
#[derive(Clone)]
struct Counting {
    store: MemoryStore,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    operations: AtomicUsize,
    bytes: AtomicUsize,
    largest: AtomicUsize,
    fails: AtomicBool,
}

impl Counting {
    fn pass(&self, values: &[Option<&[u8]>]) -> Result<(), StoreError> {
        if self.counts.fails.load(Ordering::SeqCst) {
            return Err(StoreError::backend("the store is away"));
        }
        self.counts.operations.fetch_add(1, Ordering::SeqCst);
        for value in values.iter().flatten() {
            self.counts.bytes.fetch_add(value.len(), Ordering::SeqCst);
            self.counts.largest.fetch_max(value.len(), Ordering::SeqCst);
        }
        Ok(())
    }
}

impl Store for Counting {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let value = self.store.get(key).await?;
            self.pass(&[value.as_deref()])?;
            Ok(value)
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.pass(&[Some(&value)])?;
            self.store.put(key, value, ttl).await
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.store.take(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            self.pass(&[old, Some(&new)])?;
            // As with a remote store, other tasks get their turn.
            tokio::task::yield_now().await;
            self.store.compare_and_swap(key, old, new, ttl).await
        })
    }

    fn list<'a>(
        &'a self,
        from: Option<&'a str>,
    ) -> BoxFuture<'a, Result<crate::store::Page, StoreError>> {
        self.store.list(from)
    }
}

/// The environment of the instances.
struct World {
    clock: Clock,
    store: Counting,
}

impl World {
    fn new() -> Self {
        let clock = Clock::manual(UnixTime::from_secs(NOON));
        let store = MemoryStore::new(clock.clone());
        Self { clock, store: Counting { store, counts: Arc::default() } }
    }

    fn instance(&self) -> Arc<Shared> {
        Arc::new(shared_with(self.store.clone(), self.clock.clone()))
    }

    fn instance_with(&self, clock: &Clock) -> Arc<Shared> {
        Arc::new(shared_with(self.store.clone(), clock.clone()))
    }

    async fn keys(&self) -> Vec<String> {
        let page = self.store.list(None).await.unwrap();
        assert!(page.next.is_none());
        page.keys
    }

    async fn segments(&self) -> Vec<String> {
        let keys = self.keys().await;
        keys.into_iter().filter(|key| key.matches(':').count() > 1).collect()
    }

    async fn head(&self) -> String {
        let keys = self.keys().await;
        keys.into_iter().find(|key| key.matches(':').count() == 1).unwrap()
    }

    /// Enough time for the other instances to read again.
    fn seconds_later(&self) {
        self.clock.advance(TRUSTED_FOR);
    }

    async fn lose_all(&self) {
        for key in self.keys().await {
            self.store.take(&key).await.unwrap();
        }
    }
}

/// A session that starts now on this instance.
async fn begin(instance: &Arc<Shared>, user: &str) -> SessionMark {
    let beginning = instance.next_beginning(&[user]).await.unwrap();
    let expires_at = instance.clock.seconds() + LIFETIME;
    SessionMark::new(&random::text::<16>().unwrap(), &[user], beginning, expires_at).unwrap()
}

async fn begin_all(instance: &Arc<Shared>, count: usize) -> Vec<SessionMark> {
    let mut sessions = Vec::new();
    for number in 0..count {
        sessions.push(begin(instance, &number.to_string()).await);
    }
    sessions
}

async fn end(instance: &Arc<Shared>, session: &SessionMark) {
    instance.end_session(session).await.unwrap();
}

async fn is_dead(instance: &Arc<Shared>, session: &SessionMark) -> bool {
    instance.has_ended(session).await.unwrap()
}

async fn count_alive(instance: &Arc<Shared>, sessions: &[SessionMark]) -> usize {
    let mut alive = 0;
    for session in sessions {
        alive += usize::from(!is_dead(instance, session).await);
    }
    alive
}

async fn end_at_once(instances: &[Arc<Shared>], sessions: &[SessionMark]) {
    let ends = sessions.iter().enumerate().map(|(number, session)| {
        let instance = Arc::clone(&instances[number % instances.len()]);
        let session = session.clone();
        tokio::spawn(async move { instance.end_session(&session).await })
    });
    for end in ends.collect::<Vec<_>>() {
        end.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn sign_out_reaches_other_instances_in_seconds() {
    let world = World::new();
    let (one, other) = (world.instance(), world.instance());
    let sessions = begin_all(&one, 2).await;
    assert_eq!(count_alive(&other, &sessions).await, 2);
    end(&one, &sessions[0]).await;
    assert!(is_dead(&one, &sessions[0]).await, "at once where it happened");
    world.seconds_later();
    assert!(is_dead(&other, &sessions[0]).await);
    assert!(!is_dead(&other, &sessions[1]).await);
    assert!(is_dead(&world.instance(), &sessions[0]).await, "nor on an instance that starts now");
}

#[tokio::test(start_paused = true)]
async fn no_sign_out_is_lost_at_any_contention() {
    let world = World::new();
    let instances = [world.instance(), world.instance(), world.instance(), world.instance()];
    let sessions = begin_all(&instances[0], 1_000).await;
    end_at_once(&instances, &sessions).await;
    world.seconds_later();
    for instance in instances.iter().chain([&world.instance()]) {
        assert_eq!(count_alive(instance, &sessions).await, 0);
    }
}

#[tokio::test]
async fn sign_outs_that_wait_are_written_together() {
    let world = World::new();
    let instance = world.instance();
    let sessions = begin_all(&instance, 200).await;
    let before = world.store.counts.operations.load(Ordering::SeqCst);
    end_at_once(std::slice::from_ref(&instance), &sessions).await;
    let operations = world.store.counts.operations.load(Ordering::SeqCst) - before;
    assert!(operations <= 20, "{operations}");
}

#[tokio::test]
async fn request_asks_no_store() {
    let world = World::new();
    let instance = world.instance();
    let session = begin(&instance, "ada").await;
    let before = world.store.counts.operations.load(Ordering::SeqCst);
    for _ in 0..1_000 {
        assert!(!is_dead(&instance, &session).await);
    }
    assert_eq!(world.store.counts.operations.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn unstored_sign_out_fails_and_is_stored_later() {
    let world = World::new();
    let (one, other) = (world.instance(), world.instance());
    let session = begin(&one, "ada").await;
    assert!(!is_dead(&other, &session).await);
    world.store.counts.fails.store(true, Ordering::SeqCst);
    let error = one.end_session(&session).await.unwrap_err();
    assert!(matches!(error, OAuthError::Store(_)), "{error:?}");
    assert!(is_dead(&one, &session).await, "here it is dead");
    world.seconds_later();
    assert!(is_dead(&one, &session).await);
    assert!(!is_dead(&other, &session).await, "without a store it relies on its memory");
    world.clock.advance(TRUSTED_WITHOUT_STORE_FOR);
    assert!(one.has_ended(&session).await.is_err());
    assert!(other.has_ended(&session).await.is_err(), "for some minutes");

    world.store.counts.fails.store(false, Ordering::SeqCst);
    assert!(is_dead(&one, &session).await);
    // The read has found a missing entry; the write follows it.
    one.save_ended().await.unwrap();
    world.seconds_later();
    assert!(is_dead(&other, &session).await);
}

/// A session must neither start as ended because its instance's clock is behind, nor stay alive
/// because that of another instance was ahead.
#[tokio::test]
async fn clocks_of_instances_may_differ() {
    let world = World::new();
    let (behind, ahead) = (
        Clock::manual(UnixTime::from_secs(NOON - 25)),
        Clock::manual(UnixTime::from_secs(NOON + 25)),
    );
    let (slow, fast) = (world.instance_with(&behind), world.instance_with(&ahead));
    let on_fast = begin(&fast, "ada").await;
    let on_slow = begin(&slow, "ada").await;
    for instance in [&slow, &fast] {
        assert!(!is_dead(instance, &on_fast).await && !is_dead(instance, &on_slow).await);
    }
    // The remaining instance creates the list again, with the clock that is behind.
    drop(fast);
    world.lose_all().await;
    let late = world.instance_with(&behind);
    assert!(is_dead(&late, &on_fast).await && is_dead(&late, &on_slow).await);
}

#[tokio::test]
async fn many_logins_of_one_user_cost_the_same_each() {
    const LOGINS: usize = 20_000;
    let world = World::new();
    let (instance, other) = (world.instance(), world.instance());
    let mut current = begin(&instance, "ada").await;
    let mut copies = Vec::new();
    let counts = &world.store.counts;
    let mut before = 0;
    for login in 1..=LOGINS {
        let next = begin(&instance, "ada").await;
        end(&instance, &current).await;
        copies.push(std::mem::replace(&mut current, next));
        if login % 1_000 == 0 {
            world.clock.advance(7);
            let bytes = counts.bytes.load(Ordering::SeqCst);
            assert!((bytes - before) / 1_000 < 8 * 1024, "{} a login", (bytes - before) / 1_000);
            before = bytes;
        }
    }
    let largest = counts.largest.load(Ordering::SeqCst);
    assert!(largest < 16 * 1024, "{largest}");
    let bytes = counts.bytes.load(Ordering::SeqCst);
    for instance in [&instance, &other, &world.instance()] {
        assert!(!is_dead(instance, &current).await, "the last login");
        assert_eq!(count_alive(instance, &copies).await, 0);
        assert!(instance.ended_sessions.known.read().len() <= 2 * known::MAX_PER_USER);
    }
    let read = counts.bytes.load(Ordering::SeqCst) - bytes;
    assert!(read < 2 * 200 * 1024, "{read} bytes to learn it all");
}

#[tokio::test]
async fn sign_outs_of_many_users_cost_the_same_each() {
    const USERS: usize = 20_000;
    let world = World::new();
    let instance = world.instance();
    let sessions = begin_all(&instance, USERS).await;
    let counts = &world.store.counts;
    let before = counts.bytes.load(Ordering::SeqCst);
    for session in &sessions {
        end(&instance, session).await;
    }
    let bytes = (counts.bytes.load(Ordering::SeqCst) - before) / USERS;
    assert!(bytes < 8 * 1024, "{bytes} a sign-out");
    let largest = counts.largest.load(Ordering::SeqCst);
    assert!(largest < 256 * 1024, "{largest}");
    assert_eq!(count_alive(&world.instance(), &sessions).await, 0);
}

#[tokio::test]
async fn clock_that_is_set_hides_no_sign_out() {
    let day = 86_400;
    for set_to in [1, NOON - day, NOON - 600, NOON + 600, NOON + day, 10 * NOON] {
        for is_set_back in [false, true] {
            let world = World::new();
            let (one, other) = (world.instance(), world.instance());
            let sessions = begin_all(&one, 4).await;
            end(&one, &sessions[0]).await;
            assert_eq!(count_alive(&other, &sessions).await, 3);
            world.clock.set(UnixTime::from_secs(set_to));
            end(&one, &sessions[1]).await;
            world.seconds_later();
            assert_eq!(count_alive(&other, &sessions).await, 2, "{set_to}");
            if is_set_back {
                world.clock.set(UnixTime::from_secs(NOON));
            }
            world.seconds_later();
            end(&one, &sessions[2]).await;
            world.seconds_later();
            for instance in [&one, &other, &world.instance()] {
                assert_eq!(count_alive(instance, &sessions).await, 1, "{set_to}");
            }
        }
    }
}

#[tokio::test]
async fn ended_sessions_are_forgotten_after_their_lifetime() {
    let world = World::new();
    let instance = world.instance();
    for session in begin_all(&instance, 300).await {
        end(&instance, &session).await;
    }
    world.clock.advance(LIFETIME + SKEW + 1);
    let session = begin(&instance, "ada").await;
    assert_eq!(instance.ended_sessions.known.read().len(), 0, "in memory");
    // Writes make the store sweep.
    for _ in 0..5 {
        world.clock.advance(3 * LIFETIME);
        assert!(!is_dead(&instance, &session).await);
        end(&instance, &begin(&instance, "bea").await).await;
    }
    assert!(world.keys().await.len() <= 3, "{}", world.keys().await.len());
}
