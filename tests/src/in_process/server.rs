//! A server without HTTP: it sends the bytes of the test.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves one behaviour on a loopback port until it is dropped.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl RawServer {
    /// Passes every connection to `serve` after reading the head of its request.
    ///
    /// # Panics
    /// If no port can be bound.
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

/// Writes `head` and then `piece` repeatedly, at most `most` bytes. Returns the number of bytes
/// written before the peer closed the connection.
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

/// Posts an endless form. Returns the first line of the response and the number of bytes sent
/// before it. Stops after 64 MiB or 20 seconds.
///
/// # Panics
/// If the server does not listen.
pub async fn post_without_end(server: SocketAddr, path: &str) -> (String, usize) {
    const MAX_BYTES: usize = 64 * 1024 * 1024;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nsec-fetch-mode: navigate\r\n\
         sec-fetch-dest: document\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let mut stream = TcpStream::connect(server).await.expect("a connection");
    let (answers, mut requests) = stream.split();
    let mut sent = 0;
    let sending = async {
        requests.write_all(head.as_bytes()).await.expect("to write");
        while sent < MAX_BYTES && requests.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        std::future::pending::<()>().await;
    };
    let mut answer = String::new();
    let mut answers = BufReader::new(answers);
    tokio::select! {
        _ = answers.read_line(&mut answer) => {}
        () = sending => {}
        () = tokio::time::sleep(Duration::from_secs(20)) => {}
    }
    (answer, sent)
}
