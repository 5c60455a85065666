//! Unguessable identifiers for codes, tokens, secrets and requests.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Draws randomness once and derives every identifier from it. Only the start of a provider can
/// therefore fail for lack of randomness.
pub(super) struct Random {
    key: hmac::Key,
    drawn: AtomicU64,
}

impl Random {
    pub(super) fn new() -> Result<Self, Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new())?;
        Ok(Self { key, drawn: AtomicU64::new(0) })
    }

    /// A unique string of 43 base64url characters, for 256 bits.
    pub(super) fn identifier(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.draw())
    }

    /// Two groups of four unambiguous letters that do not form words (RFC 8628 section 6.1).
    pub(super) fn user_code(&self) -> String {
        const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
        let drawn = self.draw();
        let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
        let mut code: String = drawn.as_ref().iter().take(8).map(letter).collect();
        code.insert(4, '-');
        code
    }

    fn draw(&self) -> hmac::Tag {
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        hmac::sign(&self.key, &count.to_be_bytes())
    }
}
