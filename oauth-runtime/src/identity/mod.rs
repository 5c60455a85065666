//! Who logged in: issuer and subject, and what may be shown of the person.

pub(crate) mod user_info;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::declaration::spec::IdentitySpec;
use crate::json;
use crate::text::{has_hidden, without_hidden};

/// Longest text that is kept of a profile: the session travels in a cookie.
const MAX_LENGTH: usize = 256;
/// Longest picture URL that is kept.
const MAX_PICTURE_LENGTH: usize = 512;

/// A person, as one issuer knows them.
///
/// [`issuer`](Self::issuer) and [`subject`](Self::subject) together are the key of an account. An
/// e-mail address or a login name is not: both can change hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    provider: String,
    /// Fingerprint of the client that the login was made with.
    client: Arc<str>,
    issuer: String,
    subject: String,
    profile: Profile,
}

/// What may be shown of a person. An address and the word on whether it is verified are one value, read
/// from one document: no other document can verify it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    name: Option<String>,
    username: Option<String>,
    email: Option<Email>,
    /// Whether the document says that the address is not verified, which is more than to be silent.
    email_is_denied: bool,
    picture: Option<String>,
}

/// An e-mail address with what the provider says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Email {
    /// The provider has verified that the person receives what is sent there.
    Verified(VerifiedEmail),
    /// Somebody typed it, once. Never use it to find an account.
    Unverified(UnverifiedEmail),
}

/// An address that the provider has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEmail(String);

impl VerifiedEmail {
    /// The address to use of a list of `{email, primary, verified}`: the primary one if it is verified,
    /// else any verified one.
    pub(crate) fn listed(list: &Value) -> Option<Self> {
        let is = |entry: &&Value, member: &str| entry.get(member) == Some(&Value::Bool(true));
        let verified =
            || list.as_array().into_iter().flatten().filter(|entry| is(entry, "verified"));
        let entry = verified().find(|entry| is(entry, "primary")).or_else(|| verified().next())?;
        shown(entry.get("email")?.as_str()?, MAX_LENGTH).map(Self)
    }
}

/// An address that nobody has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedEmail(String);

impl VerifiedEmail {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UnverifiedEmail {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VerifiedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UnverifiedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What Apple says of a person at their first login, and never again: name and address, in a
/// parameter of the authorization response that came through the browser without a signature. Good for
/// filling a form, and never for finding an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedProfile {
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
}

impl UnverifiedProfile {
    /// Reads Apple's `user`: `{"name": {"firstName": "…", "lastName": "…"}, "email": "…"}`. `None` when
    /// nothing of that is in it.
    pub(crate) fn read(user: &str) -> Option<Self> {
        let user: Map<String, Value> = serde_json::from_str(user).ok()?;
        let text = |path| shown(at(&user, path)?.as_str()?, MAX_LENGTH);
        let profile = Self {
            given_name: text("name.firstName"),
            family_name: text("name.lastName"),
            email: text("email"),
        };
        let says_something = profile.given_name.is_some()
            || profile.family_name.is_some()
            || profile.email.is_some();
        says_something.then_some(profile)
    }

    /// Given name.
    pub fn given_name(&self) -> Option<&str> {
        self.given_name.as_deref()
    }

    /// Family name.
    pub fn family_name(&self) -> Option<&str> {
        self.family_name.as_deref()
    }

    /// E-mail address, which anybody may have typed.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    fn name(&self) -> Option<String> {
        let parts: Vec<_> = [self.given_name(), self.family_name()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// [`IdentitySpec`], owned.
#[derive(Debug)]
pub(crate) struct IdentityPaths {
    pub(crate) id: String,
    name: String,
    username: String,
    email: String,
    email_verified: String,
    picture: String,
}

impl From<&IdentitySpec<'_>> for IdentityPaths {
    fn from(spec: &IdentitySpec<'_>) -> Self {
        Self {
            id: spec.id.to_owned(),
            name: spec.name.to_owned(),
            username: spec.username.to_owned(),
            email: spec.email.to_owned(),
            email_verified: spec.email_verified.to_owned(),
            picture: spec.picture.to_owned(),
        }
    }
}

impl Profile {
    /// Reads one document: the claims of an ID token, or a userinfo response.
    pub(crate) fn read(paths: &IdentityPaths, document: &Map<String, Value>) -> Self {
        let text = |path: &str| shown(at(document, path)?.as_str()?, MAX_LENGTH);
        Self {
            name: text(&paths.name),
            username: text(&paths.username),
            email: at(document, &paths.email)
                .and_then(Value::as_str)
                .and_then(|address| email(address, at(document, &paths.email_verified))),
            email_is_denied: at(document, &paths.email_verified).is_some(),
            picture: at(document, &paths.picture).and_then(Value::as_str).and_then(picture),
        }
    }

