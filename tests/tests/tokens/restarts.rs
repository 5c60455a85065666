//! Stored tokens outlive their process, the key that sealed them, and the sweep of the store.

use std::time::Duration;

use oauth_runtime::Disconnected;
use oauth_runtime::error::StoreError;
use oauth_runtime::prelude::*;
use tests::in_process::COOKIE_KEY;

use crate::back_ends::Place;
use crate::harness::LIFETIME;
use crate::site::{Keepers, Site, shown, subject};

const OTHER_KEY: &str = "0ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba110ddba11f";

on_every_store![
    restarted_application_has_every_grant,
    grants_outlive_the_key_that_sealed_them,
    sweep_removes_expired_records_and_no_grant,
];

/// Another process, with its own connections, after the first one has ended.
async fn restarted_application_has_every_grant(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("team", "ada").await;
    site.advance(1);
    site.signed_in_as("team", "alan").await;
    assert_eq!(site.call_for("team").await.expect("a response"), "ada");
    let listed = site.oauth.hub.accounts("team").await.expect("a list");
    site.advance(LIFETIME);
    let site = site.restart().await;
    assert_eq!(site.oauth.hub.accounts("team").await.expect("a list"), listed);
    assert_eq!(site.call_for("team").await.expect("a response"), "ada");
    let api = site.oauth.hub.api_for("team").account("alan").await.expect("an API");
    assert_eq!(subject(&api).await.expect("a response"), "alan");
    assert_eq!(site.token_requests(), 4, "each was refreshed once");
    // The session of one of the logins has its token too.
    ada = site.app.serve(&ada);
    assert_eq!(shown(&mut ada).await.body, "ada");

    // Refreshed and disconnected tokens stay so after the next start.
    let outcome = site.oauth.hub.disconnect("team", "ada").await.expect("a store");
    assert!(matches!(outcome, Disconnected::Revoked), "{outcome:?}");
    site.advance(LIFETIME);
    let site = site.restart().await;
    assert_eq!(site.call_for("team").await.expect("a response"), "alan");
    assert_eq!(site.oauth.hub.accounts("team").await.expect("a list").len(), 1);
    assert_eq!(site.token_requests(), 5);
}

async fn grants_outlive_the_key_that_sealed_them(place: Place) {
    let with_keys = |site: &Site, keys: String| {
        site.another_process(move |registry| registry.set("OAUTH_COOKIE_KEYS", keys))
    };
    let called =
        async |oauth: &Keepers, owner: &str| subject(&oauth.hub.api_for(owner).await?).await;
    let site = Site::on(place).await;
    for (owner, person) in [("1", "ada"), ("2", "alan"), ("3", "grace")] {
        site.signed_in_as(owner, person).await;
    }
    // With both keys, a refresh re-seals the token that it writes, and a command re-seals the rest.
    let both = with_keys(&site, format!("{OTHER_KEY},{COOKIE_KEY}"));
    site.advance(LIFETIME);
    assert_eq!(called(&both, "1").await.expect("a response"), "ada");
    assert_eq!(
        site.call_for("2").await.expect("a response"),
        "alan",
        "for a token that is not re-sealed yet"
    );
    let outcome = both.reseal_store().await.expect("a store");
    assert!(outcome.resealed >= 4 && outcome.unreadable == 0, "{outcome:?}");

    // Then the old key may be removed.
    let rotated = with_keys(&site, OTHER_KEY.to_owned());
    site.advance(LIFETIME);
    for (owner, person) in [("1", "ada"), ("2", "alan"), ("3", "grace")] {
        assert_eq!(called(&rotated, owner).await.expect("a response"), person);
        assert_eq!(rotated.hub.accounts(owner).await.expect("a list").len(), 1);
    }
    let outcome = rotated.hub.disconnect("3", "grace").await.expect("a store");
    assert!(matches!(outcome, Disconnected::Revoked), "{outcome:?}");

    // A process with only the old key gets an error and destroys nothing.
    let lost = with_keys(&site, COOKIE_KEY.to_owned());
    let error = called(&lost, "1").await.expect_err("its key is lost");
    assert!(matches!(error, OAuthError::Store(StoreError::KeyLost { .. })), "{error:?}");
    assert_eq!(called(&rotated, "1").await.expect("a response"), "ada");
}

async fn sweep_removes_expired_records_and_no_grant(place: Place) {
    let site = Site::on(place.clone()).await;
    site.signed_in_as("team", "ada").await;
    site.signed_in_as("team", "alan").await;
    let store = site.shelf.store();
    for number in 0..3 {
        let key = format!("ended:{number}");
        store.put(&key, b"value".to_vec(), Duration::from_secs(1)).await.expect("a store");
    }
    site.advance(2);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let swept = place.sweep(&site.clock).await.expect("a store");
    assert!(!place.has_to_be_swept() || swept >= 3, "{swept}");
    let ended = |key: &str| key.starts_with("ended:");
    assert!(!site.shelf.records().await.iter().any(|(key, _)| ended(key)));
    let site = site.restart().await;
    let accounts = site.oauth.hub.accounts("team").await.expect("a list");
    for account in &accounts {
        let api = site.oauth.hub.api_for("team").account(account.subject()).await.expect("an API");
        assert_eq!(subject(&api).await.expect("a response"), account.subject());
    }
    assert_eq!(accounts.len(), 2);
}
