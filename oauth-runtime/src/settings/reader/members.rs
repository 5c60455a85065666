//! Authlib's `client_kwargs`: each is a member of `CLIENT_KWARGS` or a key of its own.

use serde_json::{Map, Value};

use super::super::HYBRID;
use super::Reader;
use super::endpoints::placeholder;
use super::key::{
    CERT, CLIENT_KWARGS, CODE_CHALLENGE_METHOD, HEADERS, ID_TOKEN_SIGNED_RESPONSE_ALG, Key, LEEWAY,
    MAX_AGE, MEMBERS, PROMPT, PROXY, RESPONSE_MODE, RESPONSE_TYPE, SCOPE_SEPARATOR, SCOPES,
    TOKEN_PLACEMENT, TRUST_ENV, USERINFO_SIGNED_RESPONSE_ALG, VERIFY,
};
use crate::config::{ConfigFault, FaultKind};
use crate::declaration::spec::{ProviderSpec, Quirk};
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::bearer::TokenPlacement;
use crate::protocol::jwk::JwsAlgorithm;

/// Default tolerance for clock differences, in seconds.
const LEEWAY_SECONDS: u32 = 60;
const PROXY_MEMBER: &str = "proxy";
/// The name of `requests` for the proxies of each scheme.
const PROXIES: &str = "proxies";
/// Maximum leeway in seconds without the quirk `long_leeway`.
const MAX_LEEWAY: u32 = 300;

