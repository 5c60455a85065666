//! A server that speaks no HTTP by itself: it sends whatever bytes a test wants.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves one behaviour on a loopback port until it is dropped.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl RawServer {
    /// Hands every connection to `serve` once the head of its request was read.
    ///
    /// # Panics
    /// When no port can be bound.
    pub async fn start<F, Fut>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 64 * 1024];
                if stream.read(&mut head).await.is_ok() {
                    tokio::spawn(serve(stream));
                }
            }
        });
        Self { address, task }
    }

    /// The URL of a path on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes `head` and then `piece` over and over, at most `most` bytes; answers how many were taken
/// before the peer hung up.
pub async fn respond(stream: &mut TcpStream, head: &str, piece: &[u8], most: usize) -> usize {
    let mut sent = 0;
    if stream.write_all(head.as_bytes()).await.is_err() {
        return sent;
    }
    while sent < most {
        match stream.write(piece).await {
            Ok(bytes) if bytes > 0 => sent += bytes,
            _ => break,
        }
    }
    sent
}
