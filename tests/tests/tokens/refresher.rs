//! The refresher refreshes unused stored tokens.

use std::time::Duration;

use oauth_runtime::OAuthError;
use oauth_runtime::error::StoreError;
use oauth_runtime::prelude::*;

use crate::back_ends::Place;
use crate::site::Site;

on_every_store![
    round_refreshes_only_old_tokens,
    one_of_several_instances_makes_the_round,
    ended_grant_fails_once_and_others_are_refreshed,
    grants_of_a_namesake_client_are_left_alone,
];

const DAY: u64 = 86_400;

async fn with_grants(place: Place, count: usize) -> Site {
    let site = Site::with_users(place, count).await;
    for number in 0..count {
        site.signed_in_as(&number.to_string(), &format!("p{number}")).await;
    }
    site
}

async fn round_refreshes_only_old_tokens(place: Place) {
    let site = with_grants(place, 3).await;
    // It ignores a login whose tokens end with their session.
    let mut browser = site.app.browser();
    site.app.log_in_as(&mut browser, "op", "p0").await;
    let logins = site.token_requests();
    let refresher = site.oauth.token_refresher();
    site.advance_rounds(DAY / 2).await;
    let round = refresher.run_once().await.expect("a round");
    assert_eq!((round.seen, round.refreshed, round.failed), (3, 0, 0));
    site.advance_rounds(DAY / 2).await;
    let round = refresher.run_once().await.expect("a round");
    assert_eq!((round.seen, round.refreshed, round.failed), (3, 3, 0));
    assert_eq!(site.token_requests(), logins + 3);
    site.advance_rounds(DAY / 2).await;
    let round = refresher.run_once().await.expect("a round");
    assert_eq!(round.refreshed, 0, "they are fresh");
    for number in 0..3 {
        let subject = site.call_for(&number.to_string()).await.expect("a response");
        assert_eq!(subject, format!("p{number}"));
    }
}

async fn one_of_several_instances_makes_the_round(place: Place) {
    let site = with_grants(place, 3).await;
    let others = [
        site.another_process(|registry| registry),
        site.another_process(|registry| registry),
        site.another_process(|registry| registry),
    ];
    let logins = site.token_requests();
    for days in 1..=2 {
        site.advance_rounds(DAY).await;
        let rounds = others.each_ref().map(|oauth| {
            let refresher = oauth.token_refresher();
            tokio::spawn(async move { refresher.run_once().await.expect("a round") })
        });
        let mut made = 0;
        for round in rounds {
            let round = round.await.expect("no panic");
            made += u64::from(!round.skipped);
            assert!(round.skipped == (round.seen == 0), "{round:?}");
        }
        assert_eq!(made, 1);
        assert_eq!(site.token_requests(), logins + 3 * days);
        let again = others[0].token_refresher().run_once().await.expect("a round");
        assert!(again.skipped, "within the hour");
    }
}

#[tokio::test]
async fn simultaneous_refreshes_are_bounded() {
    let site = with_grants(Place::Memory, 7).await;
    site.advance(DAY);
    site.network.delay_refreshes(Duration::from_millis(100));
    let refresher = site.oauth.token_refresher().concurrency(2);
    let round = refresher.run_once().await.expect("a round");
    assert_eq!(round.refreshed, 7);
    assert_eq!(site.network.most_at_once(), 2);
}

async fn ended_grant_fails_once_and_others_are_refreshed(place: Place) {
    let site = with_grants(place, 3).await;
    let token = site.oauth.hub.api_for("1").await.expect("an API").token().await.expect("a token");
    site.oauth.hub.revoke(&token).await.expect("a revocation");
    let refresher = site.oauth.token_refresher();
    site.advance_rounds(DAY).await;
    let round = refresher.run_once().await.expect("a round");
    assert_eq!((round.refreshed, round.failed), (2, 1));
    site.advance_rounds(DAY).await;
    let round = refresher.run_once().await.expect("a round");
    assert_eq!((round.refreshed, round.failed), (2, 0), "ended grants are not refreshed");
}

#[tokio::test]
async fn dropped_refresher_finishes_what_it_started() {
    let site = with_grants(Place::Memory, 2).await;
    let logins = site.token_requests();
    site.network.delay_refreshes(Duration::from_millis(300));
    site.advance(DAY);
    let every = Duration::from_secs(1);
    let refresher = site.oauth.token_refresher().every(every).concurrency(1).start();
    while site.network.presented().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(refresher);
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(site.token_requests(), logins + 1, "the second was not started");
    // The received token is not lost.
    site.network.delay_refreshes(Duration::ZERO);
    let rotated = site.network.issued_last();
    site.advance(DAY);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(site.token_requests(), logins + 1, "no further round starts");
    for owner in ["0", "1"] {
        site.call_for(owner).await.expect("a response");
    }
    assert!(site.network.presented().contains(&rotated));
}

#[tokio::test]
async fn store_without_list_is_reported() {
    let site = with_grants(Place::Memory, 1).await;
    site.shelf.forget_how_to_list();
    let refresher = site.oauth.token_refresher();
    for _ in 0..2 {
        let error = refresher.run_once().await.expect_err("no list");
        assert!(matches!(error, OAuthError::Store(StoreError::CannotList)), "{error:?}");
    }
}

async fn grants_of_a_namesake_client_are_left_alone(place: Place) {
    let site = with_grants(place, 1).await;
    site.advance(DAY);
    let other = site.another_process(|registry| registry.set("HUB_CLIENT_ID", "another-client"));
    let round = other.token_refresher().run_once().await.expect("a round");
    assert_eq!(round.seen, 0);
    assert!(other.hub.api_for("0").await.is_err());
}
