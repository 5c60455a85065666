//! Client authentication with keys: assertions are signed for this provider and one request, and an
//! unsuitable key is reported when the application starts.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use oauth_runtime::error::FaultKind;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, RegisteredClient, TestProvider};
use oauth_runtime::{ConfigError, RegistryBuilder};
use serde_json::{Value, json};
use tests::in_process::Recorder;
use url::form_urlencoded::parse;

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../../../oauth-runtime/src/protocol/fixtures/keys/", $name))
    };
}

/// A provider for each authentication method.
macro_rules! providers {
    ($($name:ident = $key:literal, $method:literal, ($($more:tt)*);)+) => {
        $(
            #[derive(Debug, OAuthProvider)]
            #[oauth_provider(
                name = $key,
                issuer = "{issuer}",
                scopes("openid"),
                api_base_url = "{issuer}/api/",
                token_endpoint_auth_method = $method,
                $($more)*
            )]
            pub struct $name {
                issuer: String,
            }
        )+
    };
}

providers! {
    Basic = "basic", "client_secret_basic", (quirks(loopback_http));
    Post = "post", "client_secret_post", (quirks(loopback_http));
    SecretJwt = "secret_jwt", "client_secret_jwt", (quirks(loopback_http));
    KeyJwt = "key_jwt", "private_key_jwt", (quirks(loopback_http));
    Declared = "declared", "private_key_jwt",
        (token_endpoint_auth_signing_alg = "PS256", quirks(loopback_http));
    Older = "older", "private_key_jwt", (quirks(loopback_http, token_endpoint_audience));
    Apple = "apple", "apple_jwt", (quirks(loopback_http));
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Every {
    basic: Client<Basic>,
    post: Option<Client<Post>>,
    secret_jwt: Option<Client<SecretJwt>>,
    key_jwt: Option<Client<KeyJwt>>,
    declared: Option<Client<Declared>>,
    older: Option<Client<Older>>,
    apple: Option<Client<Apple>>,
}

const SECRET: &str = "a secret of 37 characters for signing";
const KEYS: [&str; 5] = [
    key_file!("rsa-pkcs8.pem"),
    key_file!("p256-sec1.pem"),
    key_file!("p384-pkcs8.pem"),
    key_file!("p521-pkcs8.pem"),
    key_file!("ed25519.jwk.json"),
];

/// Settings of one provider; the others are not configured.
fn settings(name: &str, issuer: &str, more: &[(&str, &str)]) -> RegistryBuilder<Every> {
    let mut config = Config::empty()
        .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
        .set("BASIC_ISSUER", issuer)
        .set("BASIC_CLIENT_ID", "shop")
        .set("BASIC_CLIENT_SECRET", SECRET)
        .set(&format!("{name}_ISSUER"), issuer)
        .set(&format!("{name}_CLIENT_ID"), "shop");
    for (key, value) in more {
        config = config.set(&format!("{name}_{key}"), *value);
    }
    Every::builder().config(config)
}

/// The client of one method with its key, and a provider with its public key.
async fn pair(
    name: &str,
    more: &[(&str, &str)],
    register: impl Fn(&Value) -> RegisteredClient,
) -> (TestProvider, Every, Recorder) {
    // The client publishes its public key before the provider exists.
    let early = settings(name, "http://127.0.0.1:9", more).build().expect("an early client");
    let provider =
        TestProvider::builder().client(register(&jwks(&early))).start().await.expect("a provider");
    let recorder = Recorder::new();
    let oauth = settings(name, provider.issuer(), more)
        .http_client(recorder.clone())
        .build()
        .expect("a client");
    (provider, oauth, recorder)
}

fn jwks(oauth: &Every) -> Value {
    let keys = [
        oauth.key_jwt.as_ref().map(Client::jwks),
        oauth.declared.as_ref().map(Client::jwks),
        oauth.older.as_ref().map(Client::jwks),
        oauth.apple.as_ref().map(Client::jwks),
    ];
    keys.into_iter().flatten().next().unwrap_or_else(|| json!({"keys": []}))
}

fn by_key(jwks: &Value) -> RegisteredClient {
    RegisteredClient::with_private_key("shop", jwks)
}

/// The values of a parameter in all token requests.
fn sent(recorder: &Recorder, parameter: &str) -> Vec<String> {
    let exchanges = recorder.exchanges();
    let requests = exchanges.iter().filter(|(request, _)| request.method() == Method::POST);
    requests
        .flat_map(|(request, _)| {
            let pairs = parse(request.body()).filter(|(name, _)| name == parameter);
            pairs.map(|(_, value)| value.into_owned()).collect::<Vec<_>>()
        })
        .collect()
}

async fn fetch<P: oauth_runtime::OAuth2Provider>(
    client: Option<&Client<P>>,
) -> Result<Token<P>, OAuthError> {
    client.expect("it is configured").client_credentials().fresh().await
}

#[tokio::test]
async fn private_key_jwt_verifies_with_every_key_type() {
    for key in KEYS {
        let (_provider, oauth, recorder) = pair("KEY_JWT", &[("PRIVATE_KEY", key)], by_key).await;
        fetch(oauth.key_jwt.as_ref()).await.expect("a token");
        assert_eq!(sent(&recorder, "client_assertion").len(), 1);
        assert_eq!(sent(&recorder, "client_secret"), [""; 0]);
    }
}

#[tokio::test]
async fn a_login_is_finished_with_a_private_key() {
    let key = [("PRIVATE_KEY", KEYS[1]), ("PRIVATE_KEY_ID", "2026-11")];
    let (provider, oauth, _) = pair("KEY_JWT", &key, by_key).await;
    let client = oauth.key_jwt.as_ref().expect("it is configured");
    assert_eq!(client.jwks()["keys"][0]["kid"], "2026-11");
    let started = client.authorize_redirect().await.expect("a redirect").into_response();
    let location = started.headers()[http::header::LOCATION].to_str().expect("a URL");
    let cookie = started.headers()[http::header::SET_COOKIE].to_str().expect("a cookie");
    let callback = provider.sign_in(location, "ada").expect("a code");
    let request = http::Request::builder()
        .uri(callback)
        .header(http::header::COOKIE, cookie.split(';').next().expect("a pair"))
        .body(axum::body::Body::empty())
        .expect("a request");
    let login = client.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
}

#[tokio::test]
async fn other_authentication_methods_are_accepted() {
    let secret = [("CLIENT_SECRET", SECRET)];
    let confidential = |_: &Value| RegisteredClient::confidential("shop", SECRET);
    let (_provider, oauth, _) = pair("BASIC", &secret, confidential).await;
    fetch(Some(&oauth.basic)).await.expect("client_secret_basic");
    let (_provider, oauth, _) = pair("POST", &secret, confidential).await;
    fetch(oauth.post.as_ref()).await.expect("client_secret_post");

    let signing = |_: &Value| RegisteredClient::confidential("shop", SECRET);
    let (_provider, oauth, recorder) = pair("SECRET_JWT", &secret, signing).await;
    fetch(oauth.secret_jwt.as_ref()).await.expect("client_secret_jwt");
    let exchanges = recorder.exchanges();
    for (request, _) in &exchanges {
        assert!(!format!("{request:?}").contains(SECRET), "a signing secret is not sent");
    }

    let key = [("PRIVATE_KEY", KEYS[0])];
    let (_provider, oauth, _) = pair("DECLARED", &key, by_key).await;
    assert_eq!(jwks(&oauth)["keys"][0]["alg"], "PS256");
    fetch(oauth.declared.as_ref()).await.expect("private_key_jwt with PS256");

    let (provider, oauth, recorder) = pair("OLDER", &key, by_key).await;
    fetch(oauth.older.as_ref()).await.expect("an audience of the token endpoint");
    assert_eq!(audiences(&recorder), [provider.url(Endpoint::Token)]);
    let (provider, oauth, recorder) = pair("KEY_JWT", &key, by_key).await;
    fetch(oauth.key_jwt.as_ref()).await.expect("the issuer is the audience");
    assert_eq!(audiences(&recorder), [provider.issuer()]);
}

/// `aud` of each sent assertion, which is a string and not a list.
fn audiences(recorder: &Recorder) -> Vec<String> {
    let payload = |assertion: &String| {
        let payload = assertion.split('.').nth(1).expect("a JWT");
        let claims = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        serde_json::from_slice::<Value>(&claims).expect("claims")
    };
    let assertions = sent(recorder, "client_assertion");
    let audiences = assertions.iter().map(|assertion| payload(assertion)["aud"].clone());
    audiences.map(|aud| aud.as_str().expect("one audience").to_owned()).collect()
}

#[tokio::test]
async fn the_secret_for_apple_is_made_for_each_request() {
    let settings =
        [("PRIVATE_KEY", KEYS[1]), ("PRIVATE_KEY_ID", "ABC123DEFG"), ("TEAM_ID", "DEF123GHIJ")];
    let apple = |jwks: &Value| RegisteredClient::with_apple_secret("shop", "DEF123GHIJ", jwks);
    let (_provider, oauth, recorder) = pair("APPLE", &settings, apple).await;
    for _ in 0..2 {
        fetch(oauth.apple.as_ref()).await.expect("a token");
    }
    assert_eq!(sent(&recorder, "client_secret").into_iter().collect::<HashSet<_>>().len(), 2);
    let other_team = |jwks: &Value| RegisteredClient::with_apple_secret("shop", "OTHER", jwks);
    let (_provider, oauth, _) = pair("APPLE", &settings, other_team).await;
    fetch(oauth.apple.as_ref()).await.expect_err("the secret names the team");
}

#[tokio::test]
async fn client_assertion_is_valid_for_one_request() {
    let key = [("PRIVATE_KEY", KEYS[1])];
    let (provider, oauth, recorder) = pair("KEY_JWT", &key, by_key).await;
    for _ in 0..3 {
        fetch(oauth.key_jwt.as_ref()).await.expect("a token");
    }
    let assertions = sent(&recorder, "client_assertion");
    assert_eq!(assertions.iter().collect::<HashSet<_>>().len(), 3, "each request has its own");

    // A captured request is useless.
    let exchanges = recorder.exchanges();
    let (seen, _) =
        exchanges.iter().find(|(request, _)| request.method() == Method::POST).expect("one");
    let replayed = reqwest::Client::new()
        .post(provider.url(Endpoint::Token))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(seen.body().clone())
        .send()
        .await
        .expect("a response");
    assert_eq!(replayed.status(), StatusCode::UNAUTHORIZED);

    // Another key, which the provider does not know.
    let other =
        settings("KEY_JWT", provider.issuer(), &[("PRIVATE_KEY", key_file!("p256.jwk.json"))])
            .build()
            .expect("a client");
    let token = fetch(other.key_jwt.as_ref()).await;
    assert!(token.is_err(), "its `kid` is not registered");
}

fn fault_of(name: &str, more: &[(&str, &str)]) -> (FaultKind, String) {
    let error: ConfigError =
        settings(name, "http://127.0.0.1:9", more).build().expect_err("a fault");
    assert_eq!(error.faults().len(), 1, "{error}");
    for secret in KEYS.iter().flat_map(|key| key.lines()).filter(|line| line.len() > 40) {
        assert!(!error.to_string().contains(secret), "{error}");
    }
    (error.faults()[0].kind(), error.faults()[0].to_string())
}

#[test]
fn unusable_client_key_fails_at_the_start() {
    let (kind, text) = fault_of("KEY_JWT", &[]);
    assert_eq!(kind, FaultKind::Missing);
    assert!(text.starts_with("KEY_JWT_PRIVATE_KEY is missing"), "{text}");
    assert!(
        text.contains("openssl genpkey") && text.contains("KEY_JWT_PRIVATE_KEY_FILE"),
        "{text}"
    );

    for (name, key, says) in [
        ("KEY_JWT", key_file!("refused-public.pem"), "is not a private key: it is a public key"),
        ("KEY_JWT", key_file!("refused-rsa-1024.pem"), "RSA with 2048 to 8192 bits"),
        ("KEY_JWT", key_file!("refused-encrypted.pem"), "protected by a passphrase"),
        (
            "DECLARED",
            KEYS[1],
            "is a key of the kind EC (P-256), which signs with ES256, but not with PS256",
        ),
    ] {
        let (_, text) = fault_of(name, &[("PRIVATE_KEY", key)]);
        assert!(text.contains(says), "{text}");
    }
    let apple = [("PRIVATE_KEY_ID", "ABC123DEFG"), ("TEAM_ID", "DEF123GHIJ")];
    let (_, text) = fault_of("APPLE", &[&apple[..], &[("PRIVATE_KEY", KEYS[0])]].concat());
    assert!(text.contains("but not with ES256"), "{text}");
    let (_, text) = fault_of("APPLE", &[("PRIVATE_KEY", KEYS[1]), apple[0]]);
    assert!(text.starts_with("APPLE_TEAM_ID is missing"), "{text}");
    let (kind, text) =
        fault_of("KEY_JWT", &[("PRIVATE_KEY", KEYS[1]), ("PRIVATE_KEY_FILE", "/nowhere")]);
    assert_eq!(kind, FaultKind::Conflict, "{text}");
    let (kind, _) = fault_of("KEY_JWT", &[("PRIVATE_KEY_FILE", "/nowhere")]);
    assert_eq!(kind, FaultKind::Unreadable);
    let (kind, text) = fault_of("KEY_JWT", &[("PRIVATE_KEY", KEYS[1]), ("CLIENT_SECRET", SECRET)]);
    assert!(kind == FaultKind::Conflict && text.contains("`private_key_jwt`"), "{text}");
}
