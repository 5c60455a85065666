//! Which providers are there that came at run time: what a session needs to know of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// The names of the providers that came at run time, each with what its sessions are bound to.
pub(crate) struct RunTimeNames {
    /// Names that are declared and never free.
    declared: Vec<&'static str>,
    bindings: RwLock<HashMap<Arc<str>, Arc<str>>>,
}

impl RunTimeNames {
    pub(super) fn new(declared: Vec<&'static str>) -> Self {
        Self { declared, bindings: RwLock::default() }
    }

    /// Whether a name is that of a declared provider.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(&name)
    }

    /// Sessions of this name and binding are current, and no others of this name.
    pub(crate) fn bind(&self, name: Arc<str>, binding: Arc<str>) {
        self.bindings.write().unwrap_or_else(PoisonError::into_inner).insert(name, binding);
    }

    /// No session of this name is current.
    pub(crate) fn release(&self, name: &str) {
        self.bindings.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    pub(super) fn is_bound(&self, name: &str, binding: &str) -> bool {
        let bindings = self.bindings.read().unwrap_or_else(PoisonError::into_inner);
        bindings.get(name).is_some_and(|own| **own == *binding)
    }
}

impl fmt::Debug for RunTimeNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bindings = self.bindings.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "RunTimeNames({bindings})")
    }
}
