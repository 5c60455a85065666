//! A store in PostgreSQL, for any number of instances. The server's clock decides when a record
//! expires.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::OnceCell;

use super::back_end::{self, answer, outstanding};
use super::group::{self, GroupWrites, Mode, Waiting, Write};
use super::sweep::{self, Schedule, Sweep};
use super::{PAGE, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;

/// Number of connections of one process.
const CONNECTIONS: u32 = 10;
/// Number of groups of writes under way, of each mode.
const LANES: usize = 2;
/// Maximum wait of an operation for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was used this recently is not tested.
const FRESH: Duration = Duration::from_secs(1);
/// The lock that a process holds while it migrates: "oauth" in ASCII.
const MIGRATION_LOCK: i64 = 0x6f_61_75_74_68;

/// [`Store`] in PostgreSQL 12 or later.
///
/// If the tables do not exist, they are created when the store is first used: see
/// [`MIGRATIONS`](Self::MIGRATIONS). They are looked up and created in the first schema of the
/// `search_path`.
///
/// ```no_run
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::store::PostgresStore;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let url = "postgres://app@db.example/app?sslmode=verify-full";
/// let store = PostgresStore::connect(url).await?;
/// let oauth = Providers::builder().store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(Arc<Inner>);

struct Inner {
    source: Source,
    /// Connected and migrated.
    pool: OnceCell<PgPool>,
    schedule: Schedule,
    puts: Waiting,
    inserts: Waiting,
}

enum Source {
    Options(Box<PgConnectOptions>),
    #[cfg(feature = "sqlx_0_9")]
    Pool(PgPool),
}

impl PostgresStore {
    /// The versions of the schema, each as SQL that migrates from the previous one.
    ///
    /// The store runs those that the database lacks when it is first used. If its role must not
    /// create tables, run all of them in order beforehand, with a role that may: then the store
    /// creates nothing. It needs `SELECT`, `INSERT`, `UPDATE` and `DELETE` on `oauth_record`, and
    /// `SELECT` on `oauth_record_version`.
    pub const MIGRATIONS: &'static [&'static str] = &[include_str!("migrations/postgres/1.sql")];

    /// Connects, and creates the tables if they do not exist.
    ///
    /// `url` is `postgres://user:password@host:port/database?option=value`. The options are those
    /// of libpq: `sslmode` (only `verify-full` protects against an attacker in the network),
    /// `sslrootcert`, `host` for a socket, `options=-c search_path=…`; with a pooler that shares
    /// connections between transactions `statement-cache-capacity=0`. Missing parts are taken from
    /// `PGHOST` and the related variables.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the URL is invalid, [`StoreError::Backend`] when the server is
    /// unavailable.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let store = Self::lazy(url)?;
        answer(store.0.pool()).await?;
        Ok(store)
    }

    /// Like [`connect`](Self::connect), but connects with the first operation.
    ///
    /// # Errors
    /// [`StoreError::Url`].
    pub fn lazy(url: &str) -> Result<Self, StoreError> {
        Self::of_url(url).map_err(StoreError::Url)
    }

    pub(super) fn of_url(url: &str) -> Result<Self, &'static str> {
        // The error of sqlx for a malformed URL may repeat parts of it.
        let is_ours = |url: &::url::Url| ["postgres", "postgresql"].contains(&url.scheme());
        if !::url::Url::parse(url).is_ok_and(|url| is_ours(&url)) {
            return Err(
                "it is not a URL such as `postgres://user:password@host/database`; in a password write `%40` for `@`, `%2F` for `/`, `%3A` for `:`, `%23` for `#`",
            );
        }
        let mut options = PgConnectOptions::from_str(url)
            .map_err(|_| "an option after `?` has a value that PostgreSQL does not support")?
            .disable_statement_logging();
        if options.get_application_name().is_none() {
            // Shown to operators in `pg_stat_activity`.
            options = options.application_name("oauth-runtime");
        }
        Ok(Self::new(Source::Options(Box::new(options))))
    }

    /// Shares the connections of the application. The first operation creates the tables if they do
    /// not exist.
    ///
    /// It needs the feature `sqlx_0_9`, which is named after the version of sqlx whose type it
    /// takes.
    #[cfg(feature = "sqlx_0_9")]
    pub fn from_pool(pool: PgPool) -> Self {
        Self::new(Source::Pool(pool))
    }

    /// Removes all expired records, in steps that leave room for other operations, and returns
    /// their number.
    ///
    /// Calling it is not necessary: writes start a sweep once per minute.
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        sweep::sweep_all(&*self.0).await
    }

    fn new(source: Source) -> Self {
        Self(Arc::new(Inner {
            source,
            pool: OnceCell::new(),
            schedule: Schedule::default(),
            puts: Waiting::new(LANES),
            inserts: Waiting::new(LANES),
        }))
    }
}

