//! Request parameters that the caller adds to those of the declaration.

use std::fmt;

use crate::error::CallError;

type Pair = (String, String);

/// Parameters of one request, each name once, except for those that were [added](Self::add).
#[derive(Clone, Default)]
pub(crate) struct ExtraParameters {
    pairs: Vec<Pair>,
    /// The name of a parameter that only the library may set.
    refused: Option<String>,
}

impl ExtraParameters {
    /// Sets a parameter, in place of an earlier one of its name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.pairs.retain(|(other, _)| other != name);
        self.pairs.push((name.to_owned(), value.into()));
    }

    /// Sets a parameter whose name the caller chose. For a `reserved` one, [`check`](Self::check)
    /// fails later: the methods of a builder do not.
    pub(crate) fn set_unreserved(&mut self, name: &str, value: &str, reserved: &[&str]) {
        if reserved.contains(&name) {
            self.refused = Some(name.to_owned());
        } else {
            self.set(name, value);
        }
    }

    /// Adds a parameter that may occur several times, such as `resource` (RFC 8707 section 2).
    pub(crate) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.pairs.push((name.to_owned(), value.into()));
    }

    /// # Errors
    /// [`CallError::ReservedParameter`].
    pub(crate) fn check(&self) -> Result<(), CallError> {
        self.refused.clone().map_or(Ok(()), |name| Err(CallError::ReservedParameter(name)))
    }

    pub(crate) fn as_slice(&self) -> &[Pair] {
        &self.pairs
    }

    pub(crate) fn into_pairs(self) -> Vec<Pair> {
        self.pairs
    }

    /// The declared parameters that these do not replace, and then these.
    pub(crate) fn replacing<'a>(&'a self, declared: &'a [Pair]) -> impl Iterator<Item = &'a Pair> {
        replacing(&self.pairs, declared)
    }
}

/// The declared parameters that `own` does not replace, and then `own`.
pub(crate) fn replacing<'a>(
    own: &'a [Pair],
    declared: &'a [Pair],
) -> impl Iterator<Item = &'a Pair> {
    let is_kept = move |(name, _): &&Pair| own.iter().all(|(own, _)| own != name);
    declared.iter().filter(is_kept).chain(own)
}

/// Names only: the values may be about a user.
impl fmt::Debug for ExtraParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<Pair> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn later_parameter_replaces_earlier_one() {
        let mut own = ExtraParameters::default();
        own.set("audience", "a");
        own.set_unreserved("prompt", "login", &["state"]);
        own.set("audience", "b");
        assert_eq!(own.as_slice(), pairs(&[("prompt", "login"), ("audience", "b")]));
        let declared = pairs(&[("prompt", "none"), ("access_type", "offline")]);
        own.add("audience", "c");
        let sent: Vec<_> = own.replacing(&declared).cloned().collect();
        let expected = [("access_type", "offline"), ("prompt", "login"), ("audience", "b")];
        assert_eq!(sent[..3], pairs(&expected));
        assert_eq!(sent[3..], pairs(&[("audience", "c")]), "and not in place of the other");
        assert!(own.check().is_ok());
    }

    #[test]
    fn reserved_parameter_is_not_set() {
        let mut own = ExtraParameters::default();
        own.set_unreserved("state", "s", &["state"]);
        assert!(own.as_slice().is_empty());
        assert!(matches!(own.check(), Err(CallError::ReservedParameter(name)) if name == "state"));
    }
}
