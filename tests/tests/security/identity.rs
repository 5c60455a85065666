//! Rule 3: an identity consists of issuer and subject, not of an address or a login name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use oauth_runtime::OAuthError;
use oauth_runtime::error::ProviderError;
use oauth_runtime::testing::{Endpoint, Fault, Person};
use serde_json::{Value, json};
use tests::in_process::{App, Browser, Handled, RawServer, Typed};

use crate::table::{assert_refused, refused};

async fn seen(app: &App, browser: &mut Browser, provider: &str, person: &str) -> Value {
    let page = app.log_in_as(browser, provider, person).await;
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{page:?}"))
}

#[tokio::test]
async fn userinfo_about_another_user_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::UserinfoSubjectSwapped => OAuthError::Provider {
            error: ProviderError::SubjectMismatch, ..
        },
        Fault::UserinfoWithoutSubject => OAuthError::Provider {
            error: ProviderError::SubjectMismatch, ..
        },
        // The reverse: the ID token is about another user than userinfo.
        Fault::SwappedSubject => OAuthError::Provider {
            error: ProviderError::SubjectMismatch, ..
        },
    ];
    assert_refused(&app, "twin", &faults).await;
}

/// The ID token lacks a claim, so the library requests userinfo, which the declaration does not
/// require.
#[tokio::test]
async fn optional_userinfo_never_fails_a_login() {
    let app = App::builder::<Handled>()
        .provider(|provider| provider.person(Person::new("bare")))
        .start()
        .await;
    let endpoint = Endpoint::Userinfo;
    for fault in [
        Fault::UserinfoSubjectSwapped,
        Fault::UserinfoWithoutSubject,
        Fault::ServerError(endpoint),
        Fault::NotJson(endpoint),
        Fault::TruncatedJson(endpoint),
        Fault::ConnectionLost(endpoint),
        Fault::Redirects(endpoint),
        Fault::Oversized(endpoint),
        Fault::DuplicateMembers(endpoint),
    ] {
        app.provider.clear_faults();
        app.provider.fault(fault);
        let user = seen(&app, &mut app.browser(), "op", "bare").await;
        assert_eq!(user["subject"], "bare", "{fault:?}");
        assert_eq!(user["verified_email"], Value::Null, "{fault:?}");
    }
    assert_eq!(app.provider.requests(endpoint), 9, "it is requested once for each login");
}

#[tokio::test]
async fn profile_without_identifier_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::UserinfoWithoutSubject => OAuthError::Provider {
            error: ProviderError::NoIdentifier(_), ..
        },
    ];
    assert_refused(&app, "plain", &faults).await;
}

#[tokio::test]
async fn users_with_one_address_and_name_are_distinct() {
    let app = App::builder::<Handled>()
        .provider(|provider| {
            let twins = ["1", "2"].map(|subject| {
                Person::new(subject).email("info@example.org").preferred_username("info")
            });
            twins.into_iter().fold(provider, |provider, person| provider.person(person))
        })
        .start()
        .await;
    let one = seen(&app, &mut app.browser(), "op", "1").await;
    let two = seen(&app, &mut app.browser(), "op", "2").await;
    assert_eq!(one["verified_email"], two["verified_email"]);
    assert_eq!((&one["subject"], &two["subject"]), (&Value::from("1"), &Value::from("2")));
}

#[tokio::test]
async fn one_subject_at_two_issuers_is_two_users() {
    let (one, two) = (App::start().await, App::start().await);
    let mut identities = Vec::new();
    for app in [&one, &two] {
        let mut browser = app.browser();
        app.log_in(&mut browser, "op").await;
        let user: Value = serde_json::from_str(&browser.get("/whoami").await.body).expect("JSON");
        assert_eq!(user["issuer"], app.provider.issuer());
        identities.push((user["issuer"].clone(), user["subject"].clone()));
    }
    assert_ne!(identities[0], identities[1]);
}

#[tokio::test]
async fn email_not_verified_by_the_provider_is_unverified() {
    let app = App::builder::<Handled>().start().await;
    for provider in ["op", "twin"] {
        let ada = seen(&app, &mut app.browser(), provider, "ada").await;
        assert_eq!(ada["verified_email"], "ada@example.org");
        let grace = seen(&app, &mut app.browser(), provider, "grace").await;
        assert_eq!(grace["verified_email"], Value::Null);
    }
}

/// The session has the same data, and users cannot extend it.
#[tokio::test]
async fn session_keeps_the_identity() {
    let app = App::builder::<Typed>().start().await;
    let mut browser = app.browser();
    app.log_in_as(&mut browser, "op", "grace").await;
    let user: Value = serde_json::from_str(&browser.get("/whoami").await.body).expect("JSON");
    assert_eq!(user["subject"], "grace");
    assert_eq!(user["issuer"], app.provider.issuer());
    assert_eq!(user["provider"], "op");
}

/// Claims of another issuer (OpenID Connect Core 1.0 section 5.6.2), at a URL that the provider
/// names.
#[tokio::test]
async fn claim_sources_are_not_followed() {
    let called = Arc::new(AtomicBool::new(false));
    let witness = Arc::clone(&called);
    let source = RawServer::start(move |_| {
        witness.store(true, Ordering::SeqCst);
        async {}
    })
    .await;
    let person = Person::new("eve")
        .claim("_claim_names", json!({"email": "distributed", "email_verified": "aggregated"}))
        .claim(
            "_claim_sources",
            json!({
                "distributed": {"endpoint": source.url("/claims"), "access_token": "at"},
                "aggregated": {"JWT": "e30.eyJlbWFpbCI6ImJvc3NAZXhhbXBsZS5vcmcifQ."},
            }),
        );
    let app = App::builder::<Handled>().provider(|builder| builder.person(person)).start().await;
    for provider in ["op", "twin"] {
        let seen = seen(&app, &mut app.browser(), provider, "eve").await;
        assert_eq!((&seen["subject"], &seen["verified_email"]), (&json!("eve"), &Value::Null));
    }
    assert!(!called.load(Ordering::SeqCst));
}
