//! Strings that are never shown: client secrets, tokens, codes and verifiers.

use std::sync::Arc;

use aws_lc_rs::constant_time;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::text::opaque_debug;

/// A string that must not reach a log, an error or a page.
///
/// It has no `Display` and no `Serialize`, its `Debug` hides the content, and comparison takes the
/// same time wherever two strings differ. Clones share one string, which is overwritten when the
/// last of them is dropped.
///
/// ```
/// use oauth_runtime::Secret;
///
/// let secret = Secret::from("tr0ub4dor");
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "tr0ub4dor");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Returns the secret string. The caller must not let it leak.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the string is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

opaque_debug!(Secret);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        equal_in_constant_time(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Serialises a secret, for a field that states it with `serialize_with`: no other one does.
pub(crate) fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// Like [`expose`], for a secret that may be missing.
pub(crate) fn expose_some<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

/// Compares two strings in a time that depends only on their lengths.
pub(crate) fn equal_in_constant_time(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        assert!(!format!("{:?}", Some(Secret::from("hunter2"))).contains("hunter2"));
    }

    #[test]
    fn equality_is_by_content() {
        assert_eq!(Secret::from("a"), Secret::from("a"));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert_ne!(Secret::from("a"), Secret::from("aa"));
    }

    /// A string of 64 characters that was never in memory as a whole, and 32 of them, disguised.
    pub(crate) fn never_seen(seed: u8) -> (String, Vec<u8>) {
        let letter = |at: u8| b'a' + seed.wrapping_mul(31).wrapping_add(at.wrapping_mul(7)) % 26;
        let text: String = (0..64).map(|at| char::from(letter(at))).collect();
        (text, (16..48).map(|at| !letter(at)).collect())
    }

    /// Whether the disguised string is anywhere in the memory of this process, in use or not.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_in_memory(disguised: &[u8]) -> bool {
        use std::fs::{File, read_to_string};
        use std::os::unix::fs::FileExt;

        let memory = File::open("/proc/self/mem").unwrap();
        // Wiped, so that the next search does not find a string in this buffer.
        let mut buffer = Zeroizing::new(vec![0; 1 << 20]);
        for line in read_to_string("/proc/self/maps").unwrap().lines() {
            let Some((range, _)) = line.split_once(" rw") else { continue };
            let (start, end) = range.split_once('-').unwrap();
            let at = |text: &str| u64::from_str_radix(text, 16).unwrap();
            let (mut start, end) = (at(start), at(end));
            while start < end {
                let most = usize::try_from(end - start).unwrap().min(buffer.len());
                let Ok(read) = memory.read_at(&mut buffer[..most], start) else { break };
                let is_it = |bytes: &[u8]| bytes.iter().zip(disguised).all(|(a, b)| *a == !*b);
                if buffer[..read].windows(disguised.len()).any(is_it) {
                    return true;
                }
                if read < buffer.len() {
                    break;
                }
                // A string across the border is in the next piece.
                start += (read - disguised.len()) as u64;
            }
        }
        false
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_secret_is_gone_from_memory_with_its_last_clone() {
        let (text, disguised) = never_seen(1);
        let secret = Secret::from(text);
        let clone = secret.clone();
        drop(secret);
        assert!(is_in_memory(&disguised));
        drop(clone);
        assert!(!is_in_memory(&disguised));
    }
}
