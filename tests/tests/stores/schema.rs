//! The tables: created once, by the first instance or by hand, and as documented.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use oauth_runtime::store::{PostgresStore, SqliteStore, Store};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::scenario;
use tokio::task::JoinSet;

const MINUTE: Duration = Duration::from_secs(60);

/// Ten instances start simultaneously on an empty store.
async fn assert_that_ten_may_be_first<S: Store + Clone>(store: impl Fn() -> S) -> Vec<S> {
    let mut tasks = JoinSet::new();
    let stores: Vec<_> = (0..10).map(|_| store()).collect();
    for (number, store) in stores.iter().cloned().enumerate() {
        tasks.spawn(async move {
            let key = format!("key:{number}");
            store.put(&key, b"value".to_vec(), MINUTE).await.expect("a store");
            assert!(store.get(&key).await.expect("a store").is_some());
        });
    }
    tasks.join_all().await;
    stores
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_tables_are_made_once_by_ten_at_once() {
    let server = Postgres::start(&scenario!()).await;
    let _connected =
        assert_that_ten_may_be_first(|| PostgresStore::lazy(&server.url()).expect("a URL")).await;
    let mut connection = server.connection().await;
    let versions: Vec<i32> = sqlx::query_scalar("SELECT version FROM oauth_record_version")
        .fetch_all(&mut connection)
        .await
        .expect("versions");
    assert_eq!(versions, [1]);

    // As documented: the key is UTF-8 as bytes, and an operator can read it.
    let mut keys: Vec<String> = sqlx::query_scalar(
        "SELECT convert_from(key, 'UTF8') FROM oauth_record WHERE ends_at > now()",
    )
    .fetch_all(&mut connection)
    .await
    .expect("keys");
    keys.sort();
    assert_eq!(keys, (0..10).map(|number| format!("key:{number}")).collect::<Vec<_>>());
    let connections: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oauth-runtime'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("a count");
    assert!(connections >= 10, "{connections}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_tables_are_made_once_by_ten_at_once() {
    let folder = Scratch::create();
    let file = folder.path().join("store.db");
    assert_that_ten_may_be_first(|| SqliteStore::lazy(&file)).await;
    let mut connection =
        SqliteConnectOptions::new().filename(&file).connect().await.expect("a database");
    let versions: Vec<i64> = sqlx::query_scalar("SELECT version FROM oauth_record_version")
        .fetch_all(&mut connection)
        .await
        .expect("versions");
    assert_eq!(versions, [1]);
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a file only for its owner");
}

/// Another process writes to the file while this one opens it for the first time.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_file_is_opened_after_a_write_elsewhere() {
    let folder = Scratch::create();
    let file = folder.path().join("store.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut elsewhere = options.connect().await.expect("a database");
    elsewhere.execute("CREATE TABLE other (id)").await.expect("a table");
    elsewhere.execute("BEGIN IMMEDIATE").await.expect("a lock");
    let opening = tokio::spawn(SqliteStore::open(file));
    tokio::time::sleep(Duration::from_millis(300)).await;
    elsewhere.execute("COMMIT").await.expect("a commit");
    let store = opening.await.expect("a task").expect("a database");
    store.put("key", b"value".to_vec(), MINUTE).await.expect("a store");
}

/// An operator runs the exported SQL. The role of the application may not create tables.
#[tokio::test(flavor = "multi_thread")]
async fn role_without_ddl_rights_uses_existing_tables() {
    let server = Postgres::start(&scenario!()).await;
    let mut operator = server.connection().await;
    operator.execute("CREATE ROLE limited LOGIN").await.expect("a role");
    let url = server.url().replace("//app@", "//limited@");
    let refused = PostgresStore::connect(&url).await.expect_err("no right");
    assert!(refused.to_string().contains("permission denied"), "{refused}");

    for migration in PostgresStore::MIGRATIONS {
        sqlx::raw_sql(*migration).execute(&mut operator).await.expect("SQL");
    }
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_record TO limited; \
                  GRANT SELECT ON oauth_record_version TO limited";
    sqlx::raw_sql(rights).execute(&mut operator).await.expect("SQL");
    let store = PostgresStore::connect(&url).await.expect("tables");
    store.put("key", b"value".to_vec(), MINUTE).await.expect("a store");
    let swapped = store.compare_and_swap("key", Some(b"value"), b"new".to_vec(), MINUTE).await;
    assert!(swapped.expect("a store"));
    assert_eq!(store.take("key").await.expect("a store").as_deref(), Some(&b"new"[..]));
    store.sweep().await.expect("a store");

    // A second run, as by a migration tool, changes nothing.
    for migration in PostgresStore::MIGRATIONS {
        sqlx::raw_sql(*migration).execute(&mut operator).await.expect("SQL");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_lie_in_the_schema_of_the_url_or_connection() {
    let server = Postgres::start(&scenario!()).await;
    let mut connection = server.connection().await;
    connection.execute("CREATE SCHEMA login").await.expect("a schema");
    let url = format!("{}?options=-c%20search_path%3Dlogin", server.url());
    let store = PostgresStore::connect(&url).await.expect("a server");
    store.put("key", b"value".to_vec(), MINUTE).await.expect("a store");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM login.oauth_record")
        .fetch_one(&mut connection)
        .await
        .expect("a table");
    assert_eq!(count, 1);

    let pool = PgPoolOptions::new().max_connections(2).connect(&server.url()).await;
    let shared = PostgresStore::from_pool(pool.expect("a server"));
    assert_eq!(shared.get("key").await.expect("a store"), None);
    shared.put("key", b"other".to_vec(), MINUTE).await.expect("a store");
    assert_eq!(store.get("key").await.expect("a store").as_deref(), Some(&b"value"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn file_that_is_not_a_database_is_named() {
    let folder = Scratch::create();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "not a database, but long enough to have been one".repeat(100))
        .expect("a file");
    let error = SqliteStore::open(&file).await.expect_err("no database").to_string();
    assert!(error.contains("notes.txt"), "{error}");
    let error = SqliteStore::open(folder.path().join("no/folder.db")).await.expect_err("no folder");
    assert!(error.to_string().contains("no/folder.db"), "{error}");
}
