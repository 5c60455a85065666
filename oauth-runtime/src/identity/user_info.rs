//! Claims about a user without a declared type.

use std::any::Any;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::UnixTime;
use crate::json::JsonError;

/// Claims about a user, from a userinfo response or an ID token, for a provider that declares no
/// type for them.
///
/// In addition to access by name, it has methods for the standard claims of OpenID Connect Core 1.0
/// section 5.1, except the e-mail address: [`Identity::email`](crate::Identity::email) says whether
/// that is verified. A claim that is missing, or not of the specified type, is `None`.
///
/// Claims that a provider only refers to (`_claim_names`, the aggregated and distributed claims of
/// section 5.6.2) stay as they are: the library fetches nothing from a URL in a response, and does
/// not accept claims that another issuer signed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserInfo(Arc<Map<String, Value>>);

/// A postal address (OpenID Connect Core 1.0 section 5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address<'a> {
    /// The whole address, ready for an envelope; lines are separated by `\n` or `\r\n`.
    pub formatted: Option<&'a str>,
    /// Street, house number, extended address; may have several lines.
    pub street_address: Option<&'a str>,
    /// City.
    pub locality: Option<&'a str>,
    /// State, province or prefecture.
    pub region: Option<&'a str>,
    /// Zip or postal code.
    pub postal_code: Option<&'a str>,
    /// Country.
    pub country: Option<&'a str>,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $claim:ident;)+) => {
        $($(#[$doc])*
        pub fn $claim(&self) -> Option<&str> {
            self.text(stringify!($claim))
        })+
    };
}

impl UserInfo {
    pub(crate) fn new(members: Arc<Map<String, Value>>) -> Self {
        Self(members)
    }

    /// The claims as the application's type. If that is this type, nothing is deserialized again.
    ///
    /// # Errors
    /// Returns an error if they do not fit `T`.
    pub(crate) fn typed<T: DeserializeOwned + 'static>(&self) -> Result<T, JsonError> {
        match self.same() {
            Some(same) => Ok(same),
            None => T::deserialize(&*self.0).map_err(JsonError::from),
        }
    }

    /// The claims, if this is the application's type.
    pub(crate) fn same<T: 'static>(&self) -> Option<T> {
        let mut same: Option<T> = None;
        let slot: &mut dyn Any = &mut same;
        if let Some(slot) = slot.downcast_mut::<Option<Self>>() {
            *slot = Some(self.clone());
        }
        same
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A claim in a language, given as a tag of BCP 47: `localized("name", "ja-Kana-JP")` is the
    /// member `name#ja-Kana-JP`, or else the nearest one: with a shorter tag (`name#ja`), then with
    /// a longer one, and finally `name` itself (OpenID Connect Core 1.0 section 5.2).
    ///
    /// ```
    /// use oauth_runtime::UserInfo;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let claims: UserInfo = serde_json::from_str(r#"{"name": "Ada", "name#de-CH": "Ada L."}"#)?;
    /// let name = |tag| claims.localized("name", tag).and_then(|name| name.as_str());
    /// assert_eq!(name("de-ch"), Some("Ada L."));
    /// assert_eq!(name("de"), Some("Ada L."));
    /// assert_eq!(name("fr"), Some("Ada"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn localized(&self, claim: &str, language: &str) -> Option<&Value> {
        let tagged = || {
            self.0.iter().filter_map(|(name, value)| {
                let (own, tag) = name.split_once('#')?;
                (own == claim).then_some((tag, value))
            })
        };
        // RFC 4647 section 3.4: the tag loses its last part until something fits.
        let mut wanted = Some(language);
        while let Some(tag) = wanted {
            if let Some((_, value)) = tagged().find(|(own, _)| own.eq_ignore_ascii_case(tag)) {
                return Some(value);
            }
            wanted = tag.rsplit_once('-').map(|(shorter, _)| shorter);
        }
        let longer = tagged().find(|(own, _)| {
            let (start, rest) = (own.get(..language.len()), own.get(language.len()..));
            start.is_some_and(|start| start.eq_ignore_ascii_case(language))
                && rest.is_some_and(|rest| rest.starts_with('-'))
        });
        longer.map(|(_, value)| value).or_else(|| self.get(claim))
    }

    texts! {
        /// Full name.
        name;
        /// Given names.
        given_name;
        /// Family names.
        family_name;
        /// Middle names.
        middle_name;
        /// Casual name.
        nickname;
        /// Login name. It may change, and may be reassigned to another user.
        preferred_username;
        /// URL of a profile page. It may be the user's own input: check its scheme before you make
        /// it a link.
        profile;
        /// URL of a picture. It may be the user's own input, like `profile`.
        picture;
        /// URL of the user's own page. It may be the user's own input, like `profile`.
        website;
        /// Gender: `female`, `male` or other text.
        gender;
        /// Birthday as `YYYY-MM-DD`, with the year `0000` if it is not disclosed, or only the year
        /// as `YYYY`.
        birthdate;
        /// Time zone by its IANA name, such as `Europe/Paris`.
        zoneinfo;
        /// Language and region as a tag of BCP 47, such as `en-US`.
        locale;
        /// Telephone number, preferably as E.164: `+1 (425) 555-1212`.
        /// [`phone_number_verified`](Self::phone_number_verified) says whether it is the user's
        /// own.
        phone_number;
    }

    /// Whether the provider has verified that the telephone number is the user's.
    pub fn phone_number_verified(&self) -> bool {
        self.get("phone_number_verified") == Some(&Value::Bool(true))
    }

    /// When the claims last changed.
    pub fn updated_at(&self) -> Option<UnixTime> {
        self.get("updated_at")?.as_u64().map(UnixTime::from_secs)
    }

    /// Postal address.
    pub fn address(&self) -> Option<Address<'_>> {
        let address = self.get("address")?.as_object()?;
        let text = |name: &str| address.get(name).and_then(Value::as_str);
        Some(Address {
            formatted: text("formatted"),
            street_address: text("street_address"),
            locality: text("locality"),
            region: text("region"),
            postal_code: text("postal_code"),
            country: text("country"),
        })
    }
}

