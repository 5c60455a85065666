//! Tokens in the application's own tables.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use oauth_runtime::error::{CallError, StoreError, TokenError, TokenFault};
use oauth_runtime::prelude::Token;
use oauth_runtime::testing::Endpoint;
use oauth_runtime::{
    Disconnected, OAuthError, Owner, StoredToken, TokenAccount, TokenChange, TokenHooks,
};

use crate::back_ends::Place;
use crate::harness::LIFETIME;
use crate::site::{Hub, Site, shown, subject};

on_every_store![grant_of_any_name_is_refreshed_by_one_process,];

/// A table of tokens that a test can lock.
#[derive(Clone, Default)]
struct Tables(Arc<Inner>);

#[derive(Default)]
struct Inner {
    rows: Mutex<Vec<Row>>,
    /// In order.
    written: Mutex<Vec<Written>>,
    reads_that_fail: AtomicU32,
    writes_that_fail: AtomicU32,
}

/// The owner of written tokens, the old access token, and the new one.
type Written = (Owner, Option<String>, Option<String>);

#[derive(Clone)]
struct Row {
    owner: Owner,
    issuer: String,
    subject: String,
    /// The value of a database column.
    token: String,
}

fn fails(left: &AtomicU32) -> io::Result<()> {
    let one_less = |left: u32| left.checked_sub(1);
    match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        Ok(_) => Err(io::Error::other("the table is locked")),
        Err(_) => Ok(()),
    }
}

fn access_token(stored: &StoredToken) -> String {
    let value = serde_json::to_value(stored).expect("JSON");
    value["access_token"].as_str().expect("a string").to_owned()
}

impl TokenHooks for Tables {
    type Error = io::Error;

    async fn fetch_token(&self, account: &TokenAccount) -> io::Result<Option<StoredToken>> {
        fails(&self.0.reads_that_fail)?;
        let rows = self.0.rows.lock().expect("no panic");
        let row = rows.iter().find(|row| {
            row.owner == *account.owner()
                && account.subject().is_none_or(|subject| row.subject == subject)
                && account.issuer().is_none_or(|issuer| row.issuer == issuer)
        });
        Ok(row.map(|row| serde_json::from_str(&row.token).expect("what was written")))
    }

    async fn update_token(&self, account: &TokenAccount, update: TokenChange) -> io::Result<()> {
        fails(&self.0.writes_that_fail)?;
        let mut rows = self.0.rows.lock().expect("no panic");
        let (old, new) =
            (update.old.as_ref().map(access_token), update.new.as_ref().map(access_token));
        self.0.written.lock().expect("no panic").push((account.owner().clone(), old.clone(), new));
        // A row is found by its account or, as in Authlib, by the old token.
        let found = rows.iter().position(|row| {
            row.owner == *account.owner()
                && match (account.subject(), &old) {
                    (Some(subject), _) => row.subject == subject,
                    (None, Some(old)) => row.token.contains(old),
                    (None, None) => false,
                }
        });
        let token = update.new.map(|token| serde_json::to_string(&token).expect("JSON"));
        match (found, token) {
            (Some(index), Some(token)) => rows[index].token = token,
            (Some(index), None) => drop(rows.remove(index)),
            (None, Some(token)) => rows.push(Row {
                owner: account.owner().clone(),
                issuer: account.issuer().expect("of a login").to_owned(),
                subject: account.subject().expect("of a login").to_owned(),
                token,
            }),
            (None, None) => {}
        }
        Ok(())
    }
}

impl Tables {
    fn rows(&self) -> Vec<Row> {
        self.0.rows.lock().expect("no panic").clone()
    }

    fn written(&self) -> Vec<Written> {
        self.0.written.lock().expect("no panic").clone()
    }

    async fn site(&self, place: Place) -> Site {
        let tables = self.clone();
        Site::configured(place, move |registry| registry.token_hooks(tables.clone())).await
    }
}

#[tokio::test]
async fn hooks_may_be_two_functions() {
    let tables = Tables::default();
    let own = tables.clone();
    let site = Site::configured(Place::Memory, move |registry| {
        let (read, write) = (own.clone(), own.clone());
        let fetch = move |account| {
            let tables = read.clone();
            async move { tables.fetch_token(&account).await }
        };
        registry.token_functions(fetch, move |account, change| {
            let tables = write.clone();
            async move { tables.update_token(&account, change).await }
        })
    })
    .await;
    site.signed_in_as("42", "ada").await;
    assert_eq!((tables.rows().len(), tables.written().len()), (1, 1));
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
}

