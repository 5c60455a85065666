//! The request parameter `claims`: single claims, requested by name (OpenID Connect Core 1.0
//! section 5.5), and the demands that a client can check.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Single claims to request beyond those that the scopes cover, in the ID token or in the userinfo
/// response (OpenID Connect Core 1.0 section 5.5).
///
/// A provider that does not support the parameter (`claims_parameter_supported` of its metadata)
/// ignores it. A login continues without a claim that the provider does not return. The exceptions
/// are the demands that the specification lets a client make, which the ID token must meet: an
/// essential `acr` with values, an essential `auth_time`, and a `sub` with a value.
///
/// ```
/// use oauth_runtime::{Claim, ClaimsRequest};
///
/// let claims = ClaimsRequest::new()
///     .id_token(Claim::new("acr").essential().values(["phr", "phrh"]))
///     .id_token("email")
///     .userinfo("name#ja-Kana-JP");
/// assert_eq!(
///     claims.to_string(),
///     r#"{"id_token":{"acr":{"essential":true,"values":["phr","phrh"]},"email":null},"userinfo":{"name#ja-Kana-JP":null}}"#,
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimsRequest {
    id_token: Vec<Claim>,
    userinfo: Vec<Claim>,
}

/// One claim of a [`ClaimsRequest`]; one made from a name only is voluntary.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    name: String,
    is_essential: bool,
    values: Vec<Value>,
}

impl ClaimsRequest {
    /// Creates a request for no claims.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests a claim in the ID token.
    #[must_use]
    pub fn id_token(mut self, claim: impl Into<Claim>) -> Self {
        put(&mut self.id_token, claim.into());
        self
    }

    /// Requests a claim in the userinfo response. Without `userinfo = Type` in the declaration, the
    /// userinfo endpoint is called only if the ID token lacks claims of the scopes.
    #[must_use]
    pub fn userinfo(mut self, claim: impl Into<Claim>) -> Self {
        put(&mut self.userinfo, claim.into());
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// Adds the claims of another request, which replace claims with the same name and place.
    pub(crate) fn merge(&mut self, other: Self) {
        other.id_token.into_iter().for_each(|claim| put(&mut self.id_token, claim));
        other.userinfo.into_iter().for_each(|claim| put(&mut self.userinfo, claim));
    }

    /// The demands that the ID token must meet.
    pub(crate) fn demands(&self) -> Demands {
        let find = |name| self.id_token.iter().find(|claim| claim.name == name);
        let essential = |claim: &&Claim| claim.is_essential;
        Demands {
            acr: find("acr").filter(essential).into_iter().flat_map(Claim::texts).collect(),
            amr: find("amr").filter(essential).into_iter().flat_map(Claim::texts).collect(),
            subject: find("sub").and_then(|claim| claim.texts().next()),
            auth_time: find("auth_time").filter(essential).is_some(),
        }
    }

    fn to_json(&self) -> Value {
        let mut request = Map::new();
        for (place, claims) in [("id_token", &self.id_token), ("userinfo", &self.userinfo)] {
            if !claims.is_empty() {
                let claims = claims.iter().map(|claim| (claim.name.clone(), claim.to_json()));
                request.insert(place.to_owned(), Value::Object(claims.collect()));
            }
        }
        Value::Object(request)
    }
}

/// An essential claim with this value: `("hd", "acme.example")`.
impl<N: Into<String>, V: Into<Value>> From<(N, V)> for Claim {
    fn from((name, value): (N, V)) -> Self {
        Self::new(name).essential().value(value)
    }
}

impl Claim {
    /// A claim, such as `acr`, `picture` or `name#fr`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_essential: false, values: Vec::new() }
    }

    /// Marks the claim as essential: the user's task depends on it.
    #[must_use]
    pub fn essential(self) -> Self {
        Self { is_essential: true, ..self }
    }

    /// Requests exactly this value.
    #[must_use]
    pub fn value(self, value: impl Into<Value>) -> Self {
        Self { values: vec![value.into()], ..self }
    }

