//! The `claims` parameter: requests for single claims by name (OpenID Connect Core 1.0 section
//! 5.5).

use serde_json::{Map, Value};

/// The requested claims beyond the scope, for each place.
#[derive(Clone, Debug, Default)]
pub(super) struct ClaimsRequest {
    userinfo: Map<String, Value>,
    id_token: Map<String, Value>,
}

impl ClaimsRequest {
    /// `None` if it is not an object of objects whose members are `null` or objects.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut request: Map<String, Value> = serde_json::from_str(text).ok()?;
        let mut part = |name| match request.remove(name) {
            None | Some(Value::Null) => Some(Map::new()),
            Some(Value::Object(claims)) => Some(claims),
            Some(_) => None,
        };
        let request = Self { userinfo: part("userinfo")?, id_token: part("id_token")? };
        let is_well_formed = |claim: &Value| claim.is_null() || claim.is_object();
        let mut claims = request.userinfo.values().chain(request.id_token.values());
        claims.all(is_well_formed).then_some(request)
    }

    /// Whether this claim is requested from the userinfo endpoint.
    pub(super) fn in_userinfo(&self, claim: &str) -> bool {
        self.userinfo.contains_key(claim)
    }

    /// Whether this claim is requested in the ID token.
    pub(super) fn in_id_token(&self, claim: &str) -> bool {
        self.id_token.contains_key(claim)
    }

    /// The only accepted user.
    pub(super) fn sub(&self) -> Option<&str> {
        let sub = self.id_token.get("sub").or_else(|| self.userinfo.get("sub"))?;
        sub.get("value")?.as_str()
    }

    /// The requested authentication context classes, in order of preference.
    pub(super) fn acr_values(&self) -> impl Iterator<Item = &str> {
        let acr = self.id_token.get("acr");
        let one = acr.and_then(|acr| acr.get("value"));
        let many = acr.and_then(|acr| acr.get("values")?.as_array());
        one.into_iter().chain(many.into_iter().flatten()).filter_map(Value::as_str)
    }

    /// Whether no other authentication context class is accepted (section 5.5.1.1).
    pub(super) fn acr_is_essential(&self) -> bool {
        let acr = self.id_token.get("acr");
        acr.and_then(|acr| acr.get("essential")).and_then(Value::as_bool) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::ClaimsRequest;

    #[test]
    fn the_example_of_the_specification_is_understood() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null},
                "id_token":{"auth_time":{"essential":true},"acr":{"values":["silver"]},
                            "sub":{"value":"248289761001"}}}"#,
        )
        .unwrap();
        assert!(request.in_userinfo("nickname") && !request.in_id_token("nickname"));
        assert!(request.in_id_token("auth_time"));
        assert_eq!(request.acr_values().collect::<Vec<_>>(), ["silver"]);
        assert!(!request.acr_is_essential());
        assert_eq!(request.sub(), Some("248289761001"));
    }

    #[test]
    fn what_is_no_claims_request_is_refused() {
        for text in ["", "[]", "{", r#"{"userinfo":[]}"#, r#"{"id_token":{"name":true}}"#] {
            assert!(ClaimsRequest::parse(text).is_none(), "{text}");
        }
        assert!(ClaimsRequest::parse("{}").is_some());
    }
}
