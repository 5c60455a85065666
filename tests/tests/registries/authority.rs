//! Rule 3: an identity comes from one authority, which no other provider can claim.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::FromRequestParts;
use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use oauth_runtime::error::{FaultKind, NetworkError, ProviderError, TokenError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use oauth_runtime::store::MemoryStore;
use oauth_runtime::{
    Clock, ProviderDescription, RegistryBuilder, RuntimeProvider, RuntimeProviders,
};
use serde_json::{Value, json};
use tests::in_process::COOKIE_KEY;
use url::Url;

mod shared_users;

/// The GitHub user ID of the victim.
const VICTIM: &str = "583231";

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "github", preset = "github", keep_tokens)]
struct GitHub;

/// A host where anyone may upload files and write descriptions.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "git",
    authorize_url = "https://git.example/authorize",
    access_token_url = "https://git.example/token",
    userinfo_endpoint = "https://git.example/api/user",
    identity(id = "id")
)]
struct Git;

/// Like Google: the issuer and the endpoints are on different hosts.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "split",
    issuer = "https://accounts.example",
    authorize_url = "https://accounts.example/auth",
    access_token_url = "https://oauth2.example/token",
    jwks_uri = "https://oauth2.example/keys",
    scopes("openid")
)]
struct Split;

/// The same provider, with the issuer's document in the repository.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "filed",
    issuer = "https://accounts.example",
    authorize_url = "https://accounts.example/auth",
    access_token_url = "https://oauth2.example/token",
    jwks_uri = "https://oauth2.example/keys",
    scopes("openid"),
    metadata_file = "tests/registries/accounts.json"
)]
struct Filed;

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    github: Client<GitHub>,
    git: Client<Git>,
    split: Client<Split>,
    filed: Client<Filed>,
}

/// All documents of the network, by URL. Other URLs do not respond.
#[derive(Clone, Debug, Default)]
struct Network(Arc<Mutex<HashMap<String, Value>>>);

impl Network {
    fn with(self, url: &str, document: Value) -> Self {
        self.0.lock().expect("no panic").insert(url.to_owned(), document);
        self
    }

    /// Honest hosts, where this user signs in.
    fn honest(user: &str) -> Self {
        Self::default()
            .with("https://github.com/login/oauth/access_token", token("of-github"))
            .with("https://api.github.com/user", json!({ "id": user, "name": VICTIM }))
            .with("https://git.example/token", token("of-git"))
            .with("https://git.example/api/user", json!({ "id": user }))
    }

    /// Hosts of an attacker who claims to be the victim.
    fn evil(self) -> Self {
        self.with("https://evil.example/token", token("of-evil"))
            .with("https://evil.example/user", json!({ "id": VICTIM, "sub": VICTIM }))
    }
}

impl HttpClient for Network {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        let document = self.0.lock().expect("no panic").get(&request.uri().to_string()).cloned();
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = document.map(|document| http::Response::new(document.to_string().into()));
        let deadline = Duration::from_secs(1);
        Box::pin(ready(answer.ok_or(NetworkError::Timeout { host, deadline })))
    }
}

fn token(text: &str) -> Value {
    json!({ "access_token": text, "token_type": "bearer", "expires_in": 3600 })
}

fn builder(network: &Network) -> RegistryBuilder<Providers> {
    let config = Config::empty().set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
    let config = ["GITHUB", "GIT", "SPLIT", "FILED"].into_iter().fold(config, |config, name| {
        let config = config.set(&format!("{name}_CLIENT_ID"), "the-application");
        config.set(&format!("{name}_CLIENT_SECRET"), "secret")
    });
    Providers::builder().config(config).http_client(network.clone())
}

fn world(network: &Network) -> (Providers, RuntimeProviders) {
    let oauth = builder(network).build().expect("valid settings");
    let tenants = RuntimeProviders::beside(&oauth);
    (oauth, tenants)
}

fn described(name: &str) -> ProviderDescription {
    ProviderDescription::new(name).client_id("of-a-tenant").client_secret("secret")
}

