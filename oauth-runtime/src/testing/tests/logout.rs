//! The end session endpoint.

use super::{Pair, Reply, encode};
use crate::testing::{Endpoint, Fault, RegisteredClient, TestProvider};

async fn end_session(pair: &Pair, parameters: super::Changes<'_>) -> Reply {
    let url = pair.provider.url(Endpoint::EndSession);
    pair.get(format!("{url}?{}", encode(parameters, &[]))).await
}

#[tokio::test]
async fn logout_leads_back_with_its_state() {
    let pair = Pair::start().await;
    let id_token = pair.login().await["id_token"].as_str().unwrap().to_owned();
    // A hint is valid after it has expired (OpenID Connect RP-Initiated Logout 1.0 section 4).
    pair.provider.set_clock_offset(1_000_000);
    let reply = end_session(
        &pair,
        &[
            ("id_token_hint", &id_token),
            ("post_logout_redirect_uri", "http://127.0.0.1:3000/logged-out"),
            ("state", "a&b"),
        ],
    )
    .await;
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), "http://127.0.0.1:3000/logged-out?state=a%26b");
}

#[tokio::test]
async fn logout_without_a_way_back_shows_a_page() {
    let pair = Pair::start().await;
    let reply = end_session(&pair, &[]).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text.contains("You are signed out"));
}

#[tokio::test]
async fn logout_leads_to_registered_places_only() {
    let home = "https://shop.example/";
    let pair = Pair::build(
        TestProvider::builder()
            .client(RegisteredClient::confidential("shop", "1").post_logout_redirect_uri(home))
            .client(RegisteredClient::confidential("other", "2")),
    )
    .await;
    let id_token = pair.login().await["id_token"].as_str().unwrap().to_owned();
    let forged = format!("{id_token}A");
    let place = "post_logout_redirect_uri";
    let good = end_session(&pair, &[("client_id", "shop"), (place, home)]).await;
    assert_eq!((good.status, good.header("location")), (303, home));

    for refused in [
        &[(place, home)][..],
        &[(place, "https://shop.example/other"), ("client_id", "shop")],
        &[(place, "https://evil.example/"), ("id_token_hint", &id_token)],
        &[(place, home), ("id_token_hint", &forged)],
        &[(place, home), ("id_token_hint", &id_token), ("client_id", "other")],
        &[(place, home), ("client_id", "unknown")],
    ] {
        let reply = end_session(&pair, refused).await;
        assert_eq!((reply.status, reply.header("location")), (400, ""), "{refused:?}");
    }
}

#[tokio::test]
async fn state_of_the_way_back_is_spoiled() {
    let pair = Pair::start().await;
    let place = ("post_logout_redirect_uri", "http://127.0.0.1:3000/logged-out");
    let leave = [("client_id", "dev-client"), place, ("state", "sent")];
    for (fault, query) in [
        (Fault::LogoutWithAnotherState, "?state=a-state-that-nobody-sent"),
        (Fault::LogoutWithoutState, ""),
    ] {
        pair.provider.fault(fault);
        let reply = end_session(&pair, &leave).await;
        pair.provider.clear_faults();
        assert_eq!(reply.header("location"), format!("{}{query}", place.1));
    }
}
