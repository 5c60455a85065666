//! Known failures of other libraries, each as a test. Those that other tests cover are listed at
//! the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use oauth_runtime::OAuthError;
use oauth_runtime::error::{IdTokenError, JwsError, NetworkError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::{App, Impatient};

use crate::modules::id_token;
use crate::party::{Parties, Party};

/// A few hundred kilobytes that would unpack to a hundred megabytes.
#[tokio::test]
async fn a_gzip_bomb_is_not_unpacked() {
    for endpoint in [Endpoint::Token, Endpoint::Userinfo] {
        let party = Party::start("code").await;
        let error = party.rejects_fault_before(Fault::GzipBomb(endpoint), Endpoint::Api).await;
        let OAuthError::Network { error: NetworkError::ContentCoding { coding, .. }, .. } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(coding, "gzip");
        assert!(error.to_string().contains("which was not requested"), "{error}");
        let asked = party.exchanged(endpoint);
        assert_eq!(asked.headers().get("accept-encoding"), None);
    }
}

#[tokio::test]
async fn simultaneous_callbacks_become_one_login() {
    let party = Party::start("code").await;
    let mut browser = party.app.browser();
    let callback = party.app.answer(&browser.start_login("code").await);
    let callbacks: Vec<_> = (0..5)
        .map(|_| {
            let (mut browser, callback) = (browser.clone(), callback.clone());
            tokio::spawn(async move { browser.finish(callback).await.status.is_success() })
        })
        .collect();
    let mut logins = 0;
    for callback in callbacks {
        logins += usize::from(callback.await.expect("no panic"));
    }
    assert_eq!((logins, party.requests(Endpoint::Token)), (1, 1));
}

#[tokio::test]
async fn empty_subject_and_expired_token_are_refused() {
    let party = Party::start("code").await;
    let empty = party.rejects_id_token(Fault::EmptySubject).await;
    assert_error!(empty, id_token!(IdTokenError::Subject));
    let old = party.rejects_id_token(Fault::IssuedYesterday).await;
    assert_error!(old, id_token!(IdTokenError::IssuedAt { .. }));
}

/// Keys are fetched again, and a new key is found even after a failed search for another.
#[tokio::test]
async fn rotated_key_is_found_after_any_rotation() {
    let party = Party::start("code").await;
    party.accepts().await;
    party.rejects_id_token(Fault::UnknownKeyId).await;
    for _ in 0..3 {
        party.app.provider.rotate_keys().expect("a key");
        party.accepts().await;
    }
}

#[tokio::test]
async fn one_key_of_unknown_type_ends_no_login() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::UnknownKeyTypesInJwks);
    party.accepts().await;
}

/// Simultaneous tokens wait for one request.
#[tokio::test]
async fn twenty_bad_tokens_cause_one_request_for_keys() {
    let party = Party::start("code").await;
    party.accepts().await;
    party.app.provider.fault(Fault::UnknownKeyId);
    let logins: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, provider) = (party.app.browser(), Arc::clone(&party.app.provider));
            tokio::spawn(async move {
                let url = browser.start_login("code").await;
                let callback = provider.sign_in(url, "ada").expect("a valid request");
                browser.finish(callback).await.status
            })
        })
        .collect();
    for login in logins {
        assert!(login.await.expect("no panic").is_server_error());
    }
    // One for the honest login, and one for those that came too late for it.
    let requests = party.requests(Endpoint::Jwks);
    assert!((2..=5).contains(&requests), "{requests}");
}

#[tokio::test]
async fn metadata_issuer_and_endpoints_are_checked() {
    let party = Party::start("code").await;
    let other = Fault::DiscoveryIssuerMismatch;
    let error = party.rejects_before_with(other, Endpoint::Authorization).await;
    assert_error!(error, OAuthError::Provider { error: ProviderError::MetadataIssuer { .. }, .. });
    party.wait_out_the_pause();
    let script = Fault::ScriptAsAuthorizationEndpoint;
    let error = party.rejects_before_with(script, Endpoint::Authorization).await;
    assert_error!(error, OAuthError::Provider { error: ProviderError::BadEndpoint { .. }, .. });
}

#[tokio::test]
async fn access_token_with_a_line_break_is_an_error() {
    let party = Party::start("code").await;
    let fault = Fault::AccessTokenWithLineBreak;
    let error = party.rejects_fault_before(fault, Endpoint::Userinfo).await;
    assert_error!(&error, OAuthError::Provider { error: ProviderError::Unusable { .. }, .. });
    assert!(!error.to_string().contains("X-Injected"), "{error}");
}

#[tokio::test]
async fn keys_that_are_not_for_verifying_are_not_used() {
    for fault in [Fault::KeyOperationsWithoutVerify, Fault::SigningKeyForEncryption] {
        let party = Party::start("code").await;
        party.app.provider.fault(fault);
        let error = party.rejects_before(Endpoint::Userinfo).await;
        assert_error!(error, id_token!(IdTokenError::Signature(JwsError::UnknownKey { .. })));
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_is_refused() {
    let error = Party::start("code").await.rejects_id_token(Fault::NotYetValid).await;
    assert_error!(error, id_token!(IdTokenError::NotYetValid { .. }));
}

#[tokio::test]
async fn expires_in_may_be_text_and_mac_token_is_refused() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::ExpiresInAsString);
    party.accepts().await;
    party.app.provider.clear_faults();
    party.rejects_fault_before(Fault::TokenTypeMac, Endpoint::Userinfo).await;
}

#[tokio::test]
async fn two_tabs_finish_in_any_order() {
    let party = Party::start("code").await;
    let mut browser = party.app.browser();
    let first = party.app.answer(&browser.start_login("code").await);
    let second = party.app.answer(&browser.start_login("code").await);
    for callback in [second, first] {
        assert!(
            browser.finish(callback).await.status.is_success(),
            "{:?}",
            party.app.failures.take()
        );
    }
}

#[tokio::test]
async fn forty_unfinished_logins_do_not_break_the_next_one() {
    let party = Party::start("code").await;
    let mut browser = party.app.browser();
    for _ in 0..40 {
        browser.start_login("code").await;
    }
    let callback = party.app.answer(&browser.start_login("code").await);
    assert!(browser.finish(callback).await.status.is_success(), "{:?}", party.app.failures.take());
}

/// The library has a deadline for every request, but it is too long for a test.
#[tokio::test]
async fn hanging_endpoint_does_not_hang_logins() {
    let app = App::builder::<Parties>()
        .configure(|builder| builder.http_client(Impatient::new(Duration::from_millis(300))))
        .start()
        .await;
    for endpoint in [Endpoint::Token, Endpoint::Userinfo] {
        app.provider.fault(Fault::Hangs(endpoint));
        let started = Instant::now();
        let error = app.refused("code").await;
        assert_error!(&error, OAuthError::Network { error: NetworkError::Timeout { .. }, .. });
        assert!(error.is_temporary() && started.elapsed() < Duration::from_secs(5));
        app.provider.clear_faults();
    }
}

// `sub` and `nonce` of a refreshed ID token: `tokens::refresh`, and `refresh` here. RSA keys of 1024
// bits: `open_id::weak_key`.
