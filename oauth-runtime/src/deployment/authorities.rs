//! Which provider identifies the users of an authority.
//!
//! Accounts are stored by issuer and subject. So a description, which may come from a stranger,
//! must not yield the identity of another provider.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::protocol::tenants::{self, Tenants};
use crate::sync::lock::RwLock;

/// The authorities of a registry and of the providers known at run time.
#[derive(Default)]
pub(crate) struct Authorities(RwLock<Table>);

#[derive(Default)]
struct Table {
    /// By name. An authority is held by one provider, or by several that may share it.
    holders: HashMap<Arc<str>, Vec<Holder>>,
    /// The authority that each described provider holds.
    described: HashMap<Arc<str>, Arc<str>>,
    /// The issuer templates of providers with many tenants. Each covers many issuers.
    templates: Vec<(Arc<str>, Holder)>,
}

/// A provider that holds an authority.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) provider: Arc<str>,
    pub(crate) client_id: Arc<str>,
    /// Fingerprint of the client and all its endpoints.
    pub(crate) binding: Arc<str>,
    pub(crate) is_declared: bool,
    /// Whether the authority is proven, regardless of its source.
    pub(crate) is_genuine: bool,
    /// Whether the application allows this provider to share it.
    pub(crate) is_sharing: bool,
}

impl Holder {
    /// Whether a description may hold an authority that `other` already holds. The same client has
    /// the same users in both; another client may share them only if the application allows it.
    fn may_join(&self, other: &Self) -> bool {
        let is_genuine = self.is_genuine && (other.is_genuine || other.is_declared);
        self.provider == other.provider
            || self.binding == other.binding
            || (is_genuine && (self.is_sharing || self.client_id == other.client_id))
    }
}

/// `https://a` and `https://a/` are two issuers, but users should not have to notice the
/// difference.
fn key_of(authority: &str) -> &str {
    authority.trim_end_matches('/')
}

/// Whether the authority covers the issuers of many tenants.
fn is_template(authority: &str) -> bool {
    authority.contains(tenants::PLACEHOLDER)
}

/// Whether the issuer is that of a tenant of the template.
fn stands_for(template: &str, issuer: &str) -> bool {
    Tenants::Any.allow_issuer(issuer, template)
}

impl Authorities {
    /// Records the authority of a declared provider, which is always accepted. Returns the
    /// described providers that claimed it earlier and lose it.
    pub(crate) fn declare(&self, authority: &str, holder: Holder) -> Vec<Arc<str>> {
        let mut table = self.0.write();
        if table.declare(authority, holder) { table.refused() } else { Vec::new() }
    }

    /// Assigns an authority to a description and replaces the previous one of its provider.
    ///
    /// # Errors
    /// The name of the provider that holds it.
    pub(crate) fn describe(&self, authority: &str, holder: Holder) -> Result<(), Arc<str>> {
        let mut table = self.0.write();
        let other = table.conflict(authority, &holder);
        if let Some(other) = other.or_else(|| table.overlapping(authority, &holder)) {
            return Err(other);
        }
        let key: Arc<str> = key_of(authority).into();
        if table.described.get(&holder.provider) != Some(&key) || is_template(&key) {
            table.release(&holder.provider);
        }
        table.described.insert(Arc::clone(&holder.provider), Arc::clone(&key));
        if is_template(&key) {
            table.templates.push((key, holder));
            return Ok(());
        }
        let holders = table.holders.entry(key).or_default();
        match holders.iter_mut().find(|own| own.provider == holder.provider) {
            Some(own) => *own = holder,
            None => holders.push(holder),
        }
        Ok(())
    }

    /// Removes all authorities of a described provider.
    pub(crate) fn release(&self, provider: &str) {
        self.0.write().release(provider);
    }

    /// The provider whose claim prevents a described one from holding an authority.
    pub(crate) fn conflict(&self, provider: &str, authority: &str) -> Option<Arc<str>> {
        let table = self.0.read();
        let mut templates = table.templates.iter();
        let of_template = templates
            .find(|(template, own)| &*own.provider == provider && stands_for(template, authority));
        if let Some((_, holder)) = of_template {
            // Described ones were compared when they were inserted.
            return table.declared_conflict(authority, holder);
        }
        let holders = table.holders.get(key_of(authority))?;
        match holders.iter().find(|own| &*own.provider == provider) {
            Some(holder) => table.conflict(authority, holder),
            // Its description has been replaced.
            None => holders.first().map(|other| Arc::clone(&other.provider)),
        }
    }
}