    /// Requests one of these values, the preferred one first.
    #[must_use]
    pub fn values<T: Into<Value>>(self, values: impl IntoIterator<Item = T>) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether `claims` meet this request: an essential claim is present, and the claim has one of
    /// the values if there are any.
    pub(crate) fn is_met(&self, claims: &Map<String, Value>) -> bool {
        match claims.get(&self.name) {
            None | Some(Value::Null) => !self.is_essential && self.values.is_empty(),
            Some(found) => self.values.is_empty() || self.values.contains(found),
        }
    }

    fn texts(&self) -> impl Iterator<Item = String> {
        self.values.iter().filter_map(Value::as_str).map(str::to_owned)
    }

    fn to_json(&self) -> Value {
        let mut members = Map::new();
        if self.is_essential {
            members.insert("essential".to_owned(), Value::Bool(true));
        }
        match self.values.as_slice() {
            [] => {}
            [value] => {
                members.insert("value".to_owned(), value.clone());
            }
            values => {
                members.insert("values".to_owned(), Value::Array(values.to_vec()));
            }
        }
        if members.is_empty() { Value::Null } else { Value::Object(members) }
    }
}

impl From<&str> for Claim {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The JSON that the parameter `claims` carries.
impl std::fmt::Display for ClaimsRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_json().fmt(f)
    }
}

fn put(claims: &mut Vec<Claim>, claim: Claim) {
    claims.retain(|earlier| earlier.name != claim.name);
    claims.push(claim);
}

/// The demands of a login on its ID token beyond the general rules. Stored in the pending login.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Demands {
    /// The token must name one of these authentication context classes. If empty, any or none will
    /// do.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr: Vec<String>,
    /// The token must list all of these authentication methods.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    /// The only user that the token may identify.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The token must say when the user authenticated.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) auth_time: bool,
}

impl Demands {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acr() -> Claim {
        Claim::new("acr").values(["phr", "phrh"])
    }

    #[test]
    fn name_with_a_value_is_an_essential_claim() {
        let claim = Claim::from(("hd", "acme.example"));
        assert_eq!(claim, Claim::new("hd").essential().value("acme.example"));
        assert!(!claim.is_met(&Map::new()));
    }

    #[test]
    fn the_request_is_the_json_of_the_specification() {
        let request = ClaimsRequest::new()
            .userinfo(Claim::new("given_name").essential())
            .userinfo("nickname")
            .id_token(Claim::new("auth_time").essential())
            .id_token(Claim::new("sub").value("248289761001"))
            .id_token(acr());
        assert_eq!(
            request.to_json(),
            serde_json::json!({
                "userinfo": {"given_name": {"essential": true}, "nickname": null},
                "id_token": {
                    "auth_time": {"essential": true},
                    "sub": {"value": "248289761001"},
                    "acr": {"values": ["phr", "phrh"]},
                },
            })
        );
    }

    #[test]
    fn only_enforceable_claims_are_demanded() {
        let voluntary = ClaimsRequest::new().id_token(acr()).id_token("auth_time").id_token("sub");
        assert!(voluntary.demands().is_empty());
        let of_userinfo = ClaimsRequest::new().userinfo(acr().essential());
        assert!(of_userinfo.demands().is_empty());
        let demands = ClaimsRequest::new()
            .id_token(acr().essential())
            .id_token(Claim::new("auth_time").essential())
            .id_token(Claim::new("sub").value("ada"))
            .demands();
        let acr = vec!["phr".to_owned(), "phrh".to_owned()];
        let subject = Some("ada".to_owned());
        assert_eq!(demands, Demands { acr, amr: Vec::new(), subject, auth_time: true });
    }

    #[test]
    fn later_claim_replaces_an_earlier_one() {
        let mut request = ClaimsRequest::new().id_token("acr").userinfo("name");
        request.merge(ClaimsRequest::new().id_token(acr().essential()));
        assert_eq!(request.demands().acr, ["phr", "phrh"]);
        assert_eq!(request.to_json()["userinfo"], serde_json::json!({"name": null}));
    }
}
