//! A response body that is read in chunks.

use bytes::Bytes;

use super::BoxFuture;
use crate::error::NetworkError;
use crate::text::opaque_debug;

/// The body of a response, in chunks as they arrive.
///
/// ```
/// # use oauth_runtime::error::NetworkError;
/// use oauth_runtime::http::BodyStream;
///
/// async fn size(mut body: BodyStream) -> Result<usize, NetworkError> {
///     let mut size = 0;
///     while let Some(piece) = body.chunk().await? {
///         size += piece.len();
///     }
///     Ok(size)
/// }
/// ```
pub struct BodyStream(Box<dyn Chunks>);

/// The source of the chunks of a [`BodyStream`].
pub trait Chunks: Send + 'static {
    /// The next chunk, or `None` after the last one.
    ///
    /// # Errors
    /// [`NetworkError`] if none arrives in time, or the exchange breaks off.
    fn next_chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, NetworkError>>;
}

impl BodyStream {
    /// Creates a body whose chunks come from `chunks`.
    pub fn new(chunks: impl Chunks) -> Self {
        Self(Box::new(chunks))
    }

    /// A body that was already read.
    pub(super) fn whole(body: Bytes) -> Self {
        Self::new(Whole(Some(body)))
    }

    /// The next chunk, or `None` after the last one.
    ///
    /// # Errors
    /// [`NetworkError`] if none arrives in time, or the exchange breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetworkError> {
        self.0.next_chunk().await
    }
}

struct Whole(Option<Bytes>);

impl Chunks for Whole {
    fn next_chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, NetworkError>> {
        let all = self.0.take().filter(|bytes| !bytes.is_empty());
        Box::pin(std::future::ready(Ok(all)))
    }
}

opaque_debug!(BodyStream);
