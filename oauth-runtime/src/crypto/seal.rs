//! Sealed text: data that a browser or a store holds but can neither read nor change.
//!
//! AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce: a key may seal cookies for years.
//! Each purpose has its own key, derived with HKDF (RFC 5869), so that text sealed for one never
//! opens for another.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::crypto::failure::Failure;
use crate::crypto::random;

/// Length of a key, in bytes.
const KEY_LENGTH: usize = 32;
/// Length of the identifier of the sealing key, in bytes.
const KEY_ID_LENGTH: usize = 4;
const HEAD_LENGTH: usize = KEY_ID_LENGTH + NONCE_LEN;
/// Length of the authentication tag, in bytes (RFC 8452 section 4).
const TAG_LENGTH: usize = 16;

/// The secret keys of the application: the first seals, all open.
#[derive(Clone)]
pub(crate) struct CookieKeys(Vec<Zeroizing<[u8; KEY_LENGTH]>>);

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CookieKeyError {
    /// Not 32 bytes of base64 or hexadecimal digits.
    #[error(
        "a key is 32 random bytes as base64 or as 64 hexadecimal digits; `openssl rand -base64 32` generates one"
    )]
    Malformed,
    /// The list is empty.
    #[error("it contains no key")]
    Empty,
}

impl CookieKeys {
    /// Generates one random key, which lasts as long as the process.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn random() -> Result<Self, Failure> {
        Ok(Self(vec![Zeroizing::new(random::bytes()?)]))
    }

    /// Reads keys separated by commas, each 32 bytes as base64 or hexadecimal digits.
    ///
    /// # Errors
    /// [`CookieKeyError`].
    pub(crate) fn parse(text: &str) -> Result<Self, CookieKeyError> {
        let keys: Vec<_> = text
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(|key| decode_key(key).ok_or(CookieKeyError::Malformed))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(CookieKeyError::Empty) } else { Ok(Self(keys)) }
    }
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieKeys({} keys)", self.0.len())
    }
}

fn decode_key(text: &str) -> Option<Zeroizing<[u8; KEY_LENGTH]>> {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    if text.len() == 2 * KEY_LENGTH {
        for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            *byte = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?;
        }
        return Some(key);
    }
    let bytes = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok())
        .map(Zeroizing::new)?;
    key.copy_from_slice(bytes.get(..KEY_LENGTH).filter(|_| bytes.len() == KEY_LENGTH)?);
    Some(key)
}

/// Four characters that distinguish names in one list. They prove nothing.
pub(crate) fn tag(text: &str) -> String {
    fingerprint(text)[..4].to_owned()
}

