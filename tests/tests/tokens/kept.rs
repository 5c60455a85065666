//! Tokens that outlive the session of their login.

use std::time::Duration;

use http::StatusCode;
use oauth_runtime::error::{CallError, ProviderError, TokenError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{
    Disconnected, Owner, ProviderDescription, RuntimeProvider, RuntimeProviders, StoredToken,
};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, Op};

use crate::back_ends::Place;
use crate::harness::LIFETIME;
use crate::site::{Hub, Site, shown, subject};

on_every_store![
    job_calls_the_api_after_the_session_has_ended,
    identity_is_the_owner_without_application_name,
    session_and_job_share_one_grant_and_one_refresh,
    repeated_login_replaces_all_but_the_refresh_token,
    refresh_during_a_login_loses_no_refresh_token,
    an_owner_has_several_accounts_and_picks_one,
    disconnected_account_is_revoked_and_others_stay,
    tokens_are_deleted_without_revocation_endpoint,
    ended_grant_is_reported_until_the_next_login,
    stored_tokens_are_sealed_and_keys_hold_no_secret,
    accounts_connected_at_once_are_all_listed,
    exported_token_calls_the_api_when_it_returns,
    replaced_provider_keeps_no_tokens_for_the_next,
    cancelled_job_does_not_lose_the_new_token,
    refresh_during_disconnection_leaves_no_grant,
];

const DAY: u64 = 86_400;

fn is_missing(error: &OAuthError) -> bool {
    matches!(error, OAuthError::Token { error: TokenError::Missing, .. })
}

