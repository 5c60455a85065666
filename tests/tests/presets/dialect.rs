//! The testing provider in the dialect of another provider: its addresses, its names and shapes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response, Uri, header};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::testing::{Endpoint, Person, RegisteredClient, SigningAlgorithm, TestProvider};
use serde_json::Value;
use tests::in_process::{CLIENT_ID, CLIENT_SECRET};
use url::{Url, form_urlencoded};

use super::fixture::{Exchange, Fixture};

/// A challenge for requests of providers that refuse one (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Parameters = BTreeMap<String, String>;

/// The provider and everything that it was asked in a wrong way. Every request of the application
/// comes here: there is no network.
#[derive(Clone)]
pub(crate) struct Dialect(Arc<Inner>);

struct Inner {
    fixture: Fixture,
    provider: TestProvider,
    http: ReqwestClient,
    /// The access token, once it is issued.
    access_token: Mutex<String>,
    wrong: Mutex<Vec<String>>,
}

impl Dialect {
    pub(crate) async fn start(fixture: Fixture, redirect_uri: &str) -> Self {
        let mut builder = TestProvider::builder().signing_algorithm(SigningAlgorithm::Es256);
        if let Some(issuer) = &fixture.issuer {
            builder = match issuer.contains("{tenantid}") {
                true => builder.many_tenants().issuer(issuer.replace("{tenantid}", "common")),
                false => builder.issuer(issuer),
            };
        }
        let subject = fixture.identity.as_ref().map_or("none", |identity| &identity.id);
        let mut person = Person::new(subject);
        for (name, value) in &fixture.claims {
            person = match name.as_str() {
                "tid" => person.tenant_id(value.as_str().unwrap_or_default()),
                _ => person.claim(name, value.clone()),
            };
        }
        let client = match fixture.is_public {
            true => RegisteredClient::public(CLIENT_ID),
            false => RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET),
        };
        let client = client.redirect_uri(redirect_uri);
        let provider = builder.person(person).client(client).start().await.expect("a provider");
        static HTTP: OnceLock<ReqwestClient> = OnceLock::new();
        let http = HTTP.get_or_init(|| ReqwestClient::new().expect("certificates")).clone();
        let inner = Inner {
            fixture,
            provider,
            http,
            access_token: Mutex::default(),
            wrong: Mutex::default(),
        };
        Self(Arc::new(inner))
    }

    /// The query or the form with which the browser returns after the user has agreed.
    pub(crate) fn agree(&self, url: &Url) -> String {
        let Inner { fixture, provider, .. } = &*self.0;
        if fixture.request_token.is_some() {
            return "oauth_token=temporary&oauth_verifier=v".to_owned();
        }
        let mut parameters: Parameters = self.standard(url.query_pairs().into_owned().collect());
        if let Some(released) = &fixture.released_scopes {
            parameters.entry("scope".to_owned()).or_default().push_str(&format!(" {released}"));
        }
        parameters.entry("code_challenge".to_owned()).or_insert_with(|| CHALLENGE.to_owned());
        parameters.entry("code_challenge_method".to_owned()).or_insert_with(|| "S256".to_owned());
        parameters.entry("response_type".to_owned()).or_insert_with(|| "code".to_owned());
        let request = format!("{}?{}", provider.url(Endpoint::Authorization), form(&parameters));
        let subject = fixture.identity.as_ref().map_or("none", |identity| &identity.id);
        if parameters.get("response_mode").is_some_and(|mode| mode == "form_post") {
            let form_post = provider.sign_in_by_form_post(&request, subject).expect("a form");
            return format!("{}&{}", form_post.body(), form(&fixture.callback));
        }
        let callback = provider.sign_in(&request, subject).expect("a valid request");
        let mut answer: Parameters =
            Url::parse(&callback).expect("a URL").query_pairs().into_owned().collect();
        if fixture.issuer.is_none() {
            answer.remove("iss");
        }
        answer.extend(fixture.callback.clone());
        form(&answer)
    }

    /// The requests that the provider would have refused.
    pub(crate) fn wrong_requests(&self) -> Vec<String> {
        self.0.wrong.lock().expect("no panic").clone()
    }

    /// The parameters under the names of the protocol.
    fn standard(&self, parameters: Parameters) -> Parameters {
        let names = &self.0.fixture.names;
        let standard = |name: String| names.get(&name).cloned().unwrap_or(name);
        parameters.into_iter().map(|(name, value)| (standard(name), value)).collect()
    }

    async fn answer(&self, request: Request<Bytes>, limits: Limits) -> Answer {
        let Fixture { request_token, token, profile, emails, issuer, .. } = &self.0.fixture;
        let url = request.uri().to_string();
        let of = |exchange: &Option<Exchange>| {
            exchange.clone().filter(|exchange| without_query(&exchange.url) == without_query(&url))
        };
        if request_token.as_deref() == Some(&*url) && is_about(&request, "oauth_callback") {
            let text = "oauth_token=temporary&oauth_token_secret=s&oauth_callback_confirmed=true";
            return Ok(Response::new(Bytes::from(text)));
        }
        if let Some(token) = of(token) {
            return self.token(&token, request, limits).await;
        }
        if let Some(profile) = of(profile).or(of(emails)) {
            return Ok(self.profile(&profile, &request));
        }
        let origin = issuer.as_ref().and_then(|issuer| issuer.split('/').nth(2));
        if origin.is_some() && origin == request.uri().host() {
            return self.forward(request, limits).await;
        }
        self.complain(format!("a request to {url}"));
        Ok(Response::builder().status(404).body(Bytes::new()).expect("a response"))
    }

    /// To the same path of the testing provider; the metadata are wherever they are looked for.
    async fn forward(&self, mut request: Request<Bytes>, limits: Limits) -> Answer {
        let Inner { provider, http, .. } = &*self.0;
        let mut path = request.uri().path_and_query().expect("a path").to_string();
        if path.contains("/.well-known/openid-configuration") {
            let url = Url::parse(&provider.url(Endpoint::Metadata)).expect("a URL");
            url.path().clone_into(&mut path);
        }
        *request.uri_mut() = at(provider.address(), &path);
        let mut response = http.send(request, limits).await?;
        if let Some(secret) =
            self.0.fixture.signs_with.as_deref().filter(|_| path.ends_with("/token"))
        {
            let body = signed_with(secret, response.body());
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = body;
        }
        Ok(response)
    }

    async fn token(&self, token: &Exchange, request: Request<Bytes>, limits: Limits) -> Answer {
        let Inner { fixture, provider, http, .. } = &*self.0;
        self.check(token, &request, &Method::POST);
        if fixture.request_token.is_some() {
            let text = token.answer.as_str().unwrap_or("oauth_token=t&oauth_token_secret=s");
            return Ok(Response::new(Bytes::from(text.to_owned())));
        }
        let (mut head, body) = request.into_parts();
        let mut parameters: Parameters = match serde_json::from_slice(&body) {
            Ok(json) => json,
            Err(_) => form_urlencoded::parse(&body).into_owned().collect(),
        };
        let query = head.uri.query().unwrap_or_default().to_owned();
        parameters.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
        let mut parameters = self.standard(parameters);
        if !parameters.contains_key("code_verifier") {
            parameters.insert("code_verifier".to_owned(), VERIFIER.to_owned());
        }
        for (name, value) in &fixture.token_params {
            if parameters.remove(name).as_ref() != Some(value) {
                self.complain(format!("the token request has no {name}={value}"));
            }
        }
        let path = Url::parse(&provider.url(Endpoint::Token)).expect("a URL").path().to_owned();
        head.uri = at(provider.address(), &path);
        head.method = Method::POST;
        let form_type = http::HeaderValue::from_static("application/x-www-form-urlencoded");
        head.headers.insert(header::CONTENT_TYPE, form_type);
        head.headers.remove(header::CONTENT_LENGTH);
        let request = Request::from_parts(head, Bytes::from(form(&parameters)));
        let response = http.send(request, limits).await?;
        let issued: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let Some(access_token) = issued["access_token"].as_str() else { return Ok(response) };
        access_token.clone_into(&mut self.0.access_token.lock().expect("no panic"));
        if token.answer.is_null() {
            return Ok(response);
        }
        Ok(Response::new(self.filled(&token.answer, &issued)))
    }

    fn profile(&self, profile: &Exchange, request: &Request<Bytes>) -> Response<Bytes> {
        self.check(profile, request, &Method::GET);
        let token = self.0.access_token.lock().expect("no panic").clone();
        let url = request.uri().to_string();
        let header = |name: &str| {
            let value = request.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let authorization = header("authorization").unwrap_or_default();
        let is_sent = match profile.credential.as_deref() {
            _ if self.0.fixture.request_token.is_some() => authorization.starts_with("OAuth "),
            None => authorization == format!("Bearer {token}"),
            Some("query") => url.contains(&format!("access_token={token}")),
            Some(place) => match place.split_once(": ") {
                Some((name, value)) => {
                    header(name).is_some_and(|sent| sent == value.replace("{access_token}", &token))
                }
                None => url.contains(&place.replace("{access_token}", &token)),
            },
        };
        if !is_sent {
            self.complain(format!("{url} without the token: {:?}", request.headers()));
        }
        Response::new(self.filled(&profile.answer, &Value::Null))
    }

    fn check(&self, exchange: &Exchange, request: &Request<Bytes>, default: &Method) {
        let url = request.uri().to_string();
        let method = exchange.method.as_deref().unwrap_or(default.as_str());
        if request.method() != method {
            self.complain(format!("{} {url}", request.method()));
        }
        let pairs = |url: &str| -> Vec<(String, String)> {
            let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
            form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        };
        let sent = pairs(&url);
        for pair in pairs(&exchange.url).iter().filter(|pair| !sent.contains(pair)) {
            self.complain(format!("{url} without {}={}", pair.0, pair.1));
        }
        for (name, value) in &exchange.headers {
            let sent = request.headers().get(name).and_then(|value| value.to_str().ok());
            if sent != Some(value) {
                self.complain(format!("{url} with {name}: {sent:?}"));
            }
        }
        let body = String::from_utf8_lossy(request.body());
        if exchange.body.as_ref().is_some_and(|expected| *expected != body) {
            self.complain(format!("{url} with the body {body}"));
        }
    }

    /// The answer with what was issued.
    fn filled(&self, answer: &Value, issued: &Value) -> Bytes {
        let mut text = match answer {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        for name in ["access_token", "refresh_token", "scope"] {
            let value = issued[name].as_str().unwrap_or_default();
            text = text.replace(&format!("{{{name}}}"), value);
        }
        Bytes::from(text)
    }

    fn complain(&self, what: String) {
        self.0.wrong.lock().expect("no panic").push(what);
    }
}

/// The token response with an ID token that is signed with the secret of a client (HS256).
fn signed_with(secret: &str, response: &Bytes) -> Bytes {
    let mut response: Value = serde_json::from_slice(response).expect("JSON");
    let Some(token) = response["id_token"].as_str() else { return response.to_string().into() };
    let claims = token.split('.').nth(1).expect("a JWT");
    let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
    response["id_token"] = format!("{signed}.{signature}").into();
    response.to_string().into()
}

type Answer = Result<Response<Bytes>, NetworkError>;

impl HttpClient for Dialect {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Answer> {
        Box::pin(self.answer(request, limits))
    }
}

fn at(address: SocketAddr, path: &str) -> Uri {
    format!("http://{address}{path}").parse().expect("a URL")
}

fn form(parameters: &Parameters) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// Evernote has one endpoint for both requests of OAuth 1.0a.
fn is_about(request: &Request<Bytes>, parameter: &str) -> bool {
    let header = request.headers().get(header::AUTHORIZATION);
    header.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(parameter))
}
