//! The provider's own names for parts of the protocol, and what it sends or expects beside them.

use super::Reader;
use super::key::{CALLBACK_PARAMS, EMAILS, Key, REDIRECT_ID, REQUEST_NAMES, RESPONSE_NAMES};
use crate::config::FaultKind;
use crate::identity::emails::EmailPaths;
use crate::protocol::authorization_request;
use crate::protocol::names::Names;

/// What a provider has of its own.
#[derive(Debug)]
pub(crate) struct OwnNames {
    /// The provider's names of parameters of requests.
    pub(crate) request: Names,
    /// The provider's names of parts of responses.
    pub(crate) response: Names,
    /// Sent as `redirect_uri` in place of the redirect URI.
    pub(crate) redirect_id: Option<String>,
    /// Parameters of the authorization response that are kept with the token.
    pub(crate) callback_params: Vec<String>,
    /// Paths in the response of the second profile endpoint.
    pub(crate) emails: EmailPaths,
    /// The path of the picture, or a URL with paths in it.
    pub(crate) picture: String,
}

/// The parameters of requests that may have another name.
const OF_REQUESTS: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "scope",
    "code",
    "code_verifier",
    "grant_type",
    "refresh_token",
    "token",
];
/// The parts of responses that may have another name.
const OF_RESPONSES: &[&str] =
    &["code", "token_type", "refresh_token", "expires_in", "expires_at", "scope", "id_token"];
/// Parameters of the authorization response that the library reads itself.
const READ: &[&str] =
    &["code", "error", "error_description", "error_uri", "id_token", "iss", "state", "user"];

impl Reader<'_> {
    pub(in crate::settings) fn own_names(&mut self) -> OwnNames {
        let spec = self.spec;
        let emails = self.members_of(spec.emails, EMAILS, EmailPaths::MEMBERS, |_, _| true);
        OwnNames {
            request: Names::new(self.members_of(
                spec.request_names,
                REQUEST_NAMES,
                OF_REQUESTS,
                |name, own| is_name(own) && (name == own || !is_reserved(own)),
            )),
            response: Names::new(self.members_of(
                spec.response_names,
                RESPONSE_NAMES,
                OF_RESPONSES,
                |_, own| is_name(own),
            )),
            redirect_id: self.text(spec.redirect_id, REDIRECT_ID),
            callback_params: self.callback_params(),
            emails: EmailPaths::new(&emails),
            picture: self.fill_text(spec.identity.picture),
        }
    }

    /// The members of the declaration and of the configuration, which completes them.
    fn members_of(
        &mut self,
        declared: &[(&str, &str)],
        key: Key,
        known: &[&str],
        is_legal: fn(&str, &str) -> bool,
    ) -> Vec<(String, String)> {
        let merged = self.merged(declared, key, &|_| false, &|_| false);
        let mut legal = Vec::new();
        for (name, own) in merged {
            if !known.contains(&&*name) {
                let what = format!("holds `{name}`; expected one of {}", known.join(", "));
                self.faults.push(self.fault(FaultKind::Malformed, key, what));
            } else if !is_legal(&name, &own) {
                let what = format!("holds another name for `{name}` that cannot be used");
                self.faults.push(self.fault(FaultKind::Malformed, key, what));
            } else {
                legal.push((name, own));
            }
        }
        legal
    }

    fn callback_params(&mut self) -> Vec<String> {
        let configured = self.setting(CALLBACK_PARAMS).map(|setting| {
            let names = setting.text().split(|c: char| c == ',' || c.is_whitespace());
            names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        });
        let is_kept = |name: &&String| !READ.contains(&name.as_str());
        if let Some(read) = configured.iter().flatten().find(|name| !is_kept(name)) {
            let what = format!("holds `{read}`, which the library reads itself");
            self.faults.push(self.fault(FaultKind::Malformed, CALLBACK_PARAMS, what));
        }
        let declared: Vec<_> =
            self.spec.callback_params.iter().map(|name| (*name).to_owned()).collect();
        self.winner(Some(declared).filter(|names| !names.is_empty()), configured)
            .unwrap_or_default()
    }
}

fn is_name(own: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !own.is_empty() && own.chars().all(is_plain)
}

/// Whether a parameter of this name protects the login, or is another one of the library.
fn is_reserved(own: &str) -> bool {
    authorization_request::RESERVED.contains(&own) && !OF_REQUESTS.contains(&own)
}
