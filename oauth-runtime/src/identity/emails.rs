//! The e-mail address of a user from a second profile endpoint.

use serde_json::Value;

use super::{Email, email, is_true};
use crate::json;

/// Paths in a list of e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailPaths {
    /// The list; empty if the document itself is the list, or the only address.
    list: String,
    email: String,
    /// Empty if the provider does not say.
    verified: String,
    primary: String,
}

impl EmailPaths {
    /// The names of the paths.
    pub(crate) const MEMBERS: &[&str] = &["list", "email", "verified", "primary"];

    /// These paths, and the defaults of the others: a list of `{email, verified, primary}`.
    pub(crate) fn new(paths: &[(String, String)]) -> Self {
        let path = |name: &str, default: &str| {
            let stated = paths.iter().find(|(own, _)| own == name);
            stated.map_or_else(|| default.to_owned(), |(_, path)| path.clone())
        };
        Self {
            list: path("list", ""),
            email: path("email", "email"),
            verified: path("verified", "verified"),
            primary: path("primary", "primary"),
        }
    }

    /// Selects an address: the primary one if it is verified, or else any verified one, or else the
    /// first that the provider says nothing about.
    pub(crate) fn select(&self, document: &Value) -> Option<Email> {
        let list = match &*self.list {
            "" => document,
            path => json::at(document, path)?,
        };
        let entries: &[Value] = match list {
            Value::Array(entries) => entries,
            one => std::slice::from_ref(one),
        };
        let read = |entry: &Value| {
            let address = json::at(entry, &self.email)?.as_str()?.to_owned();
            let verified = json::at(entry, &self.verified);
            let is_primary = json::at(entry, &self.primary).is_some_and(is_true);
            Some((email(&address, verified)?, verified.is_some(), is_primary))
        };
        let found: Vec<_> = entries.iter().filter_map(read).collect();
        let is_verified =
            |(email, _, _): &&(Email, bool, bool)| matches!(email, Email::Verified(_));
        let verified = || found.iter().filter(is_verified);
        let selected = verified()
            .find(|(_, _, is_primary)| *is_primary)
            .or_else(|| verified().next())
            .or_else(|| found.iter().find(|(_, is_known, _)| !is_known));
        selected.map(|(email, _, _)| email.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selected(paths: &[(&str, &str)], document: &Value) -> Option<(String, bool)> {
        let paths: Vec<_> =
            paths.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
        EmailPaths::new(&paths).select(document).map(|email| match email {
            Email::Verified(email) => (email.to_string(), true),
            Email::Unverified(email) => (email.to_string(), false),
        })
    }

    #[test]
    fn verified_address_is_selected() {
        let list = json!([
            {"email": "evil@x", "primary": true, "verified": false},
            {"email": "good@x", "primary": false, "verified": true},
        ]);
        assert_eq!(selected(&[], &list), Some(("good@x".to_owned(), true)));
        let denied = json!([{"email": "evil@x", "primary": true, "verified": false}]);
        assert_eq!(selected(&[], &denied), None);
        assert_eq!(selected(&[], &json!({"message": "Not found"})), None);
    }

    #[test]
    fn address_is_read_where_the_paths_say() {
        let paths =
            [("list", "data"), ("email", "e.mail"), ("verified", "ok"), ("primary", "main")];
        let document = json!({"data": [
            {"e": {"mail": "b@x"}, "ok": true, "main": false},
            {"e": {"mail": "a@x"}, "ok": "true", "main": true},
        ]});
        assert_eq!(selected(&paths, &document), Some(("a@x".to_owned(), true)));
        // Without a flag, nothing says that it is verified.
        assert_eq!(selected(&[], &json!({"email": "a@x"})), Some(("a@x".to_owned(), false)));
        let listed = json!([{"email": "a@x", "verified": true}]);
        assert_eq!(selected(&[("verified", "")], &listed), Some(("a@x".to_owned(), false)));
    }
}
