//! Failed refreshes: not every call tries again, and no grant waits long once the provider is back.

use std::fmt;
use std::sync::Arc;

use crate::clock::Interval;
use crate::error::OAuthError;
use crate::sync::recent::Recent;

/// Seconds after the first failure during which the grant is not tried again. Each further failure
/// doubles them.
const FIRST_PAUSE: u64 = 1;
const MAX_PAUSE: u64 = 10;
/// Seconds after which a failure is forgotten.
const REMEMBERED_FOR: u64 = 60;
/// Maximum number of remembered failures per client.
const MAX_FAILURES: usize = 10_000;

/// The last failure of each grant.
pub(super) struct Failures(Recent<Failure>);

#[derive(Clone)]
struct Failure {
    error: OAuthError,
    /// In seconds.
    pause: u64,
    paused: Interval,
}

impl Failures {
    /// Returns the error of the last refresh during its pause.
    pub(super) fn get(&self, grant: &str, now: u64) -> Option<OAuthError> {
        let failure = self.0.get(grant, now)?;
        failure.paused.contains(now).then_some(failure.error)
    }

    /// Records that a refresh failed at `now`.
    pub(super) fn note(&self, grant: &Arc<str>, error: &OAuthError, now: u64) {
        let pause = match self.0.get(grant, now) {
            Some(failure) => (failure.pause * 2).min(MAX_PAUSE),
            None => FIRST_PAUSE,
        };
        let paused = Interval::new(now, pause);
        self.0.insert(grant, Failure { error: error.clone(), pause, paused }, now);
    }

    /// Forgets the failures of a grant.
    pub(super) fn remove(&self, grant: &str) {
        self.0.remove(grant);
    }
}

impl Default for Failures {
    fn default() -> Self {
        Self(Recent::new(REMEMBERED_FOR, MAX_FAILURES))
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_grows_with_each_failure_of_a_grant() {
        let failures = Failures::default();
        let (grant, other): (Arc<str>, Arc<str>) = ("g".into(), "h".into());
        let mut now = 1_000;
        for pause in [1, 2, 4, 8, 10, 10] {
            failures.note(&grant, &OAuthError::Cryptography, now);
            assert!(failures.get(&grant, now + pause - 1).is_some(), "{pause}");
            assert!(failures.get(&grant, now - 1).is_none(), "the clock was set back");
            assert!(failures.get(&other, now).is_none());
            now += pause;
            assert!(failures.get(&grant, now).is_none(), "{pause}");
        }
        failures.remove(&grant);
        failures.note(&grant, &OAuthError::Cryptography, now);
        assert!(failures.get(&grant, now + 1).is_none(), "after a success it counts as the first");
        now += REMEMBERED_FOR + 1;
        failures.note(&grant, &OAuthError::Cryptography, now);
        assert!(failures.get(&grant, now + 1).is_none(), "and after a while");
    }
}
