//! Authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 1.0
//! section 3.1.2.1).

use url::form_urlencoded::{self, Serializer};

use crate::protocol::names::Names;
use crate::url::endpoint::EndpointUrl;

/// Parameters that the library sets itself: a change to them could undo the protection that they
/// provide.
pub(crate) const RESERVED: &[&str] = &[
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// The part of the request that is the same for every login, built once.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequestTemplate {
    url: String,
    names: Names,
}

/// How the authorization response comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    /// In the query of a redirect, the default of the code flow.
    #[default]
    Query,
    /// As a form that the provider's page posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// The mode with this name in the declaration and the configuration; `None` for any other name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// The parts of the template.
pub(crate) struct Template<'a> {
    /// `code`, or `code id_token` for the hybrid flow.
    pub(crate) response_type: &'a str,
    pub(crate) response_mode: ResponseMode,
    pub(crate) authorization_endpoint: &'a EndpointUrl,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// Joined by the provider's separator. If it is empty, no `scope` is sent.
    pub(crate) scope: &'a str,
    pub(crate) with_pkce: bool,
    pub(crate) prompt: Option<&'a str>,
    /// Seconds.
    pub(crate) max_age: Option<u32>,
    /// Fixed parameters of the declaration.
    pub(crate) extra: &'a [(String, String)],
    /// The provider's own names of parameters.
    pub(crate) names: &'a Names,
}

impl AuthorizationRequestTemplate {
    pub(crate) fn new(template: &Template<'_>) -> Self {
        let mut query = template.authorization_endpoint.with_query();
        let names = template.names;
        query
            .append_pair(names.of("response_type"), template.response_type)
            .append_pair(names.of("client_id"), template.client_id)
            .append_pair(names.of("redirect_uri"), template.redirect_uri);
        if template.response_mode == ResponseMode::FormPost {
            query.append_pair("response_mode", "form_post");
        }
        if !template.scope.is_empty() {
            query.append_pair(names.of("scope"), template.scope);
        }
        if template.with_pkce {
            query.append_pair("code_challenge_method", "S256");
        }
        if let Some(prompt) = template.prompt {
            query.append_pair("prompt", prompt);
        }
        if let Some(max_age) = template.max_age {
            query.append_pair("max_age", &max_age.to_string());
        }
        query.extend_pairs(template.extra);
        Self { url: query.finish(), names: names.clone() }
    }

    /// The URL to send the browser to. `replaced` are parameters of this one login; they replace
    /// those of the template.
    pub(crate) fn url(
        &self,
        state: &str,
        nonce: Option<&str>,
        code_challenge: Option<&str>,
        replaced: &[(String, String)],
    ) -> String {
        let replaced = &*self.names.renamed(replaced);
        let mut url = if replaced.is_empty() {
            let mut url = String::with_capacity(self.url.len() + 160);
            url.push_str(&self.url);
            url
        } else {
            self.without(replaced)
        };
        // All three are base64url, which needs no encoding.
        let mut push = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                url.push('&');
                url.push_str(name);
                url.push('=');
                url.push_str(value);
            }
        };
        push("state", Some(state));
        push("nonce", nonce);
        push("code_challenge", code_challenge);
        if !replaced.is_empty() {
            let start = url.find('?').map_or(url.len(), |at| at + 1);
            url = Serializer::for_suffix(url, start).extend_pairs(replaced).finish();
        }
        url
    }

    fn without(&self, replaced: &[(String, String)]) -> String {
        let (endpoint, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| replaced.iter().all(|(other, _)| other != name));
        let start = endpoint.len() + 1;
        Serializer::for_suffix(format!("{endpoint}?"), start).extend_pairs(kept).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use url::Url;

    fn template(endpoint: &str, extra: &[(String, String)]) -> AuthorizationRequestTemplate {
        AuthorizationRequestTemplate::new(&Template {
            response_type: "code",
            response_mode: ResponseMode::Query,
            authorization_endpoint: &EndpointUrl::parse(endpoint, false).unwrap(),
            client_id: "my client",
            redirect_uri: "https://app.example/cb?x=1",
            scope: "openid email",
            with_pkce: true,
            prompt: None,
            max_age: None,
            extra,
            names: &Names::default(),
        })
    }

    fn parameters(url: &str) -> BTreeMap<String, String> {
        let url = Url::parse(url).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(pairs.len(), map.len(), "no parameter comes twice: {url}");
        map
    }

    #[test]
    fn every_parameter_is_there_once() {
        let url = template("https://op.example/auth", &[]).url("st", Some("no"), Some("ch"), &[]);
        let expected = [
            ("response_type", "code"),
            ("client_id", "my client"),
            ("redirect_uri", "https://app.example/cb?x=1"),
            ("scope", "openid email"),
            ("code_challenge_method", "S256"),
            ("code_challenge", "ch"),
            ("state", "st"),
            ("nonce", "no"),
        ];
        let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(parameters(&url), BTreeMap::from(expected));
    }

    #[test]
    fn a_query_of_the_endpoint_is_kept() {
        for endpoint in ["https://op.example/auth?tenant=1", "https://op.example/auth?tenant=1&"] {
            let url = template(endpoint, &[]).url("st", None, None, &[]);
            assert_eq!(parameters(&url)["tenant"], "1");
        }
    }

    #[test]
    fn parameters_of_one_login_replace_the_fixed_ones() {
        let fixed = [("prompt".to_owned(), "consent".to_owned())];
        let replaced = [
            ("prompt".to_owned(), "login".to_owned()),
            ("login_hint".to_owned(), "ada&state=evil".to_owned()),
        ];
        let url = template("https://op.example/auth", &fixed).url("st", None, None, &replaced);
        let parameters = parameters(&url);
        assert_eq!(parameters["prompt"], "login");
        assert_eq!(parameters["login_hint"], "ada&state=evil");
        assert_eq!(parameters["state"], "st");
    }
}