    /// Fills gaps with what another document says. An address that is there is replaced only by the
    /// very same one, where this document does not say whether it is verified and the other does.
    pub(crate) fn or(self, other: Self) -> Self {
        let email = match (self.email, other.email) {
            (Some(Email::Unverified(own)), Some(Email::Verified(verified)))
                if own.0 == verified.0 && !self.email_is_denied =>
            {
                Some(Email::Verified(verified))
            }
            (own, other) => own.or(other),
        };
        Self {
            name: self.name.or(other.name),
            username: self.username.or(other.username),
            email,
            email_is_denied: false,
            picture: self.picture.or(other.picture),
        }
    }
}

impl Identity {
    /// `client` is the fingerprint of the client, `issuer` what the subject is unique under.
    pub(crate) fn new(
        provider: &str,
        client: Arc<str>,
        issuer: String,
        subject: String,
        profile: Profile,
    ) -> Self {
        let profile = profile.or(Profile::default());
        Self { provider: provider.to_owned(), client, issuer, subject, profile }
    }

    /// Fills gaps with what nobody has signed.
    pub(crate) fn complete_with(&mut self, unverified: &UnverifiedProfile) {
        let profile = &mut self.profile;
        if profile.name.is_none() {
            profile.name = unverified.name().and_then(|name| shown(&name, MAX_LENGTH));
        }
        if profile.email.is_none() {
            profile.email = unverified.email().and_then(|address| email(address, None));
        }
    }

    /// Takes an address that another endpoint says is verified.
    pub(crate) fn set_verified_email(&mut self, address: VerifiedEmail) {
        self.profile.email = Some(Email::Verified(address));
    }

    /// Fingerprint of the client that the login was made with.
    pub(crate) fn client(&self) -> &Arc<str> {
        &self.client
    }

    /// Name of the provider in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The authority that vouches for the person: the issuer identifier. A provider without one is
    /// called by the origin of the endpoint that says who it is: `https://api.github.com` for GitHub. One
    /// that is [described at run time](crate::guide::run_time_providers#the-issuer-of-an-identity) is called
    /// by that endpoint's whole URL and the member that is read there, such as
    /// `https://api.acme.example/user#id`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person, unique within the issuer and never given to somebody else.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Full name. `None` when the provider does not say, or was not asked (scope `profile`).
    pub fn name(&self) -> Option<&str> {
        self.profile.name.as_deref()
    }

    /// Login name at the provider: it may change and may be given to somebody else.
    pub fn username(&self) -> Option<&str> {
        self.profile.username.as_deref()
    }

    /// E-mail address. `None` when the provider does not say, or was not asked (scope `email`).
    pub fn email(&self) -> Option<&Email> {
        self.profile.email.as_ref()
    }

    /// E-mail address, only if the provider has verified it.
    pub fn verified_email(&self) -> Option<&VerifiedEmail> {
        match &self.profile.email {
            Some(Email::Verified(email)) => Some(email),
            _ => None,
        }
    }

    /// https URL of a picture of the person.
    pub fn picture(&self) -> Option<&str> {
        self.profile.picture.as_deref()
    }

