//! The owner of stored tokens.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::crypto::seal;
use crate::error::CallError;
use crate::identity::Identity;

/// Maximum length of an identifier in bytes: it is part of the session cookie.
const MAX_LENGTH: usize = 256;

/// The owner of stored tokens: an identifier of the application, or the user of a login.
///
/// Numbers and strings become [`Owner::Id`]. An [`Identity`] and a [`User`](crate::User) become the
/// owner of their session:
///
/// ```
/// use oauth_runtime::Owner;
///
/// assert_eq!(Owner::from(42), Owner::from("42"));
/// ```
///
/// The two kinds never collide: a user who can choose a subject at some provider does not become
/// the owner of that name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Owner {
    /// The application's own identifier of a user, a team or anything else with accounts at
    /// providers: 1 to 256 bytes. It must never be reassigned.
    Id(String),
    /// The user of a login, if the application has no identifier of its own.
    Person(Person),
}

/// The user of a login, as the owner of stored tokens.
///
/// It is bound to the client of the login: its provider's name, its client identifier and the
/// authority for its users. Another client with the same issuer and subject is another owner. So it
/// cannot be built from only an issuer and a subject; a background job gets it from
/// [`Client::person`](crate::Client::person).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    provider: String,
    client: String,
    issuer: String,
    subject: String,
}

impl Person {
    /// `client` is the fingerprint of the client.
    pub(crate) fn new(provider: &str, client: &str, issuer: &str, subject: &str) -> Self {
        let [provider, client, issuer, subject] =
            [provider, client, issuer, subject].map(str::to_owned);
        Self { provider, client, issuer, subject }
    }

    /// The name of the provider in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The authority of the user: [`Identity::issuer`].
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The identifier of the user at the issuer: [`Identity::subject`].
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl Owner {
    /// Checks the caller's value.
    ///
    /// # Errors
    /// [`CallError::BadOwner`].
    pub(crate) fn check(&self) -> Result<(), CallError> {
        match self {
            Self::Id(id) if id.is_empty() || id.len() > MAX_LENGTH => Err(CallError::BadOwner),
            _ => Ok(()),
        }
    }

    /// Whether this is the user of a login and not an identifier of the application.
    pub(crate) fn is(&self, identity: &Identity) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Person(person) => {
                person.client == **identity.client()
                    && person.provider == identity.provider()
                    && person.issuer == identity.issuer()
                    && person.subject == identity.subject()
            }
        }
    }

    /// A string that is unique to this owner.
    pub(crate) fn fingerprint(&self) -> String {
        seal::fingerprint(&match self {
            Self::Id(id) => format!("id\n{id}"),
            // Only the subject can contain a line break.
            Self::Person(Person { provider, client, issuer, subject }) => {
                format!("person\n{provider}\n{client}\n{issuer}\n{subject}")
            }
        })
    }
}

impl From<&Self> for Owner {
    fn from(owner: &Self) -> Self {
        owner.clone()
    }
}

impl From<&str> for Owner {
    fn from(id: &str) -> Self {
        Self::Id(id.to_owned())
    }
}

impl From<String> for Owner {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

impl From<&String> for Owner {
    fn from(id: &String) -> Self {
        Self::Id(id.clone())
    }
}

impl From<&Identity> for Owner {
    fn from(identity: &Identity) -> Self {
        let (provider, client) = (identity.provider(), identity.client());
        Self::Person(Person::new(provider, client, identity.issuer(), identity.subject()))
    }
}

macro_rules! from_numbers {
    ($($number:ty)+) => {
        $(
            impl From<$number> for Owner {
                fn from(id: $number) -> Self {
                    Self::Id(id.to_string())
                }
            }
        )+
    };
}

from_numbers!(i32 i64 i128 u32 u64 u128);

/// An owner in records and cookies.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OwnerRecord<'a> {
    Id(#[serde(borrow)] Cow<'a, str>),
    /// Provider, client, issuer and subject.
    Person(#[serde(borrow)] [Cow<'a, str>; 4]),
}

impl<'a> From<&'a Owner> for OwnerRecord<'a> {
    fn from(owner: &'a Owner) -> Self {
        match owner {
            Owner::Id(id) => Self::Id(Cow::Borrowed(id)),
            Owner::Person(Person { provider, client, issuer, subject }) => {
                Self::Person([provider, client, issuer, subject].map(|text| text.as_str().into()))
            }
        }
    }
}

impl From<OwnerRecord<'_>> for Owner {
    fn from(record: OwnerRecord<'_>) -> Self {
        match record {
            OwnerRecord::Id(id) => Self::Id(id.into_owned()),
            OwnerRecord::Person([provider, client, issuer, subject]) => {
                Self::Person(Person::new(&provider, &client, &issuer, &subject))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(issuer: &str, subject: &str) -> Owner {
        Owner::Person(Person::new("hub", "client", issuer, subject))
    }

    /// The same issuer and subject at another client are another owner.
    #[test]
    fn owner_is_bound_to_the_client_of_its_login() {
        let of = |provider, client| Person::new(provider, client, "https://hub.example", "42");
        let own = Owner::Person(of("hub", "one"));
        for other in [of("hub", "two"), of("tenant", "one")].map(Owner::Person) {
            assert_ne!(own, other);
            assert_ne!(own.fingerprint(), other.fingerprint());
        }
        let record = serde_json::to_string(&OwnerRecord::from(&own)).unwrap();
        let read: OwnerRecord<'_> = serde_json::from_str(&record).unwrap();
        assert_eq!(Owner::from(read), own);
        // The form without a client.
        let old = r#"["https://hub.example","42"]"#;
        assert!(serde_json::from_str::<OwnerRecord<'_>>(old).is_err());
    }

    #[test]
    fn no_two_owners_have_one_fingerprint() {
        let owners = [
            Owner::from("42"),
            Owner::from("person\nhub\nclient\nhttps://a.example\n42"),
            Owner::from("https://a.example\n42"),
            person("https://a.example", "42"),
            person("https://a.example", "4\n2"),
            person("https://a.example/4", "2"),
        ];
        for (index, owner) in owners.iter().enumerate() {
            for other in &owners[index + 1..] {
                assert_ne!(owner.fingerprint(), other.fingerprint(), "{owner:?} {other:?}");
            }
        }
    }

    #[test]
    fn owner_with_an_empty_or_endless_name_is_refused() {
        for (length, is_good) in [(0, false), (1, true), (256, true), (257, false)] {
            assert_eq!(Owner::from("x".repeat(length)).check().is_ok(), is_good, "{length}");
        }
    }
}
