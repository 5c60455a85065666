//! Measures how long a fetch takes from a small and from a large store, and whether it waits while
//! expired records are swept; and the writes of logins by 16 users, side by side with the memory
//! store:
//!
//! ```text
//! cargo bench -p tests --bench stores              # 1 000, 100 000 and 1 000 000 records
//! cargo bench -p tests --bench stores -- 1000 5000 # these numbers
//! cargo bench -p tests --bench stores -- logins    # only the writes of logins
//! ```
//!
//! Records have the size of sealed tokens. The files need two gigabytes for each million.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use oauth_runtime::store::{MemoryStore, PostgresStore, SqliteStore, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, PgConnection, SqliteConnection};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::scenario::Scenario;

/// Number of measured fetches at each size.
const FETCHES: u64 = 2_000;
/// Number of expired records that are swept at the end.
const ENDED: i64 = 100_000;

/// Fills a store directly, because its interface writes one record at a time.
enum Filler {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Filler {
    /// Records `from..to` of this kind.
    async fn fill(&mut self, kind: &str, from: i64, to: i64) -> Result<(), sqlx::Error> {
        // In Unix time: long expired, or the year 2100.
        let ends_at = if kind == "ended" { 1_i64 } else { 4_102_444_800 };
        match self {
            Self::Sqlite(connection) => {
                let sql = "WITH RECURSIVE number(n) AS \
                     (SELECT ?1 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?2) \
                     INSERT INTO oauth_record \
                     SELECT CAST(?3 || ':' || n AS BLOB), randomblob(1504), ?4 FROM number";
                let query = sqlx::query(sql).bind(from).bind(to).bind(kind).bind(ends_at);
                query.execute(connection).await.map(drop)
            }
            Self::Postgres(connection) => {
                let sql = "INSERT INTO oauth_record SELECT convert_to($3 || ':' || n, 'UTF8'), \
                     decode(repeat(md5(n::text), 94), 'hex'), to_timestamp($4) \
                     FROM generate_series($1, $2 - 1) AS n";
                #[allow(clippy::cast_precision_loss)]
                let query = sqlx::query(sql).bind(from).bind(to).bind(kind).bind(ends_at as f64);
                query.execute(connection).await.map(drop)
            }
        }
    }
}

impl Filler {
    /// Number of expired records that are left.
    async fn left(&mut self) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => {
                let sql = "SELECT count(*) FROM oauth_record WHERE ends_at = 1";
                sqlx::query_scalar(sql).fetch_one(connection).await
            }
            Self::Postgres(connection) => {
                let sql = "SELECT count(*) FROM oauth_record WHERE ends_at = to_timestamp(1)";
                sqlx::query_scalar(sql).fetch_one(connection).await
            }
        }
    }
}

/// Durations of fetches in scattered order, the shortest first.
async fn fetch(store: &impl Store, records: i64) -> Vec<Duration> {
    let mut waits = Vec::new();
    for number in 0..FETCHES {
        // A prime step visits all records, each far from the last.
        let key = format!("live:{}", number * 7_919_777 % records.unsigned_abs());
        let started = Instant::now();
        assert!(store.get(&key).await.expect("a store").is_some(), "{key}");
        waits.push(started.elapsed());
    }
    waits.sort();
    waits
}

fn report(what: &str, waits: &[Duration]) {
    let part = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!("  {what}: median {:?}, p99 {:?}, longest {:?}", part(50), part(99), part(100));
}

async fn measure<S>(name: &str, store: S, mut filler: Filler, sizes: &[i64])
where
    S: Store + Clone,
{
    println!("{name}");
    let mut filled = 0;
    for &size in sizes {
        filler.fill("live", filled, size).await.expect("SQL");
        filled = size;
        fetch(&store, filled).await;
        report(&format!("{size} records"), &fetch(&store, filled).await);
    }
    filler.fill("ended", 0, ENDED).await.expect("SQL");
    let is_swept = Arc::new(AtomicBool::new(false));
    let (reader, has_ended) = (store.clone(), Arc::clone(&is_swept));
    let reads = tokio::spawn(async move {
        let mut waits = Vec::new();
        while !has_ended.load(Ordering::Relaxed) {
            waits.extend(fetch(&reader, filled).await);
        }
        waits.sort();
        waits
    });
    let started = Instant::now();
    // The write starts a sweep in the background.
    store.put("live:0", vec![0; 1504], Duration::from_secs(3600)).await.expect("a store");
    while filler.left().await.expect("SQL") > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("  {ENDED} expired records were swept in {:?}", started.elapsed());
    is_swept.store(true, Ordering::Relaxed);
    report("fetches during the sweep", &reads.await.expect("no panic"));
}

/// Writes as one login does: the consumed login if there is none, then the tokens.
async fn log_in(store: &impl Store, number: u64) {
    const HOUR: Duration = Duration::from_secs(3600);
    let (attempt, grant) = (format!("login:{number}"), format!("grant:{number}"));
    let consumed = store.compare_and_swap(&attempt, None, vec![0; 64], HOUR).await;
    assert!(consumed.expect("a store"), "{attempt}");
    store.put(&grant, vec![0; 1504], HOUR).await.expect("a store");
}

/// CPU time of this process, in which servers are not included.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // After the name in parentheses, fields 14 and 15 of proc(5), in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    let ticks: u64 = fields.take(2).map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(10 * ticks)
}

/// Logins by 16 users at once.
async fn measure_logins<S: Store + Clone>(name: &str, store: S, round: u64) {
    const USERS: u64 = 16;
    const LOGINS: u64 = 500;
    let (started, cpu) = (Instant::now(), cpu_time());
    let users = (0..USERS).map(|user| {
        let store = store.clone();
        tokio::spawn(async move {
            for login in 0..LOGINS {
                log_in(&store, (round * USERS + user) * LOGINS + login).await;
            }
        })
    });
    for user in users.collect::<Vec<_>>() {
        user.await.expect("no panic");
    }
    let logins = USERS * LOGINS;
    let micros = (cpu_time() - cpu).as_micros() / u128::from(logins);
    #[allow(clippy::cast_precision_loss)]
    let rate = logins as f64 / started.elapsed().as_secs_f64();
    println!("  {name}: {micros} us of CPU for the writes of a login, {rate:.0} logins a second");
}

async fn compare_logins(sqlite: &SqliteStore, postgres: &PostgresStore) {
    let memory = Arc::new(MemoryStore::default());
    for round in 0..5 {
        println!("round {round}");
        measure_logins("memory", Arc::clone(&memory), round).await;
        measure_logins("SQLite", sqlite.clone(), round).await;
        measure_logins("PostgreSQL", postgres.clone(), round).await;
    }
}

#[tokio::main]
async fn main() {
    let is_wanted = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let sizes: Vec<i64> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 100_000, 1_000_000] } else { sizes };

    let folder = Scratch::create();
    let file = folder.path().join("store.db");
    let store = SqliteStore::open(&file).await.expect("a file");
    let server = Postgres::start(&Scenario::of_function("stores_benchmark")).await;
    let postgres = PostgresStore::connect(&server.url()).await.expect("a server");
    compare_logins(&store, &postgres).await;
    if is_wanted("logins") {
        return;
    }

    let connection = SqliteConnectOptions::new().filename(&file).connect().await.expect("a file");
    measure("SQLite", store, Filler::Sqlite(connection), &sizes).await;
    let connection = server.connection().await;
    measure("PostgreSQL", postgres, Filler::Postgres(connection), &sizes).await;
}
