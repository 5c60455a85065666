//! Refreshes that fail: at the provider, on the way, or in the store.

use super::*;

#[tokio::test]
async fn refresh_is_tried_again_after_a_second() {
    let (machine, ada) = signed_in().await;
    machine.advance(LIFETIME);
    machine.network.answer_refreshes(503, "");
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
    assert_eq!(machine.network.presented().len(), 1, "not with each call");
    machine.network.answer_no_refreshes();
    machine.advance(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn ended_grant_is_not_refreshed_again() {
    let (machine, ada) = signed_in().await;
    let other = machine.beside().await;
    let ada_there = other.app.serve(&ada);
    assert_eq!(call(&ada_there).await, StatusCode::OK);
    // Refresh tokens of the provider live for thirty days, this session for longer.
    machine.revoke_at_provider().await;
    machine.advance(LIFETIME);
    for _ in 0..3 {
        assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
        assert_eq!(call(&ada_there).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(machine.refreshes(), 1);
}

#[tokio::test]
async fn a_refresh_that_fails_is_not_tried_with_each_call() {
    let (machine, ada) = signed_in().await;
    machine.advance(LIFETIME);
    machine.app.provider.fault(Fault::ServerError(Endpoint::Token));
    for _ in 0..5 {
        assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY);
        let error = machine.app.failures.only();
        assert!(error.is_temporary(), "{error:?}");
    }
    assert_eq!(machine.refreshes(), 1);
    machine.app.provider.clear_faults();
    machine.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK, "the grant is as it was");
}

#[tokio::test]
async fn valid_token_is_used_while_the_provider_is_down() {
    let (machine, ada) = signed_in().await;
    machine.advance(LIFETIME - 30);
    machine.app.provider.fault(Fault::ServerError(Endpoint::Token));
    for _ in 0..5 {
        assert_eq!(call(&ada).await, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(machine.refreshes(), 1);
}

#[tokio::test]
async fn a_lost_reply_is_asked_for_once_more() {
    let (machine, ada) = signed_in().await;
    machine.app.provider.fault(Fault::RefreshTokenKept);
    machine.advance(LIFETIME);
    machine.network.lose_replies(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    assert_eq!(machine.refreshes(), 2);
    machine.advance(LIFETIME);
    machine.network.lose_replies(2);
    assert_eq!(call(&ada).await, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(machine.refreshes(), 4, "once more, and not again and again");
    machine.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK, "a lost reply does not end the grant");
}

#[tokio::test]
async fn lost_refresh_reply_ends_a_grant_without_grace() {
    let (machine, ada) = signed_in().await;
    machine.advance(LIFETIME);
    machine.network.lose_replies(1);
    assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&ada).await, StatusCode::UNAUTHORIZED);
    assert_eq!(machine.refreshes(), 2);
}

#[tokio::test]
async fn token_that_the_store_refuses_is_stored_later() {
    let (machine, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    machine.advance(LIFETIME);
    // The lease is written, the token is not.
    machine.shelf.go_away_after(1);
    assert_eq!(call(&ada).await, StatusCode::OK);
    machine.advance(60);
    assert_eq!(call(&ada).await, StatusCode::OK, "from the memory of this machine");
    assert_eq!(machine.refreshes(), 1);
    machine.shelf.come_back();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let other = machine.beside().await;
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(machine.refreshes(), 1, "the other machine reads what was stored late");
    machine.advance(LIFETIME);
    assert_eq!(call(&other.app.serve(&ada)).await, StatusCode::OK);
    assert_eq!(machine.refreshes(), 2, "with the right refresh token");
}

#[tokio::test]
async fn nothing_is_refreshed_while_the_store_is_away() {
    let (machine, ada) = signed_in().await;
    assert_eq!(call(&ada).await, StatusCode::OK);
    machine.advance(LIFETIME);
    machine.shelf.go_away_after(0);
    // The memory of the session's end is still good; that of the token is not.
    assert_eq!(call(&ada).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        machine.refreshes(),
        0,
        "without the lease the token may be somebody else's to refresh"
    );
    machine.shelf.come_back();
    machine.advance(10);
    assert_eq!(call(&ada).await, StatusCode::OK);
}

#[tokio::test]
async fn unreachable_key_set_does_not_cost_the_grant() {
    let (machine, ada) = signed_in().await;
    machine.advance(LIFETIME);
    machine.app.provider.rotate_keys().expect("new keys");
    machine.app.provider.fault(Fault::ServerError(Endpoint::Jwks));
    assert_eq!(call(&ada).await, StatusCode::OK);
    machine.app.provider.fault(Fault::SwappedSubject);
    machine.advance(LIFETIME);
    assert_eq!(call(&ada).await, StatusCode::BAD_GATEWAY, "what it says counts all the same");
}
