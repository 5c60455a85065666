//! Writes that arrive while others are under way are written together, with one round trip and one
//! wait for the disk. Under load, a write costs a fraction of what it costs alone; a write that finds
//! none under way does not wait for others.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::back_end::answer;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;

/// Maximum number of writes in a group.
const MAX_WRITES: usize = 32;
/// A group that has this size takes no further writes.
const MAX_BYTES: usize = 1024 * 1024;

/// A record to write.
pub(super) struct Write {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
    /// Time to live in seconds.
    pub(super) ttl: u64,
}

/// A store that writes several records in one step.
pub(super) trait GroupWrites: Send + Sync + 'static {
    /// The writes of each mode that wait.
    fn waiting(&self, mode: Mode) -> &Waiting;

    /// Writes all records or, if it fails, none. Their keys differ. In the mode [`Mode::Insert`] it
    /// returns the keys that had no record, whose records it wrote.
    fn write_all(
        &self,
        mode: Mode,
        records: Vec<Write>,
    ) -> BoxFuture<'_, Result<Vec<Vec<u8>>, StoreError>>;
}

/// What happens to an existing record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is replaced.
    Put,
    /// It stays, and the write has no effect.
    Insert,
}

/// Writes the record with the next group. Returns whether it was written. It is written even if the
/// caller goes away.
///
/// # Errors
/// The error of the group.
pub(super) async fn write<S: GroupWrites>(
    store: &Arc<S>,
    mode: Mode,
    record: Write,
) -> Result<bool, StoreError> {
    let (outcome, result) = oneshot::channel();
    if store.waiting(mode).add((record, outcome)) {
        tokio::spawn(write_groups(Lane { store: Arc::clone(store), mode, is_free: false }));
    }
    result.await.unwrap_or_else(|_| Err(StoreError::backend("the task of a write panicked")))
}

async fn write_groups<S: GroupWrites>(mut lane: Lane<S>) {
    while let Some(group) = lane.next_group() {
        let (mut records, mut outcomes) = (Vec::new(), Vec::new());
        for (record, outcome) in group {
            outcomes.push((record.key.clone(), outcome));
            records.push(record);
        }
        let written = answer(lane.store.write_all(lane.mode, records)).await;
        for (key, outcome) in outcomes {
            let written = written.as_ref().map_err(Clone::clone);
            let is_written = written.map(|keys| lane.mode == Mode::Put || keys.contains(&key));
            // A caller that went away does not receive it.
            let _ = outcome.send(is_written);
        }
    }
}

/// A record, and where to send whether it was written.
type Pending = (Write, oneshot::Sender<Result<bool, StoreError>>);

/// The writes that wait for a lane, in which one group at a time is under way.
pub(super) struct Waiting {
    lanes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken_lanes: usize,
    writes: Vec<Pending>,
}

impl Waiting {
    /// With this number of lanes. With more than one, a group that hangs does not delay all writes.
    pub(super) fn new(lanes: usize) -> Self {
        Self { lanes, state: Mutex::default() }
    }

    /// Returns whether the caller has a lane and has to write.
    fn add(&self, write: Pending) -> bool {
        let mut state = self.state.lock();
        state.writes.push(write);
        let has_lane = state.taken_lanes < self.lanes;
        state.taken_lanes += usize::from(has_lane);
        has_lane
    }
}

impl State {
    fn next_group(&mut self) -> Vec<Pending> {
        let (mut group, mut later, mut bytes) = (Vec::<Pending>::new(), Vec::new(), 0);
        for write in self.writes.drain(..) {
            let is_full = group.len() == MAX_WRITES || bytes >= MAX_BYTES;
            if is_full || group.iter().any(|(record, _)| record.key == write.0.key) {
                later.push(write);
            } else {
                bytes += write.0.value.len();
                group.push(write);
            }
        }
        self.writes = later;
        group
    }
}

/// A taken lane.
struct Lane<S: GroupWrites> {
    store: Arc<S>,
    mode: Mode,
    is_free: bool,
}

impl<S: GroupWrites> Lane<S> {
    /// The next group; without one, the lane becomes free in the same step.
    fn next_group(&mut self) -> Option<Vec<Pending>> {
        let mut state = self.store.waiting(self.mode).state.lock();
        let group = state.next_group();
        if group.is_empty() {
            state.taken_lanes -= 1;
            self.is_free = true;
            return None;
        }
        Some(group)
    }
}

