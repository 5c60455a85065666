//! Tokens of an Authlib server: refresh with rotation, revocation, introspection, and tokens for
//! the application itself.

use std::time::Duration;

use http::StatusCode;
use oauth_runtime::error::ProviderError;
use oauth_runtime::prelude::*;
use oauth_runtime::{Clock, IdToken, RegistryBuilder, Secret};
use serde_json::Value;
use tests::authlib::{CLIENT_ID, CLIENT_SECRET, OpenIdServer};
use tests::scenario;
use tests::scenario::Scenario;
use url::Url;

use super::openid::{Authlib, Providers, Site, at_server};

const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// A client that starts and finishes its logins by hand, and its server.
struct ByHand {
    server: OpenIdServer,
    oauth: Providers,
    clock: Clock,
}

fn manual_clock() -> Clock {
    Clock::manual(Clock::system().now())
}

pub(super) fn configured(
    server: &OpenIdServer,
    public_url: &str,
    clock: &Clock,
) -> RegistryBuilder<Providers> {
    Providers::builder()
        .config(Config::empty())
        .public_url(public_url)
        .clock(clock.clone())
        .set("AUTHLIB_ISSUER", &server.issuer)
        .set("AUTHLIB_CLIENT_ID", CLIENT_ID)
        .set("AUTHLIB_CLIENT_SECRET", CLIENT_SECRET)
}

impl ByHand {
    async fn start(scenario: &Scenario) -> Self {
        let redirect_uri = format!("{PUBLIC_URL}/auth/authlib/callback");
        let server = OpenIdServer::start(scenario, &redirect_uri, 3600).await;
        let clock = manual_clock();
        let oauth = configured(&server, PUBLIC_URL, &clock).build().expect("valid settings");
        Self { server, oauth, clock }
    }

    /// Ada, with code and verifier.
    async fn log_in(&self) -> Login<Authlib> {
        let client = &self.oauth.authlib;
        let started = client.authorize_redirect().into_url().await.expect("a login starts");
        let url = started.url().to_owned();
        assert!(url.contains("code_challenge_method=S256"), "{url}");
        let pending = started.into_pending();
        let callback = Url::parse(&at_server(&url).await).expect("a URL");
        let query = callback.query().expect("parameters");
        client.resume_login(pending, query).await.expect("a login")
    }
}

#[tokio::test]
async fn tokens_of_authlib_are_looked_at_and_ended() {
    let site = ByHand::start(&scenario!()).await;
    let client = &site.oauth.authlib;
    let login = site.log_in().await;
    let token = login.token();
    let introspect = async |token: &Secret| client.introspect(token).await.expect("a response");

    let known = introspect(token.access_token()).await;
    assert!(known.is_active());
    assert_eq!((known.subject(), known.client_id()), (Some("ada"), Some(CLIENT_ID)));
    let scopes: Vec<_> = known.scopes().collect();
    assert_eq!(scopes, ["openid", "profile", "email", "offline_access"]);
    let (issued_at, hour) = (known.issued_at().expect("a time"), Duration::from_secs(3600));
    assert_eq!(known.expires_at(), Some(issued_at + hour));
    assert!(!introspect(&Secret::from("an unknown token")).await.is_active());

    let profile = client.userinfo(token).await.expect("a profile");
    assert_eq!(profile.text("sub"), login.id_token().map(IdToken::subject));
    client.revoke(token).await.expect("an end");
    client.revoke(token).await.expect("a second revocation is not an error");
    let refresh_token = token.refresh_token().expect("a refresh token");
    assert!(!introspect(refresh_token).await.is_active());
    let refused = client.userinfo(token).await.expect_err("a token that has ended");
    assert!(matches!(refused, OAuthError::Provider { .. }), "{refused:?}");
}

#[tokio::test]
async fn client_unknown_to_authlib_gets_no_token() {
    let site = ByHand::start(&scenario!()).await;
    let token = site.log_in().await.token().access_token().clone();
    let builder = configured(&site.server, PUBLIC_URL, &site.clock);
    let other = builder.set("AUTHLIB_CLIENT_SECRET", "a wrong secret").build().expect("settings");
    let refused = [
        other.authlib.introspect(&token).await.map(drop).expect_err("a wrong secret"),
        other.authlib.client_credentials().await.map(drop).expect_err("a wrong secret"),
    ];
    for error in refused {
        let said = error.error_response().map(|said| said.error());
        assert_eq!(said, Some("invalid_client"), "{error:?}");
    }
}

/// The token of the application itself is cached, and fetched again before it expires.
#[tokio::test]
async fn client_credentials_token_is_cached_and_renewed() {
    let site = ByHand::start(&scenario!()).await;
    let client = &site.oauth.authlib;
    let token = async || {
        let token = client.client_credentials().scopes(["api"]).await.expect("a token");
        token.access_token().expose().to_owned()
    };
    let first = token().await;
    assert_eq!(token().await, first, "kept");
    let api = client.client_credentials().scopes(["api"]).api().await.expect("a token");
    let owner: Value = api.get("resource").json().await.expect("a response");
    assert_eq!(owner["owner"], CLIENT_ID);

    site.clock.advance(3601);
    let second = token().await;
    assert_ne!(second, first, "fetched again");
    let api = client.client_credentials().scopes(["api"]).api().await.expect("a token");
    let owner: Value = api.get("resource").json().await.expect("a response");
    assert_eq!(owner["owner"], CLIENT_ID);

    // Authlib's error for an unknown grant.
    let unknown = client.fetch_access_token("urn:example:grant").await.expect_err("no such grant");
    assert_eq!(unknown.error_response().map(|said| said.error()), Some("unsupported_grant_type"));
    assert!(
        matches!(unknown, OAuthError::Provider { error: ProviderError::Declined { .. }, .. }),
        "{unknown:?}"
    );
}

/// Each refresh returns a new refresh token, which the next refresh presents. A reused token counts
/// as stolen: the server ends the grant.
#[tokio::test]
async fn reused_refresh_token_of_authlib_ends_the_grant() {
    let clock = manual_clock();
    let mut site = Site::start_with(&scenario!(), "client_secret_basic", &clock, 60).await;
    let page = site.log_in("").await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    let first = seen["refresh_token"].as_str().expect("a refresh token");
    for _ in 0..3 {
        clock.advance(61);
        let page = site.browser.get("/resource").await;
        assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, r#"{"owner":"ada"}"#));
    }

    let thief = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = thief
        .post(format!("{}/token", site.server.issuer))
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET.replace(' ', "%20")))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("grant_type=refresh_token&refresh_token={first}"))
        .send()
        .await
        .expect("a response");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{:?}", answer.text().await);
    clock.advance(60);
    assert_eq!(site.browser.get("/resource").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.log_in("").await.status, StatusCode::OK, "another login succeeds");
}
