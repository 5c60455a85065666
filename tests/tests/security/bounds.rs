//! Rule 7: incoming data is bounded, and so are the outgoing requests that it causes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use oauth_runtime::error::{IdTokenError, JwsError, NetworkError, ProviderError};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::store::{MemoryStore, Store};
use oauth_runtime::testing::{Endpoint, Fault};
use oauth_runtime::{Clock, OAuthError};
use tests::in_process::{App, Impatient, RawServer, Typed, post_without_end, respond};

use crate::initiated;
use crate::table::{assert_refused, refused};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn oversized_answers_are_refused_at_once() {
    for endpoint in [Endpoint::Metadata, Endpoint::Jwks, Endpoint::Token, Endpoint::Userinfo] {
        let app = App::start().await;
        let faults = refused![
            Fault::Oversized(endpoint) => OAuthError::Network {
                error: NetworkError::TooLarge { .. }, ..
            },
        ];
        let started = Instant::now();
        assert_refused(&app, "twin", &faults).await;
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{endpoint:?}: {:?}",
            started.elapsed()
        );
    }
}

/// The provider counts the bytes that the client read before it closed the connection.
#[tokio::test]
async fn of_an_endless_answer_little_is_read() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 107374182400\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\n\r\n",
        // Endless headers without a body.
        "HTTP/1.1 200 OK\r\n",
    ] {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let server = RawServer::start(move |mut stream| {
            let count = Arc::clone(&count);
            async move {
                let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
                let line = [b"x-padding: ".as_slice(), &[b'x'; 1000], b"\r\n"].concat();
                let piece = match head {
                    head if head.contains("chunked") => &chunk,
                    head if head.ends_with("\r\n\r\n") => &vec![b'x'; 0x10000],
                    _ => &line,
                };
                count.store(respond(&mut stream, head, piece, 200 * MIB).await, Ordering::SeqCst);
            }
        })
        .await;
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = server.url("/").parse().expect("a URI");
        let client = ReqwestClient::new().expect("a client");
        let started = Instant::now();
        let error = client.send(request, Limits::DOCUMENT).await.expect_err("too much");
        assert!(
            matches!(error, NetworkError::TooLarge { .. } | NetworkError::Broken { .. }),
            "{head}: {error:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(5), "{head}: {:?}", started.elapsed());
        drop(client);
        tokio::time::sleep(Duration::from_millis(50)).await;
        // This includes the buffers of the operating system on both sides.
        assert!(
            taken.load(Ordering::SeqCst) < 16 * MIB,
            "{head}: {}",
            taken.load(Ordering::SeqCst)
        );
    }
}

#[test]
fn guide_has_the_limits_of_the_client() {
    let guide = include_str!("../../../oauth-runtime/src/docs/security.md");
    for (what, Limits { body, deadline, .. }) in [
        ("responses of metadata, token, userinfo and key endpoints", Limits::DOCUMENT),
        ("responses of an API", Limits::API),
    ] {
        let size =
            if body < MIB { format!("{} KiB", body / 1024) } else { format!("{} MiB", body / MIB) };
        let row = format!("| {what} | {size}, {} s |", deadline.as_secs());
        assert!(guide.contains(&row), "{row}");
    }
}