/// A panic of a back end does not keep the lane.
impl<S: GroupWrites> Drop for Lane<S> {
    fn drop(&mut self) {
        if !self.is_free {
            self.store.waiting(self.mode).state.lock().taken_lanes -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::sync::Semaphore;

    use super::*;

    /// Writes a group for each permit, and records the groups.
    struct Scripted {
        waiting: Waiting,
        permits: Semaphore,
        groups: Mutex<Vec<Vec<String>>>,
        present: Mutex<BTreeSet<Vec<u8>>>,
    }

    impl Scripted {
        fn new(permits: usize) -> Arc<Self> {
            Arc::new(Self {
                waiting: Waiting::new(1),
                permits: Semaphore::new(permits),
                groups: Mutex::default(),
                present: Mutex::default(),
            })
        }

        fn groups(&self) -> Vec<Vec<String>> {
            self.groups.lock().clone()
        }
    }

    impl GroupWrites for Scripted {
        fn waiting(&self, _: Mode) -> &Waiting {
            &self.waiting
        }

        fn write_all(
            &self,
            _: Mode,
            records: Vec<Write>,
        ) -> BoxFuture<'_, Result<Vec<Vec<u8>>, StoreError>> {
            Box::pin(async move {
                let keys: Vec<_> = records.into_iter().map(|record| record.key).collect();
                let text = |key: &Vec<u8>| String::from_utf8_lossy(key).into_owned();
                self.groups.lock().push(keys.iter().map(text).collect());
                self.permits.acquire().await.expect("open").forget();
                assert!(keys != [b"panic"], "as a driver with a fault");
                if keys.contains(&b"fail".to_vec()) {
                    return Err(StoreError::backend("no disk"));
                }
                let mut present = self.present.lock();
                Ok(keys.into_iter().filter(|key| present.insert(key.clone())).collect())
            })
        }
    }

    fn start(
        store: &Arc<Scripted>,
        mode: Mode,
        key: &str,
    ) -> tokio::task::JoinHandle<Result<bool, StoreError>> {
        let record = Write { key: key.into(), value: vec![0; 100], ttl: 60 };
        let store = Arc::clone(store);
        tokio::spawn(async move { write(&store, mode, record).await })
    }

    /// Lets all tasks run until they wait.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn writes_during_a_write_form_one_group() {
        let store = Scripted::new(0);
        let mut tasks = vec![start(&store, Mode::Put, "first")];
        settle().await;
        tasks.extend(["a", "b", "a", "c"].map(|key| start(&store, Mode::Put, key)));
        settle().await;
        store.permits.add_permits(3);
        for task in tasks {
            assert!(task.await.expect("no panic").expect("written"));
        }
        let groups: [&[&str]; 3] = [&["first"], &["a", "b", "c"], &["a"]];
        assert_eq!(store.groups(), groups, "one key is written once in a group");
        assert_eq!(store.waiting.state.lock().taken_lanes, 0);
    }

    #[tokio::test]
    async fn insert_of_one_key_succeeds_once() {
        let store = Scripted::new(9);
        let tasks = ["a", "b", "a"].map(|key| start(&store, Mode::Insert, key));
        let mut written = Vec::new();
        for task in tasks {
            written.push(task.await.expect("no panic").expect("a store"));
        }
        assert_eq!(written, [true, true, false]);
    }

    #[tokio::test]
    async fn group_is_bounded_in_writes_and_bytes() {
        let store = Scripted::new(0);
        let mut tasks = vec![start(&store, Mode::Put, "first")];
        settle().await;
        tasks.extend((0..40).map(|number| start(&store, Mode::Put, &number.to_string())));
        settle().await;
        store.permits.add_permits(9);
        for task in tasks {
            assert!(task.await.expect("no panic").expect("written"));
        }
        assert_eq!(store.groups().iter().map(Vec::len).collect::<Vec<_>>(), [1, 32, 8]);

        let large = |key: &str| {
            let record = Write { key: key.into(), value: vec![0; MAX_BYTES], ttl: 60 };
            (record, oneshot::channel().0)
        };
        let mut state = State { taken_lanes: 1, writes: vec![large("a"), large("b")] };
        assert_eq!((state.next_group().len(), state.next_group().len()), (1, 1));
    }

    #[tokio::test]
    async fn failed_group_fails_all_its_writes() {
        let store = Scripted::new(0);
        let first = start(&store, Mode::Put, "first");
        settle().await;
        let tasks = ["a", "fail"].map(|key| start(&store, Mode::Put, key));
        settle().await;
        let later = start(&store, Mode::Put, "a");
        store.permits.add_permits(3);
        assert!(first.await.expect("no panic").is_ok());
        for task in tasks {
            let error = task.await.expect("no panic").expect_err("the group fails");
            assert!(error.to_string().contains("no disk"), "{error}");
        }
        assert!(later.await.expect("no panic").is_ok());
    }

    #[tokio::test]
    async fn panic_of_a_back_end_frees_the_lane() {
        let store = Scripted::new(9);
        let error = start(&store, Mode::Put, "panic").await.expect("no panic").expect_err("lost");
        assert!(error.to_string().contains("panicked"), "{error}");
        assert!(start(&store, Mode::Put, "next").await.expect("no panic").is_ok());
    }

    #[tokio::test]
    async fn write_goes_on_without_its_caller() {
        let store = Scripted::new(0);
        let caller = start(&store, Mode::Put, "key");
        settle().await;
        caller.abort();
        store.permits.add_permits(1);
        while store.present.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        settle().await;
        assert_eq!(store.waiting.state.lock().taken_lanes, 0);
    }
}
