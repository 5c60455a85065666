//! An application without generated routes: its tests make each request and read each response.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method};
use oauth_runtime::Clock;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, RegisteredClient, SigningAlgorithm, TestProvider};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Leaving, Op, Plain, config};
use url::Url;

/// The public URL of the application.
pub(crate) const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// OpenID Connect without metadata: endpoints that are not declared do not exist.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "stated",
    issuer = "{issuer}",
    authorize_url = "{issuer}/authorize",
    access_token_url = "{issuer}/token",
    jwks_uri = "{issuer}/jwks",
    scopes("openid"),
    id_token_signed_response_alg = "ES256",
    quirks(loopback_http)
)]
pub(crate) struct Stated {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
pub(crate) struct Providers {
    pub(crate) op: Client<Op>,
    pub(crate) plain: Client<Plain>,
    pub(crate) leaving: Client<Leaving>,
    pub(crate) stated: Client<Stated>,
}

/// The application and its provider.
pub(crate) struct Site {
    pub(crate) provider: TestProvider,
    pub(crate) oauth: Providers,
    pub(crate) clock: Clock,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let provider = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
            .start()
            .await
            .expect("a provider");
        let clock = Clock::manual(Clock::system().now());
        let config = config(&provider, PUBLIC_URL)
            .set("STATED_ISSUER", provider.issuer())
            .set("STATED_CLIENT_ID", CLIENT_ID)
            .set("STATED_CLIENT_SECRET", CLIENT_SECRET);
        let builder = Providers::builder().config(config).clock(clock.clone());
        let oauth = builder.build().expect("a valid configuration");
        Self { provider, oauth, clock }
    }

    /// A browser in which Ada is signed in, and the compact ID token of her login.
    pub(crate) async fn signed_in<P: OAuthProvider>(
        &self,
        client: &Client<P>,
    ) -> (Cookies, String) {
        let mut browser = Cookies::default();
        let started = client.authorize_redirect().await.expect("a login starts");
        let answer = self.answer(&browser.follow(started));
        let request = browser.get(&format!("/callback?{answer}"));
        let login = client.authorize_access_token(request).await.expect("a login");
        let id_token = login.token().id_token().map(|token| token.expose().to_owned());
        browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
        (browser, id_token.unwrap_or_default())
    }

    /// The signed-in user.
    pub(crate) async fn user(&self, browser: &Cookies) -> Option<User> {
        let (mut parts, _) = browser.get("/").into_parts();
        User::from_request_parts(&mut parts, &self.oauth).await.ok()
    }

    /// Lets the token of the signed-in user expire, and calls the API, which refreshes it.
    pub(crate) async fn refresh(&self, browser: &Cookies) {
        let before = self.provider.requests(Endpoint::Token);
        self.clock.advance(3600);
        self.provider.set_clock_offset(3600);
        let (mut parts, _) = browser.get("/").into_parts();
        let api = Api::<Op>::from_request_parts(&mut parts, &self.oauth).await.expect("a token");
        api.get("resource").text().await.expect("a resource");
        assert_eq!(self.provider.requests(Endpoint::Token), before + 1);
    }

    /// The authorization response when Ada signs in: the parameters of the redirect URI.
    #[track_caller]
    pub(crate) fn answer(&self, authorization_url: &str) -> String {
        let callback = self.provider.sign_in(authorization_url, "ada").expect("a valid request");
        callback.split_once('?').expect("parameters").1.to_owned()
    }

    /// The authorization response when Ada denies consent.
    #[track_caller]
    pub(crate) fn denial(&self, authorization_url: &str) -> String {
        let callback = self.provider.deny(authorization_url).expect("a valid request");
        callback.split_once('?').expect("parameters").1.to_owned()
    }
}

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Stores the cookies of a response and returns its redirect target.
    #[track_caller]
    pub(crate) fn follow(&mut self, response: impl IntoResponse) -> String {
        let response = response.into_response();
        self.keep(&response);
        let location = response.headers().get(LOCATION).expect("a redirect");
        location.to_str().expect("text").to_owned()
    }

    pub(crate) fn keep(&mut self, response: &Response) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let (value, attributes) = rest.split_once(';').expect("attributes");
            self.0.retain(|(own, _)| own != name);
            if !attributes.contains("Max-Age=0;") && !attributes.ends_with("Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Without the cookie that remembers the last used provider, which outlives sessions.
    pub(crate) fn names(&self) -> Vec<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names.filter(|name| !name.contains("oauth-last-")).collect()
    }

    pub(crate) fn values(&self) -> Vec<String> {
        self.0.iter().map(|(_, value)| value.clone()).collect()
    }

    /// Puts a cookie into the jar, as an attacker with access to this browser could.
    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        self.0.retain(|(own, _)| own != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// A `GET` of this browser.
    pub(crate) fn get(&self, path_and_query: &str) -> Request {
        self.request(Method::GET, path_and_query, Body::empty())
    }

    /// A `POST` of this browser with a form.
    pub(crate) fn post(&self, path: &str, form: &str) -> Request {
        let mut request = self.request(Method::POST, path, Body::from(form.to_owned()));
        let kind = "application/x-www-form-urlencoded".parse().expect("a header");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        request
    }

    fn request(&self, method: Method, uri: &str, body: Body) -> Request {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().expect("a URI");
        self.write(request.headers_mut());
        request
    }

    fn write(&self, headers: &mut HeaderMap) {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            headers.insert(COOKIE, pairs.join("; ").parse().expect("a header"));
        }
    }
}

/// The parameters of a URL.
pub(crate) fn parameters(url: &str) -> BTreeMap<String, String> {
    let url = Url::parse(url).expect("a URL");
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(pairs.len(), map.len(), "a parameter is repeated: {url}");
    map
}
