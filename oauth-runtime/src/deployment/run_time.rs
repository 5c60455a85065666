//! The current providers, as far as sessions need to know them, including those known only at run
//! time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::ProviderLink;

use crate::sync::lock::RwLock;

/// The names of the providers known at run time.
pub(crate) struct RunTimeNames {
    /// Declared names, which are never available.
    declared: Vec<&'static str>,
    known: RwLock<HashMap<Arc<str>, ProviderEntry>>,
    /// The current bindings of declared providers.
    bindings: RwLock<HashMap<Arc<str>, Arc<str>>>,
}

/// The properties of a provider that sessions and the sign-in page need.
pub(crate) struct ProviderEntry {
    /// The binding of its sessions.
    pub(crate) binding: Arc<str>,
    pub(crate) link: ProviderLink,
    /// Whether the sign-in page lists it for every visitor.
    pub(crate) is_listed: bool,
}

impl RunTimeNames {
    pub(super) fn new(declared: Vec<&'static str>) -> Self {
        Self { declared, known: RwLock::default(), bindings: RwLock::default() }
    }

    /// Whether a declared provider has this name.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(&name)
    }

    /// Makes sessions of a declared provider with this binding current.
    pub(crate) fn declare(&self, name: Arc<str>, binding: Arc<str>) {
        self.bindings.write().insert(name, binding);
    }

    /// Makes sessions with this name and binding current, and no others of this name.
    pub(crate) fn bind(&self, name: Arc<str>, known: ProviderEntry) {
        self.known.write().insert(name, known);
    }

    /// Makes no session of this name current.
    pub(crate) fn release(&self, name: &str) {
        self.known.write().remove(name);
    }

    pub(super) fn is_bound(&self, name: &str, binding: &str) -> bool {
        let declared = self.bindings.read();
        if let Some(own) = declared.get(name) {
            return **own == *binding;
        }
        let known = self.known.read();
        known.get(name).is_some_and(|own| *own.binding == *binding)
    }

    /// The link of this name; `None`: all listed ones in alphabetical order.
    pub(super) fn links(&self, name: Option<&str>) -> Vec<ProviderLink> {
        let known = self.known.read();
        let is_shown = |own: &&ProviderEntry| match name {
            Some(name) => *own.link.name == *name,
            None => own.is_listed,
        };
        let mut links: Vec<_> =
            known.values().filter(is_shown).map(|own| own.link.clone()).collect();
        links.sort_unstable_by(|a, b| a.display_name.cmp(&b.display_name));
        links
    }
}

impl fmt::Debug for RunTimeNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().len();
        write!(f, "RunTimeNames({known})")
    }
}
