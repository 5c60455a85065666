//! A listener that no client should contact.

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use tokio::net::TcpListener;

use super::json;

/// Maximum number of recorded requests.
const REMEMBERED: usize = 64;
/// Maximum length of a recorded body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// A second listener, on a port of its own, that no client should contact.
///
/// Faults that direct a client elsewhere point to it: [`Fault::Redirects`](super::Fault::Redirects)
/// and [`Fault::RemoteJwk`](super::Fault::RemoteJwk). A test then checks that no request arrived,
/// or which secrets a request contained.
///
/// ```
/// use oauth_runtime::testing::TestProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = TestProvider::start().await?;
/// assert!(provider.bystander().requests().is_empty());
///
/// reqwest::get(format!("{}/somewhere", provider.bystander().url())).await?;
/// assert_eq!(provider.bystander().requests()[0].path, "/somewhere");
/// # Ok(())
/// # }
/// ```
pub struct Bystander {
    address: SocketAddr,
    requests: Mutex<VecDeque<WitnessedRequest>>,
}

/// A request that reached the [`Bystander`].
///
/// ```
/// use oauth_runtime::testing::{TestProvider, WitnessedRequest};
///
/// fn carries_no_secret(request: &WitnessedRequest, provider: &TestProvider) -> bool {
///     !request.body.contains(provider.client_secret())
///         && request.header("authorization").is_none()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WitnessedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// The path and query.
    pub path: String,
    /// Lower-case names, and values. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// Bytes that are not UTF-8 are replaced; empty if larger than 64 KiB.
    pub body: String,
}

impl WitnessedRequest {
    /// The first header with this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Bystander {
    /// The URL that it listens on, without a trailing slash: `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last 64 requests, oldest first.
    pub fn requests(&self) -> Vec<WitnessedRequest> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }

    /// Binds a free port; the router serves it.
    pub(super) async fn bind() -> std::io::Result<(Arc<Self>, TcpListener, Router)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let bystander =
            Arc::new(Self { address: listener.local_addr()?, requests: Mutex::default() });
        let router = Router::new().fallback(witness).with_state(Arc::clone(&bystander));
        Ok((bystander, listener, router))
    }

    fn remember(&self, request: WitnessedRequest) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() == REMEMBERED {
            requests.pop_front();
        }
        requests.push_back(request);
    }
}

async fn witness(State(bystander): State<Arc<Bystander>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    bystander.remember(WitnessedRequest {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    json::json(StatusCode::OK, &json!({}))
}

impl fmt::Debug for Bystander {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bystander").field("address", &self.address).finish_non_exhaustive()
    }
}
