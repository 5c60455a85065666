//! Tokens without a browser: cached, fetched once for all waiting calls, and never used for another
//! purpose.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use oauth_runtime::error::{CallError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, TestProvider};
use oauth_runtime::{BearerAssertion, Clock, Secret};
use serde_json::Value;
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Op, Recorder};
use url::form_urlencoded::parse;

const KEY: &str = include_str!("../../../oauth-runtime/src/protocol/fixtures/keys/p256-pkcs8.pem");
const LIFETIME: u64 = 600;

#[derive(Clone, Debug, OAuthRegistry)]
struct Service {
    op: Client<Op>,
}

struct Pair {
    provider: TestProvider,
    clock: Clock,
    op: Client<Op>,
    recorder: Recorder,
}

impl Pair {
    async fn start() -> Self {
        Self::with(RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET), "client_secret_basic")
            .await
    }

    async fn with(client: RegisteredClient, method: &str) -> Self {
        let lifetime = Duration::from_secs(LIFETIME);
        let provider = TestProvider::builder().client(client).token_lifetime(lifetime).start();
        let provider = provider.await.expect("a provider");
        let clock = Clock::manual(Clock::system().now());
        let recorder = Recorder::new();
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
            .set("OP_ISSUER", provider.issuer())
            .set("OP_CLIENT_ID", CLIENT_ID)
            .set("OP_CLIENT_KWARGS", format!(r#"{{"token_endpoint_auth_method":"{method}"}}"#))
            .set(
                if method == "private_key_jwt" { "OP_PRIVATE_KEY" } else { "OP_CLIENT_SECRET" },
                if method == "private_key_jwt" { KEY } else { CLIENT_SECRET },
            );
        let oauth =
            Service::builder().config(config).clock(clock.clone()).http_client(recorder.clone());
        Self { provider, clock, op: oauth.build().expect("a client").op, recorder }
    }

    async fn signing() -> Self {
        let early = Self::with(RegisteredClient::public(CLIENT_ID), "private_key_jwt").await;
        Self::with(
            RegisteredClient::with_private_key(CLIENT_ID, &early.op.jwks()),
            "private_key_jwt",
        )
        .await
    }

    fn token_requests(&self) -> u64 {
        self.provider.requests(Endpoint::Token)
    }

    /// The parameters of the last token request.
    fn last(&self) -> Vec<(String, String)> {
        let exchanges = self.recorder.exchanges();
        let mut posts = exchanges.iter().filter(|(request, _)| request.method() == Method::POST);
        let (request, _) = posts.next_back().expect("a token request");
        parse(request.body()).into_owned().collect()
    }
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn client_credentials_token_calls_the_api() {
    let pair = Pair::start().await;
    let api = pair.op.client_credentials().scopes(["read", "write"]).api().await.expect("an API");
    let answer: Value = api.get("resource").json().await.expect("a response");
    assert_eq!(answer["sub"], CLIENT_ID);
    let token = pair.op.client_credentials().scopes(["read", "write"]).await.expect("a token");
    assert_eq!(token.scopes(), Some(&["read".to_owned(), "write".to_owned()][..]));
    let api = pair.op.with_token(token);
    assert!(api.get("resource").text().await.is_ok());
    assert_eq!(pair.token_requests(), 1);
}

#[tokio::test]
async fn token_is_fetched_once_for_each_scope() {
    let pair = Arc::new(Pair::start().await);
    let fetches = (0..20).map(|_| {
        let pair = Arc::clone(&pair);
        tokio::spawn(async move {
            pair.op.client_credentials().await.map(|token| token.access_token().clone())
        })
    });
    let mut tokens = Vec::new();
    for fetch in fetches.collect::<Vec<_>>() {
        tokens.push(fetch.await.expect("no panic").expect("a token"));
    }
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(pair.token_requests(), 1);
    let other = pair.op.client_credentials().scopes(["read"]).await.expect("a token");
    assert_ne!(*other.access_token(), tokens[0]);
    assert_eq!(pair.token_requests(), 2);
    let fresh = pair.op.client_credentials().fresh().await.expect("a token");
    assert_ne!(*fresh.access_token(), tokens[0]);
}

#[tokio::test]
async fn token_is_renewed_in_the_background_before_expiry() {
    let pair = Pair::start().await;
    let first = pair.op.client_credentials().await.expect("a token");
    pair.clock.advance(LIFETIME - 61);
    let same = pair.op.client_credentials().await.expect("a token");
    assert_eq!(same.access_token(), first.access_token());
    assert_eq!(pair.token_requests(), 1);

    pair.clock.advance(2);
    let still = pair.op.client_credentials().await.expect("a token");
    assert_eq!(still.access_token(), first.access_token(), "it is valid for another minute");
    let mut next = still;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        next = pair.op.client_credentials().await.expect("a token");
        if next.access_token() != first.access_token() {
            break;
        }
    }
    assert_ne!(next.access_token(), first.access_token());
    assert_eq!(pair.token_requests(), 2);
}

#[tokio::test]
async fn valid_token_is_used_while_the_provider_is_down() {
    let pair = Pair::start().await;
    let first = pair.op.client_credentials().await.expect("a token");
    pair.provider.fault(Fault::ServerError(Endpoint::Token));
    pair.clock.advance(LIFETIME - 30);
    for _ in 0..5 {
        let token = pair.op.client_credentials().await.expect("the token is valid");
        assert_eq!(token.access_token(), first.access_token());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(pair.token_requests(), 2, "it is retried only after some seconds");
    pair.clock.advance(31);
    let error = pair.op.client_credentials().await.expect_err("it has expired");
    assert!(error.is_temporary(), "{error}");
}

#[tokio::test]
async fn jwt_bearer_assertion_is_signed_for_each_token() {
    let pair = Pair::signing().await;
    let for_ada = || pair.op.jwt_bearer(BearerAssertion::new("ada")).scopes(["openid"]);
    let token = for_ada().await.expect("a token");
    let first = pair.last();
    assert_eq!(value(&first, "grant_type"), Some("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    assert_eq!(for_ada().await.expect("a token").access_token(), token.access_token());
    for_ada().fresh().await.expect("the provider accepts no assertion twice");
    assert_ne!(value(&first, "assertion"), value(&pair.last(), "assertion"));
    let userinfo = pair.op.with_token(token).userinfo().await.expect("userinfo");
    assert_eq!(userinfo.text("sub"), Some("ada"));

    let other = pair.op.jwt_bearer(BearerAssertion::new("alan")).scopes(["openid"]);
    let other = pair.op.with_token(other.await.expect("a token")).userinfo().await;
    assert_eq!(other.expect("userinfo").text("sub"), Some("alan"), "one token for each user");

    let issuer = pair.op.jwt_bearer(BearerAssertion::new("ada").issuer("somebody else"));
    let error = issuer.await.expect_err("the provider checks the signer");
    assert_eq!(error.error_response().map(|response| response.error()), Some("invalid_grant"));
    let audience =
        pair.op.jwt_bearer(BearerAssertion::new("ada").audience("https://other.example"));
    assert!(audience.await.is_err());
}

#[tokio::test]
async fn reserved_claim_of_an_assertion_is_an_error() {
    let pair = Pair::signing().await;
    for claim in ["iss", "sub", "aud", "exp", "iat", "jti"] {
        let forged = BearerAssertion::new("ada").claim(claim, "grace");
        let error = pair.op.jwt_bearer(forged).await.expect_err(claim);
        assert_error!(error, OAuthError::Call(CallError::ReservedClaim(name)) if name == claim);
    }
    assert_eq!(pair.token_requests(), 0);
    let other = BearerAssertion::new("ada").claim("scope", "openid");
    assert!(pair.op.jwt_bearer(other).await.is_ok());
}

#[tokio::test]
async fn api_of_the_application_outlives_its_token() {
    let pair = Pair::start().await;
    let api = pair.op.client_credentials().api().await.expect("an API");
    assert!(api.get("resource").text().await.is_ok());
    pair.clock.advance(LIFETIME);
    pair.provider.set_clock_offset(i64::try_from(LIFETIME).expect("a short time"));
    assert!(api.get("resource").text().await.is_ok());
    assert_eq!(pair.token_requests(), 2);
}

#[tokio::test]
async fn jwt_bearer_without_private_key_is_a_call_error() {
    let pair = Pair::start().await;
    let error = pair.op.jwt_bearer(BearerAssertion::new("ada")).await.expect_err("no key");
    assert_error!(error, OAuthError::Call(CallError::NoPrivateKey));
    assert_eq!(pair.token_requests(), 0);
}

#[tokio::test]
async fn other_grant_sends_its_own_parameters_only() {
    let pair = Pair::start().await;
    let exchange = pair
        .op
        .fetch_access_token("urn:ietf:params:oauth:grant-type:token-exchange")
        .param("subject_token", "a token")
        .param("subject_token", "another token");
    let error = exchange.await.expect_err("this provider has no such grant");
    assert_error!(error, OAuthError::Provider { error: ProviderError::Declined { .. }, .. });
    let sent = pair.last();
    assert_eq!(
        sent,
        [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", "another token"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );

    let password = Secret::from("pass & word");
    let error = pair.op.fetch_access_token_with_password("ada", &password).await;
    assert!(error.is_err());
    let sent = pair.last();
    for (name, expected) in
        [("grant_type", "password"), ("username", "ada"), ("password", "pass & word")]
    {
        assert_eq!(value(&sent, name), Some(expected));
    }
    for reserved in ["grant_type", "client_id", "client_secret", "code", "client_assertion"] {
        let error = pair.op.client_credentials().param(reserved, "x").await.expect_err(reserved);
        assert_error!(error, OAuthError::Call(CallError::ReservedParameter(_)));
    }
}

/// Each combination of scopes and parameters costs memory until it is evicted.
#[tokio::test]
async fn full_cache_evicts_expired_token_first() {
    let pair = Pair::start().await;
    let fetch = async |number: u64| {
        pair.op.client_credentials().param("n", &number.to_string()).await.expect("a token");
        pair.token_requests()
    };
    for number in 0..256 {
        assert_eq!(fetch(number).await, number + 1);
    }
    pair.clock.advance(LIFETIME);
    assert_eq!(fetch(0).await, 257, "the first one was fetched again");
    assert_eq!(fetch(256).await, 258);
    assert_eq!(fetch(0).await, 258, "it is cached, although it was the first");
    for number in 257..512 {
        fetch(number).await;
    }
    assert_eq!(fetch(511).await, 513);
    assert_eq!(fetch(0).await, 514, "it was evicted");
}
