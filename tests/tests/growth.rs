//! The memory cost of requests without a session, counted by the allocator so that the figures are
//! the same on every computer.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tests::anonymous::{App, ROUTES};
use tests::silence::Silence;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Number of requests of each kind, before and during the measurement.
const WARM_UP: usize = 200;
const REQUESTS: usize = 2_000;
/// Maximum number of bytes that all of them together may leave behind.
const LEFT_BEHIND: isize = 16 * 1024;
/// The figures of the security guide.
const ALLOCATED_BY_ONE: usize = 64 * 1024;
const KEPT_OF_A_LOGIN: isize = 1024;

async fn try_all(app: &App, count: usize) {
    for number in 0..count {
        for (method, route) in ROUTES {
            let cookie = format!("__Host-oauth-session-{number:08}=forged; x={number}");
            app.send(method, &format!("{route}{number:08}"), &cookie).await;
        }
    }
}

fn left(region: &Region<'_, System>) -> isize {
    let stats = region.change();
    // A reallocation counts in both figures.
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// One test, because the allocator counts for all threads.
#[tokio::test]
async fn requests_without_a_session_leave_no_memory_behind() {
    // Without a log, errors go to standard error, and the test harness keeps every line in memory.
    tracing::subscriber::set_global_default(Silence).expect("none before");
    let app = App::new();
    try_all(&app, WARM_UP).await;
    let region = Region::new(ALLOCATOR);
    try_all(&app, REQUESTS).await;
    let kept = left(&region);
    assert!(kept < LEFT_BEHIND, "{kept} bytes after {REQUESTS} requests of each kind");
    assert_eq!(app.requests(), 1, "the metadata, once");

    let mut most = 0;
    for (method, route) in ROUTES {
        let region = Region::new(ALLOCATOR);
        for number in 0..100 {
            app.send(method, &format!("{route}{number:08}"), "").await;
        }
        most = most.max(region.change().bytes_allocated / 100);
    }
    assert!(most < ALLOCATED_BY_ONE, "{most} bytes for one request");

    // The state of a login is remembered until the login would have expired.
    for _ in 0..WARM_UP {
        assert!(app.forge().await.is_server_error());
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..REQUESTS {
        app.forge().await;
    }
    let kept = left(&region) / isize::try_from(REQUESTS).expect("it fits");
    assert!((1..KEPT_OF_A_LOGIN).contains(&kept), "{kept} bytes for one answered login");
    assert_eq!(app.requests(), 1 + WARM_UP + REQUESTS);
}

#[test]
fn guide_on_security_has_the_same_figures() {
    let guide = include_str!("../../oauth-runtime/src/docs/security.md");
    for figure in [
        format!("{} KiB allocated and freed", ALLOCATED_BY_ONE / 1024),
        format!("{} KiB until", KEPT_OF_A_LOGIN / 1024),
    ] {
        assert!(guide.contains(&figure), "{figure}");
    }
}