    /// What to call the person: the name, else the login name, else the subject.
    pub fn display_name(&self) -> &str {
        self.name().or(self.username()).unwrap_or(&self.subject)
    }
}

/// An identity as the session cookie carries it. It is apart from [`Identity`] so that nothing from
/// outside can be read into one, a verified address least of all.
#[derive(Serialize, Deserialize)]
pub(crate) struct IdentityRecord<'a> {
    #[serde(rename = "p", borrow)]
    provider: Cow<'a, str>,
    #[serde(rename = "c", borrow)]
    client: Cow<'a, str>,
    #[serde(rename = "i", borrow)]
    issuer: Cow<'a, str>,
    #[serde(rename = "s", borrow)]
    subject: Cow<'a, str>,
    #[serde(rename = "n", borrow, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(rename = "u", borrow, skip_serializing_if = "Option::is_none")]
    username: Option<Cow<'a, str>>,
    #[serde(rename = "e", borrow, skip_serializing_if = "Option::is_none")]
    email: Option<Cow<'a, str>>,
    #[serde(rename = "v", default, skip_serializing_if = "std::ops::Not::not")]
    email_is_verified: bool,
    #[serde(rename = "a", borrow, skip_serializing_if = "Option::is_none")]
    picture: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Identity> for IdentityRecord<'a> {
    fn from(identity: &'a Identity) -> Self {
        let profile = &identity.profile;
        let (email, email_is_verified) = match &profile.email {
            Some(Email::Verified(email)) => (Some(email.as_str()), true),
            Some(Email::Unverified(email)) => (Some(email.as_str()), false),
            None => (None, false),
        };
        Self {
            provider: Cow::Borrowed(&identity.provider),
            client: Cow::Borrowed(&identity.client),
            issuer: Cow::Borrowed(&identity.issuer),
            subject: Cow::Borrowed(&identity.subject),
            name: profile.name.as_deref().map(Cow::Borrowed),
            username: profile.username.as_deref().map(Cow::Borrowed),
            email: email.map(Cow::Borrowed),
            email_is_verified,
            picture: profile.picture.as_deref().map(Cow::Borrowed),
        }
    }
}

impl From<IdentityRecord<'_>> for Identity {
    fn from(record: IdentityRecord<'_>) -> Self {
        let email = record.email.map(|address| match record.email_is_verified {
            true => Email::Verified(VerifiedEmail(address.into_owned())),
            false => Email::Unverified(UnverifiedEmail(address.into_owned())),
        });
        Self {
            provider: record.provider.into_owned(),
            client: record.client.into(),
            issuer: record.issuer.into_owned(),
            subject: record.subject.into_owned(),
            profile: Profile {
                name: record.name.map(Cow::into_owned),
                username: record.username.map(Cow::into_owned),
                email,
                email_is_denied: false,
                picture: record.picture.map(Cow::into_owned),
            },
        }
    }
}

/// The value at a dotted path.
fn at<'a>(members: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((first, rest)) => json::at(members.get(first)?, rest),
        None => members.get(path),
    }
}

/// The subject at a dotted path: text, or a whole number such as GitHub's identifier. Text that would
/// change what stands around it is not one: to leave characters out would make one of two people.
pub(crate) fn subject_at(claims: &Map<String, Value>, path: &str) -> Option<String> {
    let subject = match at(claims, path)? {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        _ => return None,
    };
    is_subject(&subject).then_some(subject)
}

/// Whether a text can name a person: it is neither empty nor longer than any real one, and has no
/// control characters.
pub(crate) fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.len() <= MAX_LENGTH && !has_hidden(subject)
}

/// The specification has a boolean; some providers send it as text.
fn email(address: &str, verified: Option<&Value>) -> Option<Email> {
    let address = shown(address, MAX_LENGTH)?;
    let is_verified = match verified {
        Some(Value::Bool(is_verified)) => *is_verified,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    Some(if is_verified {
        Email::Verified(VerifiedEmail(address))
    } else {
        Email::Unverified(UnverifiedEmail(address))
    })
}

/// Text without what changes its surroundings; `None` if nothing is left or it is longer than any real one.
fn shown(text: &str, most: usize) -> Option<String> {
    let text = without_hidden(text);
    let text = text.trim();
    (!text.is_empty() && text.len() <= most).then(|| text.to_owned())
}

/// Only https: the URL ends up in pages of the application.
fn picture(text: &str) -> Option<String> {
    shown(text, MAX_PICTURE_LENGTH).filter(|url| url.starts_with("https://"))
}

#[cfg(test)]
mod tests;
