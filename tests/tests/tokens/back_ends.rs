//! Stored tokens on every store: the scenarios of the other files, as separate tests with the
//! memory store, and all together on each real back end.

use std::pin::Pin;
use std::sync::Arc;

use oauth_runtime::Clock;
use oauth_runtime::error::StoreError;
use oauth_runtime::store::{MemoryStore, PostgresStore, SqliteStore, Store};
use tests::postgres::Postgres;
use tests::process::Scratch;
use tests::redis::Redis;
use tests::scenario;
use tests::store::of_url;

/// The store of a site: empty at first, and not shared with another site.
#[derive(Clone)]
pub(crate) enum Place {
    Memory,
    /// An SQLite file.
    File(Arc<Scratch>),
    /// A database of a server with its own clock.
    Server(String),
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(Arc::new(Scratch::create()))
    }

    pub(crate) fn open(&self, clock: &Clock) -> Arc<dyn Store> {
        match self {
            Self::Memory => Arc::new(MemoryStore::new(clock.clone())),
            Self::File(folder) => Arc::new(sqlite(folder, clock)),
            Self::Server(url) => of_url(url),
        }
    }

    /// Removes expired records if the store needs it, and returns their number.
    pub(crate) async fn sweep(&self, clock: &Clock) -> Result<u64, StoreError> {
        match self {
            Self::File(folder) => sqlite(folder, clock).sweep().await,
            Self::Server(url) if url.starts_with("postgres") => {
                PostgresStore::connect(url).await?.sweep().await
            }
            Self::Memory | Self::Server(_) => Ok(0),
        }
    }

    /// Whether expired records stay until they are swept.
    pub(crate) fn has_to_be_swept(&self) -> bool {
        match self {
            Self::Memory => false,
            Self::File(_) => true,
            Self::Server(url) => url.starts_with("postgres"),
        }
    }
}

fn sqlite(folder: &Scratch, clock: &Clock) -> SqliteStore {
    SqliteStore::lazy(folder.path().join("store.db")).with_clock(clock.clone())
}

/// A scenario and its name.
pub(crate) type Scenario = (&'static str, fn(Place) -> Pin<Box<dyn Future<Output = ()>>>);

/// Turns each of these functions into a test with the memory store, and lists them for the back
/// ends.
macro_rules! on_every_store {
    ($($name:ident,)+) => {
        mod in_memory {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(crate::back_ends::Place::Memory).await;
                }
            )+
        }

        pub(crate) const SCENARIOS: &[crate::back_ends::Scenario] =
            &[$((stringify!($name), |place| Box::pin($name(place))),)+];
    };
}

/// Runs every scenario, each with its own store.
async fn play_all(mut place: impl AsyncFnMut(u32) -> Place) {
    let files = [
        super::kept::SCENARIOS,
        super::restarts::SCENARIOS,
        super::connect::SCENARIOS,
        super::refresher::SCENARIOS,
        super::hooks::SCENARIOS,
    ];
    for (number, (name, play)) in (0..).zip(files.into_iter().flatten()) {
        println!("{name}");
        play(place(number).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_tokens_as_the_store_in_memory_does() {
    play_all(async |_| Place::file()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_tokens_as_the_store_in_memory_does() {
    let server = Postgres::start(&scenario!()).await;
    play_all(async |number| Place::Server(server.database(&format!("site{number}")).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_tokens_as_the_store_in_memory_does() {
    let server = Redis::with(&scenario!(), &["--databases", "100"]).await;
    play_all(async |number| Place::Server(server.database(number))).await;
}