impl Serialize for UserInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UserInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(|members| Self(Arc::new(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> UserInfo {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn claims_become_the_type_of_the_application() {
        #[derive(Deserialize)]
        struct Groups {
            groups: Vec<String>,
        }
        let claims = claims(json!({"groups": ["admins"], "name": "Ada"}));
        assert_eq!(claims.typed::<Groups>().unwrap().groups, ["admins"]);
        assert_eq!(claims.typed::<Value>().unwrap(), json!(claims));
        assert!(Arc::ptr_eq(&claims.typed::<UserInfo>().unwrap().0, &claims.0));
        let error = UserInfo::default().typed::<Groups>().err().unwrap();
        assert_eq!(error.to_string(), "missing field `groups`");
    }

    #[test]
    fn standard_claims_have_a_name_each() {
        let claims = claims(json!({
            "name": "Ada Lovelace",
            "phone_number": "+44 20 7946 0000",
            "phone_number_verified": true,
            "updated_at": 1_700_000_000,
            "address": {"locality": "London", "postal_code": 1, "country": "UK"},
        }));
        assert_eq!(claims.name(), Some("Ada Lovelace"));
        assert_eq!(claims.phone_number(), Some("+44 20 7946 0000"));
        assert!(claims.phone_number_verified());
        assert_eq!(claims.updated_at(), Some(UnixTime::from_secs(1_700_000_000)));
        let address = claims.address().unwrap();
        assert_eq!((address.locality, address.country), (Some("London"), Some("UK")));
        assert_eq!((address.postal_code, address.formatted), (None, None));
    }

    #[test]
    fn claim_of_another_type_is_missing() {
        let claims = claims(json!({
            "name": 1, "phone_number_verified": "true", "updated_at": "2001", "address": "London",
        }));
        assert_eq!((claims.name(), claims.updated_at()), (None, None));
        assert!(!claims.phone_number_verified());
        assert_eq!(claims.address(), None);
    }

    #[test]
    fn the_nearest_language_is_chosen() {
        let claims = claims(json!({
            "name": "plain", "name#ja-Kana-JP": "kana", "name#ja": "ja", "name#de-CH": "de-CH",
            "nickname#fr": "fr",
        }));
        for (language, expected) in [
            ("ja-Kana-JP", Some("kana")),
            ("JA-kana-jp", Some("kana")),
            ("ja-Hani-JP", Some("ja")),
            ("de", Some("de-CH")),
            ("d", Some("plain")),
            ("en", Some("plain")),
            ("\u{e4}", Some("plain")),
        ] {
            let found = claims.localized("name", language).and_then(Value::as_str);
            assert_eq!(found, expected, "{language}");
        }
        assert_eq!(claims.localized("nickname", "en"), None);
    }
}
