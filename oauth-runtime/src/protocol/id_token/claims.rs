//! The claims of an ID token that have rules (OpenID Connect Core 1.0 section 2).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::IdTokenError;

#[derive(Deserialize)]
pub(super) struct Claims<'a> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    // Of any type, because it has a meaning only at providers with tenants.
    pub(super) tid: Option<Value>,
    #[serde(borrow)]
    pub(super) sub: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) aud: Audience<'a>,
    #[serde(borrow)]
    pub(super) azp: Option<Cow<'a, str>>,
    pub(super) exp: NumericDate,
    pub(super) iat: NumericDate,
    pub(super) nbf: Option<NumericDate>,
    pub(super) auth_time: Option<NumericDate>,
    // Of any type: a login that does not request it must not fail because of it.
    pub(super) acr: Option<Value>,
    pub(super) amr: Option<Value>,
    #[serde(borrow)]
    pub(super) nonce: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) at_hash: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) c_hash: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) s_hash: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(in crate::protocol) enum Audience<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl<'a> Claims<'a> {
    /// The authentication methods (RFC 8176); empty if the token lists none.
    pub(super) fn methods(&self) -> Vec<String> {
        let listed = self.amr.as_ref().and_then(Value::as_array);
        let listed = listed.into_iter().flatten().filter_map(Value::as_str);
        listed.map(str::to_owned).collect()
    }

    pub(super) fn of(members: &'a Map<String, Value>) -> Result<Self, IdTokenError> {
        Self::deserialize(members).map_err(|error| IdTokenError::Claims(error.into()))
    }
}

impl Audience<'_> {
    pub(in crate::protocol) fn list(&self) -> &[Cow<'_, str>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Seconds since 1970-01-01 UTC, which may have a fraction (RFC 7519 section 2).
#[derive(Clone, Copy)]
pub(in crate::protocol) struct NumericDate(pub(in crate::protocol) u64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = NumericDate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970-01-01 UTC")
            }
            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
                Ok(NumericDate(seconds))
            }
            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
                // 2^53: beyond it, a float cannot represent every second.
                if (0.0..9_007_199_254_740_992.0).contains(&seconds) {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    Ok(NumericDate(seconds as u64))
                } else {
                    Err(E::custom("not a time"))
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