impl Reader<'_> {
    pub(super) fn client_kwargs(&mut self) -> Map<String, Value> {
        let members = self.json_object(CLIENT_KWARGS);
        for name in members.keys() {
            if !all_members().any(|(known, _)| known == name) {
                let known: Vec<_> = all_members().map(|(known, _)| known).collect();
                let what = format!("holds `{name}`; expected one of {}", known.join(", "));
                self.faults.push(self.fault(FaultKind::Malformed, CLIENT_KWARGS, what));
            }
        }
        if members.contains_key(PROXY_MEMBER) && members.contains_key(PROXIES) {
            let what = format!("holds both `{PROXY_MEMBER}` and `{PROXIES}`");
            let fault = self.fault(FaultKind::Conflict, CLIENT_KWARGS, what);
            self.faults.push(fault.help("write one of them"));
        }
        members
    }

    /// The scopes, joined by the provider's separator.
    pub(in crate::settings) fn scope(&mut self, separator: &str) -> String {
        let configured = self.member(SCOPES, |text| scopes_of(text, separator)).flatten();
        let spec = self.spec;
        let declared: Vec<_> = spec.scopes.iter().map(|scope| self.declared_scope(scope)).collect();
        let declared = declared.join(separator);
        self.winner(Some(declared).filter(|scope| !scope.is_empty()), configured)
            .unwrap_or_default()
    }

    /// A scope with its placeholders filled in, which must still be one scope.
    fn declared_scope(&mut self, template: &str) -> String {
        let Some(field) = placeholder(template) else { return template.to_owned() };
        let scope = self.fill_text(template);
        if !scope.chars().all(is_of_scope) {
            let key = self.config.name_of(self.spec.name, field);
            let what =
                format!("contains a character that is not allowed in the scope `{template}`");
            self.faults.push(ConfigFault::new(FaultKind::Malformed, key, what));
        }
        scope
    }

    pub(in crate::settings) fn scope_separator(&mut self) -> String {
        let configured = self.member(SCOPE_SEPARATOR, separator_of).flatten();
        let default = ProviderSpec::DEFAULT.scope_separator;
        let declared = Some(self.spec.scope_separator.to_owned());
        self.winner(declared.filter(|separator| separator != default), configured)
            .unwrap_or_else(|| default.to_owned())
    }

    /// It is always `S256`: another configured value is a fault.
    pub(in crate::settings) fn check_code_challenge_method(&mut self) {
        self.member(CODE_CHALLENGE_METHOD, |method| match method {
            "S256" => Ok(()),
            _ => Err("only `S256` is supported".to_owned()),
        });
    }

    /// Whether the authorization response contains an ID token (OpenID Connect Core 1.0 section
    /// 3.3). Access tokens never pass through the browser.
    pub(in crate::settings) fn is_hybrid(&mut self) -> bool {
        let configured = self.member(RESPONSE_TYPE, |name| match name {
            "code" => Ok(false),
            HYBRID => Ok(true),
            _ => Err(format!("expected one of code, {HYBRID}")),
        });
        let declared = self.spec.response_type.map(|name| name == HYBRID);
        self.winner(declared, configured.flatten()).unwrap_or_default()
    }

    pub(in crate::settings) fn response_mode(&mut self, is_hybrid: bool) -> ResponseMode {
        let configured = self.member(RESPONSE_MODE, |name| {
            ResponseMode::from_name(name)
                .ok_or_else(|| "expected one of query, form_post".to_owned())
        });
        let declared = self.spec.response_mode.and_then(ResponseMode::from_name);
        let mode = self.winner(declared, configured.flatten()).unwrap_or_default();
        if is_hybrid && mode != ResponseMode::FormPost {
            let what = "is not `form_post`, but an ID token comes with the code";
            let fault = self.fault(FaultKind::Conflict, RESPONSE_MODE, what);
            self.faults.push(fault.help("an ID token must not appear in a URL"));
        }
        mode
    }

    pub(in crate::settings) fn prompt(&mut self) -> Option<String> {
        let configured = self.member(PROMPT, prompt_of).flatten();
        self.winner(self.spec.prompt.map(str::to_owned), configured)
    }

    pub(in crate::settings) fn token_placement(&mut self) -> TokenPlacement {
        let configured = self.member(TOKEN_PLACEMENT, |text| {
            let placement = TokenPlacement::parse(text);
            placement.ok_or_else(|| {
                "expected header, body, uri, a header such as `Authorization: OAuth {access_token}`, \
                 or a parameter such as `?token={access_token}`"
                    .to_owned()
            })
        });
        // The compiler checks that of a declaration.
        let declared = self.spec.token_placement.and_then(TokenPlacement::parse);
        self.winner(declared, configured.flatten()).unwrap_or_default()
    }

    /// Seconds.
    pub(in crate::settings) fn max_age(&mut self) -> Option<u32> {
        let configured = self.member(MAX_AGE, seconds_of).flatten();
        self.winner(self.spec.max_age, configured)
    }

    /// Seconds.
    pub(in crate::settings) fn leeway(&mut self) -> u32 {
        let may_be_long = self.spec.has_quirk(Quirk::LongLeeway);
        let configured = self.member(LEEWAY, |text| match seconds_of(text)? {
            long if long > MAX_LEEWAY && !may_be_long => Err(format!(
                "more than {MAX_LEEWAY} seconds need `quirks(long_leeway)` in the declaration"
            )),
            seconds => Ok(seconds),
        });
        self.winner(self.spec.leeway, configured.flatten()).unwrap_or(LEEWAY_SECONDS)
    }

    /// The algorithms that may sign ID tokens; empty if none is stated.
    pub(in crate::settings) fn signing_algorithms(&mut self) -> Vec<JwsAlgorithm> {
        let may_be_symmetric = self.spec.has_quirk(Quirk::Hs256IdToken);
        let configured = self.member(ID_TOKEN_SIGNED_RESPONSE_ALG, |names| {
            match algorithms_of(names).ok_or_else(known_algorithms)? {
                all if !all.contains(&JwsAlgorithm::HS256) => Ok(all),
                _ if !may_be_symmetric => {
                    Err("HS256 needs `quirks(hs256_id_token)` in the declaration".to_owned())
                }
                all if all.len() > 1 => Err("HS256 must be the only algorithm".to_owned()),
                all => Ok(all),
            }
        });
        let declared = self.spec.id_token_signed_response_alg;
        let stated = self.winner(declared.and_then(algorithms_of), configured.flatten());
        stated.unwrap_or_else(|| {
            self.is_signed_with_secret().then_some(JwsAlgorithm::HS256).into_iter().collect()
        })
    }

    /// Whether ID tokens are signed with the client secret: the declaration states HS256, or it has
    /// the quirk and no algorithm is stated.
    pub(super) fn is_signed_with_secret(&self) -> bool {
        let key = ID_TOKEN_SIGNED_RESPONSE_ALG;
        match self.spec.id_token_signed_response_alg {
            Some(name) => name == "HS256",
            None => {
                let is_configured = self.setting(key).is_some() || self.member_of(key).is_some();
                self.spec.has_quirk(Quirk::Hs256IdToken) && !is_configured
            }
        }
    }

    /// The algorithm that signs userinfo responses.
    pub(in crate::settings) fn userinfo_algorithm(&mut self) -> Option<JwsAlgorithm> {
        let asymmetric = |name: &str| {
            let known = JwsAlgorithm::from_name(name);
            known.filter(|algorithm| JwsAlgorithm::ASYMMETRIC.contains(algorithm))
        };
        let configured = self.member(USERINFO_SIGNED_RESPONSE_ALG, |name| {
            asymmetric(name).ok_or_else(known_algorithms)
        });
        // The compiler checks that of a declaration.
        let declared = self.spec.userinfo_signed_response_alg.and_then(asymmetric);
        self.winner(declared, configured.flatten())
    }

    /// The configured value of a member. The outer `None`: a fault was recorded. The inner one: it
    /// is not configured.
    pub(in crate::settings) fn member<T>(
        &mut self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let setting = self.setting(key);
        let member = self.member_of(key).map(|(name, value)| (name, text_of(key, value)));
        let result = match (member, setting) {
            (None, None) => return Some(None),
            (Some((name, _)), Some(_)) => {
                let what = format!("is set, and `{name}` in {}", self.name_of(CLIENT_KWARGS));
                Err(self.fault(FaultKind::Conflict, key, what).help("set one of them"))
            }
            (None, Some(setting)) => read(setting.text())
                .map_err(|why| ConfigFault::malformed(&self.name_of(key), &setting.origin, why)),
            (Some((name, text)), None) => {
                let text = text
                    .ok_or_else(|| "expected a string, a number or a list of strings".to_owned());
                text.and_then(|text| read(&text)).map_err(|why| {
                    let what = format!("holds a `{name}` that cannot be used: {why}");
                    self.fault(FaultKind::Malformed, CLIENT_KWARGS, what)
                })
            }
        };
        self.faults.record(result).map(Some)
    }

    pub(super) fn member_of(&self, key: Key) -> Option<(&'static str, &Value)> {
        let mut names = all_members().filter(|(_, own)| *own == key).map(|(name, _)| name);
        names.find_map(|name| Some((name, self.members.get(name)?)))
    }
}

