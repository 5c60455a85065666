//! A store in a local file, for any number of processes on one host.
//!
//! SQLite lets one connection write at a time. So writes of this process queue for one connection,
//! and reads, which never wait, have their own.

use std::error::Error;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, QueryBuilder};
use tokio::sync::OnceCell;

use super::back_end::{self, answer, outstanding};
use super::group::{self, GroupWrites, Mode, Waiting, Write};
use super::sweep::{self, Schedule, Sweep};
use super::{PAGE, Page, Store, whole_seconds};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;

/// Number of connections for reading.
const READERS: u32 = 4;
/// Maximum wait of a write for another process.
const BUSY: Duration = Duration::from_secs(5);
/// Pause before the file is opened again.
const PAUSE: Duration = Duration::from_millis(20);

/// [`Store`] in a file, with SQLite.
///
/// Several processes on one host may share the file. It must be on a local disk: SQLite's locks are
/// not reliable on a network file system. SQLite keeps `-wal` and `-shm` files next to it.
///
/// A written record is on the disk: it survives the end of the process and a loss of power.
///
/// ```no_run
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::store::SqliteStore;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open("/var/lib/app/oauth.db").await?;
/// let oauth = Providers::builder().store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    clock: Clock,
    connections: OnceCell<Connections>,
    schedule: Schedule,
    puts: Waiting,
    inserts: Waiting,
}

struct Connections {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// The file cannot be used as a database.
#[derive(Debug, thiserror::Error)]
#[error("the database `{}` cannot be opened: {source}", .path.display())]
struct CannotOpen<E: Error + 'static> {
    path: PathBuf,
    source: E,
}

impl SqliteStore {
    /// The versions of the schema, each as SQL that migrates from the previous one. The store
    /// migrates a file to the latest version when it opens it.
    pub const MIGRATIONS: &'static [&'static str] = &[include_str!("migrations/sqlite/1.sql")];

    /// Opens the file. If it does not exist, it is created, readable only for its owner.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when it cannot be opened or is not a database.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let store = Self::lazy(path);
        answer(store.connections()).await?;
        Ok(store)
    }

    /// Like [`open`](Self::open), but opens the file with the first operation.
    pub fn lazy(path: impl AsRef<Path>) -> Self {
        Self::new(path.as_ref(), Clock::system())
    }

    /// Takes the time from `clock` instead of the system. Call it before the store is used.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self::new(&self.0.path, clock)
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

    fn new(path: &Path, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            clock,
            connections: OnceCell::new(),
            schedule: Schedule::default(),
            puts: Waiting::new(1),
            inserts: Waiting::new(1),
        }))
    }

    async fn connections(&self) -> Result<&Connections, StoreError> {
        self.0.connections().await
    }
}

impl Inner {
    async fn connections(&self) -> Result<&Connections, StoreError> {
        self.connections.get_or_try_init(|| Connections::open(&self.path)).await
    }
}

impl Connections {
    async fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path).map_err(|error| cannot_open(path, error))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY)
            // A rotated refresh token that was lost would end the grant.
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        // The file keeps this mode, in which readers and the writer do not block each other.
        let writer = open_writer(options.clone().journal_mode(SqliteJournalMode::Wal)).await;
        let writer = writer.map_err(|error| cannot_open(path, error))?;
        migrate(&writer).await.map_err(|error| cannot_open(path, error))?;
        Ok(Self { writer, readers: pool(READERS).connect_lazy_with(options) })
    }
}

fn pool(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(most)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Opens the file, again while another process writes to it: to change the journal mode, SQLite
/// upgrades a read lock to a write lock, and for that it does not wait for `busy_timeout`.
async fn open_writer(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let mut rest = BUSY;
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && !rest.is_zero() => {
                tokio::time::sleep(PAUSE).await;
                rest = rest.saturating_sub(PAUSE);
            }
            opened => return opened,
        }
    }
}

/// Is the error SQLITE_BUSY, or one of its extended codes, whose low byte it is?
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

fn cannot_open<E: Error + Send + Sync + 'static>(path: &Path, source: E) -> StoreError {
    StoreError::backend(CannotOpen { path: path.to_owned(), source })
}

