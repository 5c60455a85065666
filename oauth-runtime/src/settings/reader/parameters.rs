//! Extra parameters of requests.

use super::Reader;
use super::endpoints::placeholder;
use super::key::{
    ACCESS_TOKEN_PARAMS, AUTHORIZE_PARAMS, Key, LOGIN_PARAMS, REFRESH_TOKEN_PARAMS,
    REQUEST_TOKEN_PARAMS,
};
use crate::config::FaultKind;
use crate::declaration::spec::ProviderSpec;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::{authorization_request, token_request};
use crate::settings::Params;

/// Parameters that the route of a login reads itself.
const OF_LOGIN_ROUTE: &[&str] = &["return_to", "ask"];

/// Whether a request sets a parameter itself.
type IsReserved = fn(&str) -> bool;
/// The declared parameters of a request.
type Declared = for<'s> fn(&ProviderSpec<'s>) -> &'s [(&'s str, &'s str)];

static REQUESTS: &[(EndpointKind, Key, Declared, IsReserved)] = &[
    (
        EndpointKind::Authorization,
        AUTHORIZE_PARAMS,
        |spec| spec.authorization_params,
        |name| authorization_request::RESERVED.contains(&name),
    ),
    (
        EndpointKind::Token,
        ACCESS_TOKEN_PARAMS,
        |spec| spec.token_params,
        |name| token_request::RESERVED.contains(&name),
    ),
    (
        EndpointKind::Refresh,
        REFRESH_TOKEN_PARAMS,
        |spec| spec.refresh_token_params,
        |name| token_request::RESERVED.contains(&name),
    ),
    (
        EndpointKind::TemporaryCredentials,
        REQUEST_TOKEN_PARAMS,
        |spec| spec.temporary_credential_params,
        |_| false,
    ),
];

impl Reader<'_> {
    /// The parameters of every request that has some.
    pub(in crate::settings) fn params(&mut self) -> Params {
        let mut all = Vec::new();
        for (endpoint, key, declared, is_reserved) in REQUESTS {
            // RFC 5849 section 3.1: the parameters of OAuth 1.0a, which other protocols do not have.
            let is_reserved = |name: &str| is_reserved(name) || name.starts_with("oauth_");
            let params = self.merged(declared(self.spec), *key, &is_reserved, &|_| false);
            if !params.is_empty() {
                all.push((*endpoint, params));
            }
        }
        Params(all)
    }

    /// The parameters of the authorization request that visitors may choose.
    pub(in crate::settings) fn login_params(&mut self, fixed: &Params) -> Vec<String> {
        let configured = self.setting(LOGIN_PARAMS).map(|setting| {
            let names = setting.text().split(|c: char| c == ',' || c.is_whitespace());
            names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        });
        let fixed = fixed.of(EndpointKind::Authorization);
        let names = configured.iter().flatten();
        let refused: Vec<_> = names
            .filter_map(|name| {
                let is_reserved = authorization_request::RESERVED.contains(&name.as_str())
                    || name.starts_with("oauth_");
                if is_reserved {
                    Some(format!("holds `{name}`, which is not for visitors to choose"))
                } else if OF_LOGIN_ROUTE.contains(&name.as_str()) {
                    Some(format!("holds `{name}`, which the route of a login reads itself"))
                } else if fixed.iter().any(|(own, _)| own == name) {
                    Some(format!("holds `{name}`, which {} sets", self.name_of(AUTHORIZE_PARAMS)))
                } else {
                    None
                }
            })
            .collect();
        for what in refused {
            self.faults.push(self.fault(FaultKind::Malformed, LOGIN_PARAMS, what));
        }
        let declared = self.spec.login_params.iter().map(|name| (*name).to_owned()).collect();
        let declared = Some(declared).filter(|names: &Vec<_>| !names.is_empty());
        self.winner(declared, configured).unwrap_or_default()
    }

    /// Merges the parameters of the declaration and of the configuration; if a name is in both,
    /// `overwrite` decides. `is_filled` says whether a placeholder is filled later.
    pub(super) fn merged(
        &mut self,
        declared: &[(&str, &str)],
        key: Key,
        is_reserved: &dyn Fn(&str) -> bool,
        is_filled: &dyn Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), self.fill_text(value));
        let mut params: Vec<_> = declared.iter().map(owned).collect();
        for (name, value) in self.json_object(key) {
            if is_reserved(&name) {
                let what = format!("holds `{name}`, which the library sets itself");
                self.faults.push(self.fault(FaultKind::Malformed, key, what));
                continue;
            }
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if let Some(field) = placeholder(&value).filter(|name| !is_filled(name)) {
                let what = format!("holds `{{{field}}}`, and a placeholder is not filled here");
                let fault = self.fault(FaultKind::Malformed, key, what);
                self.faults.push(fault.help("write the value"));
                continue;
            }
            match params.iter_mut().find(|(declared, _)| *declared == name) {
                Some(param) if self.spec.overwrite => param.1 = value,
                Some(_) => {}
                None => params.push((name, value)),
            }
        }
        params
    }
}
