//! A bounded record of values that this process learned recently. Old values expire.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::sync::lock::Mutex;

/// Values that are valid for some seconds.
///
/// The values are in two maps, and new ones go to the younger map. When that is full or old, it
/// becomes the older map, and the values of the previous older map are dropped at once. So eviction
/// never searches for values.
pub(crate) struct Recent<V> {
    maps: Mutex<Maps<V>>,
    /// Lifetime of a value in seconds.
    lifetime: u64,
    /// Maximum number of values.
    capacity: usize,
}

struct Maps<V> {
    younger: HashMap<Arc<str>, Entry<V>>,
    older: HashMap<Arc<str>, Entry<V>>,
    /// When the younger map was started, in seconds since 1970-01-01 UTC.
    started_at: u64,
}

struct Entry<V> {
    value: V,
    /// Seconds since 1970-01-01 UTC.
    learned_at: u64,
}

impl<V: Clone> Recent<V> {
    /// Creates a record that keeps values for `lifetime` seconds, and never more than `capacity`.
    pub(crate) fn new(lifetime: u64, capacity: usize) -> Self {
        let maps = Maps { younger: HashMap::new(), older: HashMap::new(), started_at: 0 };
        Self { maps: Mutex::new(maps), lifetime, capacity }
    }

    /// The value that was learned for `key`, if it is still valid.
    pub(crate) fn get(&self, key: &str, now: u64) -> Option<V> {
        let maps = self.maps.lock();
        let known = maps.younger.get(key).or_else(|| maps.older.get(key))?;
        // A clock that was set back must not prolong a value.
        (known.learned_at..known.learned_at + self.lifetime)
            .contains(&now)
            .then(|| known.value.clone())
    }

    /// Learns a value at `now`.
    pub(crate) fn insert(&self, key: &Arc<str>, value: V, now: u64) {
        let mut maps = self.maps.lock();
        maps.older.remove(key);
        let is_old = now.abs_diff(maps.started_at) >= self.lifetime;
        if is_old || maps.younger.len() >= self.capacity / 2 {
            maps.older = std::mem::take(&mut maps.younger);
            maps.started_at = now;
        }
        maps.younger.insert(Arc::clone(key), Entry { value, learned_at: now });
    }

    /// Forgets a value.
    pub(crate) fn remove(&self, key: &str) {
        let mut maps = self.maps.lock();
        maps.younger.remove(key);
        maps.older.remove(key);
    }
}

impl<V> fmt::Debug for Recent<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let maps = self.maps.lock();
        write!(f, "Recent({} of {})", maps.younger.len() + maps.older.len(), self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Arc<str> {
        number.to_string().into()
    }

    #[test]
    fn value_is_valid_only_for_its_lifetime() {
        let recent = Recent::new(5, 100);
        recent.insert(&key(1), "a", 1_000);
        assert_eq!(recent.get("1", 1_004), Some("a"));
        assert_eq!(recent.get("1", 1_005), None);
        assert_eq!(recent.get("1", 999), None, "a clock set back");
        // The value survives a swap of the maps.
        recent.insert(&key(2), "b", 1_004);
        recent.insert(&key(3), "c", 1_006);
        assert_eq!(recent.get("2", 1_008), Some("b"));
        recent.insert(&key(2), "d", 1_008);
        assert_eq!(recent.get("2", 1_012), Some("d"));
        recent.remove("2");
        assert_eq!(recent.get("2", 1_012), None);
    }

    #[test]
    fn record_never_exceeds_its_capacity() {
        let recent = Recent::new(5, 100);
        for number in 0..1_000 {
            recent.insert(&key(number), number, 1_000);
            let maps = recent.maps.lock();
            assert!(maps.younger.len() + maps.older.len() <= 100);
        }
        assert_eq!(recent.get("999", 1_000), Some(999));
    }

    #[test]
    fn old_values_are_dropped_by_later_ones() {
        let recent = Recent::new(5, 100);
        let secret = Arc::new(());
        recent.insert(&key(1), Arc::clone(&secret), 1_000);
        recent.insert(&key(2), Arc::default(), 1_005);
        recent.insert(&key(3), Arc::default(), 1_010);
        assert_eq!(Arc::strong_count(&secret), 1);
    }
}