impl Inner {
    async fn pool(&self) -> Result<&PgPool, StoreError> {
        let connect = || async {
            let pool = match &self.source {
                Source::Options(options) => pool(options),
                #[cfg(feature = "sqlx_0_9")]
                Source::Pool(pool) => pool.clone(),
            };
            migrate(&pool).await.map_err(StoreError::backend)?;
            Ok(pool)
        };
        self.pool.get_or_try_init(connect).await
    }
}

fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, usage| {
            Box::pin(async move {
                if usage.idle_for >= FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options.clone())
}

async fn migrate(pool: &PgPool) -> Result<(), sqlx::Error> {
    if outstanding(PostgresStore::MIGRATIONS, version(&mut *pool.acquire().await?).await?)
        .is_empty()
    {
        return Ok(());
    }
    let mut transaction = pool.begin().await?;
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK);
    lock.execute(&mut *transaction).await?;
    // Another process may have been faster.
    let version = version(&mut transaction).await?;
    for migration in outstanding(PostgresStore::MIGRATIONS, version) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

async fn version(connection: &mut sqlx::PgConnection) -> Result<i64, sqlx::Error> {
    let is_there = "SELECT to_regclass('oauth_record_version') IS NOT NULL";
    if !sqlx::query_scalar(is_there).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    let version = "SELECT coalesce(max(version), 0)::bigint FROM oauth_record_version";
    sqlx::query_scalar(version).fetch_one(connection).await
}

impl Sweep for Inner {
    fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    fn now(&self) -> u64 {
        Clock::system().seconds()
    }

    fn sweep_step(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        // Rows that another instance sweeps or writes at this moment are skipped.
        const SQL: &str = "DELETE FROM oauth_record WHERE ctid = ANY (ARRAY( \
             SELECT ctid FROM oauth_record WHERE ends_at <= now() ORDER BY ends_at LIMIT $1 \
             FOR UPDATE SKIP LOCKED))";
        Box::pin(answer(async move {
            let query = sqlx::query(SQL).bind(i64::from(sweep::BATCH));
            Ok(query
                .execute(self.pool().await?)
                .await
                .map_err(StoreError::backend)?
                .rows_affected())
        }))
    }
}

impl GroupWrites for Inner {
    fn waiting(&self, mode: Mode) -> &Waiting {
        match mode {
            Mode::Put => &self.puts,
            Mode::Insert => &self.inserts,
        }
    }

    fn write_all(
        &self,
        mode: Mode,
        mut records: Vec<Write>,
    ) -> BoxFuture<'_, Result<Vec<Vec<u8>>, StoreError>> {
        const PUT: &str = "INSERT INTO oauth_record (key, value, ends_at) \
             SELECT key, value, now() + make_interval(secs => ttl) \
             FROM unnest($1::bytea[], $2::bytea[], $3::float8[]) AS record (key, value, ttl) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at";
        const INSERT: &str = "INSERT INTO oauth_record AS present (key, value, ends_at) \
             SELECT key, value, now() + make_interval(secs => ttl) \
             FROM unnest($1::bytea[], $2::bytea[], $3::float8[]) AS record (key, value, ttl) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at \
             WHERE present.ends_at <= now() RETURNING key";
        // In one order in all processes, so that no two groups wait for each other's rows.
        records.sort_by(|a, b| a.key.cmp(&b.key));
        let (mut keys, mut values, mut ttls) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            keys.push(record.key);
            values.push(record.value);
            ttls.push(record.ttl as f64);
        }
        Box::pin(async move {
            let pool = self.pool().await?;
            if mode == Mode::Put {
                let query = sqlx::query(PUT).bind(keys).bind(values).bind(ttls);
                query.execute(pool).await.map_err(StoreError::backend)?;
                return Ok(Vec::new());
            }
            let query = sqlx::query_scalar(INSERT).bind(keys).bind(values).bind(ttls);
            query.fetch_all(pool).await.map_err(StoreError::backend)
        })
    }
}

