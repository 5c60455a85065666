//! Refreshes that fail: at the provider, on the way, or in the store.

use super::*;

#[tokio::test]
async fn refresh_is_tried_again_after_a_second() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    instance.network.answer_refreshes(503, "");
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
    assert_eq!(instance.network.presented().len(), 1, "not for each call");
    instance.network.answer_no_refreshes();
    instance.advance(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn ended_grant_is_not_refreshed_again() {
    let (instance, ada) = signed_in().await;
    let other = instance.beside().await;
    let ada_there = other.app.serve(&ada);
    assert_eq!(call(&ada_there).await, StatusCode::OK);
    // The provider's refresh tokens last thirty days, and this session lasts longer.
    instance.revoke_at_provider().await;
    instance.advance(LIFETIME);
    for _ in 0..3 {
        assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
        assert_eq!(call(&ada_there).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(instance.refreshes(), 1);
}

#[tokio::test]
async fn a_refresh_that_fails_is_not_tried_with_each_call() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    instance.app.provider.fault(Fault::ServerError(Endpoint::Token));
    for _ in 0..5 {
        assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
        let error = instance.app.failures.only();
        assert!(error.is_temporary(), "{error:?}");
    }
    assert_eq!(instance.refreshes(), 1);
    instance.app.provider.clear_faults();
    instance.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK, "the grant is unchanged");
}

#[tokio::test]
async fn valid_token_is_used_while_the_provider_is_down() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME - 30);
    instance.app.provider.fault(Fault::ServerError(Endpoint::Token));
    for _ in 0..5 {
        assert_eq!(call(&ada).await, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(instance.refreshes(), 1);
}

#[tokio::test]
async fn lost_refresh_reply_ends_a_grant_without_grace() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    instance.network.lose_replies(1);
    assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    assert_eq!(instance.refreshes(), 2);
}

#[tokio::test]
async fn token_that_the_store_refuses_is_stored_later() {
    let (instance, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    instance.advance(LIFETIME);
    // The lease is written, but the token is not.
    instance.shelf.go_away_after(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    instance.advance(60);
    assert_eq!(call(&ada).await, StatusCode::OK, "from the memory of this instance");
    assert_eq!(instance.refreshes(), 1);
    instance.shelf.come_back();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let other = instance.beside().await;
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 1, "the other instance reads what was stored late");
    instance.advance(LIFETIME);
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(instance.refreshes(), 2, "with the right refresh token");
}

#[tokio::test]
async fn nothing_is_refreshed_while_the_store_is_away() {
    let (instance, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    instance.advance(LIFETIME);
    instance.shelf.go_away_after(0);
    // The cached sign-outs are still valid, but the cached token is not.
    assert_eq!(call(&ada).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        instance.refreshes(),
        0,
        "without the lease, another instance may be refreshing the token"
    );
    instance.shelf.come_back();
    instance.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn unreachable_key_set_does_not_cost_the_grant() {
    let (instance, ada) = signed_in().await;
    instance.advance(LIFETIME);
    instance.app.provider.rotate_keys().expect("new keys");
    instance.app.provider.fault(Fault::ServerError(Endpoint::Jwks));
    assert_eq!(call(&ada).await, StatusCode::OK);
    instance.app.provider.fault(Fault::SwappedSubject);
    instance.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY, "its content is still checked");
}
