//! Only operators request a list, so a store may leave it out. A list that lacks keys is a
//! violation.

use std::collections::BTreeSet;

use super::probe::{HOUR, Outcome, Probe, demand};
use crate::error::StoreError;

/// More than one page.
const RECORDS: u32 = 1_200;
/// More than any page needs.
const LARGEST_PAGE: usize = 100_000;

pub(super) async fn lists_what_is_there(probe: &Probe) -> Outcome {
    if listed(probe).await?.is_none() {
        return Ok(());
    }
    let name = |number: u32| format!("list {number}");
    let put = |probe: Probe, first: u32| async move {
        for number in (first..RECORDS).step_by(100) {
            probe.put(&probe.key(&name(number)), b"value", HOUR).await?;
        }
        Ok(())
    };
    probe.hundred(put).await?;
    let listed = listed(probe).await?.unwrap_or_default();
    let is_missing = |number: &u32| !listed.contains(&probe.key(&name(*number)));
    let missing = (0..RECORDS).filter(is_missing).count();
    demand(missing == 0, || format!("{missing} of {RECORDS} keys are missing from the list"))
}

/// All keys of the store; `None` if it does not support lists.
pub(super) async fn listed(probe: &Probe) -> Result<Option<BTreeSet<String>>, String> {
    let mut listed = BTreeSet::new();
    let mut from = None;
    loop {
        let page = match probe.store.list(from.as_deref()).await {
            Err(StoreError::CannotList) => return Ok(None),
            page => page.map_err(|error| format!("`list` failed: {error}"))?,
        };
        demand(page.keys.len() <= LARGEST_PAGE, || "the size of a page is not limited".to_owned())?;
        listed.extend(page.keys);
        from = page.next;
        if from.is_none() {
            return Ok(Some(listed));
        }
    }
}
