//! The identity of a user: issuer and subject, and a profile to show.

pub(crate) mod emails;
mod picture;
pub mod profiles;
pub(crate) mod user_info;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::picture::picture_at;
use crate::declaration::spec::IdentitySpec;
use crate::json;
use crate::text::{has_hidden, without_hidden};

/// Longest string that is kept of a profile, because the session is in a cookie.
const MAX_LENGTH: usize = 256;

/// A user, as known to one issuer.
///
/// [`issuer`](Self::issuer) and [`subject`](Self::subject) together are the key of an account. An
/// e-mail address or a login name is not: both can change hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    provider: String,
    /// Fingerprint of the client of the login.
    client: Arc<str>,
    issuer: String,
    subject: String,
    profile: Profile,
}

/// The displayable part of an identity. An address and its verification are one value, read from
/// one document: no other document can verify the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    name: Option<String>,
    username: Option<String>,
    email: Option<Email>,
    /// Whether the document explicitly says that the address is not verified.
    email_is_denied: bool,
    picture: Option<String>,
}

/// An e-mail address with what the provider says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Email {
    /// The provider has verified that the user receives mail at this address.
    Verified(VerifiedEmail),
    /// The address is not verified. Never use it to find an account.
    Unverified(UnverifiedEmail),
}

/// An address that the provider has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEmail(String);

/// An address that is not verified.
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

/// The profile that Apple sends only at a user's first login: name and address, in a parameter of
/// the authorization response that came through the browser without a signature. Use it to fill a
/// form, never to find an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedProfile {
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
}

impl UnverifiedProfile {
    /// Reads Apple's `user`: `{"name": {"firstName": "…", "lastName": "…"}, "email": "…"}`. `None`
    /// if it has none of these.
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

    /// E-mail address, which is not verified.
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

impl IdentityPaths {
    /// `picture` is its path, or a URL with paths in it.
    pub(crate) fn new(spec: &IdentitySpec<'_>, picture: &str) -> Self {
        Self {
            id: spec.id.to_owned(),
            name: spec.name.to_owned(),
            username: spec.username.to_owned(),
            email: spec.email.to_owned(),
            email_verified: spec.email_verified.to_owned(),
            picture: picture.to_owned(),
        }
    }

    /// Whether a path is in the token response.
    pub(crate) fn reads_token(&self) -> bool {
        let paths = [
            &self.id,
            &self.name,
            &self.username,
            &self.email,
            &self.email_verified,
            &self.picture,
        ];
        paths.iter().any(|path| path.starts_with("token."))
    }

    /// Whether the token response names the user.
    pub(crate) fn is_of_token(&self) -> bool {
        self.id.starts_with("token.")
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
            picture: picture_at(document, &paths.picture),
        }
    }

    /// Fills gaps from another document. An existing address is replaced only by the same address,
    /// if this document does not say whether it is verified and the other does.
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
    /// `client` is the fingerprint of the client; the subject is unique within `issuer`.
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

    /// Fills gaps from an unsigned profile.
    pub(crate) fn complete_with(&mut self, unverified: &UnverifiedProfile) {
        let profile = &mut self.profile;
        if profile.name.is_none() {
            profile.name = unverified.name().and_then(|name| shown(&name, MAX_LENGTH));
        }
        if profile.email.is_none() {
            profile.email = unverified.email().and_then(|address| email(address, None));
        }
    }

    /// Sets an address from another endpoint: a verified one, or the only one.
    pub(crate) fn set_email(&mut self, address: Email) {
        if matches!(address, Email::Verified(_)) || self.profile.email.is_none() {
            self.profile.email = Some(address);
        }
    }

    /// Fingerprint of the client of the login.
    pub(crate) fn client(&self) -> &Arc<str> {
        &self.client
    }

    /// Name of the provider in its declaration.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The authority that vouches for the user: the issuer identifier. For a provider without one,
    /// it is the origin of the endpoint that identifies the user: `https://api.github.com` for
    /// GitHub. For one that is [described at run
    /// time](crate::guide::run_time_providers#the-issuer-of-an-identity), it is that endpoint's
    /// whole URL and the member that is read there, such as `https://api.acme.example/user#id`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The user's identifier, unique within the issuer and never reassigned.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Full name. `None` if the provider does not say, or was not asked (scope `profile`).
    pub fn name(&self) -> Option<&str> {
        self.profile.name.as_deref()
    }

    /// Login name at the provider. It may change, and may be reassigned to another user.
    pub fn username(&self) -> Option<&str> {
        self.profile.username.as_deref()
    }

    /// E-mail address. `None` if the provider does not say, or was not asked (scope `email`).
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

    /// https URL of a picture of the user.
    pub fn picture(&self) -> Option<&str> {
        self.profile.picture.as_deref()
    }

    /// A name to show for the user: the name, or else the login name, or else the subject.
    pub fn display_name(&self) -> &str {
        self.name().or(self.username()).unwrap_or(&self.subject)
    }
}

/// An identity as stored in the session cookie. It is a separate type so that no outside data can
/// be deserialized into an [`Identity`], least of all a verified address.
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

/// The subject at a dotted path: a string, or an integer such as GitHub's identifier. A string with
/// hidden characters is refused, because removing them could merge two users into one.
pub(crate) fn subject_at(claims: &Map<String, Value>, path: &str) -> Option<String> {
    let subject = match at(claims, path)? {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        _ => return None,
    };
    is_subject(&subject).then_some(subject)
}

/// Whether a string can be a subject: it is neither empty nor longer than any real one, and has no
/// control characters.
pub(crate) fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.len() <= MAX_LENGTH && !has_hidden(subject)
}

/// The specification defines a Boolean; some providers send a string.
fn is_true(flag: &Value) -> bool {
    match flag {
        Value::Bool(flag) => *flag,
        Value::String(text) => text == "true",
        _ => false,
    }
}

/// The address, with what the document says about it.
fn email(address: &str, verified: Option<&Value>) -> Option<Email> {
    let address = shown(address, MAX_LENGTH)?;
    Some(if verified.is_some_and(is_true) {
        Email::Verified(VerifiedEmail(address))
    } else {
        Email::Unverified(UnverifiedEmail(address))
    })
}

/// `text` without hidden characters; `None` if nothing is left or it is longer than any real one.
fn shown(text: &str, most: usize) -> Option<String> {
    let text = without_hidden(text);
    let text = text.trim();
    (!text.is_empty() && text.len() <= most).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
