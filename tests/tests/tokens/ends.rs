//! The end of tokens: revocation, introspection and events.

use std::time::Duration;

use axum::extract::RawQuery;
use http::StatusCode;
use oauth_runtime::TokenUpdated;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::Endpoint;
use tests::in_process::{Op, Typed};
use tokio::sync::mpsc;

use crate::harness::{Instance, LIFETIME, call};

pub(crate) fn routes() -> Router<Typed> {
    Router::new().route("/introspect", get(introspect))
}

/// The introspection of the token in the query.
async fn introspect(
    State(op): State<Client<Op>>,
    RawQuery(token): RawQuery,
) -> Result<String, OAuthError> {
    let said = op.introspect(&token.unwrap_or_default().as_str().into()).await?;
    Ok(format!("{} {:?}", said.is_active(), said.subject()))
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn sign_out_revokes_the_grant_in_the_background() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    let token = instance.network.issued_last();
    let described = format!("/introspect?{token}");
    assert_eq!(ada.get(&described).await.body, "true Some(\"ada\")");
    ada.post("/auth/logout", &[]).await;
    a_moment().await;
    assert_eq!(instance.app.requests(Endpoint::Revocation), 1);
    assert_eq!(ada.get(&described).await.body, "false None");
}

#[tokio::test]
async fn a_new_login_in_the_same_browser_revokes_nothing() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    instance.app.log_in(&mut ada, "op").await;
    a_moment().await;
    assert_eq!(instance.app.requests(Endpoint::Revocation), 0);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn revocation_at_sign_out_can_be_turned_off() {
    let instance = Instance::configured(|registry| registry.revoke_on_sign_out(false)).await;
    let mut ada = instance.ada().await;
    ada.post("/auth/logout", &[]).await;
    a_moment().await;
    assert_eq!(instance.app.requests(Endpoint::Revocation), 0);
}

#[tokio::test]
async fn token_events_reach_every_listener() {
    let (sender, mut heard) = mpsc::unbounded_channel();
    let instance = Instance::configured(move |registry| {
        registry
            .on_token_updated(|_| async { panic!("a listener of the application") })
            .on_token_updated(|_| std::future::pending())
            .on_token_updated(move |event: TokenUpdated| {
                let sender = sender.clone();
                async move { sender.send(event).expect("the receiver is alive") }
            })
    })
    .await;
    let ada = instance.ada().await;
    let before = instance.network.issued_last();
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::OK);
    let event = heard.recv().await.expect("an event");
    assert_eq!(event.provider(), "op");
    let (old, new) = (event.old::<Op>().expect("old"), event.new_token::<Op>().expect("new"));
    assert_eq!(old.refresh_token().expect("a token").expose(), before);
    assert_eq!(new.refresh_token().expect("a token").expose(), instance.network.issued_last(),);
    assert!(event.old::<tests::in_process::Plain>().is_none(), "another provider's");
    assert!(!format!("{event:?}").contains(&before));

    instance.revoke_at_provider().await;
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    let event = heard.recv().await.expect("an event");
    assert_eq!(event.ended().expect("an end").error(), "invalid_grant");
    assert!(event.new_token::<Op>().is_none());

    let mut grace = instance.ada().await;
    grace.post("/auth/logout", &[]).await;
    let event = heard.recv().await.expect("an event");
    assert!(event.is_removed() && event.ended().is_none());
    assert!(event.old::<Op>().is_some() && event.new_token::<Op>().is_none());
}
