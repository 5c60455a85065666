//! A store in Redis or Valkey, for any number of instances. The server's clock decides when a
//! record expires, and the server removes it.
//!
//! Every operation is one command or one script on one key.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, Script, cmd};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::sync::OnceCell;

use super::back_end::answer;
use super::{PAGE, Page, Store, whole_seconds};
use crate::error::StoreError;
use crate::sync::future::BoxFuture;
use crate::text::opaque_debug;

/// Prefix of every key, for access rules of the server: `~oauth:*`.
const PREFIX: &str = "oauth:";
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const EVICTION_POLICY: &str = "maxmemory-policy";
/// Attempts to reconnect before an operation fails.
const RETRIES: usize = 3;

/// Writes if the value is the expected one. Redis runs scripts atomically.
static COMPARE_AND_SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
         redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) \
         return 1",
    )
});

/// [`Store`] in Redis 6.2 or later, or Valkey.
///
/// The key of a record is `oauth:` and the library's key; the value is the library's. The server
/// must not evict records: `maxmemory-policy noeviction`, and `appendonly yes` if they have to
/// survive a restart. A replica that takes over may lack the last writes.
///
/// ```no_run
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::store::RedisStore;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "github", preset = "github", scopes("read:user"))]
/// # struct GitHub;
/// # #[derive(Clone, OAuthRegistry)]
/// # struct Providers { github: Client<GitHub> }
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("rediss://app:secret@cache.example/0").await?;
/// let oauth = Providers::builder().store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    client: Client,
    /// Connected once; then it reconnects by itself.
    connection: OnceCell<ConnectionManager>,
}

impl RedisStore {
    /// Connects.
    ///
    /// `url` is `redis://user:password@host:port/database`, `rediss://…` for TLS, whose certificate
    /// is always verified, or `redis+unix:///path?db=0&user=…&pass=…`.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the URL is invalid, [`StoreError::Backend`] when the server is
    /// unavailable.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let store = Self::lazy(url)?;
        answer(store.connection()).await?;
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
        // `#insecure` would disable certificate verification.
        let is_whole = redis::parse_redis_url(url).is_some_and(|url| url.fragment().is_none());
        // The client's error for a malformed URL may repeat parts of it.
        let client = Client::open(url).ok().filter(|_| is_whole).ok_or(
            "it is not a URL such as `redis://user:password@host:6379/0`, or `rediss:` for TLS; in a password write `%40` for `@`, `%2F` for `/`, `%3A` for `:`, `%23` for `#`",
        )?;
        Ok(Self(Arc::new(Inner { client, connection: OnceCell::new() })))
    }

    async fn connection(&self) -> Result<ConnectionManager, StoreError> {
        let connect = || async {
            // The client uses the process default; there may be none, or too many to choose from.
            if CryptoProvider::get_default().is_none() {
                // Another thread may be faster; then one is installed.
                let _ = aws_lc_rs::default_provider().install_default();
            }
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(CONNECT_WITHIN))
                .set_response_timeout(Some(ANSWER_WITHIN))
                .set_number_of_retries(RETRIES);
            let client = self.0.client.clone();
            let connection = ConnectionManager::new_with_config(client, config).await;
            let mut connection = connection.map_err(StoreError::backend)?;
            warn_of_eviction(&mut connection).await;
            Ok(connection)
        };
        self.0.connection.get_or_try_init(connect).await.cloned()
    }

    async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        answer(async {
            let mut connection = self.connection().await?;
            command.query_async(&mut connection).await.map_err(StoreError::backend)
        })
        .await
    }

    /// Like [`query`](Self::query), for a command that may be repeated. After a restart of the
    /// server, the first command finds a dead connection.
    async fn query_again<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        answer(async {
            let mut connection = self.connection().await?;
            match command.query_async(&mut connection).await {
                Err(error) if error.is_connection_dropped() => {
                    command.query_async(&mut connection).await
                }
                answer => answer,
            }
            .map_err(StoreError::backend)
        })
        .await
    }
}

/// Warns if the server evicts unexpired records when its memory is full. Many servers forbid the
/// query; then there is no warning.
async fn warn_of_eviction(connection: &mut ConnectionManager) {
    let mut question = cmd("CONFIG");
    question.arg("GET").arg(EVICTION_POLICY);
    let answer: Result<HashMap<String, String>, _> = question.query_async(connection).await;
    let policy = answer.ok().and_then(|mut answer| answer.remove(EVICTION_POLICY));
    if let Some(policy) = policy.filter(|policy| policy != "noeviction") {
        tracing::warn!(
            policy,
            "this Redis server evicts records when its memory is full, so a login may work twice: \
             set `maxmemory-policy noeviction`"
        );
    }
}

fn at(key: &str) -> String {
    format!("{PREFIX}{key}")
}

impl Store for RedisStore {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move { self.query_again(cmd("GET").arg(at(key))).await })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let seconds = whole_seconds(ttl);
            self.query(cmd("SET").arg(at(key)).arg(value).arg("EX").arg(seconds)).await
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move { self.query(cmd("GETDEL").arg(at(key))).await })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        old: Option<&'a [u8]>,
        new: Vec<u8>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let seconds = whole_seconds(ttl);
            let Some(old) = old else {
                let mut set = cmd("SET");
                set.arg(at(key)).arg(new).arg("NX").arg("EX").arg(seconds);
                let answer: Option<String> = self.query(&set).await?;
                return Ok(answer.is_some());
            };
            let mut script = COMPARE_AND_SWAP.key(at(key));
            script.arg(old).arg(new).arg(seconds);
            answer(async {
                let mut connection = self.connection().await?;
                script.invoke_async(&mut connection).await.map_err(StoreError::backend)
            })
            .await
        })
    }

    fn list<'a>(&'a self, from: Option<&'a str>) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let mut scan = cmd("SCAN");
            scan.arg(from.unwrap_or("0")).arg("MATCH").arg(at("*")).arg("COUNT").arg(PAGE);
            let (next, keys): (String, Vec<Vec<u8>>) = self.query_again(&scan).await?;
            let ours = |key: Vec<u8>| {
                let key = String::from_utf8_lossy(&key).into_owned();
                key.strip_prefix(PREFIX).map(str::to_owned)
            };
            let keys = keys.into_iter().filter_map(ours).collect();
            Ok(Page { keys, next: (next != "0").then_some(next) })
        })
    }
}

// Neither the user nor the password.
opaque_debug!(RedisStore, |it| it.0.client.get_connection_info().addr());
