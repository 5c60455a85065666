//! An application without generated routes: its tests make each request and read each response.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{RegisteredClient, SigningAlgorithm, TestProvider};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Op, Plain, config};

/// Where people reach the application.
pub(crate) const PUBLIC_URL: &str = "http://127.0.0.1:3000";

#[derive(Clone, Debug, OAuthRegistry)]
#[oauth_registry(mount = "/auth")]
pub(crate) struct Providers {
    pub(crate) op: Client<Op>,
    pub(crate) plain: Client<Plain>,
}

/// The application and its provider.
pub(crate) struct Site {
    pub(crate) provider: TestProvider,
    pub(crate) oauth: Providers,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let provider = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET))
            .start()
            .await
            .expect("a provider");
        let builder = Providers::builder().config(config(&provider, PUBLIC_URL));
        let oauth = builder.build().expect("a configuration in order");
        Self { provider, oauth }
    }

    /// What the provider answers when Ada signs in: the parameters of the redirect URI.
    #[track_caller]
    pub(crate) fn answer(&self, authorization_url: &str) -> String {
        let callback = self.provider.sign_in(authorization_url, "ada").expect("a request in order");
        callback.query().expect("parameters").to_owned()
    }

    /// What the provider answers when Ada says no.
    #[track_caller]
    pub(crate) fn denial(&self, authorization_url: &str) -> String {
        let callback = self.provider.deny(authorization_url).expect("a request in order");
        callback.query().expect("parameters").to_owned()
    }
}

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Keeps what a response sets; gives where it redirects to.
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