/// An OAuth 2.0 provider with these endpoints.
fn plain(name: &str, authorize: &str, token: &str, userinfo: &str) -> ProviderDescription {
    described(name)
        .authorize_url(authorize)
        .access_token_url(token)
        .userinfo_endpoint(userinfo)
        .identity("id", "id")
}

async fn log_in<P: OAuthProvider>(client: &Client<P>) -> Result<Login<P>, OAuthError> {
    let started = client.authorize_redirect().into_url().await?;
    let url = Url::parse(started.url()).expect("a URL");
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let answer = format!("code=a-code&state={state}");
    client.resume_login(started.into_pending(), &answer).await
}

#[track_caller]
fn refused(tenants: &RuntimeProviders, description: ProviderDescription) -> (FaultKind, String) {
    let error = tenants.insert(description).expect_err("it claims what is another's");
    let fault = error.faults().first().expect("a fault");
    (fault.kind(), error.to_string())
}

#[tokio::test]
async fn authorization_endpoint_vouches_for_nothing() {
    let (oauth, tenants) = world(&Network::honest(VICTIM).evil());
    let victim = log_in(&oauth.github).await.expect("a login");
    assert_eq!(victim.identity().issuer(), "https://api.github.com");
    victim.keep_tokens(victim.identity()).await.expect("a store");

    let evil = plain(
        "evil",
        "https://github.com/login/oauth/authorize",
        "https://evil.example/token",
        "https://evil.example/user",
    );
    let evil = log_in(&tenants.insert(evil).expect("valid settings")).await.expect("a login");
    let identity = evil.identity();
    assert_eq!((identity.issuer(), identity.subject()), ("https://evil.example/user#id", VICTIM));
    let error = oauth.github.api_for(identity).await.expect_err("the victim's tokens");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Missing, .. }), "{error:?}");
    assert!(oauth.github.api_for(victim.identity()).await.is_ok());
}

/// A tenant has a token that a GitHub user granted to another application.
#[tokio::test]
async fn token_of_another_application_is_not_presented() {
    let (_, tenants) = world(&Network::honest(VICTIM).evil());
    let substituted = |token: &str| {
        plain("evil", "https://evil.example/authorize", token, "https://api.github.com/user")
    };
    for token in ["https://evil.example/token", "https://github.com/login/oauth/access_token"] {
        let (kind, text) = refused(&tenants, substituted(token));
        assert_eq!(kind, FaultKind::Conflict);
        assert!(text.contains("https://api.github.com") && text.contains("one origin"), "{text}");
    }
    // The endpoints of a preset belong together unless one of them is changed.
    let preset = || {
        let preset = ProviderDescription::preset("github").named("evil");
        preset.client_id("of-a-tenant").client_secret("secret")
    };
    for changed in [
        preset().access_token_url("https://evil.example/token"),
        preset().userinfo_endpoint("https://api.github.com/gists/1"),
        preset().identity("id", "name"),
        preset().quirks(["nested_token=scope"]),
    ] {
        assert_eq!(refused(&tenants, changed).0, FaultKind::Conflict);
    }
}

#[tokio::test]
async fn oauth1_tokens_come_from_the_place_that_identifies() {
    let (_, tenants) = world(&Network::default());
    let old = |temporary: &str, token: &str| {
        described("old")
            .request_token_url(temporary)
            .authorize_url("https://photos.example/authorize")
            .access_token_url(token)
            .userinfo_endpoint("https://photos.example/me")
            .identity("id", "id")
    };
    let (own, evil) = ("https://photos.example/token", "https://evil.example/token");
    for (temporary, token) in [(evil, own), (own, evil), (evil, evil)] {
        assert_eq!(refused(&tenants, old(temporary, token)).0, FaultKind::Conflict);
    }
    tenants.insert(old(own, own)).expect("one place");
}