impl Table {
    /// Records a declared authority. Returns whether it is new.
    fn declare(&mut self, authority: &str, holder: Holder) -> bool {
        if is_template(authority) {
            let mut templates = self.templates.iter();
            let is_known =
                templates.any(|(_, own)| own.is_declared && own.provider == holder.provider);
            if !is_known {
                self.templates.push((authority.into(), holder));
            }
            return !is_known;
        }
        let holders = self.holders.entry(key_of(authority).into()).or_default();
        let is_known = holders.iter().any(|own| own.is_declared && own.provider == holder.provider);
        if !is_known {
            // Before all descriptions, even if one was added earlier.
            let at = holders.iter().take_while(|own| own.is_declared).count();
            holders.insert(at, holder);
        }
        !is_known
    }

    /// The described providers whose claims are refused.
    fn refused(&self) -> Vec<Arc<str>> {
        let is_refused = |provider: &Arc<str>, authority: &str| {
            let mut holders = self.holders.get(authority).into_iter().flatten();
            let own = holders.find(|own| own.provider == *provider);
            let mut templates = self.templates.iter();
            match templates.find(|(_, own)| !own.is_declared && own.provider == *provider) {
                Some((template, own)) => self.declared_conflict(template, own).is_some(),
                None => own.is_some_and(|own| self.conflict(authority, own).is_some()),
            }
        };
        let described = self.described.iter();
        let refused = described.filter(|(provider, authority)| is_refused(provider, authority));
        refused.map(|(provider, _)| Arc::clone(provider)).collect()
    }

    /// The first holder that this one may not join.
    fn conflict(&self, authority: &str, holder: &Holder) -> Option<Arc<str>> {
        let holders = self.holders.get(key_of(authority)).into_iter().flatten();
        // Later holders were already compared.
        let mut earlier = holders.take_while(|own| own.provider != holder.provider);
        let mut templates = self.templates.iter();
        let other = earlier.find(|own| !holder.may_join(own)).or_else(|| {
            templates
                .find(|(template, own)| {
                    own.is_declared && stands_for(template, authority) && !holder.may_join(own)
                })
                .map(|(_, own)| own)
        });
        other.map(|own| Arc::clone(&own.provider))
    }

    /// The first provider with a template that covers the authority, or with an issuer that the
    /// authority covers, which this one may not join.
    fn overlapping(&self, authority: &str, holder: &Holder) -> Option<Arc<str>> {
        let mut others = self.overlaps(authority);
        let other = others.find(|own| own.provider != holder.provider && !holder.may_join(own));
        other.map(|own| Arc::clone(&own.provider))
    }

    /// The first declared provider of the authority that this one may not join.
    fn declared_conflict(&self, authority: &str, holder: &Holder) -> Option<Arc<str>> {
        let mut others = self.overlaps(authority);
        let other = others.find(|own| own.is_declared && !holder.may_join(own));
        other.map(|own| Arc::clone(&own.provider))
    }

    /// All providers of the issuers that an authority covers. Only a template covers several.
    fn overlaps(&self, authority: &str) -> impl Iterator<Item = &Holder> {
        let authority = key_of(authority);
        let exact = self.holders.get(authority).into_iter().flatten();
        let covered = is_template(authority).then_some(&self.holders).into_iter().flatten();
        let covered = covered.filter(move |(issuer, _)| stands_for(authority, issuer));
        let templates = self.templates.iter().filter(move |(template, _)| {
            key_of(template) == authority || stands_for(template, authority)
        });
        exact.chain(covered.flat_map(|(_, own)| own)).chain(templates.map(|(_, own)| own))
    }

    fn release(&mut self, provider: &str) {
        let Some(key) = self.described.remove(provider) else { return };
        self.templates.retain(|(_, own)| own.is_declared || &*own.provider != provider);
        if let Some(holders) = self.holders.get_mut(&key) {
            holders.retain(|own| own.is_declared || &*own.provider != provider);
            if holders.is_empty() {
                self.holders.remove(&key);
            }
        }
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.read();
        write!(f, "Authorities({})", table.holders.len())
    }
}
