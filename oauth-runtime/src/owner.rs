//! To whom kept tokens belong.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::CallError;
use crate::identity::Identity;
use crate::seal;

/// Longest identifier, in bytes: it travels in the cookie of a session.
const LONGEST: usize = 256;

/// Whose tokens are kept: somebody whom the application knows by an identifier of its own, or else by
/// the identity of the login.
///
/// Numbers and texts become [`Owner::Id`], an [`Identity`] and a [`User`](crate::User) become the
/// owner that their session has:
///
/// ```
/// use oauth_runtime::Owner;
///
/// assert_eq!(Owner::from(42), Owner::from("42"));
/// ```
///
/// The two kinds never meet: whoever can choose a subject at some provider does not become the owner
/// of that name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The application's own identifier of a person, a team or whatever has accounts at providers: 1
    /// to 256 bytes. It must never be given to somebody else.
    Id(String),
    /// Who logged in, where the application has no identifier of its own.
    Person {
        /// Who vouches for the person.
        issuer: String,
        /// The person, within the issuer.
        subject: String,
    },
}

impl Owner {
    /// Checks what the caller gave.
    ///
    /// # Errors
    /// [`CallError::BadOwner`].
    pub(crate) fn check(&self) -> Result<(), CallError> {
        match self {
            Self::Id(id) if id.is_empty() || id.len() > LONGEST => Err(CallError::BadOwner),
            _ => Ok(()),
        }
    }

    /// Whether it is the person of a login, and nothing that the application chose.
    pub(crate) fn is(&self, identity: &Identity) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Person { issuer, subject } => {
                issuer == identity.issuer() && subject == identity.subject()
            }
        }
    }

    /// A text that no other owner has.
    pub(crate) fn fingerprint(&self) -> String {
        seal::fingerprint(&match self {
            Self::Id(id) => format!("id\n{id}"),
            // An issuer is a URL: it has no line break.
            Self::Person { issuer, subject } => format!("person\n{issuer}\n{subject}"),
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
        let (issuer, subject) = (identity.issuer().to_owned(), identity.subject().to_owned());
        Self::Person { issuer, subject }
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

/// An owner as records and cookies have it: the identifier, or issuer and subject.
#[derive(Serialize, Deserialize)]
pub(crate) struct OwnerRecord<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Option<Cow<'a, str>>,
);

impl<'a> From<&'a Owner> for OwnerRecord<'a> {
    fn from(owner: &'a Owner) -> Self {
        match owner {
            Owner::Id(id) => Self(Cow::Borrowed(id), None),
            Owner::Person { issuer, subject } => {
                Self(Cow::Borrowed(issuer), Some(Cow::Borrowed(subject)))
            }
        }
    }
}

impl From<OwnerRecord<'_>> for Owner {
    fn from(OwnerRecord(name, subject): OwnerRecord<'_>) -> Self {
        let name = name.into_owned();
        match subject {
            None => Self::Id(name),
            Some(subject) => Self::Person { issuer: name, subject: subject.into_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(issuer: &str, subject: &str) -> Owner {
        Owner::Person { issuer: issuer.to_owned(), subject: subject.to_owned() }
    }

    #[test]
    fn no_two_owners_have_one_fingerprint() {
        let owners = [
            Owner::from("42"),
            Owner::from("person\nhttps://a.example\n42"),
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
    fn an_owner_without_a_name_or_with_an_endless_one_is_none() {
        for (length, is_good) in [(0, false), (1, true), (256, true), (257, false)] {
            assert_eq!(Owner::from("x".repeat(length)).check().is_ok(), is_good, "{length}");
        }
    }
}
