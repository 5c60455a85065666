use super::*;
use crate::clock::UnixTime;
use crate::store::MemoryStore;

const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const DAY: Duration = Duration::from_secs(86_400);

/// Instances that share a store.
struct Instances {
    store: MemoryStore,
    clock: Clock,
}

impl Instances {
    fn new() -> Self {
        let clock = Clock::manual(UnixTime::from_secs(1_000_000));
        Self { store: MemoryStore::new(clock.clone()), clock }
    }

    fn with(&self, keys: &str) -> SealedStore {
        let keys = CookieKeys::parse(keys).unwrap();
        SealedStore::new(Arc::new(self.store.clone()), &keys, self.clock.clone()).unwrap()
    }

    async fn at_rest(&self, key: &Key) -> Vec<u8> {
        self.store.get(key.as_str()).await.unwrap().unwrap()
    }

    async fn keep(&self, key: &Key, at_rest: Vec<u8>) {
        self.store.put(key.as_str(), at_rest, DAY).await.unwrap();
    }
}

fn key(name: &str) -> Key {
    Key::new("token", &[name])
}

async fn content(store: &SealedStore, name: &str) -> Vec<u8> {
    store.get(&key(name)).await.unwrap().unwrap().content().to_vec()
}

async fn refused(store: &SealedStore, name: &str) -> StoreError {
    match store.get(&key(name)).await.unwrap_err() {
        OAuthError::Store(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_put_is_read_again_and_unreadable_at_rest() {
    let instances = Instances::new();
    let store = instances.with(NEW);
    store.put(&key("a"), &[b"the content"], DAY).await.unwrap();
    assert_eq!(content(&store, "a").await, b"the content");
    let at_rest = instances.at_rest(&key("a")).await;
    assert!(!at_rest.windows(3).any(|bytes| bytes == b"con"));
    store.put(&key("a"), &[b""], DAY).await.unwrap();
    assert_eq!(content(&store, "a").await, b"");
    store.remove(&key("a")).await.unwrap();
    assert!(store.get(&key("a")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_record_moved_under_another_key_does_not_open() {
    let instances = Instances::new();
    let store = instances.with(NEW);
    store.put(&key("a"), &[b"of a"], DAY).await.unwrap();
    instances.keep(&key("b"), instances.at_rest(&key("a")).await).await;
    assert!(matches!(refused(&store, "b").await, StoreError::Unreadable("token")));
}

#[tokio::test]
async fn a_record_with_any_byte_changed_does_not_open() {
    let instances = Instances::new();
    let store = instances.with(NEW);
    store.put(&key("a"), &[b"content"], DAY).await.unwrap();
    let at_rest = instances.at_rest(&key("a")).await;
    for at in 0..at_rest.len() {
        let mut changed = at_rest.clone();
        changed[at] ^= 1;
        instances.keep(&key("a"), changed).await;
        let error = refused(&store, "a").await;
        let is_key_id = (1..5).contains(&at);
        assert_eq!(matches!(error, StoreError::KeyLost { .. }), is_key_id, "byte {at}: {error}");
    }
    for length in 0..at_rest.len() {
        instances.keep(&key("a"), at_rest[..length].to_vec()).await;
        refused(&store, "a").await;
    }
}

#[tokio::test]
async fn a_lost_key_is_named() {
    let instances = Instances::new();
    instances.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
    let error = refused(&instances.with(NEW), "a").await;
    let StoreError::KeyLost { kind: "token", key_id } = &error else { panic!("{error:?}") };
    assert_eq!(key_id.len(), 8);
    assert!(error.to_string().contains(key_id.as_str()), "{error}");
}

#[tokio::test]
async fn of_two_writers_who_read_the_same_one_writes() {
    let store = Instances::new().with(NEW);
    let first = store.compare_and_swap(&key("a"), None, &[b"1"], DAY).await.unwrap().unwrap();
    assert!(store.compare_and_swap(&key("a"), None, &[b"1"], DAY).await.unwrap().is_none());
    let read = store.get(&key("a")).await.unwrap().unwrap();
    // A written version is known without a read, and the same content has a new version.
    let second = store.compare_and_swap(&key("a"), Some(&first), &[b"1"], DAY).await.unwrap();
    let late = store.compare_and_swap(&key("a"), Some(read.version()), &[b"2"], DAY).await.unwrap();
    assert!(second.is_some() && late.is_none());
    assert_eq!(content(&store, "a").await, b"1");
}

#[tokio::test]
async fn reading_reseals_old_records_and_keeps_their_end() {
    let instances = Instances::new();
    instances.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
    let rotated = instances.with(&format!("{NEW},{OLD}"));
    instances.clock.advance(SETTLED_AFTER);
    let read = rotated.get(&key("a")).await.unwrap().unwrap();
    assert_eq!(content(&instances.with(NEW), "a").await, b"content");
    // The reader holds the current version.
    let version = Some(read.version());
    let swapped = rotated.compare_and_swap(&key("a"), version, &[b"content"], DAY).await.unwrap();
    assert!(swapped.is_some());

    instances.with(OLD).put(&key("b"), &[b"content"], DAY).await.unwrap();
    instances.clock.advance(SETTLED_AFTER);
    content(&rotated, "b").await;
    instances.clock.advance(DAY.as_secs() - SETTLED_AFTER - 1);
    assert_eq!(content(&instances.with(NEW), "b").await, b"content");
    instances.clock.advance(1);
    assert!(rotated.get(&key("b")).await.unwrap().is_none());
}

#[tokio::test]
async fn processes_with_other_key_order_do_not_conflict() {
    let instances = Instances::new();
    let (before, after) =
        (instances.with(&format!("{OLD},{NEW}")), instances.with(&format!("{NEW},{OLD}")));
    after.put(&key("a"), &[b"content"], DAY).await.unwrap();
    let at_rest = instances.at_rest(&key("a")).await;
    assert_eq!(content(&before, "a").await, b"content");
    assert_eq!(instances.at_rest(&key("a")).await, at_rest);
}

#[tokio::test]
async fn an_order_seals_all_anew_and_counts_what_is_lost() {
    let instances = Instances::new();
    let (old, rotated) = (instances.with(OLD), instances.with(&format!("{NEW},{OLD}")));
    for number in 0..2_500 {
        old.put(&key(&number.to_string()), &[b"content"], DAY).await.unwrap();
    }
    rotated.put(&key("new"), &[b"content"], DAY).await.unwrap();
    instances.keep(&key("foreign"), b"content".to_vec()).await;
    let outcome = rotated.reseal_all().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 2_500, current: 1, unreadable: 1 });
    for number in 0..2_500 {
        assert_eq!(content(&instances.with(NEW), &number.to_string()).await, b"content");
    }
    let again = rotated.reseal_all().await.unwrap();
    assert_eq!(again, Resealed { resealed: 0, current: 2_501, unreadable: 1 });
}

#[tokio::test]
async fn only_an_unreadable_record_is_replaced() {
    let instances = Instances::new();
    let store = instances.with(NEW);
    assert!(!store.replace_unreadable(&key("a"), &[b"new"], DAY).await.unwrap());
    instances.with(OLD).put(&key("a"), &[b"content"], DAY).await.unwrap();
    assert!(store.replace_unreadable(&key("a"), &[b"new"], DAY).await.unwrap());
    assert!(!store.replace_unreadable(&key("a"), &[b"newer"], DAY).await.unwrap());
    assert_eq!(content(&store, "a").await, b"new");
}
