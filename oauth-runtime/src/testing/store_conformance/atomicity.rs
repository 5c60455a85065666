//! A hundred concurrent operations of which one may succeed.

use super::probe::{HOUR, Outcome, Probe, demand};

pub(super) async fn takes_once(probe: &Probe) -> Outcome {
    let key = probe.key("take");
    demand(probe.take(&key).await?.is_none(), || "`take` of nothing gives something".to_owned())?;
    probe.put(&key, b"value", HOUR).await?;
    let took = |probe: Probe, _| {
        let key = key.clone();
        async move { Ok(probe.take(&key).await?.is_some_and(|value| value == b"value")) }
    };
    let takers = probe.hundred(took).await?.into_iter().filter(|took| *took).count();
    demand(takers == 1, || format!("{takers} of a hundred concurrent `take`s return the record"))?;
    probe.expect(&key, None, "after `take`").await
}

pub(super) async fn swaps_over_the_expected(probe: &Probe) -> Outcome {
    let key = probe.key("swap");
    probe.expect_swap(&key, Some(b""), false, "without a record").await?;
    probe.expect_swap(&key, Some(b"swapped"), false, "without a record").await?;
    probe.expect(&key, None, "after a swap that was not made").await?;
    probe.put(&key, b"", HOUR).await?;
    probe.expect_swap(&key, None, false, "with an empty record").await?;
    probe.expect_swap(&key, Some(b"\0"), false, "with an empty record").await?;
    probe.expect_swap(&key, Some(b""), true, "with an empty record").await?;
    probe.expect(&key, Some(b"swapped"), "after a swap that was made").await?;
    for other in [&b"Swapped"[..], b"swapped ", b"swapped\0", b"swap", b""] {
        probe.expect_swap(&key, Some(other), false, "with the record `swapped`").await?;
    }
    probe.expect_swap(&key, None, false, "with the record `swapped`").await
}

pub(super) async fn one_creates(probe: &Probe) -> Outcome {
    let key = probe.key("create");
    let create = |probe: Probe, number: u32| {
        let key = key.clone();
        async move {
            let is_mine = probe.swap(&key, None, &number.to_le_bytes(), HOUR).await?;
            Ok(is_mine.then_some(number))
        }
    };
    let created: Vec<_> = probe.hundred(create).await?.into_iter().flatten().collect();
    demand(created.len() == 1, || {
        format!("{} of a hundred concurrent writers create the record", created.len())
    })?;
    let first = created.first().copied().unwrap_or_default();
    probe.expect(&key, Some(&first.to_le_bytes()), "after one was first").await
}

/// A hundred writers each add one to a number, based on the value that they read.
pub(super) async fn loses_no_write(probe: &Probe) -> Outcome {
    let key = probe.key("count");
    let add = |probe: Probe, _| {
        let key = key.clone();
        async move {
            loop {
                let old = probe.get(&key).await?;
                let count =
                    old.as_deref().map_or(Ok(0), |old| old.try_into().map(u32::from_le_bytes));
                let count = count.map_err(|_| "a partly written number was read".to_owned())?;
                let new = (count + 1).to_le_bytes();
                if probe.swap(&key, old.as_deref(), &new, HOUR).await? {
                    return Ok(());
                }
            }
        }
    };
    probe.hundred(add).await?;
    let sum = 100_u32.to_le_bytes();
    probe.expect(&key, Some(&sum), "after a hundred writers added one each").await
}

/// Values that repeat one letter are written concurrently: a reader must see only one letter.
pub(super) async fn shows_no_half_of_a_write(probe: &Probe) -> Outcome {
    const LENGTH: usize = 20_000;
    let key = probe.key("halves");
    probe.put(&key, &[b'a'; LENGTH], HOUR).await?;
    let write_or_read = |probe: Probe, number: u32| {
        let key = key.clone();
        async move {
            if number.is_multiple_of(2) {
                let letter = b'a' + u8::try_from(number / 2 % 26).unwrap_or_default();
                return probe.put(&key, &vec![letter; LENGTH], HOUR).await;
            }
            let value = probe.get(&key).await?.unwrap_or_default();
            let is_whole = value.len() == LENGTH && value.iter().all(|byte| *byte == value[0]);
            demand(is_whole, || "a partly written record was read".to_owned())
        }
    };
    probe.hundred(write_or_read).await.map(drop)
}
