//! Records expire with their time to live, to the second.

use std::time::Duration;

use super::listing::listed;
use super::probe::{HOUR, Outcome, Probe, Time, demand};

/// Tolerance in seconds. A record may expire a second early or late, if the store counts in whole
/// seconds and real time passes.
const TTL: u64 = 3;

impl Probe {
    /// The time at which a record must still exist, and the further time until it must be gone.
    fn around_the_end(&self) -> (u64, u64) {
        match self.time {
            Time::Passes => (TTL - 2, 3),
            Time::Moved(_) => (TTL - 1, 1),
        }
    }
}

pub(super) async fn forgets_on_time(probe: &Probe) -> Outcome {
    let short = Duration::from_secs(TTL);
    let [get, take, create, swap] = ["get", "take", "create", "swap"].map(|name| probe.key(name));
    for key in [&get, &take, &create, &swap] {
        probe.put(key, b"old", short).await?;
    }
    // The last write decides.
    let [longer, shorter, swapped_longer, swapped_shorter] =
        ["longer", "shorter", "swapped longer", "swapped shorter"].map(|name| probe.key(name));
    for (key, first, second) in [(&longer, short, HOUR), (&shorter, HOUR, short)] {
        probe.put(key, b"old", first).await?;
        probe.put(key, b"new", second).await?;
    }
    for (key, first, second) in [(&swapped_longer, short, HOUR), (&swapped_shorter, HOUR, short)] {
        probe.put(key, b"old", first).await?;
        let is_swapped = probe.swap(key, Some(b"old"), b"new", second).await?;
        demand(is_swapped, || {
            "a swap with the current value as expected value is not made".to_owned()
        })?;
    }
    let [none, part, endless] = ["none", "part", "endless"].map(|name| probe.key(name));
    probe.put(&none, b"value", Duration::ZERO).await?;
    probe.put(&part, b"value", Duration::from_millis(1000 * TTL - 999)).await?;
    probe.put(&endless, b"value", Duration::MAX).await?;

    let (still, gone) = probe.around_the_end();
    probe.pass(still).await;
    for key in [&get, &take, &create, &swap] {
        probe.expect(key, Some(b"old"), "before the time to live has passed").await?;
    }
    let when = "with a fraction of a second, which is rounded up, before it has passed";
    probe.expect(&part, Some(b"value"), when).await?;

    probe.pass(gone).await;
    let after = "after the time to live has passed";
    for key in [&get, &shorter, &swapped_shorter, &none, &part] {
        probe.expect(key, None, after).await?;
    }
    let taken = probe.take(&take).await?;
    demand(taken.is_none(), || format!("{after} `take` gives the record"))?;
    probe.expect_swap(&swap, Some(b"old"), false, after).await?;
    probe.expect(&swap, None, after).await?;
    let is_listed = listed(probe).await?.is_some_and(|keys| keys.contains(&swap));
    demand(!is_listed, || format!("{after} it is listed"))?;
    probe.expect_swap(&create, None, true, after).await?;
    probe.expect(&create, Some(b"swapped"), "created again").await?;
    for key in [&longer, &swapped_longer] {
        probe.expect(key, Some(b"new"), "written again with a longer time to live").await?;
    }
    probe.expect(&endless, Some(b"value"), "put with an unlimited time to live").await
}