/// The members of `CLIENT_KWARGS`, with the second name of the proxy.
fn all_members() -> impl Iterator<Item = (&'static str, Key)> {
    MEMBERS.iter().copied().chain([(PROXIES, PROXY)])
}

/// Algorithms from a string, separated by spaces or, if it comes from a TOML list, by commas.
fn algorithms_of(names: &str) -> Option<Vec<JwsAlgorithm>> {
    let names = names.split([' ', ',']).filter(|name| !name.is_empty());
    let all: Option<Vec<_>> = names.map(JwsAlgorithm::from_name).collect();
    all.filter(|all| !all.is_empty())
}

fn known_algorithms() -> String {
    let known = JwsAlgorithm::ASYMMETRIC.map(JwsAlgorithm::name);
    format!("expected one of {}", known.join(", "))
}

/// A member in the form of its own key.
fn text_of(key: Key, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) if [VERIFY, TRUST_ENV].contains(&key) => Some(yes.to_string()),
        Value::Object(_) if [HEADERS, PROXY].contains(&key) => Some(value.to_string()),
        Value::Array(texts) => {
            let texts: Option<Vec<_>> = texts.iter().map(Value::as_str).collect();
            Some(texts?.join(if key == CERT { "," } else { " " }))
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// Scopes from a string, separated by spaces or, if it comes from a TOML list, by commas.
fn scopes_of(text: &str, separator: &str) -> Result<String, String> {
    let scopes: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|scope| !scope.is_empty())
        .collect();
    if scopes.iter().any(|scope| !scope.chars().all(is_of_scope)) {
        return Err(
            "a scope must not contain quotes, backslashes or non-ASCII characters".to_owned()
        );
    }
    Ok(scopes.join(separator))
}

/// RFC 6749 section 3.3.
fn is_of_scope(c: char) -> bool {
    matches!(c, '!' | '#'..='[' | ']'..='~')
}

fn separator_of(text: &str) -> Result<String, String> {
    let is_separator = |c: char| !c.is_alphanumeric() && !c.is_control();
    if text.chars().all(is_separator) {
        Ok(text.to_owned())
    } else {
        Err("expected a character that no scope contains, such as `,`".to_owned())
    }
}

/// OpenID Connect Core 1.0 section 3.1.2.1: a list of values, or only `none`.
fn prompt_of(text: &str) -> Result<String, String> {
    let words: Vec<_> = text.split_whitespace().collect();
    if words.len() > 1 && words.contains(&"none") {
        return Err("`none` must be the only value, because it asks for no page".to_owned());
    }
    Ok(words.join(" "))
}

fn seconds_of(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected a number of seconds".to_owned())
}
