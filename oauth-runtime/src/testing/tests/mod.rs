//! The provider's own rules, over real HTTP.

mod authorization;
mod client_assertion;
mod device;
mod encryption;
mod faults;
mod form_post;
mod hybrid;
mod logout;
mod metadata;
mod pages;
mod requested;
mod resources;
mod tenants;
mod token;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded;

use super::{Endpoint, TestProvider, TestProviderBuilder};

/// The example pair of RFC 7636 appendix B.
const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT_URI: &str = "http://127.0.0.1:3000/callback";

/// Parameters that replace or remove what a valid request has; an empty value removes.
type Changes<'a> = &'a [(&'a str, &'a str)];

/// A provider and a client that does everything correctly unless told otherwise.
struct Pair {
    provider: TestProvider,
    http: reqwest::Client,
}

/// A response of an endpoint.
struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Pair {
    async fn start() -> Self {
        Self::build(TestProvider::builder()).await
    }

    async fn build(builder: TestProviderBuilder) -> Self {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { provider: builder.start().await.unwrap(), http }
    }

    fn authorization_url(&self, changes: Changes<'_>) -> String {
        let query = encode(
            &[
                ("response_type", "code"),
                ("client_id", self.provider.client_id()),
                ("redirect_uri", REDIRECT_URI),
                ("scope", "openid profile email offline_access"),
                ("state", "a state"),
                ("nonce", "a nonce"),
                ("code_challenge", CODE_CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
            changes,
        );
        format!("{}?{query}", self.provider.url(Endpoint::Authorization))
    }

    /// Signs Ada in.
    fn code(&self, changes: Changes<'_>) -> String {
        let location = self.provider.sign_in(self.authorization_url(changes), "ada").unwrap();
        parameter(&location, "code").unwrap()
    }

    async fn redeem(&self, code: &str, changes: Changes<'_>) -> Reply {
        let form = encode(
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT_URI),
                ("code_verifier", CODE_VERIFIER),
            ],
            changes,
        );
        self.post(Endpoint::Token, form).await
    }

    async fn refresh(&self, refresh_token: &str, changes: Changes<'_>) -> Reply {
        let form =
            encode(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)], changes);
        self.post(Endpoint::Token, form).await
    }

    /// The token response of a complete login.
    async fn login(&self) -> Value {
        let reply = self.redeem(&self.code(&[]), &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// Posts a form as the first client, authenticated in the header.
    async fn post(&self, endpoint: Endpoint, form: String) -> Reply {
        let credentials = [self.provider.client_id(), self.provider.client_secret()]
            .map(|text| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
            .join(":");
        let header = format!("Basic {}", STANDARD.encode(credentials));
        self.post_as(endpoint, form, &header).await
    }

    /// Posts a form with this `Authorization` header; with none if it is empty.
    async fn post_as(&self, endpoint: Endpoint, form: String, authorization: &str) -> Reply {
        let mut request = self
            .http
            .post(self.provider.url(endpoint))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        Reply::of(request).await
    }

    async fn get(&self, url: impl AsRef<str>) -> Reply {
        Reply::of(self.http.get(url.as_ref())).await
    }

    async fn get_with_token(&self, url: impl AsRef<str>, token: &Value) -> Reply {
        Reply::of(self.http.get(url.as_ref()).bearer_auth(token.as_str().unwrap())).await
    }

    async fn userinfo(&self, access_token: &Value) -> Reply {
        self.get_with_token(self.provider.url(Endpoint::Userinfo), access_token).await
    }
}

impl Reply {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn assert_error(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.json()["error"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
    }
}

fn encode(parameters: Changes<'_>, changes: Changes<'_>) -> String {
    let unchanged =
        parameters.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let given = changes.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(unchanged.chain(given)).finish()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The unverified header and claims of a token.
fn parts(token: &Value) -> (Value, Value) {
    let mut parts = token.as_str().unwrap().split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}
