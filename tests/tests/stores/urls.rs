//! `OAUTH_STORE_URL`: its faults are reported at the start, and its password is never shown.

use oauth_runtime::error::StoreError;
use oauth_runtime::store::{PostgresStore, RedisStore, Store};
use oauth_runtime::{Config, OAuthRegistry};
use tests::in_process::Typed;
use tests::process::free_port;

const PASSWORD: &str = "hunter2hunter2";

fn faults(url: &str) -> String {
    let builder = Typed::builder().config(Config::empty()).set("OAUTH_STORE_URL", url);
    builder.build().expect_err("nothing is configured").to_string()
}

#[test]
fn invalid_store_url_is_a_configuration_error() {
    for (url, what) in [
        (
            "mysql://db/app",
            "it must start with `memory:`, `sqlite:`, `postgres:`, `redis:` or `rediss:`",
        ),
        ("postgres", "it is not a URL such as `postgres://user:password@host/database`"),
        ("store.db", "it must start with `memory:`"),
        ("memory:x", "`memory:` takes no further parts"),
        ("sqlite:", "`sqlite:` needs the path of a file, such as `sqlite:app.db`"),
        ("sqlite::memory:", "for a store in memory use `memory:`"),
        ("sqlite:app.db?mode=ro", "`sqlite:` takes no options after `?`"),
        ("postgres://app:p/w@db/app", "in a password write `%40` for `@`"),
        ("postgres://app:hunter2hunter2@db:port/app", "it is not a URL"),
        ("postgres://app:hunter2hunter2@db/app?sslmode=perhaps", "an option after `?`"),
        ("redis://:hunter2hunter2@cache:port", "it is not a URL"),
        ("redis:cache", "it is not a URL"),
        ("redis://:hunter2hunter2@cache/first", "it is not a URL"),
        ("rediss://:hunter2hunter2@cache/#insecure", "it is not a URL"),
    ] {
        let faults = faults(url);
        let line = faults.lines().find(|line| line.contains("OAUTH_STORE_URL"));
        let line = line.unwrap_or_else(|| panic!("{url} is accepted: {faults}"));
        assert!(line.contains("(from code) cannot be used: ") && line.contains(what), "{line}");
        assert!(!faults.contains("hunter2") && !faults.contains("p/w"), "{faults}");
    }
}

/// The first operation opens the file or the connection.
#[test]
fn valid_store_url_needs_no_server() {
    for url in [
        "memory:",
        "sqlite:app.db",
        "sqlite:/nowhere/app.db",
        "sqlite:///nowhere/app.db",
        "postgres://app:secret@db.invalid:5433/app?sslmode=verify-full",
        "postgresql:///app?host=/run/postgresql",
        "redis://cache.invalid",
        "redis://app:secret@cache.invalid:6380/2",
        "rediss://cache.invalid",
        "redis+unix:///run/redis.sock",
        "valkey://cache.invalid",
    ] {
        let faults = faults(url);
        assert!(!faults.contains("OAUTH_STORE_URL"), "{url}: {faults}");
    }
}

#[tokio::test]
async fn no_error_and_no_debug_shows_the_password() {
    let port = free_port();
    let mut text = String::new();
    let postgres = format!("postgres://app:{PASSWORD}@127.0.0.1:{port}/app");
    let redis = format!("redis://app:{PASSWORD}@127.0.0.1:{port}/0");
    let stores: [(String, Box<dyn Store>); 2] = [
        (
            format!("{:?}", PostgresStore::lazy(&postgres)),
            Box::new(PostgresStore::lazy(&postgres).expect("a URL")),
        ),
        (
            format!("{:#?}", RedisStore::lazy(&redis)),
            Box::new(RedisStore::lazy(&redis).expect("a URL")),
        ),
    ];
    for (debug, store) in stores {
        let error = store.get("key").await.expect_err("no server listens");
        text += &format!("{debug} {error} {error:?} {error:#?}");
        assert!(matches!(error, StoreError::Backend(_)));
    }
    for bad in [format!("postgres://app:{PASSWORD}@db:x/"), format!("redis://app:{PASSWORD}@db:x/")]
    {
        let (one, other) =
            (PostgresStore::lazy(&bad).expect_err("bad"), RedisStore::lazy(&bad).expect_err("bad"));
        assert!(matches!((&one, &other), (StoreError::Url(_), StoreError::Url(_))));
        text += &format!("{one} {one:?} {other} {other:?}");
    }
    assert!(text.contains("PostgresStore(127.0.0.1)") && text.contains("RedisStore(127.0.0.1:"));
    assert!(!text.contains("hunter2"), "{text}");
}