/// Creates the file, readable only for its owner, if it does not exist: SQLite would make it
/// readable for every user.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn migrate(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    // Takes the lock first: if several processes start, one migrates.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let has_version = "SELECT count(*) FROM sqlite_schema WHERE name = 'oauth_record_version'";
    let version = match sqlx::query_scalar(has_version).fetch_one(&mut *transaction).await? {
        0_i64 => 0,
        _ => {
            let version = "SELECT coalesce(max(version), 0) FROM oauth_record_version";
            sqlx::query_scalar(version).fetch_one(&mut *transaction).await?
        }
    };
    for migration in outstanding(SqliteStore::MIGRATIONS, version) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

impl Sweep for Inner {
    fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    fn now(&self) -> u64 {
        self.clock.seconds()
    }

    fn sweep_step(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        const SQL: &str = "DELETE FROM oauth_record WHERE rowid IN \
             (SELECT rowid FROM oauth_record WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)";
        Box::pin(answer(async move {
            let writer = &self.connections().await?.writer;
            let query = sqlx::query(SQL).bind(seconds(self.now())).bind(sweep::BATCH);
            Ok(query.execute(writer).await.map_err(StoreError::backend)?.rows_affected())
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
        records: Vec<Write>,
    ) -> BoxFuture<'_, Result<Vec<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let writer = &self.connections().await?.writer;
            let now = seconds(self.now());
            let mut query = QueryBuilder::new("INSERT INTO oauth_record (key, value, ends_at) ");
            query.push_values(records, |mut row, record| {
                let ends_at = now.saturating_add(seconds(record.ttl));
                row.push_bind(record.key).push_bind(record.value).push_bind(ends_at);
            });
            query.push(
                " ON CONFLICT (key) DO UPDATE \
                 SET value = excluded.value, ends_at = excluded.ends_at",
            );
            if mode == Mode::Put {
                query.build().execute(writer).await.map_err(StoreError::backend)?;
                return Ok(Vec::new());
            }
            query.push(" WHERE oauth_record.ends_at <= ").push_bind(now).push(" RETURNING key");
            query.build_query_scalar().fetch_all(writer).await.map_err(StoreError::backend)
        })
    }
}

impl Store for SqliteStore {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        const SQL: &str = "SELECT value FROM oauth_record WHERE key = ?1 AND ends_at > ?2";
        Box::pin(answer(async move {
            let readers = &self.connections().await?.readers;
            let query = sqlx::query_scalar(SQL).bind(key.as_bytes()).bind(self.now());
            query.fetch_optional(readers).await.map_err(StoreError::backend)
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
        const SQL: &str = "DELETE FROM oauth_record WHERE key = ?1 RETURNING value, ends_at";
        Box::pin(answer(async move {
            let writer = &self.connections().await?.writer;
            let query = sqlx::query_as(SQL).bind(key.as_bytes());
            let taken: Option<(Vec<u8>, i64)> =
                query.fetch_optional(writer).await.map_err(StoreError::backend)?;
            Ok(taken.filter(|(_, ends_at)| *ends_at > self.now()).map(|(value, _)| value))
        }))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        const SQL: &str = "UPDATE oauth_record SET value = ?2, ends_at = ?3 \
             WHERE key = ?1 AND ends_at > ?4 AND value = ?5";
        let Some(old) = old else { return Box::pin(self.write(Mode::Insert, key, new, ttl)) };
        Box::pin(answer(async move {
            let writer = &self.connections().await?.writer;
            let query = sqlx::query(SQL).bind(key.as_bytes()).bind(new).bind(self.end_after(ttl));
            let query = query.bind(self.now()).bind(old);
            let is_written =
                query.execute(writer).await.map_err(StoreError::backend)?.rows_affected() == 1;
            sweep::after_write(&self.0);
            Ok(is_written)
        }))
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        const SQL: &str = "SELECT key FROM oauth_record WHERE key >= ?1 AND ends_at > ?2 \
             ORDER BY key LIMIT ?3";
        Box::pin(answer(async move {
            let readers = &self.connections().await?.readers;
            let from = from.unwrap_or_default().as_bytes();
            let query = sqlx::query_scalar(SQL).bind(from).bind(self.now()).bind(PAGE as i64);
            Ok(back_end::page(query.fetch_all(readers).await.map_err(StoreError::backend)?))
        }))
    }
}

impl SqliteStore {
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

    fn now(&self) -> i64 {
        seconds(self.0.clock.seconds())
    }

    fn end_after(&self, ttl: Duration) -> i64 {
        self.now().saturating_add(seconds(whole_seconds(ttl)))
    }
}

fn seconds(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

opaque_debug!(SqliteStore, |it| it.0.path.display());