/// The SHA-256 digest of a text as base64url, which has 43 characters.
pub(crate) fn fingerprint(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// The SHA-256 digest of a text in the form of a `Content-Security-Policy`.
pub(crate) fn policy_digest(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// A digest that is unique to a list of texts: SHA-256 of each text with its length.
pub(crate) fn digest_of(texts: &[&str]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or([0; 32])
}

/// Seals and opens for one purpose.
pub(crate) struct Sealer {
    /// Never empty; the first seals.
    keys: Vec<PurposeKey>,
    purpose: &'static str,
}

/// Bytes that were sealed.
pub(crate) struct Opened {
    pub(crate) plain: Zeroizing<Vec<u8>>,
    /// Whether they were sealed with the current sealing key.
    pub(crate) is_by_first_key: bool,
}

/// Why sealed text cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// It names a sealing key that is not among the configured ones.
    KeyLost(KeyId),
    /// It was sealed for another purpose or context, changed, or never sealed.
    Damaged,
}

/// The public name of a key, for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyId([u8; KEY_ID_LENGTH]);

struct PurposeKey {
    id: [u8; KEY_ID_LENGTH],
    key: LessSafeKey,
}

impl Sealer {
    /// Derives the keys for `purpose`. Text sealed for one purpose does not open for another.
    ///
    /// # Errors
    /// [`Failure`] if key derivation fails, which never happens with working cryptography.
    pub(crate) fn new(keys: &CookieKeys, purpose: &'static str) -> Result<Self, Failure> {
        let keys = keys.0.iter().map(|key| PurposeKey::derive(key, purpose));
        Ok(Self { keys: keys.collect::<Result<_, _>>()?, purpose })
    }

    /// Seals `plain` as text, bound to `context`, which opening requires.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn seal(&self, context: &str, plain: &[u8]) -> Result<String, Failure> {
        Ok(URL_SAFE_NO_PAD.encode(self.seal_bytes(&[], context, [plain].into_iter())?))
    }

    /// Opens text that was sealed with the same purpose, the same context and one of the keys;
    /// `None` for anything else.
    pub(crate) fn open(&self, context: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.open_bytes(context, &sealed).ok().map(|opened| opened.plain)
    }

    /// Opens the only one of `values` that opens. If two different ones open, neither counts,
    /// because another parser might take either.
    pub(crate) fn open_one<'v>(
        &self,
        context: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut found: Option<(&str, Zeroizing<Vec<u8>>)> = None;
        for value in values {
            if found.as_ref().is_some_and(|(same, _)| *same == value) {
                continue;
            }
            if let Some(plain) = self.open(context, value)
                && found.replace((value, plain)).is_some()
            {
                return None;
            }
        }
        found.map(|(_, plain)| plain)
    }

    /// Seals the parts of `plain` after `front`, which stays unencrypted. The result is bound to
    /// `context`, which opening requires.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn seal_bytes<'p>(
        &self,
        front: &[u8],
        context: &str,
        plain: impl Iterator<Item = &'p [u8]> + Clone,
    ) -> Result<Vec<u8>, Failure> {
        let first = self.keys.first().ok_or(Failure::Operation)?;
        let nonce: [u8; NONCE_LEN] = random::public_bytes()?;
        let length: usize = plain.clone().map(<[u8]>::len).sum();
        let head_length = front.len() + HEAD_LENGTH;
        // The capacity is exact: a buffer that grows leaves a copy of the plaintext in memory.
        let mut sealed = Vec::with_capacity(head_length + length + TAG_LENGTH);
        for part in [front, &first.id, &nonce] {
            sealed.extend_from_slice(part);
        }
        plain.for_each(|part| sealed.extend_from_slice(part));
        let tag = first
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut sealed[head_length..],
            )
            .map_err(|_| Failure::Operation)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens bytes that were sealed with the same purpose, the same context and one of the keys.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub(crate) fn open_bytes(&self, context: &str, sealed: &[u8]) -> Result<Opened, NotOpened> {
        let damaged = NotOpened::Damaged;
        let (id, rest) = sealed.split_first_chunk::<KEY_ID_LENGTH>().ok_or(damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(damaged)?;
        let (body, tag) = rest.split_last_chunk::<TAG_LENGTH>().ok_or(damaged)?;
        let key = self.keys.iter().position(|key| key.id == *id);
        let key = key.ok_or(NotOpened::KeyLost(KeyId(*id)))?;
        let mut plain = Zeroizing::new(vec![0; body.len()]);
        self.keys[key]
            .key
            .open_separate_gather(Nonce::from(nonce), Aad::from(context), body, tag, &mut plain)
            .map_err(|_| damaged)?;
        Ok(Opened { plain, is_by_first_key: key == 0 })
    }
}

