//! Work that the end of the process must not interrupt.

use tokio::sync::watch;

use crate::text::opaque_debug;

/// Counts running work.
pub(crate) struct UnderWay(watch::Sender<usize>);

/// A piece of work, which is done on drop.
#[must_use]
pub(crate) struct Work(watch::Sender<usize>);

impl UnderWay {
    /// Starts a piece of work.
    pub(crate) fn begin(&self) -> Work {
        self.0.send_modify(|count| *count += 1);
        Work(self.0.clone())
    }

    /// Waits until no work is running.
    pub(crate) async fn end(&self) {
        // The sender is alive: the channel does not close.
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
