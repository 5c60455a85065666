//! Parameters and headers that requests with a token have in addition.

use ::http::{HeaderName, header};

use super::Reader;
use super::key::{API_HEADERS, API_PARAMS, Key, USERINFO_HEADERS, USERINFO_PARAMS, USERINFO_QUERY};
use crate::config::FaultKind;
use crate::declaration::spec::Protocol;
use crate::protocol::additions::{Additions, Extras, RESERVED_HEADERS, Template};

/// Placeholders without a document in front of them.
const FILLED: &[&str] = &["client_id", "access_token_hmac"];

impl Reader<'_> {
    /// The additions; `None` if there are none.
    pub(in crate::settings) fn additions(
        &mut self,
        protocol: Protocol,
        has_secret: bool,
    ) -> Option<Box<Additions>> {
        let spec = self.spec;
        let userinfo_query = self.setting(USERINFO_QUERY).map(|setting| setting.text().to_owned());
        let additions = Additions {
            api: Extras {
                params: self.extra_params(spec.api_params, API_PARAMS, protocol),
                headers: self.extra_headers(spec.api_headers, API_HEADERS),
            },
            userinfo: Extras {
                params: self.extra_params(spec.userinfo_params, USERINFO_PARAMS, protocol),
                headers: self.extra_headers(spec.userinfo_headers, USERINFO_HEADERS),
            },
            userinfo_query: self.winner(spec.userinfo_query.map(str::to_owned), userinfo_query),
        };
        if additions.needs_secret() && !has_secret {
            let what = "holds `{access_token_hmac}`, which needs a client secret";
            self.faults.push(self.fault(FaultKind::Conflict, API_PARAMS, what));
        }
        (!additions.is_empty()).then(|| Box::new(additions))
    }

    fn extra_params(
        &mut self,
        declared: &[(&str, &str)],
        key: Key,
        protocol: Protocol,
    ) -> Vec<(String, Template)> {
        // RFC 5849 section 3.1.
        let is_of_signature =
            |name: &str| protocol == Protocol::OAuth1 && name.starts_with("oauth_");
        let is_reserved = |name: &str| name == "access_token" || is_of_signature(name);
        let params = self.merged(declared, key, &is_reserved, &|name| FILLED.contains(&name));
        params
            .into_iter()
            .filter_map(|(name, value)| Some((name, self.template(&value, key)?)))
            .collect()
    }

    fn extra_headers(
        &mut self,
        declared: &[(&str, &str)],
        key: Key,
    ) -> Vec<(HeaderName, Template)> {
        let is_reserved = |name: &str| {
            let name: Option<HeaderName> = name.parse().ok();
            name.is_none_or(|name| {
                name == header::AUTHORIZATION || RESERVED_HEADERS.contains(&name)
            })
        };
        let headers = self.merged(declared, key, &is_reserved, &|name| FILLED.contains(&name));
        let read = |(name, value): (String, String)| {
            if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
                let what =
                    format!("holds a value of `{name}` with a character that a header cannot have");
                self.faults.push(self.fault(FaultKind::Malformed, key, what));
                return None;
            }
            Some((name.parse().ok()?, self.template(&value, key)?))
        };
        headers.into_iter().filter_map(read).collect()
    }

    fn template(&mut self, text: &str, key: Key) -> Option<Template> {
        Template::parse(text)
            .map_err(|name| {
                let what = format!("holds `{{{name}}}`, which nothing fills");
                let help = "a member of the token response is `{token.name}`";
                self.faults.push(self.fault(FaultKind::Malformed, key, what).help(help));
            })
            .ok()
    }
}
