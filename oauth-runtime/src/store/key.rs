//! Names of records: a kind, and parts that identify the record within its kind.

use std::fmt;

use crate::crypto::seal;

/// Maximum length of a key that every store accepts, in bytes.
const MAX_LENGTH: usize = 512;

/// The key of a record, `kind:part:part`. Different lists of parts have different keys.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    kind: &'static str,
    text: String,
}

impl Key {
    /// Creates the key of the record of `kind` that the parts identify. They may contain anything:
    /// `:` and `%` are written as `%3A` and `%25`, and parts that are too long are replaced with
    /// `#` and their SHA-256 in base64url.
    pub(crate) fn new(kind: &'static str, parts: &[&str]) -> Self {
        let length = parts.iter().map(|part| part.len() + 1).sum::<usize>();
        let mut text = String::with_capacity(kind.len() + length);
        text += kind;
        for part in parts {
            text.push(':');
            push_escaped(&mut text, part);
        }
        if text.len() > MAX_LENGTH {
            text = format!("{kind}:#{}", seal::fingerprint(&text));
        }
        Self { kind, text }
    }

    /// A string of 43 characters that is unique to the parts, for a part that reveals nothing.
    pub(crate) fn fingerprint(parts: &[&str]) -> String {
        seal::fingerprint(Self::new("", parts).as_str())
    }

    /// The kind of the record.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    /// The key as a store sees it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// A leading `#` marks the replacement of parts that are too long.
fn push_escaped(text: &mut String, part: &str) {
    let mut rest = part.strip_prefix('#').inspect(|_| *text += "%23").unwrap_or(part);
    while let Some(at) = rest.find(['%', ':']) {
        let (before, special) = rest.split_at(at);
        *text += before;
        *text += if special.starts_with('%') { "%25" } else { "%3A" };
        rest = &special[1..];
    }
    *text += rest;
}

/// The parts may name a user or a session, so they are redacted.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}:…)", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&str]) -> String {
        Key::new("token", parts).as_str().to_owned()
    }

    #[test]
    fn a_key_reads_as_its_parts() {
        assert_eq!(key(&["s1", "github"]), "token:s1:github");
        assert_eq!(key(&["https://a.example/auth"]), "token:https%3A//a.example/auth");
    }

    #[test]
    fn long_key_is_a_fingerprint_that_no_part_spells() {
        let long = "x".repeat(600);
        let short = key(&[&long]);
        assert_eq!(short.len(), "token:#".len() + 43);
        assert_ne!(short, key(&[&long, ""]));
        assert_ne!(short, key(&[short.strip_prefix("token:").unwrap()]));
    }

    proptest::proptest! {
        #[test]
        fn different_parts_give_different_keys(
            a in proptest::collection::vec("[a:%#3A]{0,4}|\\PC{0,200}", 1..4),
            b in proptest::collection::vec("[a:%#3A]{0,4}|\\PC{0,200}", 1..4),
        ) {
            let [one, other] = [&a, &b].map(|parts| {
                key(&parts.iter().map(String::as_str).collect::<Vec<_>>())
            });
            proptest::prop_assert_eq!(one == other, a == b);
            proptest::prop_assert!(one.len() <= MAX_LENGTH);
        }
    }

    #[test]
    fn what_it_is_about_is_not_shown() {
        let key = Key::new("token", &["the-session", "github"]);
        assert_eq!(format!("{key:?}"), "Key(token:…)");
    }
}
