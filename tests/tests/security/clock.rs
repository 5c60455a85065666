//! Rule 14: setting the clock forward or back extends no lifetime, revives no session and stops no
//! refresh.

use std::time::Duration;

use oauth_runtime::testing::Endpoint;
use oauth_runtime::{Clock, OAuthError, UnixTime};
use tests::in_process::{App, Typed};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Seconds by which the clock is set.
const JUMPS: [i64; 8] = [-10 * 365 * DAY, -DAY, -HOUR, -200, 200, HOUR, DAY, 10 * 365 * DAY];

/// Sets the clocks of the application and the provider, so that ID tokens stay valid.
fn jump(app: &App, by: i64) {
    let now = app.clock.now().as_secs().checked_add_signed(by).expect("a time");
    app.clock.set(UnixTime::from_secs(now));
    let system = Clock::system().now().as_secs();
    let offset = i128::from(now) - i128::from(system);
    app.provider.set_clock_offset(offset.try_into().expect("a distance"));
}

#[tokio::test]
async fn session_ends_in_time_however_the_clock_is_set() {
    for by in JUMPS {
        let app = App::builder::<Typed>()
            .configure(|builder| builder.session_lifetime(Duration::from_secs(7200)))
            .start()
            .await;
        let mut browser = app.browser();
        app.log_in(&mut browser, "op").await;
        app.clock.advance(3600);
        jump(&app, by);
        app.clock.advance(3600);
        assert_eq!(app.visitor(&mut browser).await, "nobody", "set by {by} s");
        // Nor when the clock passes through its lifetime again.
        for _ in 0..4 {
            app.clock.advance(1800);
            assert_eq!(app.visitor(&mut browser).await, "nobody", "set by {by} s");
        }
        jump(&app, -by);
        assert_eq!(app.visitor(&mut browser).await, "nobody", "set by {by} s, and again");
    }
}

#[tokio::test]
async fn login_ends_in_time_however_the_clock_is_set() {
    for by in JUMPS {
        let app = App::start().await;
        let mut browser = app.browser();
        let started = browser.start_login("op").await;
        app.clock.advance(300);
        jump(&app, by);
        app.clock.advance(300);
        let page = browser.finish(app.answer(&started)).await;
        assert!(page.status.is_client_error(), "set by {by} s: {page:?}");
        let error = app.failures.only();
        assert!(matches!(error, OAuthError::Browser(_)), "set by {by} s: {error:?}");
    }
}

/// Metadata and keys last an hour or more. If only the order of times were compared, a clock set
/// back by a year would keep them for a year.
#[tokio::test]
async fn metadata_and_keys_are_refreshed_after_a_jump() {
    for by in JUMPS.into_iter().filter(|by| *by < 0 || *by >= DAY) {
        let app = App::start().await;
        let mut browser = app.browser();
        browser.start_login("op").await;
        app.log_in(&mut browser, "op").await;
        let seen = [Endpoint::Metadata, Endpoint::Jwks].map(|endpoint| app.requests(endpoint));
        jump(&app, by);
        // The login starts the refresh in the background.
        let url = browser.start_login("op").await;
        browser.finish(app.answer(&url)).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = [Endpoint::Metadata, Endpoint::Jwks].map(|endpoint| app.requests(endpoint));
        assert!(now[0] > seen[0] && now[1] > seen[1], "set by {by} s: {seen:?}, {now:?}");
    }
}
