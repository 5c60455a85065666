//! When a token is refreshed, and how often.

use std::time::Duration;

use http::StatusCode;
use oauth_runtime::error::{BrowserError, ProviderError, TokenError};
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{OAuthError, TokenUpdated};
use tests::in_process::Browser;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::harness::{Instance, LIFETIME, call};

mod failures;

/// An instance, and the browser in which Ada is signed in there.
async fn signed_in() -> (Instance, Browser) {
    let instance = Instance::start().await;
    let ada = instance.ada().await;
    (instance, ada)
}

/// Starts Ada's call and waits until the provider has responded to its refresh.
async fn refreshing(instance: &Instance, ada: &Browser) -> JoinHandle<StatusCode> {
    assert_eq!(call(ada).await, StatusCode::OK);
    instance.advance(LIFETIME);
    instance.network.delay_refreshes(Duration::from_millis(500));
    let calling = calling(ada.clone());
    while instance.refreshes() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    calling
}

fn calling(browser: Browser) -> JoinHandle<StatusCode> {
    tokio::spawn(async move { call(&browser).await })
}

async fn assert_all_succeed(calls: Vec<JoinHandle<StatusCode>>) {
    for call in calls {
        assert_eq!(call.await.expect("no panic"), StatusCode::OK);
    }
}

