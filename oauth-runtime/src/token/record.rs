//! The serialized form of tokens: the record of a store.
//!
//! The secrets follow the JSON of the other members unescaped. They are most of a record, and need
//! not be scanned for characters that JSON would escape.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::crypto::secret::Secret;
use crate::protocol::error_response::ErrorResponse;
use crate::token::owner::{Owner, OwnerRecord};
use crate::token::{TokenData, TokenOwner};

/// Initial capacity for the part before the secrets; scopes may make it longer.
const HEAD_LENGTH: usize = 512;

/// A record to be written.
pub(crate) struct Record<'a> {
    head: Zeroizing<Vec<u8>>,
    secrets: [&'a str; 6],
}

/// The part before the secrets, which follows its own length in four bytes.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    /// Length of each secret in bytes; `None` for one that is missing.
    #[serde(rename = "l")]
    lengths: [Option<u32>; 5],
    /// Length of the newer ID token, the last secret: no record had it once.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    newer: Option<u32>,
    #[serde(rename = "t", borrow)]
    token_type: Cow<'a, str>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    #[serde(rename = "s", borrow, default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<Cow<'a, str>>>,
    #[serde(rename = "o")]
    obtained_at: u64,
    #[serde(rename = "g")]
    generation: u64,
    #[serde(rename = "u")]
    kept_until: u64,
    /// Owner, issuer and subject.
    #[serde(rename = "w", borrow, default, skip_serializing_if = "Option::is_none")]
    whose: Option<TokenOwnerRecord<'a>>,
    /// Error and description.
    #[serde(rename = "z", borrow, default, skip_serializing_if = "Option::is_none")]
    ended: Option<(Cow<'a, str>, Option<Cow<'a, str>>)>,
}

type TokenOwnerRecord<'a> = (OwnerRecord<'a>, Option<Cow<'a, str>>, Option<Cow<'a, str>>);

impl TokenData {
    /// The record of these tokens, to be stored until `kept_until`.
    pub(crate) fn to_record(&self, kept_until: u64) -> Record<'_> {
        let secrets = self.secrets().map(|secret| secret.map(Secret::expose));
        let mut head = Zeroizing::new(Vec::with_capacity(HEAD_LENGTH));
        head.extend_from_slice(&[0; 4]);
        // Strings, numbers and lists of strings always serialize to JSON.
        let _ = serde_json::to_writer(&mut *head, &Head::of(self, kept_until, &secrets));
        let (front, json) = head.split_at_mut(4);
        front.copy_from_slice(&length_of(json).to_be_bytes());
        Record { head, secrets: secrets.map(Option::unwrap_or_default) }
    }

    /// Reads the tokens of a record; `None` if it is not such a record.
    pub(crate) fn from_record(content: &[u8]) -> Option<Self> {
        let (length, rest) = content.split_first_chunk()?;
        let (head, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let head: Head<'_> = serde_json::from_slice(head).ok()?;
        let mut secrets = std::str::from_utf8(rest).ok()?;
        let mut next = |length: Option<u32>| {
            let Some(length) = length else { return Some(None) };
            let (secret, rest) = secrets.split_at_checked(length as usize)?;
            secrets = rest;
            Some(Some(Secret::from(secret)))
        };
        let [access_token, token_secret, refresh_token, id_token, extra] = head.lengths;
        Some(Self {
            access_token: next(access_token)??,
            token_secret: next(token_secret)?,
            refresh_token: next(refresh_token)?,
            id_token: next(id_token)?,
            extra: next(extra)?,
            newer_id_token: next(head.newer)?,
            token_type: head.token_type.into_owned(),
            expires_at: head.expires_at,
            scopes: head.scopes.map(|list| list.into_iter().map(Cow::into_owned).collect()),
            obtained_at: head.obtained_at,
            generation: head.generation,
            kept_until: head.kept_until,
            whose: head.whose.map(|(owner, issuer, subject)| {
                let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
                let (issuer, subject) = (text(issuer), text(subject));
                Arc::new(TokenOwner { owner: Owner::from(owner), issuer, subject })
            }),
            ended: head.ended.map(|(error, description)| {
                ErrorResponse::new(&error, description.as_deref(), None)
            }),
        })
    }

    /// In the order of a record.
    fn secrets(&self) -> [Option<&Secret>; 6] {
        let [token_secret, refresh_token, id_token, extra, newer] = [
            &self.token_secret,
            &self.refresh_token,
            &self.id_token,
            &self.extra,
            &self.newer_id_token,
        ]
        .map(Option::as_ref);
        [Some(&self.access_token), token_secret, refresh_token, id_token, extra, newer]
    }
}

impl Record<'_> {
    /// The parts of the record, in order.
    pub(crate) fn parts(&self) -> [&[u8]; 7] {
        let [access_token, token_secret, refresh_token, id_token, extra, newer] =
            self.secrets.map(str::as_bytes);
        [&self.head, access_token, token_secret, refresh_token, id_token, extra, newer]
    }
}

