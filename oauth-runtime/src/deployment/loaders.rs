//! Loads metadata and keys of all clients, for applications that check before the first login
//! whether every provider works.

use crate::error::OAuthError;
use crate::sync::future::BoxFuture;
use crate::sync::lock::Mutex;
use crate::text::opaque_debug;

type Load = BoxFuture<'static, Result<(), OAuthError>>;
/// Returns `None` once the client is dropped.
type Loader = Box<dyn Fn() -> Option<Load> + Send + Sync>;

/// One loader for each client of the registry.
#[derive(Default)]
pub(crate) struct Loaders(Mutex<Vec<Loader>>);

impl Loaders {
    pub(crate) fn add(&self, loader: impl Fn() -> Option<Load> + Send + Sync + 'static) {
        self.0.lock().push(Box::new(loader));
    }

    /// Loads for all clients concurrently; returns the failures.
    pub(crate) async fn load_all(&self) -> Vec<OAuthError> {
        let loads: Vec<Load> = {
            let loaders = self.0.lock();
            loaders.iter().filter_map(|loader| loader()).collect()
        };
        let tasks: Vec<_> = loads.into_iter().map(tokio::spawn).collect();
        let mut failures = Vec::new();
        for task in tasks {
            // A task that ends without a result: a custom HTTP client panicked.
            failures.extend(task.await.unwrap_or(Err(OAuthError::TaskPanicked)).err());
        }
        failures
    }
}

opaque_debug!(Loaders);
