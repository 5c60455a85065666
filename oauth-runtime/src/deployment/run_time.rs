//! What a session needs to know of the providers that are there, those that came at run time above all.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::ProviderLink;

use crate::sync::lock::RwLock;

/// The names of the providers that came at run time, each with what is known of it.
pub(crate) struct RunTimeNames {
    /// Names that are declared and never free.
    declared: Vec<&'static str>,
    known: RwLock<HashMap<Arc<str>, Known>>,
    /// What sessions of declared providers are bound to.
    bindings: RwLock<HashMap<Arc<str>, Arc<str>>>,
}

/// What a session, and the page that asks for one, need to know of a provider.
pub(crate) struct Known {
    /// What its sessions are bound to.
    pub(crate) binding: Arc<str>,
    pub(crate) link: ProviderLink,
    /// Whether the page that asks people to sign in shows it to everybody.
    pub(crate) is_listed: bool,
}

impl RunTimeNames {
    pub(super) fn new(declared: Vec<&'static str>) -> Self {
        Self { declared, known: RwLock::default(), bindings: RwLock::default() }
    }

    /// Whether a name is that of a declared provider.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(&name)
    }

    /// Sessions of a declared provider are current if they have this binding.
    pub(crate) fn declare(&self, name: Arc<str>, binding: Arc<str>) {
        self.bindings.write().insert(name, binding);
    }

    /// Sessions of this name and binding are current, and no others of this name.
    pub(crate) fn bind(&self, name: Arc<str>, known: Known) {
        self.known.write().insert(name, known);
    }

    /// No session of this name is current.
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

    /// The link of this name; without a name those that everybody is shown, in the order of the
    /// alphabet.
    pub(super) fn links(&self, name: Option<&str>) -> Vec<ProviderLink> {
        let known = self.known.read();
        let is_shown = |own: &&Known| match name {
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