/// A value that a user can write must not become another user's ID.
#[tokio::test]
async fn editable_member_identifies_no_other_user() {
    let network = Network::honest("1")
        .with("https://git.example/api/projects/7", json!({ "description": VICTIM }));
    let (oauth, tenants) = world(&network);
    let own = log_in(&oauth.git).await.expect("a login");
    assert_eq!((own.identity().issuer(), own.identity().subject()), ("https://git.example", "1"));
    for (place, member, issuer) in [
        ("api/projects/7", "description", "https://git.example/api/projects/7#description"),
        ("api/user", "id", "https://git.example/api/user#id"),
    ] {
        let evil = plain(
            "evil",
            "https://git.example/authorize",
            "https://git.example/token",
            &format!("https://git.example/{place}"),
        );
        let evil = tenants.insert(evil.identity("id", member)).expect("valid settings");
        assert_eq!(log_in(&evil).await.expect("a login").identity().issuer(), issuer);
    }
}

fn accounts(members: &[(&str, &str)]) -> Value {
    let mut document: Value =
        serde_json::from_str(include_str!("accounts.json")).expect("a document");
    for (member, url) in members {
        document[*member] = json!(url);
    }
    document
}

const ACCOUNTS: &str = "https://accounts.example/.well-known/openid-configuration";

fn unconfirmed<T>(result: Result<T, OAuthError>) -> bool {
    let error = result.err().expect("an error");
    matches!(&error, OAuthError::Provider { error: ProviderError::UnconfirmedEndpoint { .. }, .. })
}

#[tokio::test]
async fn endpoints_elsewhere_are_confirmed_by_the_issuer() {
    let (oauth, _) = world(&Network::default().with(ACCOUNTS, accounts(&[])));
    let _ = oauth.split.authorize_redirect().into_url().await.expect("confirmed");
    for (member, url) in [
        ("token_endpoint", "https://oauth2.example/v2/token"),
        ("jwks_uri", "https://accounts.example/keys"),
        ("jwks_uri", ""),
    ] {
        let (oauth, _) = world(&Network::default().with(ACCOUNTS, accounts(&[(member, url)])));
        assert!(unconfirmed(oauth.split.authorize_redirect().into_url().await), "{member} {url}");
    }
}

/// An unreachable issuer confirms nothing, except what the compiler has checked.
#[tokio::test]
async fn unreachable_issuer_confirms_nothing() {
    let (oauth, _) = world(&Network::default());
    let error = oauth.split.authorize_redirect().into_url().await.expect_err("unconfirmed");
    assert!(matches!(error, OAuthError::Network { .. }), "{error:?}");
    let _ = oauth.filed.authorize_redirect().into_url().await.expect("the file confirms it");
}

#[tokio::test]
async fn described_endpoint_must_match_the_metadata() {
    let network = Network::default().with(ACCOUNTS, accounts(&[]));
    let config = Config::empty();
    let tenants = RuntimeProviders::builder().config(config).http_client(network).build();
    let tenants = tenants.expect("valid settings");
    let google = || described("acme").issuer("https://accounts.example").scopes(["openid"]);
    let stated = || {
        google()
            .authorize_url("https://evil.example/authorize")
            .access_token_url("https://oauth2.example/token")
            .jwks_uri("https://oauth2.example/keys")
    };
    for good in [google(), stated()] {
        let client = tenants.insert(good).expect("valid settings");
        let _ = client.authorize_redirect().into_url().await.expect("confirmed");
    }
    for evil in [
        stated().jwks_uri("https://evil.example/keys"),
        stated().access_token_url("https://evil.example/token"),
        stated().userinfo_endpoint("https://evil.example/user"),
        // A file that anyone may have uploaded.
        stated().jwks_uri("https://accounts.example/files/evil.json"),
        google().access_token_url("https://accounts.example/token"),
    ] {
        let client = tenants.insert(evil).expect("the issuer is checked later");
        assert!(unconfirmed(client.authorize_redirect().into_url().await));
    }
    for elsewhere in [
        google().server_metadata_url("https://evil.example/.well-known/openid-configuration"),
        google().server_metadata_url("https://accounts.example/files/evil.json"),
        google()
            .server_metadata_url("https://accounts.example/evil/.well-known/openid-configuration"),
        described("acme")
            .server_metadata_url("https://accounts.example/files/evil.json")
            .scopes(["openid"]),
    ] {
        assert_eq!(refused(&tenants, elsewhere).0, FaultKind::Conflict);
    }
}

