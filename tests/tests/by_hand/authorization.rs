//! `authorize_redirect`: what one login may ask for, and what it must not weaken.

use axum::response::IntoResponse;
use oauth_runtime::error::{AuthorizationResponseError, BrowserError, CallError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use oauth_runtime::{
    OAuthError, ProviderDescription, RedirectUri, RuntimeProviders, SealedLogin, Secret,
};

use crate::site::{Cookies, PUBLIC_URL, Providers, Site, parameters};

const OWN_STATE: &str = "9f86d081884c7d659a2feaa0c55ad015";
const OWN_NONCE: &str = "a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// RFC 7636 appendix B, with its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::test]
async fn redirect_uri_may_be_another_route() {
    let site = Site::start().await;
    for uri in [
        RedirectUri::from("/popup/callback"),
        RedirectUri::configured(format!("{PUBLIC_URL}/popup/callback")),
    ] {
        let mut browser = Cookies::default();
        let started = site.oauth.op.authorize_redirect().redirect_uri(uri).await.expect("started");
        let url = browser.follow(started);
        assert_eq!(parameters(&url)["redirect_uri"], format!("{PUBLIC_URL}/popup/callback"));
        let callback = site.provider.sign_in(&url, "ada").expect("a valid request");
        assert!(callback.starts_with(&format!("{PUBLIC_URL}/popup/callback?")), "{callback}");
        // The token request has the same redirect URI: the provider compares them.
        let request = browser.get(&callback);
        let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
        assert_eq!(login.identity().subject(), "ada");
    }
}

#[tokio::test]
async fn foreign_redirect_uri_is_refused_before_sending() {
    let site = Site::start().await;
    for uri in ["//evil.example/cb", "/\\evil.example", "http://evil.example/cb", "javascript:x"] {
        let redirect = site.oauth.op.authorize_redirect().redirect_uri(uri);
        let refused = redirect.await.expect_err(uri);
        assert!(matches!(refused, OAuthError::Call(CallError::BadUrl { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn caller_may_set_state_nonce_and_code_verifier() {
    let site = Site::start().await;
    let mut browser = Cookies::default();
    let redirect = site.oauth.op.authorize_redirect();
    let redirect = redirect.state(OWN_STATE).nonce(OWN_NONCE).code_verifier(VERIFIER);
    let url = browser.follow(redirect.await.expect("a login starts"));
    let sent = parameters(&url);
    assert_eq!((&*sent["state"], &*sent["nonce"]), (OWN_STATE, OWN_NONCE));
    assert_eq!(sent["code_challenge"], CHALLENGE);

    let request = browser.get(&format!("/?{}", site.answer(&url)));
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    let id_token = login.id_token().expect("an ID token");
    let claims: serde_json::Value = id_token.claims().expect("claims");
    assert_eq!(claims["nonce"], OWN_NONCE);
}

/// A repeated `state` makes a login that cannot be finished, not an unsafe one.
#[tokio::test]
async fn state_is_valid_for_one_login() {
    let site = Site::start().await;
    let mut browser = Cookies::default();
    for is_first in [true, false] {
        let started = site.oauth.op.authorize_redirect().state(OWN_STATE).await.expect("started");
        let request = browser.follow(started);
        let request = browser.get(&format!("/?{}", site.answer(&request)));
        match site.oauth.op.authorize_access_token(request).await {
            Ok(_) => assert!(is_first),
            Err(error) => {
                assert!(!is_first, "{error:?}");
                assert!(matches!(error, OAuthError::Browser(BrowserError::Replayed)), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn guessable_values_are_refused() {
    let site = Site::start().await;
    let op = &site.oauth.op;
    for weak in ["", "1", "state", "my-login", &"a".repeat(64), "9f86d081 884c7d659a2feaa0c55ad015"]
    {
        for refused in [
            op.authorize_redirect().state(weak).await.expect_err("weak"),
            op.authorize_redirect().nonce(weak).await.expect_err("weak"),
            op.authorize_redirect().code_verifier(weak).await.expect_err("weak"),
        ] {
            assert!(
                matches!(refused, OAuthError::Call(CallError::WeakValue { .. })),
                "{refused:?}"
            );
        }
    }
    // Long enough for a state, too short for a verifier.
    let refused = op.authorize_redirect().code_verifier(Secret::from(OWN_STATE)).await;
    assert!(matches!(refused, Err(OAuthError::Call(CallError::WeakValue { shortest: 43, .. }))));
}

/// For declared providers this is a compile error.
#[tokio::test]
async fn nonce_without_openid_connect_is_an_error() {
    let providers = RuntimeProviders::builder().config(Config::empty()).build().expect("nothing");
    let plain = ProviderDescription::new("plain")
        .authorize_url("https://acme.example/authorize")
        .access_token_url("https://acme.example/token")
        .userinfo_endpoint("https://acme.example/user")
        .client_id("id")
        .client_secret("secret");
    let client = providers.insert(plain).expect("valid settings");
    let refused = client.authorize_redirect().nonce(OWN_NONCE).await.expect_err("unused");
    assert!(matches!(refused, OAuthError::Call(CallError::UnusedValue("nonce"))), "{refused:?}");
}

#[tokio::test]
async fn reserved_parameter_is_refused() {
    let site = Site::start().await;
    for name in ["state", "nonce", "redirect_uri", "code_challenge", "client_id", "response_type"] {
        let refused = site.oauth.op.authorize_redirect().param(name, OWN_STATE).await;
        assert!(
            matches!(&refused, Err(OAuthError::Call(CallError::ReservedParameter(own))) if own == name),
            "{refused:?}"
        );
    }
    let login = site.oauth.op.authorize_redirect().param("audience", "api").prompt("login");
    let sent = parameters(login.into_url().await.expect("a URL").url());
    assert_eq!((&*sent["audience"], &*sent["prompt"]), ("api", "login"));
}

#[tokio::test]
async fn authorization_url_comes_with_its_cookie() {
    let site = Site::start().await;
    let mut browser = Cookies::default();
    let started =
        site.oauth.op.authorize_redirect().login_hint("ada").into_url().await.expect("started");
    let url = started.url().to_owned();
    assert_eq!(parameters(&url)["login_hint"], "ada");
    browser.keep(&(started, "a body of one's own").into_response());
    let request = browser.get(&format!("/?{}", site.answer(&url)));
    let login = site.oauth.op.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
}

#[tokio::test]
async fn pending_login_kept_as_text_is_valid_once() {
    let site = Site::start().await;
    let started =
        site.oauth.op.authorize_redirect().return_to("/next").into_url().await.expect("started");
    let url = started.url().to_owned();
    let kept = serde_json::to_string(&started.into_pending()).expect("text");
    let sent = parameters(&url);
    assert!(!kept.contains(&sent["state"]) && !kept.contains(&sent["nonce"]), "it is sealed");

    let answer = site.answer(&url);
    let pending: SealedLogin = serde_json::from_str(&kept).expect("a pending login");
    let login = site.oauth.op.resume_login(pending.clone(), &answer).await.expect("a login");
    assert_eq!((login.identity().subject(), login.return_to()), ("ada", "/next"));
    let again = site.oauth.op.resume_login(pending, &answer).await.expect_err("once");
    assert!(matches!(again, OAuthError::Browser(BrowserError::Replayed)), "{again:?}");
}

/// Rule 1: outside a cookie it is still bound to its login and its provider.
#[tokio::test]
async fn a_pending_login_finishes_no_other_login() {
    let site = Site::start().await;
    let begin = async || site.oauth.op.authorize_redirect().into_url().await.expect("started");
    let (one, other) = (begin().await, begin().await);
    let answer = site.answer(one.url());
    let refused = site.oauth.op.resume_login(other.into_pending(), &answer).await;
    assert!(
        matches!(refused, Err(OAuthError::Browser(BrowserError::NoPendingLogin))),
        "{refused:?}"
    );

    let pending = one.into_pending();
    let refused = site.oauth.leaving.resume_login(pending.clone(), &answer).await;
    assert!(
        matches!(refused, Err(OAuthError::Browser(BrowserError::ForeignPendingLogin))),
        "{refused:?}"
    );
    let refused = site.oauth.op.resume_login(pending, "code=x").await.expect_err("no state");
    assert!(
        matches!(
            refused,
            OAuthError::Browser(BrowserError::Response(AuthorizationResponseError::StateMissing))
        ),
        "{refused:?}"
    );
    assert_eq!(site.provider.requests(Endpoint::Token), 0);
}

/// The scopes of OpenID Connect are about a user, and this request is not.
#[tokio::test]
async fn client_credentials_ask_for_declared_scopes() {
    let site = Site::start().await;
    let client = |scope: &str| {
        let config = tests::in_process::config_of::<Providers>(&site.provider, PUBLIC_URL)
            .set("PLAIN_CLIENT_KWARGS", format!(r#"{{"scope": "{scope}"}}"#));
        Providers::builder().config(config).build().expect("a valid configuration").plain
    };
    let declared = client("openid read profile offline_access write");
    let token = declared.client_credentials().await.expect("a token");
    assert_eq!(token.scopes(), Some(&["read".to_owned(), "write".to_owned()][..]));
    let token = declared.client_credentials().scopes(["admin"]).await.expect("a token");
    assert_eq!(token.scopes(), Some(&["admin".to_owned()][..]));
    let token = declared.client_credentials().scopes([]).await.expect("a token");
    assert!(!token.has_scope("read"), "the provider has chosen");
    let token = client("openid profile").client_credentials().await.expect("a token");
    assert!(!token.has_scope("profile"));
}
