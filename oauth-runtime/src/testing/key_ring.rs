//! The current signing key, the published keys, and the untrusted keys of some faults.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::error::Unspecified;

use super::signing_key::{SigningAlgorithm, SigningKey};

/// Maximum number of published keys: the current one and its predecessors.
const PUBLISHED: usize = 4;

pub(super) struct KeyRing {
    algorithm: SigningAlgorithm,
    /// The current key, then its predecessors; never empty.
    published: RwLock<(Arc<SigningKey>, Vec<Arc<SigningKey>>)>,
    /// Keys of the other algorithms that clients are registered for. They are never rotated.
    others: Vec<Arc<SigningKey>>,
    foreign_key: Lazy,
    unannounced: Lazy,
}

type Lazy = Mutex<Option<Arc<SigningKey>>>;

impl KeyRing {
    /// Generates a key for `algorithm` and one for each of `others`, which may repeat it.
    pub(super) fn generate(
        algorithm: SigningAlgorithm,
        others: impl Iterator<Item = SigningAlgorithm>,
    ) -> Result<Self, Unspecified> {
        let first = Arc::new(SigningKey::generate(algorithm)?);
        let others: BTreeSet<_> = others.filter(|other| *other != algorithm).collect();
        let others = others.into_iter().map(SigningKey::generate);
        Ok(Self {
            others: others.map(|key| key.map(Arc::new)).collect::<Result<_, _>>()?,
            algorithm,
            published: RwLock::new((first, Vec::new())),
            foreign_key: Lazy::default(),
            unannounced: Lazy::default(),
        })
    }

    pub(super) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The current key.
    pub(super) fn current(&self) -> Arc<SigningKey> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&published.0)
    }

    /// The key for this algorithm, for a client that is registered for it.
    pub(super) fn of(&self, algorithm: SigningAlgorithm) -> Arc<SigningKey> {
        let other = self.others.iter().find(|key| key.algorithm() == algorithm);
        other.map_or_else(|| self.current(), Arc::clone)
    }

    /// The keys of the JWK Set, the current one first.
    pub(super) fn published(&self) -> Vec<Arc<SigningKey>> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        let (current, previous) = &*published;
        std::iter::once(current).chain(previous).chain(&self.others).cloned().collect()
    }

    /// The previous keys.
    pub(super) fn previous(&self) -> Vec<Arc<SigningKey>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Signs with a new key from now on. The previous key stays published, because tokens that it
    /// signed are still in use.
    pub(super) fn rotate(&self) -> Result<(), Unspecified> {
        let next = Arc::new(SigningKey::generate(self.algorithm)?);
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        let (current, previous) = &mut *published;
        previous.insert(0, std::mem::replace(current, next));
        previous.truncate(PUBLISHED - 1);
        Ok(())
    }

    /// A key of the same algorithm that is never published, such as an attacker's.
    pub(super) fn foreign_key(&self) -> Result<Arc<SigningKey>, Unspecified> {
        once(&self.foreign_key, self.algorithm)
    }

    /// A key of an algorithm that the metadata does not list.
    pub(super) fn unannounced(&self) -> Result<Arc<SigningKey>, Unspecified> {
        let other = match self.algorithm {
            SigningAlgorithm::Es256 => SigningAlgorithm::EdDsa,
            _ => SigningAlgorithm::Es256,
        };
        once(&self.unannounced, other)
    }
}

/// The key, generated when it is first needed.
fn once(slot: &Lazy, algorithm: SigningAlgorithm) -> Result<Arc<SigningKey>, Unspecified> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = &*slot {
        return Ok(Arc::clone(key));
    }
    let key = Arc::new(SigningKey::generate(algorithm)?);
    *slot = Some(Arc::clone(&key));
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, PUBLISHED, SigningAlgorithm};

    #[test]
    fn rotation_keeps_a_few_predecessors_published() {
        let ring = KeyRing::generate(SigningAlgorithm::EdDsa, std::iter::empty()).unwrap();
        let first = ring.current();
        ring.rotate().unwrap();
        assert_ne!(ring.current().id(), first.id());
        assert_eq!(ring.published().len(), 2);
        for _ in 0..8 {
            ring.rotate().unwrap();
        }
        assert_eq!(ring.published().len(), PUBLISHED);
        assert_eq!(ring.published()[0].id(), ring.current().id());
    }

    #[test]
    fn each_algorithm_has_one_key_that_signs() {
        let others = [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Es256];
        let ring = KeyRing::generate(SigningAlgorithm::EdDsa, others.into_iter()).unwrap();
        assert_eq!(ring.published().len(), 2);
        assert_eq!(ring.of(SigningAlgorithm::EdDsa).id(), ring.current().id());
        assert_eq!(ring.of(SigningAlgorithm::Es256).algorithm(), SigningAlgorithm::Es256);
    }
}
