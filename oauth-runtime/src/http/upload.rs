//! Sends a request body while it is produced.

use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::timeout;

use super::RequestBody;
use super::request_body::Watch;
use crate::sync::lock::Mutex;

/// The body of a request that is being sent. reqwest demands one that threads can share.
pub(super) struct Upload {
    body: Mutex<RequestBody>,
    length: Option<u64>,
}

impl Upload {
    pub(super) fn new(body: RequestBody) -> Self {
        let length = body.length();
        Self { body: Mutex::new(body), length }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.body.lock().poll_chunk(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Awaits `exchange` as long as its body makes progress within each period of `deadline`; `None` if
/// it does not.
pub(super) async fn while_progressing<T>(
    exchange: impl Future<Output = T>,
    body: &Watch,
    deadline: Duration,
) -> Option<T> {
    let mut exchange = pin!(exchange);
    loop {
        let mut progress = pin!(body.progress());
        let step = poll_fn(|cx| match exchange.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => progress.as_mut().poll(cx).map(|()| None),
        });
        if let Some(answer) = timeout(deadline, step).await.ok()? {
            return Some(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{pending, ready};

    use tokio::time::sleep;

    use super::*;
    use crate::error::NetworkError;

    const LIMIT: Duration = Duration::from_secs(10);

    /// A body that never produces anything.
    struct Silent;

    impl Body for Silent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    /// Reads a chunk every `pause`, as a slow provider does.
    async fn read_slowly(mut body: RequestBody, pause: Duration) -> usize {
        let mut chunks = 0;
        while body.chunk().await.unwrap().is_some() {
            chunks += 1;
            sleep(pause).await;
        }
        chunks
    }

    /// Ten chunks of one byte.
    struct Ten(u8);

    impl Body for Ten {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0 += 1;
            Poll::Ready((self.0 <= 10).then(|| Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    fn timeout_error() -> NetworkError {
        NetworkError::Timeout { host: "op".to_owned(), deadline: LIMIT }
    }

    #[tokio::test(start_paused = true)]
    async fn upload_lasts_as_long_as_it_progresses() {
        let body = RequestBody::new(Ten(0));
        let watch = body.watch();
        let slow = read_slowly(body, LIMIT * 9 / 10);
        assert_eq!(while_progressing(slow, &watch, LIMIT).await, Some(10));
        assert_eq!(while_progressing(ready(1), &watch, LIMIT).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn provider_that_reads_nothing_is_at_fault() {
        let body = RequestBody::new(Ten(0));
        let watch = body.watch();
        let slower = read_slowly(body, LIMIT * 11 / 10);
        assert_eq!(while_progressing(slower, &watch, LIMIT).await, None);
        assert_eq!(watch.fault(&timeout_error()), None);
        assert_eq!(while_progressing(pending::<()>(), &watch, LIMIT).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn application_that_produces_nothing_is_at_fault() {
        let body = RequestBody::new(Silent);
        let watch = body.watch();
        assert_eq!(while_progressing(read_slowly(body, LIMIT), &watch, LIMIT).await, None);
        let fault = watch.fault(&timeout_error()).expect("a fault of the application");
        assert_eq!(fault, "it produced nothing for 10 s");
        let other = NetworkError::Redirected { host: "op".to_owned(), status: 302 };
        assert_eq!(watch.fault(&other), None);
    }
}