#[tokio::test]
async fn hooks_hold_the_tokens_and_the_store_has_none() {
    let tables = Tables::default();
    let site = tables.site(Place::Memory).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    assert_eq!(tables.rows().len(), 1);
    assert_eq!(shown(&mut ada).await.body, "ada");
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
    let records = site.shelf.records().await;
    for kind in ["kept:", "accounts:", "token:", "hooks:"] {
        assert!(!records.iter().any(|(key, _)| key.starts_with(kind)), "{kind}: {records:?}");
    }
    site.advance(LIFETIME);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada");
    let written = tables.written();
    assert_eq!(written.len(), 2, "{written:?}");
    assert_eq!(written[0].1, None);
    assert_eq!(written[1].1, written[0].2, "the hook gets the old token");
    assert_ne!(written[1].2, written[0].2);
    assert_eq!(shown(&mut ada).await.body, "ada", "the session uses the same token");
    assert_eq!(site.token_requests(), 2);
    let error = site.oauth.hub.accounts("42").await.expect_err("the application has the list");
    assert!(matches!(error, OAuthError::Call(CallError::AccountsOfHooks)), "{error:?}");
}

async fn grant_of_any_name_is_refreshed_by_one_process(place: Place) {
    let tables = Tables::default();
    let site = tables.site(place).await;
    site.signed_in_as("42", "ada").await;
    let hooks = tables.clone();
    let other = site.another_process(move |registry| registry.token_hooks(hooks));
    site.advance(LIFETIME);
    site.network.delay_refreshes(Duration::from_millis(200));
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let hub = if number % 2 == 0 { site.oauth.hub.clone() } else { other.hub.clone() };
            tokio::spawn(async move {
                let api = hub.api_for(42);
                let api = if number % 4 < 2 { api.account("ada") } else { api };
                subject(&api.await?).await
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("a response"), "ada");
    }
    assert_eq!(site.token_requests(), 2);
    assert_eq!(tables.written().len(), 2);
}

#[tokio::test]
async fn failing_hook_is_a_store_error_and_loses_no_token() {
    let tables = Tables::default();
    let site = tables.site(Place::Memory).await;
    site.signed_in_as("42", "ada").await;
    tables.0.reads_that_fail.store(1, Ordering::SeqCst);
    let error = site.call_for("42").await.expect_err("the table is locked");
    assert!(matches!(&error, OAuthError::Store(StoreError::Backend(_))), "{error:?}");
    assert!(error.is_temporary() && error.to_string().contains("the table is locked"), "{error}");

    site.advance(LIFETIME);
    tables.0.writes_that_fail.store(2, Ordering::SeqCst);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada", "from memory");
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if tables.written().len() == 2 {
            break;
        }
    }
    assert_eq!(tables.written().len(), 2, "and written later");
    site.advance(LIFETIME);
    assert_eq!(site.call_for("42").await.expect("a response"), "ada", "with the right token");
    assert_eq!(site.token_requests(), 3);
}

#[tokio::test]
async fn login_that_cannot_be_written_is_refused() {
    let tables = Tables::default();
    let site = tables.site(Place::Memory).await;
    tables.0.writes_that_fail.store(1, Ordering::SeqCst);
    let mut browser = site.app.browser();
    let page = site.app.log_in(&mut browser, "hub").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn repeated_login_keeps_the_first_refresh_token() {
    let tables = Tables::default();
    let site = tables.site(Place::Memory).await;
    let mut ada = site.signed_in_as("42", "ada").await;
    let given_once = site.network.issued_last();
    let started = ada.get("/as/42?once").await;
    assert!(ada.finish(site.app.answer(started.location())).await.status.is_redirection());
    let rows = tables.rows();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].token.contains(&given_once));
}