#[tokio::test]
async fn expired_token_is_refreshed_within_the_call() {
    let (instance, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 0);
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 1);
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 2);
    let presented = instance.network.presented();
    assert_ne!(presented[0], presented[1], "the second refresh presents the token of the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousand_calls_share_one_refresh() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    instance.network.delay_refreshes(Duration::from_millis(100));
    assert_all_succeed((0..1_000).map(|_| calling(ada.clone())).collect()).await;
    assert_eq!(instance.refreshes(), 1);
    assert_eq!(instance.app.requests(Endpoint::Api), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_one_store_share_one_refresh() {
    let first = Instance::start().await;
    let ada = first.ada().await;
    let instances = [first.beside().await, first.beside().await, first];
    instances[2].advance(LIFETIME);
    for instance in &instances {
        instance.network.delay_refreshes(Duration::from_millis(100));
    }
    let calls = (0..300).map(|number| calling(instances[number % 3].app.serve(&ada)));
    assert_all_succeed(calls.collect()).await;
    assert_eq!(instances[2].refreshes(), 1);
}

#[tokio::test]
async fn cancelled_request_does_not_lose_the_new_token() {
    let (instance, ada) = signed_in().await;
    let calling = refreshing(&instance, &ada).await;
    // The provider has rotated the token, and the browser cancels the request.
    calling.abort();
    assert!(calling.await.expect_err("the request was cancelled").is_cancelled());
    assert_eq!(call(&ada).await, StatusCode::OK);
    instance.network.delay_refreshes(Duration::ZERO);
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::OK, "the rotated refresh token was kept");
    assert_eq!(instance.refreshes(), 2);
}

#[tokio::test]
async fn refresh_during_a_sign_out_restores_nothing() {
    // The provider must not refuse the new token itself.
    let instance = Instance::configured(|registry| registry.revoke_on_sign_out(false)).await;
    let mut ada = instance.ada().await;
    let calling = refreshing(&instance, &ada).await;
    ada.post("/auth/logout", &[]).await;
    assert_eq!(calling.await.expect("no panic"), StatusCode::UNAUTHORIZED);
    let records = instance.shelf.records().await;
    assert!(!records.iter().any(|(key, _)| key.starts_with("token:")), "{records:?}");
    assert_eq!(
        instance.app.requests(Endpoint::Revocation),
        0,
        "the application does not revoke it"
    );
}

#[tokio::test]
async fn refresh_that_loses_to_a_sign_out_is_revoked() {
    for on_another_instance in [false, true] {
        let (instance, mut ada) = signed_in().await;
        let other = instance.beside().await;
        let calling = refreshing(&instance, &ada).await;
        if on_another_instance {
            other.app.serve(&ada).post("/auth/logout", &[]).await;
        } else {
            ada.post("/auth/logout", &[]).await;
        }
        assert_eq!(calling.await.expect("no panic"), StatusCode::UNAUTHORIZED);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(instance.app.requests(Endpoint::Revocation), 2, "the old token and the new one");
        let new = instance.network.issued_last();
        assert_eq!(ada.get(&format!("/introspect?{new}")).await.body, "false None");
        let records = instance.shelf.records().await;
        let marks = records.iter().filter(|(key, _)| key.starts_with("token:")).count();
        assert!(marks <= 1, "{records:?}");
    }
}

#[tokio::test]
async fn refresh_that_loses_to_a_new_login_is_not_revoked() {
    let (instance, mut ada) = signed_in().await;
    let calling = refreshing(&instance, &ada).await;
    instance.app.log_in(&mut ada, "op").await;
    calling.await.expect("no panic");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(instance.app.requests(Endpoint::Revocation), 0);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn paused_instance_presents_no_refresh_token_twice() {
    let (instance, ada) = signed_in().await;
    // A reused token must not end the grant here.
    instance.app.provider.fault(Fault::RefreshTokenKept);
    let other = instance.beside().await;
    instance.network.lose_replies(1);
    let calling = refreshing(&instance, &ada).await;
    // The pause is longer than a lease, and the response is lost.
    instance.advance(11);
    instance.shelf.lose("lease").await;
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(calling.await.expect("no panic"), StatusCode::OK, "with the other instance's token");
    assert_eq!(instance.network.presented().len(), 1);
    assert_eq!(other.network.presented().len(), 1);
}

#[tokio::test]
async fn valid_token_wins_over_an_end_mark() {
    let (instance, ada) = signed_in().await;
    let other = instance.beside().await;
    let ada_there = other.app.serve(&ada);
    let calling = refreshing(&instance, &ada).await;
    instance.advance(11);
    instance.shelf.lose("lease").await;
    // Another instance presents the spent token and learns that the grant has ended.
    other.network.answer_refreshes(400, r#"{"error":"invalid_grant"}"#);
    assert_eq!(call(&ada_there).await, StatusCode::UNAUTHORIZED);
    assert_eq!(calling.await.expect("no panic"), StatusCode::OK);
    instance.advance(5);
    assert_eq!(call(&ada_there).await, StatusCode::OK, "the user need not sign in again");
    instance.network.delay_refreshes(Duration::ZERO);
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::OK, "with the new refresh token");
}

#[tokio::test]
async fn dead_grant_in_other_words_ends_once() {
    for (status, body) in [
        (200, r#"{"error":"bad_refresh_token"}"#),
        (400, r#"{"error":"token_revoked"}"#),
        (401, r#"{"error":"invalid_token"}"#),
        (400, r#"{"error":{"message":"The session has been invalidated","code":190}}"#),
        (200, r#"{"ok":false,"error":"token_expired"}"#),
        (403, r#"{"error":"access_denied"}"#),
        (400, r#"{"error":"consent_required"}"#),
    ] {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let instance = Instance::configured(move |registry| {
            registry.on_token_updated(move |event| {
                let sender = sender.clone();
                async move { sender.send(event).expect("the receiver is alive") }
            })
        })
        .await;
        let ada = instance.ada().await;
        instance.network.answer_refreshes(status, body);
        for _ in 0..3 {
            instance.advance(LIFETIME);
            assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED, "{body}");
            let asked = instance.app.failures.only();
            let is_login = matches!(asked, OAuthError::Browser(BrowserError::NotLoggedIn));
            assert!(is_login, "{body}: a login is offered: {asked:?}");
        }
        assert_eq!(instance.network.presented().len(), 1, "{body}");
        let event: TokenUpdated = heard.recv().await.expect("an event");
        assert!(event.ended().is_some(), "{body}: {event:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(heard.try_recv().is_err(), "{body}: told once");
    }
}

#[tokio::test]
async fn refusal_of_client_or_moment_ends_no_grant() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    for (status, body) in [
        (401, r#"{"error":"invalid_client"}"#),
        (400, r#"{"error":"unauthorized_client"}"#),
        (200, r#"{"error":"incorrect_client_credentials"}"#),
        (400, r#"{"error":"invalid_request"}"#),
        (400, r#"{"error":"invalid_scope"}"#),
        (400, r#"{"error":"unsupported_grant_type"}"#),
        (400, r#"{"error":"temporarily_unavailable"}"#),
        (400, r#"{"error":"server_error"}"#),
        (400, r#"{"error":"slow_down"}"#),
        (408, r#"{"error":"invalid_grant"}"#),
        (429, r#"{"error":"invalid_grant"}"#),
        (500, r#"{"error":"invalid_grant"}"#),
        (503, "<html>"),
        (404, r#"{"status":404,"error":"Not Found"}"#),
        (400, "<html>"),
        (200, "<html>"),
        (200, "{}"),
        (302, ""),
    ] {
        instance.network.answer_refreshes(status, body);
        assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY, "{status} {body}");
        instance.advance(10);
    }
    instance.network.answer_no_refreshes();
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn token_near_expiry_is_refreshed_in_the_background() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME - 61);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 0);
    instance.advance(2);
    instance.network.delay_refreshes(Duration::from_millis(300));
    let call_while_it_lasts = tokio::time::timeout(Duration::from_millis(200), call(&ada)).await;
    assert_eq!(call_while_it_lasts, Ok(StatusCode::OK), "no call waits for it");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(instance.refreshes(), 1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 1);
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_refreshed_once() {
    let (instance, ada) = signed_in().await;
    instance.advance(60);
    instance.network.refuse_calls(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 1);
}

#[tokio::test]
async fn api_that_refuses_all_tokens_causes_few_refreshes() {
    let (instance, ada) = signed_in().await;
    instance.advance(60);
    instance.network.refuse_calls(u32::MAX);
    for _ in 0..5 {
        assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    }
    for error in instance.app.failures.take() {
        assert!(matches!(error, OAuthError::Token { error: TokenError::Refused, .. }), "{error:?}");
    }
    assert_eq!(instance.refreshes(), 1);
}

#[tokio::test]
async fn refresh_without_rotation_keeps_the_refresh_token() {
    let (instance, ada) = signed_in().await;
    instance.app.provider.fault(Fault::RefreshTokenKept);
    for number in 1..4 {
        instance.advance(LIFETIME);
        assert_eq!(call(&ada).await, StatusCode::OK);
        assert_eq!(instance.refreshes(), number);
    }
    let presented = instance.network.presented();
    assert_eq!(presented[0], presented[2]);
}

#[tokio::test]
async fn lost_refresh_response_is_requested_once_more() {
    let (instance, ada) = signed_in().await;
    instance.app.provider.fault(Fault::RefreshTokenKept);
    instance.advance(LIFETIME);
    instance.network.lose_replies(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 2);
    instance.advance(LIFETIME);
    instance.network.lose_replies(2);
    assert_eq!(call(&ada).await, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(instance.refreshes(), 4, "one retry, and not more");
    instance.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK, "a lost reply does not end the grant");
}

#[tokio::test]
async fn a_call_with_a_fresh_token_reads_no_store() {
    let (instance, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    let before = instance.shelf.reads();
    for _ in 0..20 {
        assert_eq!(call(&ada).await, StatusCode::OK);
    }
    assert_eq!(instance.shelf.reads(), before);
}

#[tokio::test]
async fn sign_out_elsewhere_ends_calls_within_seconds() {
    let (instance, mut ada) = signed_in().await;
    let other = instance.beside().await;
    let ada_there = other.app.serve(&ada);
    assert_eq!(call(&ada_there).await, StatusCode::OK);
    ada.post("/auth/logout", &[]).await;
    instance.advance(5);
    // This call starts the check for sign-outs and does not wait for it.
    call(&ada_there).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(call(&ada_there).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn id_token_of_a_refresh_must_name_the_same_user() {
    for (fault, name) in [
        (Fault::SwappedSubject, "sub"),
        (Fault::WrongIssuer, "iss"),
        (Fault::WrongAudience, "aud"),
        (Fault::BadSignature, "signature"),
        (Fault::WrongNonce, "nonce"),
    ] {
        let (instance, ada) = signed_in().await;
        instance.advance(LIFETIME);
        instance.app.provider.fault(fault);
        assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY, "{name}");
        let error = instance.app.failures.only();
        assert!(
            matches!(&error, OAuthError::Provider { error: ProviderError::IdToken(_), .. }),
            "{name}: {error:?}"
        );
    }
}

#[tokio::test]
async fn graceful_shutdown_loses_no_token() {
    let (instance, mut ada) = signed_in().await;
    let at_login = instance.network.issued_last();
    instance.advance(LIFETIME - 30);
    instance.network.delay_refreshes(Duration::from_millis(300));
    assert_eq!(call(&ada).await, StatusCode::OK, "the refresh continues in the background");
    assert_eq!(ada.get("/finish").await.status, StatusCode::OK);
    let refreshed = instance.network.issued_last();
    assert_ne!(refreshed, at_login);

    // A token that is only in memory would be lost too.
    instance.advance(LIFETIME - 30);
    instance.network.delay_refreshes(Duration::ZERO);
    instance.shelf.go_away_after(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    let mut impatient = ada.clone();
    let early = tokio::time::timeout(Duration::from_millis(300), impatient.get("/finish"));
    assert!(early.await.is_err(), "the store has not taken it yet");
    instance.shelf.come_back();
    assert_eq!(ada.get("/finish").await.status, StatusCode::OK);
    assert_ne!(instance.network.issued_last(), refreshed);
    let other = instance.beside().await;
    instance.advance(30);
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 2, "the next instance continues with the stored token");
}
