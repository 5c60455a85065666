//! A request body that is sent while it is produced.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use tokio::sync::Notify;

use crate::error::NetworkError;
use crate::sync::lock::Mutex;
use crate::text::opaque_debug;

type BodyError = Box<dyn Error + Send + Sync>;

/// The body of a request, in chunks as they are produced. It can be sent once.
///
/// It is made from axum's [`Body`](axum::body::Body), which is the body of a request to the
/// application, or any stream.
///
/// ```
/// use axum::body::Body;
/// use oauth_runtime::http::RequestBody;
///
/// # async fn size() -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
/// let mut body = RequestBody::from(Body::from("twelve bytes"));
/// assert_eq!(body.length(), Some(12));
/// let mut size = 0;
/// while let Some(chunk) = body.chunk().await? {
///     size += chunk.len();
/// }
/// # Ok(size)
/// # }
/// ```
pub struct RequestBody {
    frames: Box<dyn Frames>,
    length: Option<u64>,
    /// Bytes of the chunks so far.
    produced: u64,
    watch: Arc<Watch>,
}

/// A body without its type.
trait Frames: Send {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>>;
}

impl<B> Frames for Pin<Box<B>>
where
    B: Body<Data = Bytes, Error: Into<BodyError>> + Send,
{
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            match ready!(self.as_mut().poll_frame(cx)) {
                // Trailers are not sent.
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl RequestBody {
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BodyError>> + Send + 'static,
    {
        let length = body.size_hint().exact();
        Self { frames: Box::new(Box::pin(body)), length, produced: 0, watch: Arc::default() }
    }

    /// Sets the length in bytes. A body that turns out longer or shorter is an error.
    pub(crate) fn set_length(&mut self, length: u64) {
        self.length = Some(length);
    }

    /// The length in bytes, if it is known: the value of `Content-Length`.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next chunk, or `None` after the last one.
    ///
    /// # Errors
    /// The error of the application's stream, or one that says that the body does not have the
    /// length that was stated.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
        poll_fn(|cx| self.poll_chunk(cx)).await.transpose()
    }

    pub(super) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        let polled = self.frames.poll_chunk(cx).map(|chunk| self.counted(chunk).transpose());
        self.watch.is_awaited.store(polled.is_pending(), Ordering::Relaxed);
        if let Poll::Ready(chunk) = &polled {
            if let Some(Err(error)) = chunk {
                self.watch.fail(error.to_string());
            }
            self.watch.progress.notify_one();
        }
        polled
    }

    /// Checks the length: a server would take excess bytes for the next request (RFC 9112 section
    /// 6.3).
    fn counted(
        &mut self,
        chunk: Option<Result<Bytes, BodyError>>,
    ) -> Result<Option<Bytes>, BodyError> {
        let chunk = chunk.transpose()?;
        let size = chunk.as_ref().map_or(0, Bytes::len);
        self.produced = self.produced.saturating_add(size as u64);
        match self.length {
            Some(length) if self.produced > length => {
                Err(format!("it has more than the stated {length} bytes").into())
            }
            Some(length) if chunk.is_none() && self.produced < length => {
                Err(format!("it has {} of the stated {length} bytes", self.produced).into())
            }
            _ => Ok(chunk),
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// The error of the body, or one that says that it has more than `most` bytes.
    pub(super) async fn whole(mut self, most: usize) -> Result<Bytes, BodyError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > most {
                let fault = format!(
                    "it has more than {most} bytes, and the HTTP client in use does not stream"
                );
                self.watch.fail(fault.clone());
                return Err(fault.into());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// Shows what this body does while an HTTP client owns it.
    pub(crate) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }
}

opaque_debug!(RequestBody);

/// What a body has done so far.
#[derive(Default)]
pub(crate) struct Watch {
    failure: Mutex<Option<String>>,
    /// Whether the client waits for the application's next chunk.
    is_awaited: AtomicBool,
    progress: Notify,
}

impl Watch {
    fn fail(&self, fault: String) {
        self.failure.lock().get_or_insert(fault);
    }

    /// Waits until the body has produced another chunk, or its end.
    pub(super) async fn progress(&self) {
        self.progress.notified().await;
    }

    /// The fault of the body, if it has caused `error`.
    pub(crate) fn fault(&self, error: &NetworkError) -> Option<String> {
        if let Some(fault) = &*self.failure.lock() {
            return Some(fault.clone());
        }
        match error {
            NetworkError::Timeout { deadline, .. } if self.is_awaited.load(Ordering::Relaxed) => {
                Some(format!("it produced nothing for {} s", deadline.as_secs_f32()))
            }
            _ => None,
        }
    }
}
