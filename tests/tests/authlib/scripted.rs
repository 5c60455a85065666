//! A client whose provider is in memory: it records each request and responds as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, ConfigError, StandaloneProvider, StoredToken};
use url::{Url, form_urlencoded};

/// The configuration says everything, as for `oauth.register('acme')`.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "acme", configured)]
pub(crate) struct Acme;

/// Its tokens last an hour.
pub(crate) const TOKEN: &str =
    r#"{"access_token":"a","token_type":"Bearer","refresh_token":"b","expires_in":3600}"#;
/// `id:secret` as a header.
pub(crate) const BASIC: &str = "Basic aWQ6c2VjcmV0";

/// The client of one provider, and its network.
pub(crate) struct Site<P> {
    pub(crate) client: Client<P>,
    pub(crate) network: Network,
    pub(crate) clock: Clock,
}

impl Site<Acme> {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }
}

impl<P: StandaloneProvider> Site<P> {
    /// A client with these settings in addition to the usual ones. An empty one is left out.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::built(settings).expect("a valid configuration")
    }

    pub(crate) fn built(settings: &[(&str, &str)]) -> Result<Self, ConfigError> {
        let usual = [
            ("CLIENT_ID", "id"),
            ("CLIENT_SECRET", "secret"),
            ("AUTHORIZE_URL", "https://acme.example/authorize"),
            ("ACCESS_TOKEN_URL", "https://acme.example/token"),
            ("API_BASE_URL", "https://acme.example/api"),
        ];
        let all: BTreeMap<_, _> = usual.iter().chain(settings).copied().collect();
        let prefix = P::SPEC.name.to_uppercase();
        let config = Config::empty().set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000");
        let config = all
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .fold(config, |config, (key, value)| config.set(&format!("{prefix}_{key}"), value));
        let (network, clock) = (Network::default(), Clock::manual(Clock::system().now()));
        network.respond("/token", 200, TOKEN);
        let builder = P::builder().config(config).clock(clock.clone());
        let oauth = builder.http_client(network.clone()).build()?;
        Ok(Self { client: oauth.client().clone(), network, clock })
    }

    /// The parameters of the URL to which a browser is redirected to log in.
    pub(crate) async fn redirected(&self) -> BTreeMap<String, String>
    where
        P: LoginProvider,
    {
        let started = self.client.authorize_redirect().into_url().await.expect("a login starts");
        parameters(started.url())
    }

    /// A login whose provider returns the code `the-code`.
    pub(crate) async fn log_in(&self) -> Result<Login<P>, OAuthError>
    where
        P: LoginProvider,
    {
        let started = self.client.authorize_redirect().into_url().await?;
        let response = format!("code=the-code&state={}", parameters(started.url())["state"]);
        self.client.resume_login(started.into_pending(), &response).await
    }

    /// The API with the access token `mine`.
    pub(crate) fn api(&self) -> Api<P> {
        let token = Token::from_stored(StoredToken::new(P::SPEC.name, "mine"));
        self.client.with_token(token.expect("a token"))
    }
}

/// A network with one host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request<Bytes>>,
    responses: BTreeMap<String, (u16, String)>,
}

impl Network {
    /// Sets the response to all further requests to this path. Default: `{}`.
    pub(crate) fn respond(&self, path: &str, status: u16, body: &str) {
        let mut state = self.0.lock().expect("no panic");
        state.responses.insert(path.to_owned(), (status, body.to_owned()));
    }

    /// The requests to this path.
    pub(crate) fn requests(&self, path: &str) -> Vec<Request<Bytes>> {
        let state = self.0.lock().expect("no panic");
        state.requests.iter().filter(|one| one.uri().path() == path).cloned().collect()
    }

    /// The last request to this path.
    #[track_caller]
    pub(crate) fn last(&self, path: &str) -> Request<Bytes> {
        self.requests(path).pop().unwrap_or_else(|| panic!("no request to {path}"))
    }

    /// The form of the last request to this path.
    #[track_caller]
    pub(crate) fn form(&self, path: &str) -> BTreeMap<String, String> {
        form_urlencoded::parse(self.last(path).body()).into_owned().collect()
    }
}

impl HttpClient for Network {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let mut state = self.0.lock().expect("no panic");
        let other = (200, "{}".to_owned());
        let (status, body) = state.responses.get(request.uri().path()).cloned().unwrap_or(other);
        state.requests.push(request);
        let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
        let response = Response::builder().status(status).header("content-type", kind);
        let response = response.body(Bytes::from(body)).expect("a response");
        Box::pin(async move { Ok(response) })
    }
}

/// The parameters of a URL.
pub(crate) fn parameters(url: &str) -> BTreeMap<String, String> {
    let url = Url::parse(url).expect("a URL");
    url.query_pairs().into_owned().collect()
}

/// A header as text; empty if it is missing.
pub(crate) fn header<'r>(request: &'r Request<Bytes>, name: &str) -> &'r str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