/// The subject of OpenID Connect is `sub`. Another member does not identify one of its users.
#[tokio::test]
async fn other_subject_claim_means_another_issuer() {
    let (_, tenants) = world(&Network::default());
    let named = described("named").issuer("https://hub.example").scopes(["openid"]);
    tenants.insert(named).expect("valid settings");
    // If these were the same users, another client would collide.
    let other = described("other").issuer("https://hub.example").scopes(["openid"]);
    let other = other.client_id("another").identity("id", "nickname");
    tenants.insert(other).expect("other users");
}

#[tokio::test]
async fn description_claiming_foreign_users_is_refused() {
    let (_, tenants) = world(&Network::default());
    let at = |name: &str, client: &str| {
        described(name).issuer("https://accounts.example").scopes(["openid"]).client_id(client)
    };
    // The users of a declared provider.
    for issuer in ["https://accounts.example", "https://accounts.example/"] {
        let (kind, text) = refused(&tenants, at("evil", "of-a-tenant").issuer(issuer));
        assert_eq!(kind, FaultKind::AuthorityTaken);
        assert!(text.contains("evil.issuer") && text.contains("`split`"), "{text}");
    }
    let preset = |name: &str| {
        let preset = ProviderDescription::preset("github").named(name);
        preset.client_id("of-a-tenant").client_secret("secret")
    };
    assert!(refused(&tenants, preset("hub")).1.contains("`github`"));
    // The assumed issuer of a declared provider without an issuer.
    let git = at("evil", "of-a-tenant").issuer("https://git.example");
    assert!(refused(&tenants, git).1.contains("`git`"));

    // The users of an earlier description.
    let globex = |name: &str, client: &str| at(name, client).issuer("https://globex.example");
    tenants.insert(globex("first", "one")).expect("the first");
    let (kind, text) = refused(&tenants, globex("second", "two"));
    assert_eq!(kind, FaultKind::AuthorityTaken);
    assert!(text.contains("second.issuer") && text.contains("`first`"), "{text}");
    let metadata = "https://globex.example/.well-known/openid-configuration";
    let by_url = described("second").server_metadata_url(metadata).scopes(["openid"]);
    assert_eq!(refused(&tenants, by_url).0, FaultKind::AuthorityTaken);
    assert!(tenants.get("second").is_none());
    // The same client has the same users, and may be replaced.
    tenants.insert(globex("second", "one")).expect("the same client");
    tenants.insert(globex("first", "one").leeway(5)).expect("itself");
    tenants.remove("first");
    tenants.remove("second");
    tenants.insert(globex("third", "two")).expect("the issuer is free");
    // A client that changes its issuer frees the old one.
    tenants.insert(globex("third", "two").issuer("https://moved.example")).expect("valid settings");
    tenants.insert(globex("fourth", "four")).expect("the issuer is free");
}

/// The owner of a shared secret can sign anything in the name of the issuer.
#[tokio::test]
async fn parse_id_token_refuses_a_tenants_signature() {
    let mut document = accounts(&[]);
    document["id_token_signing_alg_values_supported"] = json!(["RS256", "HS256"]);
    let network = Network::default().with(ACCOUNTS, document);
    let tenants = RuntimeProviders::builder().config(Config::empty()).http_client(network).build();
    let evil = described("evil").issuer("https://accounts.example").scopes(["openid"]);
    let evil = evil.id_token_signed_response_alg("HS256").quirks(["hs256_id_token"]);
    let evil: Client<RuntimeProvider> =
        tenants.expect("valid settings").insert(evil).expect("valid settings");
    // `{"alg":"HS256"}` and `{}`: it is refused before its claims are read.
    let forged = oauth_runtime::Secret::from("eyJhbGciOiJIUzI1NiJ9.e30.AAAA");
    let error = evil.parse_id_token(&forged, "a-nonce-of-this-application").await.expect_err("no");
    assert!(error.to_string().contains("client secret"), "{error}");
}
