//! A hostile network: whatever an endpoint does, the login ends, its error names who is at fault
//! and whether a retry can help, and the next login works.

use std::time::{Duration, Instant};

use oauth_runtime::OAuthError;
use oauth_runtime::error::{IdTokenError, JwkSetError, NetworkError, ProviderError};
use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::{App, Impatient};

use crate::modules::id_token;
use crate::party::{Parties, Party};

/// The endpoints of a login.
const CALLED: [Endpoint; 4] =
    [Endpoint::Metadata, Endpoint::Jwks, Endpoint::Token, Endpoint::Userinfo];

/// The behavior of an endpoint, the expected error, and whether a retry can help.
struct Hostility {
    fault: fn(Endpoint) -> Fault,
    is: fn(&OAuthError) -> bool,
    is_temporary: bool,
}

macro_rules! hostility {
    ($($fault:path => $pattern:pat, temporary $is_temporary:literal;)+) => {
        [$(Hostility {
            fault: $fault,
            is: |error| matches!(error, $pattern),
            is_temporary: $is_temporary,
        },)+]
    };
}
macro_rules! network {
    ($error:pat) => {
        OAuthError::Network { error: $error, .. }
    };
}
macro_rules! malformed {
    () => {
        OAuthError::Provider {
            error: ProviderError::Malformed { .. }
                | ProviderError::JwkSet(JwkSetError::Malformed(_)),
            ..
        }
    };
}

#[tokio::test]
async fn hostile_metadata_endpoint_spares_the_next_login() {
    meets(Endpoint::Metadata).await;
}

#[tokio::test]
async fn hostile_key_set_spares_the_next_login() {
    meets(Endpoint::Jwks).await;
}

#[tokio::test]
async fn hostile_token_endpoint_spares_the_next_login() {
    meets(Endpoint::Token).await;
}

#[tokio::test]
async fn hostile_userinfo_endpoint_spares_the_next_login() {
    meets(Endpoint::Userinfo).await;
}

fn hostilities() -> [Hostility; 11] {
    hostility![
        Fault::Hangs => network!(NetworkError::Timeout { .. }), temporary true;
        Fault::Trickles => network!(NetworkError::Timeout { .. }), temporary true;
        Fault::ConnectionLost => network!(NetworkError::Broken { .. }), temporary true;
        Fault::ServerError => OAuthError::Provider {
            error: ProviderError::Status { status: 503, .. }, ..
        }, temporary true;
        Fault::Redirects => network!(NetworkError::Redirected { .. }), temporary false;
        Fault::Oversized => network!(NetworkError::TooLarge { .. }), temporary false;
        Fault::GzipBomb => network!(NetworkError::ContentCoding { .. }), temporary false;
        Fault::TruncatedJson => malformed!(), temporary false;
        Fault::DuplicateMembers => malformed!(), temporary false;
        Fault::InvalidUtf8 => malformed!(), temporary false;
        Fault::NotJson => malformed!(), temporary false;
    ]
}

/// Runs a login for each behavior of an endpoint, and a successful login after it.
async fn meets(endpoint: Endpoint) {
    for Hostility { fault, is, is_temporary } in hostilities() {
        let fault = fault(endpoint);
        // Only the first login of an application fetches metadata and keys.
        let app = App::builder::<Parties>()
            .configure(|builder| builder.http_client(Impatient::new(Duration::from_millis(400))))
            .start()
            .await;
        app.provider.fault(fault);
        let started = Instant::now();
        let error = app.refused("code").await;
        let took = started.elapsed();
        assert!(is(&error), "{fault:?}: {error:?}");
        assert_eq!(error.is_temporary(), is_temporary, "{fault:?}: {error}");
        assert!(took < Duration::from_secs(5), "{fault:?}: {took:?}");
        assert!(app.requests(endpoint) <= 1, "{fault:?}: nothing is sent a second time");
        assert_eq!(app.provider.bystander().requests(), [], "{fault:?}");
        let shown = error.to_string();
        assert!(shown.contains("provider code: "), "it names who is to blame: {shown}");
        app.provider.clear_faults();
        // After a failed fetch of metadata or keys, the provider gets no request for some seconds.
        app.clock.advance(5);
        let page = app.log_in(&mut app.browser(), "code").await;
        assert!(page.status.is_success(), "after {fault:?}: {:?}", app.failures.take());
    }
}

/// The content is JSON, whatever its content type.
#[tokio::test]
async fn json_of_another_content_type_is_read() {
    for endpoint in CALLED {
        let party = Party::start("code").await;
        party.app.provider.fault(Fault::WrongContentType(endpoint));
        party.accepts().await;
    }
}

#[tokio::test]
async fn token_response_may_have_odd_lifetime_and_scope() {
    let party = Party::start("code").await;
    for fault in [
        Fault::ExpiresInAsString,
        Fault::ExpiresInAsFraction,
        Fault::ExpiresInNegative,
        Fault::ExpiresInAbsurd,
        Fault::MissingExpiresIn,
        Fault::ScopeMissing,
        Fault::TokenTypeInOddCase,
    ] {
        party.app.provider.fault(fault);
        party.accepts().await;
        party.app.provider.clear_faults();
    }
}

#[tokio::test]
async fn token_response_without_bearer_token_is_refused() {
    let party = Party::start("code").await;
    for fault in [
        Fault::MissingTokenType,
        Fault::TokenTypeMac,
        Fault::MissingAccessToken,
        Fault::AccessTokenWithLineBreak,
    ] {
        let error = party.rejects_fault_before(fault, Endpoint::Userinfo).await;
        assert_error!(&error, OAuthError::Provider { error: ProviderError::Unusable { .. }, .. });
        assert!(!error.is_temporary(), "{fault:?}");
    }
}

/// One minute is tolerated (`leeway`) in both directions. Beyond it, the error shows both times.
#[tokio::test]
async fn clocks_may_differ_by_the_leeway_and_no_more() {
    let party = Party::start("code").await;
    for ahead in [50, -50] {
        party.app.provider.set_clock_offset(ahead);
        party.accepts().await;
    }
    // Two minutes ahead: issued in the future. Long behind: expired.
    party.app.provider.set_clock_offset(120);
    let error = party.rejects_before(Endpoint::Userinfo).await;
    let now = party.app.clock.now();
    assert_error!(&error, id_token!(IdTokenError::IssuedAt { .. }));
    let shown = error.to_string();
    let OAuthError::Provider {
        error: ProviderError::IdToken(IdTokenError::IssuedAt { issued_at, .. }),
        ..
    } = error
    else {
        panic!("{shown}")
    };
    assert!(shown.contains(&now.to_string()) && shown.contains(&issued_at.to_string()), "{shown}");
    assert!(issued_at > now + Duration::from_secs(60), "{shown}");

    party.app.provider.set_clock_offset(-2 * 3600);
    let error = party.rejects_before(Endpoint::Userinfo).await;
    assert_error!(&error, id_token!(IdTokenError::Expired { .. }));
    assert!(error.to_string().contains(&now.to_string()), "{error}");
}
