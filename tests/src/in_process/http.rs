//! HTTP clients for the application under test.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};

type Answer<'a> = BoxFuture<'a, Result<Response<Bytes>, NetworkError>>;

/// The library's client with a deadline that a test can wait for.
#[derive(Clone, Debug)]
pub struct Impatient {
    client: ReqwestClient,
    deadline: Duration,
}

impl Impatient {
    /// Every request ends after `deadline`.
    ///
    /// # Panics
    /// When there is no HTTP client to be had.
    pub fn new(deadline: Duration) -> Self {
        Self { client: ReqwestClient::new().expect("a client"), deadline }
    }
}

impl HttpClient for Impatient {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Answer<'_> {
        self.client.send(request, Limits { deadline: self.deadline, ..limits })
    }
}

/// The library's client; it remembers what was exchanged.
#[derive(Clone)]
pub struct Recorder {
    client: ReqwestClient,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

type Exchange = (Request<Bytes>, Option<Response<Bytes>>);

impl Recorder {
    /// Nothing was exchanged yet.
    ///
    /// # Panics
    /// When there is no HTTP client to be had.
    pub fn new() -> Self {
        Self { client: ReqwestClient::new().expect("a client"), exchanges: Arc::default() }
    }

    /// What was sent and what came back.
    ///
    /// # Panics
    /// When another test thread panicked meanwhile.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().expect("no panic").clone()
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient for Recorder {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Answer<'_> {
        Box::pin(async move {
            let answer = self.client.send(request.clone(), limits).await;
            let response = answer.as_ref().ok().cloned();
            self.exchanges.lock().expect("no panic").push((request, response));
            answer
        })
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}
