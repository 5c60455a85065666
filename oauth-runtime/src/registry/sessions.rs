//! The sessions of a registry, as the state of an application gives them.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::deployment::Shared;

/// The sessions of a registry: what extractors need of the application's state.
///
/// A registry gives it, so a registry can be the state; an application's own state gives it with
/// `FromRef`.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

/// A state that gives the sessions of a registry.
///
/// The registry itself is one; so is every state for which `Sessions` implements [`FromRef`].
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` does not provide sessions",
    label = "needs a registry in the state `{Self}`",
    note = "make the registry the state: `.with_state(oauth)`",
    note = "or keep it in a state of your own: `#[oauth_registry(state = AppState)]` above the registry, and `impl FromRef<AppState>` for it",
    note = "`#[debug_handler]` assumes the state `()` unless it is named: `#[debug_handler(state = …)]`"
)]
pub trait HasSessions: 'static {
    /// The sessions.
    #[doc(hidden)]
    fn sessions(&self) -> Sessions;
}

#[diagnostic::do_not_recommend]
impl<S: 'static> HasSessions for S
where
    Sessions: FromRef<S>,
{
    fn sessions(&self) -> Sessions {
        Sessions::from_ref(self)
    }
}

impl Sessions {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl<P> Client<P> {
    /// The sessions of the registry that this client belongs to.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.engine().shared))
    }
}

impl<P> LazyClient<P> {
    /// The sessions of the registry that this client belongs to, configured or not.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(self.shared()))
    }
}
