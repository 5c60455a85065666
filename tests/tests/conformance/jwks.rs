//! The provider's keys: how long they are cached, when they are fetched again, and which of them
//! are used.

use std::time::{Duration, Instant};

use oauth_runtime::error::{IdTokenError, JwsError, NetworkError};
use oauth_runtime::testing::{Endpoint, Fault, SigningAlgorithm};
use oauth_runtime::{Clock, OAuthError};

use crate::modules::id_token;
use crate::party::Party;

/// Logs in `seconds` after the last login and returns the total number of key requests.
async fn key_requests_after(party: &Party, seconds: u64) -> u64 {
    party.app.clock.advance(seconds);
    party.app.provider.set_clock_offset(passed(party));
    party.accepts().await;
    // The refresh runs in the background.
    tokio::time::sleep(Duration::from_millis(100)).await;
    party.requests(Endpoint::Jwks)
}

/// Seconds that the application's clock is ahead of the system clock.
fn passed(party: &Party) -> i64 {
    let seconds = |clock: &Clock| i64::try_from(clock.now().as_secs()).expect("a time");
    seconds(&party.app.clock) - seconds(&Clock::system())
}

#[tokio::test]
async fn keys_are_kept_as_long_as_their_response_says() {
    let party = Party::with("code", |provider| provider.cache_control("max-age=1800")).await;
    assert_eq!(key_requests_after(&party, 0).await, 1);
    assert_eq!(key_requests_after(&party, 1790).await, 1);
    assert_eq!(key_requests_after(&party, 20).await, 2);
}

#[tokio::test]
async fn key_set_with_no_store_is_kept_for_five_minutes() {
    for value in ["no-store", "max-age=0", "no-cache"] {
        let party = Party::with("code", |provider| provider.cache_control(value)).await;
        assert_eq!(key_requests_after(&party, 0).await, 1, "{value}");
        assert_eq!(key_requests_after(&party, 290).await, 1, "{value}");
        assert_eq!(key_requests_after(&party, 20).await, 2, "{value}");
    }
}

#[tokio::test]
async fn key_set_is_kept_for_a_day_at_most() {
    let party = Party::with("code", |provider| provider.cache_control("max-age=31536000")).await;
    assert_eq!(key_requests_after(&party, 0).await, 1);
    assert_eq!(key_requests_after(&party, 86_390).await, 1);
    assert_eq!(key_requests_after(&party, 20).await, 2);
}

#[tokio::test]
async fn key_set_without_cache_control_is_kept_an_hour() {
    let party = Party::start("code").await;
    assert_eq!(key_requests_after(&party, 0).await, 1);
    assert_eq!(key_requests_after(&party, 3590).await, 1);
    assert_eq!(key_requests_after(&party, 20).await, 2);
}

/// A withdrawn key verifies nothing once the set is refreshed.
#[tokio::test]
async fn a_withdrawn_key_goes_with_the_next_refresh() {
    let party = Party::with("code", |provider| provider.cache_control("max-age=300")).await;
    party.accepts().await;
    party.app.provider.fault(Fault::EmptyJwks);
    assert_eq!(key_requests_after(&party, 310).await, 2, "the last login with the old set");
    let error = party.rejects_before(Endpoint::Userinfo).await;
    assert_error!(error, id_token!(IdTokenError::Signature(JwsError::UnknownKey { .. })));
}

#[tokio::test]
async fn the_endpoint_may_be_down_after_a_first_success() {
    for fault in [Fault::ServerError(Endpoint::Jwks), Fault::NotJson(Endpoint::Jwks)] {
        let party = Party::start("code").await;
        party.accepts().await;
        party.app.provider.fault(fault);
        for _ in 0..3 {
            key_requests_after(&party, 3 * 3600).await;
        }
    }
}

#[tokio::test]
async fn unsupported_keys_of_a_set_are_skipped() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let party = Party::with("code", |provider| provider.signing_algorithm(algorithm)).await;
        party.app.provider.fault(Fault::UnknownKeyTypesInJwks);
        party.accepts().await;
    }
}

#[tokio::test]
async fn of_two_keys_with_one_name_both_are_tried() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::DuplicateKeyIds);
    party.accepts().await;
    party.rejects_id_token(Fault::BadSignature).await;
}

#[tokio::test]
async fn keys_without_a_name_fit_every_token() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::MissingKeyIdsInJwks);
    party.accepts().await;
    party.rejects_id_token(Fault::BadSignature).await;
}

/// A set with too many keys or of a hundred megabytes is refused early.
#[tokio::test]
async fn a_key_set_of_absurd_size_is_refused_cheaply() {
    for fault in [Fault::TenThousandKeys, Fault::Oversized(Endpoint::Jwks)] {
        let party = Party::start("code").await;
        let before = memory();
        let started = Instant::now();
        party.app.provider.fault(fault);
        let error = party.rejects_before(Endpoint::Userinfo).await;
        assert_error!(error, OAuthError::Network { error: NetworkError::TooLarge { .. }, .. });
        assert!(started.elapsed() < Duration::from_secs(5), "{fault:?}: {:?}", started.elapsed());
        // The provider, which generates the set, runs in the same process.
        let grown = memory().saturating_sub(before);
        assert!(grown < 48 * 1024 * 1024, "{fault:?}: {grown} bytes");
        party.app.provider.clear_faults();
        party.wait_out_the_pause();
        party.accepts().await;
    }
}

/// Resident memory of this process in bytes; zero if it is unknown.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kibibytes.unwrap_or_default() * 1024
}

/// The hash of `at_hash`, the key and the accepted signatures depend on the algorithm.
#[tokio::test]
async fn every_algorithm_is_accepted_with_its_own_hash() {
    for algorithm in SigningAlgorithm::ALL {
        let party = Party::with("code", |provider| provider.signing_algorithm(algorithm)).await;
        party.accepts().await;
        let error = party.rejects_id_token(Fault::WrongAccessTokenHash).await;
        assert_error!(error, id_token!(IdTokenError::AccessTokenHash));
        party.rejects_id_token(Fault::BadSignature).await;
        let error = party.rejects_id_token(Fault::UnannouncedAlgorithm).await;
        assert_error!(
            error,
            id_token!(IdTokenError::Signature(JwsError::AlgorithmNotAllowed { .. }))
        );
    }
}
