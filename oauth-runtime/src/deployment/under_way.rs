//! Work that must not be cut off by the end of the process.

use tokio::sync::watch;

use crate::text::opaque_debug;

/// Counts what is under way.
pub(crate) struct UnderWay(watch::Sender<usize>);

/// Some work; dropped, it is done.
#[must_use]
pub(crate) struct Work(watch::Sender<usize>);

impl UnderWay {
    /// Begins some work.
    pub(crate) fn begin(&self) -> Work {
        self.0.send_modify(|count| *count += 1);
        Work(self.0.clone())
    }

    /// Waits until nothing is under way.
    pub(crate) async fn end(&self) {
        // The sender is here: the channel does not close.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Default for UnderWay {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

opaque_debug!(Work);