async fn job_calls_the_api_after_the_session_has_ended(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    assert_eq!(shown(&mut ada).await.body, "ada");
    ada.post("/auth/logout", &[]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(site.app.requests(Endpoint::Revocation), 0, "a sign-out ends only the session");
    site.advance(20 * DAY);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
    assert_eq!(site.token_requests(), 2, "refreshed once");
    assert_eq!(shown(&mut ada).await.status, StatusCode::UNAUTHORIZED, "no user is signed in");
}

async fn identity_is_the_owner_without_application_name(place: Place) {
    let site = Site::on(place).await;
    site.signed_in("ada").await;
    let owner = site.oauth.hub.person(site.app.provider.issuer(), "ada");
    let api = site.oauth.hub.api_for(&owner).await.expect("an API");
    assert_eq!(subject(&api).await.expect("a response"), "ada");
    // An owner named by the application is distinct from an identity with the same name.
    for foreign in [Owner::from("ada"), Owner::from(format!("{}\nada", site.app.provider.issuer()))]
    {
        let error = site.oauth.hub.api_for(foreign).await.expect_err("no tokens");
        assert!(is_missing(&error), "{error:?}");
    }
}

async fn session_and_job_share_one_grant_and_one_refresh(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    site.advance(LIFETIME);
    site.network.delay_refreshes(Duration::from_millis(100));
    let jobs: Vec<_> = (0..50)
        .map(|_| {
            let hub = site.oauth.hub.clone();
            tokio::spawn(async move { subject(&hub.api_for(42).await?).await })
        })
        .collect();
    assert_eq!(shown(&mut ada).await.body, "ada");
    for job in jobs {
        assert_eq!(job.await.expect("no panic").expect("a response"), "ada");
    }
    assert_eq!(site.token_requests(), 2);
}

async fn repeated_login_replaces_all_but_the_refresh_token(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in("ada").await;
    let given_once = site.network.issued_last();
    let started = ada.get("/once").await;
    let callback = site.app.answer(started.location());
    assert!(ada.finish(callback).await.status.is_redirection());
    assert_eq!(shown(&mut ada).await.body, "ada");
    assert_eq!(site.network.issued_last(), given_once, "the second login returned none");
    site.advance(LIFETIME);
    assert_eq!(shown(&mut ada).await.body, "ada");
    assert_eq!(site.network.presented(), [given_once]);

    // A new refresh token replaces the old one.
    site.app.log_in(&mut ada, "hub").await;
    let newer = site.network.issued_last();
    site.advance(LIFETIME);
    assert_eq!(shown(&mut ada).await.body, "ada");
    assert_eq!(site.network.presented().last(), Some(&newer));
}

async fn refresh_during_a_login_loses_no_refresh_token(place: Place) {
    let site = Site::on(place).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    site.advance(LIFETIME);
    site.network.delay_refreshes(Duration::from_millis(400));
    let hub = site.oauth.hub.clone();
    let job = tokio::spawn(async move { subject(&hub.api_for(42).await?).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    // During the refresh, a login takes over the refresh token that is being spent.
    let started = ada.get("/as/42?once").await;
    let callback = site.app.answer(started.location());
    assert!(ada.finish(callback).await.status.is_redirection());
    assert_eq!(job.await.expect("no panic").expect("a response"), "ada");
    let rotated = site.network.issued_last();
    site.network.delay_refreshes(Duration::ZERO);
    site.advance(LIFETIME);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
    assert_eq!(site.network.presented().last(), Some(&rotated), "the token of the refresh");
}

async fn an_owner_has_several_accounts_and_picks_one(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("team", "ada").await;
    site.advance(1);
    site.signed_in_as("team", "alan").await;
    site.signed_in_as("other", "alan").await;
    let hub = &site.oauth.hub;
    let accounts = hub.accounts("team").await.expect("a list");
    let listed: Vec<_> =
        accounts.iter().map(|account| (account.subject(), account.display_name())).collect();
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!((listed[0].0, listed[1].0), ("ada", "alan"));
    assert_eq!(accounts[0].connected_at() + Duration::from_secs(1), accounts[1].connected_at());
    assert_eq!(accounts[0].issuer(), site.app.provider.issuer());

    assert_eq!(site.call_for("team").await.expect("a response"), "ada", "the first");
    let api = hub.api_for("team").account("alan").await.expect("an API");
    assert_eq!(subject(&api).await.expect("a response"), "alan");
    let api = hub.api_for("team").account_at(accounts[1].issuer(), "alan").await.expect("an API");
    assert_eq!(subject(&api).await.expect("a response"), "alan");
    for api in [
        hub.api_for("team").account("grace").await,
        hub.api_for("team").account_at("https://other.example", "alan").await,
        hub.api_for("other").account("ada").await,
    ] {
        assert!(is_missing(&api.expect_err("no such account")));
    }
    // A repeated login is not another account.
    site.signed_in_as("team", "ada").await;
    assert_eq!(hub.accounts("team").await.expect("a list"), accounts);
}

async fn disconnected_account_is_revoked_and_others_stay(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("team", "ada").await;
    let token = site.network.issued_last();
    let mut alan = site.signed_in_as("team", "alan").await;
    let hub = &site.oauth.hub;
    assert_eq!(site.call_for("team").await.expect("a response"), "ada");
    let outcome = hub.disconnect("team", "ada").await.expect("a store");
    assert!(matches!(outcome, Disconnected::Revoked), "{outcome:?}");
    assert_eq!(site.app.requests(Endpoint::Revocation), 1);
    let seen = hub.introspect(&token.as_str().into()).await.expect("a response");
    assert!(!seen.is_active());

    let ada = hub.api_for("team").account("ada").await.expect_err("it is gone");
    assert!(is_missing(&ada));
    assert_eq!(site.call_for("team").await.expect("a response"), "alan", "the first now");
    assert_eq!(shown(&mut alan).await.body, "alan");
    let outcome = hub.disconnect("team", "ada").await.expect("a store");
    assert!(matches!(outcome, Disconnected::NotThere), "{outcome:?}");
}

async fn tokens_are_deleted_without_revocation_endpoint(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    site.app.provider.fault(Fault::ServerError(Endpoint::Revocation));
    let outcome = site.oauth.hub.disconnect(42, "ada").await.expect("a store");
    let Disconnected::NotRevoked(error) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(error, OAuthError::Provider { error: ProviderError::Status { .. }, .. }));
    assert!(is_missing(&site.call_for("42").await.expect_err("it is gone")));
}

async fn ended_grant_is_reported_until_the_next_login(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    let api = site.oauth.hub.api_for(42).await.expect("an API");
    let token = api.token().await.expect("a token");
    site.oauth.hub.revoke(&token).await.expect("a revocation");
    site.advance(LIFETIME);
    for _ in 0..2 {
        let error = site.call_for("42").await.expect_err("the grant has ended");
        assert!(
            matches!(error, OAuthError::Token { error: TokenError::Ended(_), .. }),
            "{error:?}"
        );
    }
    assert_eq!(site.token_requests(), 2, "no further refresh");
    let event = site.next_event().await;
    assert!(event.ended().is_some());
    assert_eq!(event.owner(), Some(&Owner::from(42)), "the event names the owner");
    assert_eq!(event.subject(), Some("ada"));
    site.signed_in_as("42", "ada").await;
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
}

/// Not on servers, which have their own clock.
#[tokio::test]
async fn unused_tokens_end_after_a_year() {
    for place in [Place::Memory, Place::file()] {
        let site = Site::on(place).await;
        // Only the records can expire.
        site.app.provider.fault(Fault::MissingExpiresIn);
        site.signed_in_as("used", "ada").await;
        site.signed_in_as("unused", "alan").await;
        for _ in 0..4 {
            site.clock.advance(200 * DAY);
            assert_eq!(site.call_for("used").await.expect("a response"), "ada");
        }
        assert_eq!(site.oauth.hub.accounts("used").await.expect("a list").len(), 1);
        assert_eq!(site.oauth.hub.accounts("unused").await.expect("a list").len(), 0);
        assert!(is_missing(&site.call_for("unused").await.expect_err("it has ended")));
    }
}

#[tokio::test]
async fn an_owner_has_a_name_and_so_many_accounts_at_most() {
    let site = Site::start().await;
    let too_long = "x".repeat(257);
    for owner in ["", &too_long] {
        let error = site.oauth.hub.api_for(owner).await.expect_err("no name");
        assert!(matches!(error, OAuthError::Call(CallError::BadOwner)), "{error:?}");
        assert!(site.oauth.hub.accounts(owner).await.is_err());
    }
}

async fn stored_tokens_are_sealed_and_keys_hold_no_secret(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    let token = site.network.issued_last();
    let records = site.shelf.records().await;
    assert!(records.iter().any(|(key, _)| key.starts_with("kept:hub:")), "{records:?}");
    assert!(records.iter().any(|(key, _)| key.starts_with("accounts:hub:")));
    assert!(!records.iter().any(|(key, _)| key.starts_with("token:")), "no second copy");
    for (key, value) in &records {
        assert!(!key.contains(&token));
        assert!(!String::from_utf8_lossy(value).contains("ada"), "{key}");
    }
}

/// Ten users connect to one owner simultaneously, so several calls write one list.
async fn accounts_connected_at_once_are_all_listed(place: Place) {
    let site = Site::on(place).await;
    let people = ["ada", "alan", "grace"];
    let started = people.map(|person| site.signed_in_as("team", person));
    let [a, b, c] = started;
    tokio::join!(a, b, c);
    let accounts = site.oauth.hub.accounts("team").await.expect("a list");
    assert_eq!(accounts.len(), 3, "{accounts:?}");
}

async fn exported_token_calls_the_api_when_it_returns(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    let hub = &site.oauth.hub;
    let token = hub.api_for(42).await.expect("an API").token().await.expect("a token");
    let text = serde_json::to_string(&token.expose()).expect("JSON");
    let stored: StoredToken = serde_json::from_str(&text).expect("what was written");
    assert!(!format!("{stored:?} {token:?}").contains(token.access_token().expose()));
    let error = Token::<Op>::from_stored(stored.clone()).expect_err("another provider's");
    assert!(matches!(error, CallError::ForeignToken { .. }), "{error:?}");
    let api = hub.with_token(Token::<Hub>::from_stored(stored).expect("its own"));
    assert_eq!(subject(&api).await.expect("a response"), "ada");
}

async fn replaced_provider_keeps_no_tokens_for_the_next(place: Place) {
    let site = Site::on(place).await;
    let tenants = RuntimeProviders::beside(&site.oauth);
    let issuer = site.app.provider.issuer();
    let acme = || {
        ProviderDescription::new("acme")
            .issuer(issuer)
            .api_base_url(format!("{issuer}/api/"))
            .scopes(["openid", "offline_access"])
            .client_id(CLIENT_ID)
            .client_secret(CLIENT_SECRET)
            .quirks(["loopback_http"])
            // The declared providers have the same issuer, and one description has another client.
            .shares_issuer(true)
    };
    let log_in = async |client: &Client<RuntimeProvider>| {
        let started = client.authorize_redirect().into_url().await.expect("a URL");
        let callback = site.app.provider.sign_in(started.url(), "ada").expect("valid settings");
        let (_, query) = callback.split_once('?').expect("a query");
        client.resume_login(started.into_pending(), query).await.expect("a login")
    };
    let forgetful = tenants.insert(acme()).expect("a provider");
    let error = log_in(&forgetful).await.keep_tokens(42).await.expect_err("they are not stored");
    assert!(matches!(error, OAuthError::Call(CallError::TokensNotKept)), "{error:?}");

    let keeping = tenants.insert(acme().keep_tokens()).expect("a provider");
    log_in(&keeping).await.keep_tokens(42).await.expect("a store");
    let api = keeping.api_for(42).await.expect("an API");
    assert!(api.get("resource").send().await.expect("a response").status().is_success());

    // Another client, and the same client with another party's API, which would receive the token.
    for other in [
        acme().client_id("another-client"),
        acme().api_base_url("https://api.other.example/"),
        acme().revocation_endpoint("https://other.example/revoke"),
    ] {
        let successor = tenants.insert(other.keep_tokens()).expect("a provider");
        assert!(is_missing(&successor.api_for(42).await.expect_err("none of its own")));
        assert!(successor.accounts(42).await.expect("a list").is_empty());
    }
    let again = tenants.insert(acme().keep_tokens()).expect("a provider");
    assert!(again.api_for(42).await.is_ok(), "the first still has them");
}

/// A job that is cancelled during its call, by its own deadline or with its task.
async fn cancelled_job_does_not_lose_the_new_token(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    site.advance(LIFETIME);
    site.network.delay_refreshes(Duration::from_millis(400));
    let job = tokio::spawn({
        let hub = site.oauth.hub.clone();
        async move { hub.api_for(42).await.map(drop) }
    });
    while site.token_requests() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    job.abort();
    assert!(job.await.expect_err("it was ended").is_cancelled());
    site.oauth.finish_refreshes().await;
    site.network.delay_refreshes(Duration::ZERO);
    let site = site.restart().await;
    assert_eq!(site.call_for("42").await.expect("a response"), "ada", "the store has it");
    assert_eq!(site.token_requests(), 2);
    site.advance(LIFETIME);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada", "and the refresh token");
}

async fn refresh_during_disconnection_leaves_no_grant(place: Place) {
    let site = Site::on(place).await;
    site.signed_in_as("42", "ada").await;
    site.advance(LIFETIME);
    site.network.delay_refreshes(Duration::from_secs(1));
    let hub = site.oauth.hub.clone();
    let job = tokio::spawn(async move { hub.api_for(42).await.map(drop) });
    while site.token_requests() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let outcome = site.oauth.hub.disconnect(42, "ada").await.expect("a store");
    assert!(matches!(outcome, Disconnected::Revoked), "{outcome:?}");
    assert!(is_missing(&job.await.expect("no panic").expect_err("it is gone")));
    // The old token, and in the background the new one.
    for _ in 0..500 {
        if site.app.requests(Endpoint::Revocation) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(site.app.requests(Endpoint::Revocation), 2);
    let records = site.shelf.records().await;
    assert!(!records.iter().any(|(key, _)| key.starts_with("kept:")), "{records:?}");
}