impl Store for PostgresStore {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        const SQL: &str = "SELECT value FROM oauth_record WHERE key = $1 AND ends_at > now()";
        Box::pin(answer(async move {
            let query = sqlx::query_scalar(SQL).bind(key.as_bytes());
            query.fetch_optional(self.0.pool().await?).await.map_err(StoreError::backend)
        }))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.write(Mode::Put, key, value, ttl).await?;
            Ok(())
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        const SQL: &str =
            "DELETE FROM oauth_record WHERE key = $1 RETURNING value, ends_at > now()";
        Box::pin(answer(async move {
            let query = sqlx::query_as(SQL).bind(key.as_bytes());
            let taken: Option<(Vec<u8>, bool)> =
                query.fetch_optional(self.0.pool().await?).await.map_err(StoreError::backend)?;
            Ok(taken.filter(|(_, is_alive)| *is_alive).map(|(value, _)| value))
        }))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        const SQL: &str = "UPDATE oauth_record \
             SET value = $2, ends_at = now() + make_interval(secs => $3) \
             WHERE key = $1 AND ends_at > now() AND value = $4";
        let Some(old) = old else { return Box::pin(self.write(Mode::Insert, key, new, ttl)) };
        Box::pin(answer(async move {
            let query = sqlx::query(SQL).bind(key.as_bytes()).bind(new).bind(seconds(ttl));
            let query = query.bind(old);
            let pool = self.0.pool().await?;
            let is_written =
                query.execute(pool).await.map_err(StoreError::backend)?.rows_affected() == 1;
            sweep::after_write(&self.0);
            Ok(is_written)
        }))
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        const SQL: &str = "SELECT key FROM oauth_record WHERE key >= $1 AND ends_at > now() \
             ORDER BY key LIMIT $2";
        Box::pin(answer(async move {
            let from = from.unwrap_or_default().as_bytes();
            let query = sqlx::query_scalar(SQL).bind(from).bind(PAGE as i64);
            Ok(back_end::page(
                query.fetch_all(self.0.pool().await?).await.map_err(StoreError::backend)?,
            ))
        }))
    }
}

impl PostgresStore {
    async fn write(
        &self,
        mode: Mode,
        key: &str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let record = Write { key: key.into(), value, ttl: whole_seconds(ttl) };
        let is_written = answer(group::write(&self.0, mode, record)).await?;
        sweep::after_write(&self.0);
        Ok(is_written)
    }
}

/// A whole number that fits the type of `make_interval`.
fn seconds(ttl: Duration) -> f64 {
    whole_seconds(ttl) as f64
}

/// Shows neither the user nor the password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Source::Options(options) => write!(f, "PostgresStore({})", options.get_host()),
            #[cfg(feature = "sqlx_0_9")]
            Source::Pool(_) => f.write_str("PostgresStore(shared connections)"),
        }
    }
}