impl PurposeKey {
    fn derive(key: &[u8; KEY_LENGTH], purpose: &'static str) -> Result<Self, Failure> {
        struct Length(usize);
        impl hkdf::KeyType for Length {
            fn len(&self) -> usize {
                self.0
            }
        }
        let failed = |_| Failure::Operation;
        let mut derived = Zeroizing::new([0; KEY_LENGTH + KEY_ID_LENGTH]);
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"oauth-runtime/1")
            .extract(key)
            .expand(&[purpose.as_bytes()], Length(derived.len()))
            .and_then(|material| material.fill(derived.as_mut_slice()))
            .map_err(failed)?;
        let (sealing, id) = derived.split_at(KEY_LENGTH);
        let mut key_id = [0; KEY_ID_LENGTH];
        key_id.copy_from_slice(id);
        let sealing = UnboundKey::new(&AES_256_GCM_SIV, sealing).map_err(failed)?;
        Ok(Self { id: key_id, key: LessSafeKey::new(sealing) })
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("is_by_first_key", &self.is_by_first_key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({}, {} keys)", self.purpose, self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "0101010101010101010101010101010101010101010101010101010101010101";

    fn sealer(keys: &str, purpose: &'static str) -> Sealer {
        Sealer::new(&CookieKeys::parse(keys).unwrap(), purpose).unwrap()
    }

    #[test]
    fn sealed_text_opens_again() {
        let sealer = sealer(OLD, "session");
        let sealed = sealer.seal("context", b"plain").unwrap();
        assert!(!sealed.contains("plain"));
        assert_eq!(sealer.open("context", &sealed).unwrap().as_slice(), b"plain");
    }

    #[test]
    fn a_pending_login_never_opens_as_a_session() {
        let sealed = sealer(OLD, "pending login").seal("context", b"plain").unwrap();
        assert!(sealer(OLD, "session").open("context", &sealed).is_none());
    }

    #[test]
    fn sealed_text_opens_only_unchanged_in_its_context() {
        let own = sealer(OLD, "session");
        let sealed = own.seal("context", b"plain").unwrap();
        assert!(own.open("other", &sealed).is_none());
        assert!(sealer(NEW, "session").open("context", &sealed).is_none());
        for at in 0..sealed.len() - 1 {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(own.open("context", &changed).is_none(), "byte {at}");
        }
        for text in ["", "A", "%", &sealed[..20]] {
            assert!(own.open("context", text).is_none());
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_neither_opens_nor_panics(text in "[A-Za-z0-9_-]{0,200}|\\PC{0,100}") {
            proptest::prop_assert!(sealer(OLD, "session").open("context", &text).is_none());
        }

        #[test]
        fn sealed_bytes_open_only_in_their_context(plain: Vec<u8>, context: String) {
            let sealer = sealer(OLD, "session");
            let sealed = sealer.seal(&context, &plain).unwrap();
            let opened = sealer.open(&context, &sealed);
            proptest::prop_assert_eq!(opened.as_ref().map(|opened| opened.as_slice()), Some(&*plain));
            let other = context + "x";
            proptest::prop_assert!(sealer.open(&other, &sealed).is_none());
        }
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let before = sealer(OLD, "session").seal("c", b"plain").unwrap();
        let rotated = sealer(&format!("{NEW},{OLD}"), "session");
        assert!(rotated.open("c", &before).is_some());
        let after = rotated.seal("c", b"plain").unwrap();
        assert!(sealer(NEW, "session").open("c", &after).is_some());
    }

    #[test]
    fn short_or_misspelt_keys_are_refused() {
        for text in ["secret", "0101", &OLD[..40], &format!("{OLD},x")] {
            assert_eq!(CookieKeys::parse(text).unwrap_err(), CookieKeyError::Malformed, "{text}");
        }
        assert_eq!(CookieKeys::parse(" , ").unwrap_err(), CookieKeyError::Empty);
    }

    #[test]
    fn debug_shows_neither_keys_nor_sealed_data() {
        let keys = CookieKeys::parse(&format!("{OLD},{NEW}")).unwrap();
        assert_eq!(format!("{keys:?}"), "CookieKeys(2 keys)");
        let sealer = sealer(NEW, "session");
        let sealed = URL_SAFE_NO_PAD.decode(sealer.seal("context", b"hunter2").unwrap()).unwrap();
        let opened = sealer.open_bytes("context", &sealed).unwrap();
        assert_eq!(opened.plain.as_slice(), b"hunter2");
        let shown = format!("{opened:?} {opened:#?} {sealer:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("0101"), "{shown}");
        assert!(!shown.contains(&format!("{:?}", b"hunter2")[1..20]), "{shown}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn sealed_and_opened_bytes_are_wiped_on_drop() {
        use crate::crypto::secret::tests::{is_in_memory, never_seen};

        let sealer = sealer(NEW, "session");
        let (text, disguised) = never_seen(2);
        let text = Zeroizing::new(text);
        let sealed = sealer.seal("context", text.as_bytes()).unwrap();
        drop(text);
        assert!(!is_in_memory(&disguised), "after sealing");
        let opened = sealer.open("context", &sealed).unwrap();
        assert!(is_in_memory(&disguised));
        drop(opened);
        assert!(!is_in_memory(&disguised), "after opening");
    }
}
