//! A map whose entries expire and whose size is bounded, for authorization requests, codes and
//! tokens.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds at most `capacity` entries; the oldest are evicted.
pub(super) struct ShortLived<V> {
    capacity: usize,
    entries: Mutex<Entries<V>>,
}

struct Entries<V> {
    by_key: HashMap<String, Entry<V>>,
    /// Every key in the order of insertion, including removed ones.
    order: VecDeque<String>,
}

struct Entry<V> {
    value: V,
    expires_at: i64,
}

impl<V> Entries<V> {
    fn insert(&mut self, capacity: usize, key: String, value: V, expires_at: i64) {
        while self.order.len() >= capacity {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.by_key.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.by_key.insert(key, Entry { value, expires_at });
    }
}

impl<V: Clone> ShortLived<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Mutex::new(Entries { by_key: HashMap::new(), order: VecDeque::new() }),
        }
    }

    pub(super) fn insert(&self, key: String, value: V, expires_at: i64) {
        self.lock().insert(self.capacity, key, value, expires_at);
    }

    /// Inserts a new entry, and returns whether the key was absent.
    pub(super) fn insert_new(&self, key: String, value: V, expires_at: i64) -> bool {
        let mut entries = self.lock();
        let is_new = !entries.by_key.contains_key(&key);
        if is_new {
            entries.insert(self.capacity, key, value, expires_at);
        }
        is_new
    }

    /// The value, unless it is unknown or expired at `now`.
    pub(super) fn get(&self, key: &str, now: i64) -> Option<V> {
        let entries = self.lock();
        let entry = entries.by_key.get(key)?;
        (now < entry.expires_at).then(|| entry.value.clone())
    }

    /// Reads and removes in one step: only one of two callers receives the value.
    pub(super) fn take(&self, key: &str, now: i64) -> Option<V> {
        let entry = self.lock().by_key.remove(key)?;
        (now < entry.expires_at).then_some(entry.value)
    }

    fn lock(&self) -> MutexGuard<'_, Entries<V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::ShortLived;

    #[test]
    fn entry_can_be_taken_once() {
        let map = ShortLived::new(8);
        map.insert("a".to_owned(), 1, 100);
        assert_eq!(map.take("a", 50), Some(1));
        assert_eq!(map.take("a", 50), None);
    }

    #[test]
    fn what_is_new_is_so_once() {
        let map = ShortLived::new(8);
        assert!(map.insert_new("a".to_owned(), 1, 100));
        assert!(!map.insert_new("a".to_owned(), 2, 100));
        assert_eq!(map.get("a", 0), Some(1));
    }

    #[test]
    fn entry_is_gone_when_it_expires() {
        let map = ShortLived::new(8);
        map.insert("a".to_owned(), 1, 100);
        assert_eq!(map.get("a", 99), Some(1));
        assert_eq!(map.get("a", 100), None);
    }

    #[test]
    fn oldest_entries_make_room() {
        let map = ShortLived::new(2);
        for (number, key) in ["a", "b", "c"].into_iter().enumerate() {
            map.insert(key.to_owned(), number, 100);
        }
        assert_eq!(map.get("a", 0), None);
        assert_eq!(map.get("b", 0), Some(1));
        assert_eq!(map.get("c", 0), Some(2));
        assert_eq!(map.lock().order.len(), 2);
    }
}