#[tokio::test]
async fn ended_or_disconnected_grant_removes_its_row() {
    let tables = Tables::default();
    let site = tables.site(Place::Memory).await;
    site.signed_in_as("42", "ada").await;
    let token = site.oauth.hub.api_for(42).await.expect("an API").token().await.expect("a token");
    site.oauth.hub.revoke(&token).await.expect("a revocation");
    site.advance(LIFETIME);
    let error = site.call_for("42").await.expect_err("it has ended");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Ended(_), .. }), "{error:?}");
    assert_eq!(tables.rows().len(), 0);
    assert_eq!(tables.written().last().expect("a write").2, None);

    site.signed_in_as("42", "ada").await;
    let revocations = site.app.requests(Endpoint::Revocation);
    let outcome = site.oauth.hub.disconnect(42, "ada").await.expect("tables");
    assert!(matches!(outcome, Disconnected::Revoked), "{outcome:?}");
    assert_eq!(site.app.requests(Endpoint::Revocation), revocations + 1);
    assert_eq!(tables.rows().len(), 0);
    let outcome = site.oauth.hub.disconnect(42, "ada").await.expect("tables");
    assert!(matches!(outcome, Disconnected::NotThere), "{outcome:?}");
}

#[tokio::test]
async fn unsendable_hook_token_fails_before_any_request() {
    struct Broken(fn() -> StoredToken);

    impl TokenHooks for Broken {
        type Error = io::Error;

        async fn fetch_token(&self, _: &TokenAccount) -> io::Result<Option<StoredToken>> {
            Ok(Some((self.0)()))
        }

        async fn update_token(&self, _: &TokenAccount, _: TokenChange) -> io::Result<()> {
            Ok(())
        }
    }

    let site = Site::start().await;
    let stored = |token: &str| StoredToken::new("hub", token);
    for (token, fault) in [
        ((|| StoredToken::new("hub", "a\n")) as fn() -> StoredToken, TokenFault::Characters),
        (|| StoredToken::new("hub", ""), TokenFault::Empty),
        (|| StoredToken::new("hub", " "), TokenFault::Characters),
        (|| StoredToken::new("hub", "a").with_token_type("DPoP"), TokenFault::Type),
        (|| StoredToken::new("hub", "a").with_token_type("mac"), TokenFault::Type),
    ] {
        let oauth = site.another_process(move |registry| registry.token_hooks(Broken(token)));
        let error = oauth.hub.api_for(42).await.expect_err("a token that cannot be sent");
        assert!(
            matches!(
                &error,
                OAuthError::Token { error: TokenError::Unusable(found), .. } if *found == fault
            ),
            "{error:?}"
        );
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR, "a login does not fix it");
    }
    assert_eq!(site.app.requests(Endpoint::Api), 0);
    let error = Token::<Hub>::from_stored(stored("a\r\nx")).expect_err("a line break");
    assert!(matches!(error, CallError::UnusableToken(TokenFault::Characters)), "{error:?}");
}

#[tokio::test]
async fn hooks_of_one_provider_take_only_its_tokens() {
    struct Foreign;

    impl TokenHooks for Foreign {
        type Error = io::Error;

        async fn fetch_token(&self, _: &TokenAccount) -> io::Result<Option<StoredToken>> {
            Ok(Some(StoredToken::new("op", "a token of another provider")))
        }

        async fn update_token(&self, _: &TokenAccount, _: TokenChange) -> io::Result<()> {
            Ok(())
        }
    }

    let tables = Tables::default();
    let site = Site::start().await;
    let own = tables.clone();
    let oauth = site
        .another_process(move |registry| registry.token_hooks_of::<Hub>(own).token_hooks(Foreign));
    let error = oauth.hub.api_for(42).await.expect_err("the tables are empty");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Missing, .. }), "{error:?}");
    let oauth = site.another_process(|registry| registry.token_hooks(Foreign));
    let error = oauth.hub.api_for(42).await.expect_err("a token that is not the provider's");
    assert!(matches!(&error, OAuthError::Store(StoreError::Backend(_))), "{error:?}");
    assert!(error.to_string().contains("another provider"), "{error}");
}

/// An application with its own sessions identifies the user: the session of an earlier login, which
/// may be another user's, selects no token.
#[tokio::test]
async fn owner_of_replaces_the_session_of_the_login() {
    let nobody = Site::configured(Place::Memory, |registry| registry.owner_of(|_| None)).await;
    let mut browser = nobody.signed_in("ada").await;
    assert_eq!(shown(&mut browser).await.status, StatusCode::UNAUTHORIZED);

    let alan = Site::configured(Place::Memory, |registry| {
        registry.owner_of(|_| Some(Owner::from("alan")))
    })
    .await;
    alan.signed_in_as("alan", "alan").await;
    let mut browser = alan.signed_in_as("ada", "ada").await;
    assert_eq!(shown(&mut browser).await.body, "alan");
}
