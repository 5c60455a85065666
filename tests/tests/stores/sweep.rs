//! Expired records are removed in the background: a write starts a sweep, which removes all of
//! them.

use std::time::{Duration, Instant};

use oauth_runtime::store::{PostgresStore, SqliteStore, Store};
use oauth_runtime::{Clock, UnixTime};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor, SqliteConnection};
use tests::postgres::Postgres;
use tests::process::{DEADLINE, INTERVAL, Scratch};
use tests::scenario;
use tokio::time::sleep;

const MINUTE: Duration = Duration::from_secs(60);
/// Number of records, for more than two steps of a sweep.
const ENDED: i64 = 1_200;

/// Adds records that expired long ago.
async fn end(count: i64, connection: &mut SqliteConnection) {
    sqlx::query(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) \
         INSERT INTO oauth_record SELECT CAST('ended:' || n AS BLOB), x'00', 1 FROM number",
    )
    .bind(count)
    .execute(connection)
    .await
    .expect("SQL");
}

async fn count(connection: &mut SqliteConnection) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM oauth_record");
    count.fetch_one(connection).await.expect("SQL")
}

async fn until_one_is_left(connection: &mut SqliteConnection) {
    let started = Instant::now();
    while count(connection).await > 1 {
        assert!(started.elapsed() < DEADLINE, "the expired records stay");
        sleep(INTERVAL).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_sqlite_starts_a_sweep_once_in_a_minute() {
    let (folder, clock) = (Scratch::create(), Clock::manual(UnixTime::from_secs(1_000_000)));
    let file = folder.path().join("store.db");
    let store = SqliteStore::open(&file).await.expect("a file").with_clock(clock.clone());
    let mut connection =
        SqliteConnectOptions::new().filename(&file).connect().await.expect("a database");
    store.get("lives").await.expect("a store");
    end(1, &mut connection).await;
    // The first write sweeps.
    store.put("lives", b"value".to_vec(), MINUTE * 10).await.expect("a store");
    until_one_is_left(&mut connection).await;

    end(ENDED, &mut connection).await;
    // Nothing is swept within the next minute.
    store.put("lives", b"value".to_vec(), MINUTE * 10).await.expect("a store");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(count(&mut connection).await, ENDED + 1);

    clock.advance(60);
    store.put("lives", b"value".to_vec(), MINUTE * 10).await.expect("a store");
    until_one_is_left(&mut connection).await;
    assert!(store.get("lives").await.expect("a store").is_some());
    assert_eq!(store.sweep().await.expect("a store"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_postgres_starts_a_sweep() {
    let server = Postgres::start(&scenario!()).await;
    let mut connection = server.connection().await;
    let store = PostgresStore::connect(&server.url()).await.expect("a server");
    let end = |count: i64| {
        let ended = "INSERT INTO oauth_record SELECT convert_to('ended:' || n, 'UTF8'), '', \
                     now() - interval '1 second' FROM generate_series(1, $1) AS n";
        sqlx::query(ended).bind(count)
    };
    end(ENDED).execute(&mut connection).await.expect("SQL");
    store.put("lives", b"value".to_vec(), MINUTE).await.expect("a store");
    let started = Instant::now();
    loop {
        let count = sqlx::query_scalar("SELECT count(*) FROM oauth_record");
        let count: i64 = count.fetch_one(&mut connection).await.expect("SQL");
        if count == 1 {
            break;
        }
        assert!(started.elapsed() < DEADLINE, "{count} expired records stay");
        sleep(INTERVAL).await;
    }
    assert!(store.get("lives").await.expect("a store").is_some());

    end(ENDED).execute(&mut connection).await.expect("SQL");
    // Records that another sweep has locked are skipped without waiting.
    let mut other = server.connection().await;
    other.execute("BEGIN").await.expect("SQL");
    let locked = "SELECT 1 FROM oauth_record WHERE key = 'ended:1' FOR UPDATE";
    other.execute(locked).await.expect("SQL");
    let swept = store.sweep().await.expect("a store");
    assert_eq!(i64::try_from(swept).expect("a small number"), ENDED - 1);
    other.execute("ROLLBACK").await.expect("SQL");
    assert_eq!(store.sweep().await.expect("a store"), 1);
}
