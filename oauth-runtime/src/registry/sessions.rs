//! The sessions of a registry, as the state of an application provides them.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::client::Client;
use crate::client::lazy::LazyClient;
use crate::deployment::Shared;

/// The sessions of a registry, which extractors need from the application's state.
///
/// A registry provides it, so a registry can be the state. An application's own state provides it
/// with `FromRef`.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

/// A state that provides the sessions of a registry.
///
/// The registry itself is one, and so is every state for which `Sessions` implements [`FromRef`].
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
    /// Returns the sessions of the registry that this client belongs to.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.engine().shared))
    }
}

impl<P> LazyClient<P> {
    /// Returns the sessions of the registry that this client belongs to, whether or not it is
    /// configured.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(self.shared()))
    }
}
