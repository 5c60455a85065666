//! The only place that draws random bytes.

use std::cell::RefCell;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::failure::Failure;

/// Number of bytes that are drawn at once for nonces.
const DRAW: usize = 480;

/// `N` unpredictable bytes.
///
/// # Errors
/// [`Failure::Randomness`].
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Failure::Randomness)?;
    Ok(bytes)
}

/// `N` unpredictable bytes as base64url text.
pub(crate) fn text<const N: usize>() -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}

/// `N` random bytes that need not stay secret, such as the nonce of sealed text. One draw costs
/// more than many bytes, so the bytes for the next calls wait in memory. Never draw secrets from
/// here.
///
/// # Errors
/// [`Failure::Randomness`].
pub(crate) fn public_bytes<const N: usize>() -> Result<[u8; N], Failure> {
    const { assert!(N <= DRAW) };
    thread_local! {
        static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; DRAW], used: DRAW }) };
    }
    let drawn = DRAWN.try_with(|drawn| drawn.try_borrow_mut().ok()?.next());
    drawn.ok().flatten().ok_or(Failure::Randomness)
}

struct Drawn {
    bytes: [u8; DRAW],
    used: usize,
}

impl Drawn {
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        if DRAW - self.used < N {
            *self = Self { bytes: bytes().ok()?, used: 0 };
        }
        let next = self.bytes[self.used..].first_chunk().copied()?;
        self.used += N;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_drawn_twice() {
        let draw = || (0..1_000).map(|_| public_bytes::<12>().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let all = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        assert_eq!(all.collect::<HashSet<_>>().len(), 4_000);
    }

    #[test]
    fn lengths_that_do_not_divide_a_draw_share_no_byte() {
        let mut drawn = Drawn { bytes: [0; DRAW], used: DRAW };
        for _ in 0..DRAW {
            let before = drawn.used;
            let given = drawn.next::<7>().unwrap();
            assert!(drawn.bytes[..drawn.used].ends_with(&given));
            assert!(drawn.used == before + 7 || drawn.used == 7);
        }
    }
}
