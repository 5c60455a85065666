//! The names that a provider has for the parameters and members of the protocol.

use std::borrow::Cow;

use ::http::Request;
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded::{self, Serializer};

/// Names of the protocol, each with the provider's own name for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    pub(crate) fn new(names: Vec<(String, String)>) -> Self {
        Self(names)
    }

    /// The provider's name.
    pub(crate) fn of<'s>(&'s self, name: &'s str) -> &'s str {
        self.given(name).unwrap_or(name)
    }

    /// The provider's own name, if it has one.
    fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(protocol, _)| protocol == name).map(|(_, own)| own.as_str())
    }

    /// The pairs under the provider's names.
    pub(crate) fn renamed<'p>(&self, pairs: &'p [(String, String)]) -> Cow<'p, [(String, String)]> {
        if self.0.is_empty() {
            return Cow::Borrowed(pairs);
        }
        let rename = |(name, value): &(String, String)| (self.of(name).to_owned(), value.clone());
        Cow::Owned(pairs.iter().map(rename).collect())
    }

    /// Renames the parameters in the form of a request.
    pub(crate) fn rename_form(&self, request: &mut Request<Bytes>) {
        if self.0.is_empty() {
            return;
        }
        let mut form = Serializer::new(String::with_capacity(request.body().len()));
        for (name, value) in form_urlencoded::parse(request.body()) {
            form.append_pair(self.of(&name), &value);
        }
        *request.body_mut() = form.finish().into();
    }

    /// Gives the members of a response the protocol's names. The provider's name takes precedence.
    pub(crate) fn restore(&self, members: &mut Map<String, Value>) {
        for (protocol, own) in &self.0 {
            if let Some(value) = members.remove(own) {
                members.insert(protocol.clone(), value);
            }
        }
    }

    /// Gives the parameters of a response the protocol's names. The provider's name takes
    /// precedence.
    pub(crate) fn restore_query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        let names = |pair: &str| -> Option<(String, bool)> {
            let (name, _) = form_urlencoded::parse(pair.as_bytes()).next()?;
            let own = self.0.iter().find(|(_, own)| *own == name);
            Some(own.map_or((name.into_owned(), false), |(protocol, _)| (protocol.clone(), true)))
        };
        let pairs: Vec<_> = query.split('&').map(|pair| (names(pair), pair)).collect();
        let restored: Vec<_> = pairs
            .iter()
            .filter_map(|(name, _)| name.as_ref().filter(|(_, is_own)| *is_own))
            .map(|(name, _)| name.clone())
            .collect();
        if restored.is_empty() {
            return Cow::Borrowed(query);
        }
        let renamed = pairs.iter().filter_map(|(name, pair)| match name {
            Some((name, true)) => {
                let value = pair.split_once('=').map_or("", |(_, value)| value);
                Some(format!("{name}={value}"))
            }
            Some((name, false)) if restored.contains(name) => None,
            _ => Some((*pair).to_owned()),
        });
        Cow::Owned(renamed.collect::<Vec<_>>().join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(pairs: &[(&str, &str)]) -> Names {
        Names::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    #[test]
    fn form_has_the_providers_names() {
        let mut request = Request::new(Bytes::from("client_id=a%26b&code=c&client_secret=s"));
        names(&[("client_id", "appid"), ("client_secret", "secret")]).rename_form(&mut request);
        assert_eq!(request.body(), "appid=a%26b&code=c&secret=s");
    }

    #[test]
    fn members_get_the_names_of_the_protocol() {
        let mut members =
            json!({"expires": 60, "expires_in": 1, "x": 2}).as_object().unwrap().clone();
        names(&[("expires_in", "expires"), ("scope", "scopes")]).restore(&mut members);
        assert_eq!(Value::Object(members), json!({"expires_in": 60, "x": 2}));
    }

    #[test]
    fn query_gets_the_names_of_the_protocol() {
        let own = names(&[("code", "authCode")]);
        for (query, expected) in [
            ("authCode=a%2Fb&state=s", "code=a%2Fb&state=s"),
            ("code=x&authCode=y&state=s", "code=y&state=s"),
            ("code=x&state=s", "code=x&state=s"),
            ("authCode=a&authCode=b", "code=a&code=b"),
        ] {
            assert_eq!(own.restore_query(query), expected, "{query}");
        }
    }
}
