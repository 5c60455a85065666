//! HTTP clients for the application under test.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};

type Answer<'a> = BoxFuture<'a, Result<Response<Bytes>, NetworkError>>;

/// The library's client with a deadline that a test can wait for.
#[derive(Clone, Debug)]
pub struct Impatient {
    client: ReqwestClient,
    deadline: Duration,
}

impl Impatient {
    /// A client whose requests end after `deadline`.
    ///
    /// # Panics
    /// If the HTTP client cannot be created.
    pub fn new(deadline: Duration) -> Self {
        Self { client: ReqwestClient::new().expect("a client"), deadline }
    }
}

impl HttpClient for Impatient {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> Answer<'_> {
        self.client.send(request, Limits::new(limits.body, self.deadline))
    }
}

/// A client that trusts only the certificate of one server.
#[derive(Clone, Debug)]
pub struct Trusting(reqwest::Client);

impl Trusting {
    /// Trusts this certificate, in PEM.
    ///
    /// # Panics
    /// If it is not a certificate.
    pub fn new(certificate: &[u8]) -> Self {
        let certificate = reqwest::Certificate::from_pem(certificate).expect("a certificate");
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([certificate]);
        Self(client.build().expect("a client"))
    }
}

impl HttpClient for Trusting {
    fn send(&self, request: Request<Bytes>, _: Limits) -> Answer<'_> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).expect("a request");
            let response = self.0.execute(request).await.expect("a response");
            let mut whole = Response::builder().status(response.status());
            for (name, value) in response.headers() {
                whole = whole.header(name, value);
            }
            let body = response.bytes().await.expect("a whole answer");
            Ok(whole.body(body).expect("a response"))
        })
    }
}

/// The library's client, which records all requests and responses.
#[derive(Clone)]
pub struct Recorder {
    client: ReqwestClient,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

type Exchange = (Request<Bytes>, Option<Response<Bytes>>);

impl Recorder {
    /// A client without recorded exchanges.
    ///
    /// # Panics
    /// If the HTTP client cannot be created.
    pub fn new() -> Self {
        Self { client: ReqwestClient::new().expect("a client"), exchanges: Arc::default() }
    }

    /// The requests and responses so far.
    ///
    /// # Panics
    /// If another test thread panicked.
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