/// A response that is known to be too long is not read.
#[tokio::test]
async fn content_length_over_the_cap_is_refused_at_once() {
    let server = RawServer::start(|mut stream| async move {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 107374182400\r\n\r\n";
        respond(&mut stream, head, b"", 0).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let mut request = http::Request::new(Bytes::new());
    *request.uri_mut() = server.url("/").parse().expect("a URI");
    let client = ReqwestClient::new().expect("a client");
    let started = Instant::now();
    let error = client.send(request, Limits::DOCUMENT).await.expect_err("too much");
    assert!(matches!(error, NetworkError::TooLarge { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// A browser can post anything, so the response is sent before the whole form is read.
#[tokio::test]
async fn of_an_endless_form_little_is_read() {
    let app = initiated::portal().await;
    let (answer, sent) = post_without_end(app.browser().server(), "/tile").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}, after {sent} bytes");
    // This includes the buffers of the operating system on both sides.
    assert!(sent < 16 * MIB, "{sent}");
}

#[tokio::test]
async fn a_key_set_with_a_crowd_of_keys_is_refused() {
    let app = App::start().await;
    let faults = refused![
        Fault::TenThousandKeys => OAuthError::Network { error: NetworkError::TooLarge { .. }, .. },
    ];
    assert_refused(&app, "op", &faults).await;
}

/// After a burst the next request is delayed, and all tokens wait for it: forged ones, and one with
/// a new key, which must not be refused.
#[tokio::test]
async fn unknown_key_ids_cause_few_requests_for_keys() {
    let app = App::start().await;
    app.provider.fault(Fault::UnknownKeyId);
    for _ in 0..4 {
        assert_error!(
            app.refused("op").await,
            OAuthError::Provider {
                error: ProviderError::IdToken(IdTokenError::Signature(JwsError::UnknownKey { .. })),
                ..
            }
        );
    }
    assert_eq!(app.requests(Endpoint::Jwks), 5, "a burst");
    let forged: Vec<_> = (0..16)
        .map(|_| {
            let (mut browser, provider) = (app.browser(), Arc::clone(&app.provider));
            tokio::spawn(async move {
                let url = browser.start_login("op").await;
                let callback = provider.sign_in(url, "ada").expect("a valid request");
                browser.finish(callback).await.status
            })
        })
        .collect();
    while app.requests(Endpoint::Token) < 20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.provider.clear_faults();
    app.provider.rotate_keys().expect("a key");
    app.clock.advance(5);
    app.log_in(&mut app.browser(), "op").await.location();
    for login in forged {
        assert!(login.await.expect("no panic").is_server_error());
    }
    assert_eq!(app.requests(Endpoint::Jwks), 6, "then one for all who wait");
}

#[tokio::test]
async fn ten_logins_at_once_fetch_metadata_and_keys_once() {
    let app = App::start().await;
    finish_together(&app, 10).await;
    assert_eq!((app.requests(Endpoint::Metadata), app.requests(Endpoint::Jwks)), (1, 1));
    app.provider.rotate_keys().expect("a key");
    finish_together(&app, 10).await;
    assert_eq!((app.requests(Endpoint::Metadata), app.requests(Endpoint::Jwks)), (1, 2));
}

async fn finish_together(app: &App, count: usize) {
    let logins: Vec<_> = (0..count)
        .map(|_| {
            let (mut browser, provider) = (app.browser(), Arc::clone(&app.provider));
            tokio::spawn(async move {
                let url = browser.start_login("op").await;
                let callback = provider.sign_in(url, "ada").expect("a valid request");
                browser.finish(callback).await.location().to_owned()
            })
        })
        .collect();
    for login in logins {
        assert_eq!(login.await.expect("no panic"), "/");
    }
}

/// Cached data stays valid.
#[tokio::test]
async fn cached_metadata_and_keys_outlast_an_outage() {
    let faults: [fn(Endpoint) -> Fault; 3] = [Fault::ServerError, Fault::NotJson, Fault::Hangs];
    for fault in faults {
        let app = App::builder::<Typed>()
            .configure(|builder| builder.http_client(Impatient::new(Duration::from_millis(200))))
            .start()
            .await;
        app.log_in(&mut app.browser(), "op").await.location();
        for endpoint in [Endpoint::Jwks, Endpoint::Metadata] {
            app.provider.fault(fault(endpoint));
        }
        app.clock.advance(25 * 3600);
        app.provider.set_clock_offset(25 * 3600);
        for _ in 0..8 {
            let page = app.log_in(&mut app.browser(), "op").await;
            assert!(page.status.is_redirection(), "{:?}", app.failures.take());
        }
    }
}

#[tokio::test]
async fn logins_work_again_once_the_provider_does() {
    let app = App::start().await;
    for endpoint in [Endpoint::Metadata, Endpoint::Jwks] {
        app.provider.fault(Fault::ServerError(endpoint));
        assert_error!(
            app.refused("op").await,
            OAuthError::Provider { error: ProviderError::Status { status: 503, .. }, .. }
        );
        app.provider.clear_faults();
        app.clock.advance(1);
    }
    app.log_in(&mut app.browser(), "op").await.location();
}

/// All that wait for the same response share its deadline. A queue of deadlines would not be
/// bounded.
#[tokio::test]
async fn hanging_provider_costs_ten_logins_one_deadline() {
    for endpoint in [Endpoint::Metadata, Endpoint::Jwks] {
        let app = App::builder::<Typed>()
            .configure(|builder| builder.http_client(Impatient::new(Duration::from_millis(500))))
            .start()
            .await;
        app.provider.fault(Fault::Hangs(endpoint));
        let started = Instant::now();
        let logins: Vec<_> = (0..10)
            .map(|_| {
                let (mut browser, provider) = (app.browser(), Arc::clone(&app.provider));
                tokio::spawn(async move {
                    let started = browser.get("/auth/op/login").await;
                    if started.status.is_redirection() {
                        let callback =
                            provider.sign_in(started.location(), "ada").expect("valid settings");
                        browser.finish(callback).await;
                    }
                })
            })
            .collect();
        for login in logins {
            login.await.expect("no panic");
        }
        assert_eq!(app.failures.take().len(), 10);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(3), "{endpoint:?}: {took:?}");
    }
}

/// Endless logins fill only the memory of the browser that starts them.
#[tokio::test]
async fn unfinished_login_leaves_nothing_on_the_server() {
    let store = MemoryStore::new(Clock::system());
    let kept = store.clone();
    let app = App::builder::<Typed>().configure(|builder| builder.store(kept)).start().await;
    for _ in 0..50 {
        let mut browser = app.browser();
        app.answer(&browser.start_login("op").await);
        browser.finish("/auth/op/callback?state=unknown&code=x").await;
    }
    assert_eq!(app.failures.take().len(), 50);
    let left = store.list(None).await.expect("a list").keys;
    assert!(left.is_empty(), "{left:?}");
    app.log_in(&mut app.browser(), "op").await.location();
    assert!(
        !store.list(None).await.expect("a list").keys.is_empty(),
        "a finished login leaves a record"
    );
}

#[tokio::test]
async fn authorization_response_of_any_length_is_answered() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = app.answer(&browser.start_login("op").await);
    for padding in [34_000, 60_000] {
        let page = browser.clone().finish(format!("{callback}&x={}", "x".repeat(padding))).await;
        assert!(page.status.is_client_error(), "{padding}: {}", page.status);
    }
    assert_eq!(app.requests(Endpoint::Token), 0);
}

/// An HTTP client that sets the cache lifetime of metadata and keys.
struct Kept(ReqwestClient, &'static str);

impl HttpClient for Kept {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        Box::pin(async move {
            let mut answer = self.0.send(request, limits).await?;
            let value = http::HeaderValue::from_static(self.1);
            answer.headers_mut().insert(http::header::CACHE_CONTROL, value);
            Ok(answer)
        })
    }
}

/// Advances both clocks, logs in, and waits for the background fetches.
async fn logins_after(app: &App, seconds: u64, passed: &mut u64) -> (u64, u64) {
    *passed += seconds;
    app.clock.advance(seconds);
    app.provider.set_clock_offset(i64::try_from(*passed).expect("a small difference"));
    for _ in 0..4 {
        app.log_in(&mut app.browser(), "op").await.location();
    }
    let requests = || (app.requests(Endpoint::Metadata), app.requests(Endpoint::Jwks));
    loop {
        let seen = requests();
        tokio::time::sleep(Duration::from_millis(150)).await;
        if requests() == seen {
            return seen;
        }
    }
}

/// Without a lower bound, a provider that forbids caching would be requested by each login. Without
/// an upper bound, a withdrawn key would stay valid.
#[tokio::test]
async fn cache_lifetime_follows_the_provider_within_bounds() {
    for (said, rounds) in [
        ("no-store", [(299, (1, 1)), (1, (1, 2)), (3_300, (2, 3))]),
        ("max-age=31536000", [(86_399, (1, 1)), (1, (2, 2)), (86_399, (2, 2))]),
    ] {
        let client = Kept(ReqwestClient::new().expect("a client"), said);
        let app =
            App::builder::<Typed>().configure(|builder| builder.http_client(client)).start().await;
        let mut passed = 0;
        assert_eq!(logins_after(&app, 0, &mut passed).await, (1, 1), "{said}");
        for (seconds, expected) in rounds {
            let seen = logins_after(&app, seconds, &mut passed).await;
            assert_eq!(seen, expected, "{said}: after {passed} s");
        }
    }
}

/// While a provider is down, logins do not retry the fetch each time.
#[tokio::test]
async fn failed_cache_refresh_is_retried_at_intervals() {
    let app = App::start().await;
    app.log_in(&mut app.browser(), "op").await.location();
    for endpoint in [Endpoint::Metadata, Endpoint::Jwks] {
        app.provider.fault(Fault::ServerError(endpoint));
    }
    let mut passed = 0;
    for (seconds, metadata) in [(25 * 3600, 2), (1, 2), (1, 2), (60, 3), (1, 3)] {
        let (seen, keys) = logins_after(&app, seconds, &mut passed).await;
        assert_eq!(seen, metadata, "after {passed} s");
        // A burst, and then one in five seconds.
        assert!(keys <= 6 + 12, "after {passed} s: {keys}");
        assert!(passed > 25 * 3600 + 2 || keys <= 6, "after {passed} s: {keys}");
    }
}

/// All but the first 64 are refused at once, not after the wait.
#[tokio::test]
async fn few_logins_wait_for_a_delayed_key_set() {
    const LOGINS: usize = 80;
    let app = App::start().await;
    app.provider.fault(Fault::UnknownKeyId);
    for _ in 0..4 {
        app.refused("op").await;
    }
    app.failures.take();
    let logins: Vec<_> = (0..LOGINS)
        .map(|_| {
            let (mut browser, provider) = (app.browser(), Arc::clone(&app.provider));
            tokio::spawn(async move {
                let url = browser.start_login("op").await;
                let callback = provider.sign_in(url, "ada").expect("a valid request");
                browser.finish(callback).await.status
            })
        })
        .collect();
    while logins.iter().filter(|login| login.is_finished()).count() < LOGINS - 65 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(app.requests(Endpoint::Jwks), 5, "the clock stands still");
    app.provider.clear_faults();
    app.provider.rotate_keys().expect("a key");
    app.clock.advance(5);
    for login in logins {
        assert!(login.await.expect("no panic").is_server_error());
    }
    let delayed = |error: &OAuthError| {
        matches!(error, OAuthError::Provider { error: ProviderError::KeysDelayed, .. })
    };
    let refused = app.failures.take();
    assert!(refused.iter().filter(|error| delayed(error)).count() >= LOGINS - 65);
    assert!(refused.iter().filter(|error| delayed(error)).all(OAuthError::is_temporary));
    app.log_in(&mut app.browser(), "op").await.location();
}