impl<'a> Head<'a> {
    fn of(data: &'a TokenData, kept_until: u64, secrets: &[Option<&str>; 6]) -> Self {
        let scopes = data.scopes.as_ref();
        let length = |secret: Option<&str>| secret.map(|secret| length_of(secret.as_bytes()));
        let [lengths @ .., newer] = secrets.map(length);
        Self {
            lengths,
            newer,
            token_type: Cow::Borrowed(&data.token_type),
            expires_at: data.expires_at,
            scopes: scopes.map(|list| list.iter().map(|scope| scope.as_str().into()).collect()),
            obtained_at: data.obtained_at,
            generation: data.generation,
            kept_until,
            whose: data.whose.as_deref().map(|TokenOwner { owner, issuer, subject }| {
                let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
                (OwnerRecord::from(owner), text(issuer), text(subject))
            }),
            ended: data.ended.as_ref().map(|response| {
                (Cow::Borrowed(response.error()), response.description().map(Cow::Borrowed))
            }),
        }
    }
}

/// Nothing that comes through the HTTP client is close to four gigabytes.
fn length_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token;

    /// Tokens with characters that JSON would escape, and with multi-byte characters.
    fn data() -> TokenData {
        TokenData {
            refresh_token: Some(Secret::from("the \"refresh\"")),
            extra: Some(Secret::from(r#"{"team_name":"Zoë","count":2}"#)),
            ..token::tests::data()
        }
    }

    #[test]
    fn a_record_gives_back_all_that_was_written() {
        let bare = TokenData {
            token_secret: None,
            refresh_token: None,
            expires_at: None,
            scopes: None,
            id_token: None,
            newer_id_token: None,
            extra: None,
            ..data()
        };
        let whose = TokenOwner {
            owner: Owner::from(42),
            issuer: Some("https://hub.example".to_owned()),
            subject: None,
        };
        let kept = TokenData { whose: Some(Arc::new(whose)), ..data() };
        for data in [data(), bare, kept] {
            let written = data.to_record(9_000).parts().concat();
            let read = TokenData::from_record(&written).unwrap();
            assert_eq!(read.to_record(9_000).parts().concat(), written);
            assert_eq!(read.access_token, data.access_token);
            assert_eq!(read.token_secret, data.token_secret);
            assert_eq!(read.refresh_token, data.refresh_token);
            assert_eq!(read.id_token, data.id_token);
            assert_eq!(read.newer_id_token, data.newer_id_token);
            assert_eq!(read.extra, data.extra);
            assert_eq!(read.scopes, data.scopes);
            assert_eq!(read.expires_at, data.expires_at);
            assert_eq!((read.obtained_at, read.generation), (1_000, 3));
            assert_eq!((read.kept_until, read.ended), (9_000, None));
            assert_eq!(read.whose, data.whose);
        }
        let ended = data().ended(ErrorResponse::new("invalid_grant", Some("Revoked"), None));
        let read = TokenData::from_record(&ended.to_record(9_000).parts().concat()).unwrap();
        assert_eq!(read.ended.unwrap().to_string(), "invalid_grant (Revoked)");
        assert_eq!((read.refresh_token, read.access_token.expose()), (None, ""));
    }

    /// An instance of an earlier version reads a record without its last secret, and writes one.
    #[test]
    fn record_of_an_earlier_version_is_read() {
        let data = TokenData { newer_id_token: None, ..data() };
        let written = data.to_record(9_000).parts().concat();
        let head = String::from_utf8(written.clone()).unwrap();
        assert!(!head.contains("\"n\":"), "{head}");
        let read = TokenData::from_record(&written).unwrap();
        assert_eq!((read.newer_id_token, read.id_token), (None, data.id_token));
    }

    #[test]
    fn a_record_that_was_cut_is_none() {
        let written = data().to_record(9_000).parts().concat();
        for length in 0..written.len() {
            assert!(TokenData::from_record(&written[..length]).is_none(), "{length}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn token_record_is_wiped_after_writing_and_reading() {
        use crate::crypto::secret::tests::{is_in_memory, never_seen};

        let ((access, first), (other, second)) = (never_seen(3), never_seen(4));
        let mut extra = String::with_capacity(1_000);
        extra.push_str(r#"{"a":"\"\n","b":""#);
        extra.push_str(&Zeroizing::new(other));
        extra.push_str("\"}");
        let scopes = (0..100).map(|number| format!("https://scope.example/{number}"));
        let data = TokenData {
            access_token: Secret::from(access),
            extra: Some(Secret::from(extra)),
            scopes: Some(scopes.collect()),
            ..data()
        };
        let written = Zeroizing::new(data.to_record(9_000).parts().concat());
        let read = TokenData::from_record(&written).unwrap();
        drop(data);
        assert!(is_in_memory(&first) && is_in_memory(&second));
        drop((written, read));
        assert!(!is_in_memory(&first), "the access token");
        assert!(!is_in_memory(&second), "another member");
    }
}
