//! A body that unpacks to a hundred times its size (RFC 1951, RFC 1952): a JSON object with one
//! long member. It needs no compressor, because it repeats one character.

use axum::body::Bytes;

/// Approximate length of the unpacked body, in bytes.
const UNPACKED: usize = 100 * 1024 * 1024;
/// Maximum length of one repetition.
const RUN: usize = 258;

/// The bits of a deflate stream, with the first in the lowest place.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.count.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.count % 8);
        }
        self.count += 1;
    }

    /// A Huffman code, whose highest bit comes first.
    fn code(&mut self, code: u16, length: u32) {
        for place in (0..length).rev() {
            self.push(code >> place & 1 == 1);
        }
    }

    /// Repeats the previous character, `runs` times 258.
    ///
    /// Eight codes of thirteen bits fill thirteen bytes, regardless of the first bit. The same
    /// bytes therefore recur, and are copied.
    fn repeat(&mut self, runs: usize) {
        self.eight_runs();
        let begin = self.count / 8;
        self.eight_runs();
        let (cycle, rest) =
            (self.bytes[begin..begin + 13].to_vec(), self.bytes[begin + 13..].to_vec());
        let cycles = runs / 8;
        self.bytes.truncate(begin);
        self.bytes.extend(cycle.iter().cycle().take(13 * cycles));
        self.bytes.extend(rest);
        self.count += 104 * (cycles - 1);
    }

    /// Length 258 is symbol 285 in eight bits, distance 1 is symbol 0 in five.
    fn eight_runs(&mut self) {
        for _ in 0..8 {
            self.code(0b1100_0101, 8);
            self.code(0, 5);
        }
    }

    /// A byte below 144 in the fixed code (RFC 1951 section 3.2.6).
    fn literal(&mut self, byte: u8) {
        self.code(0x30 + u16::from(byte), 8);
    }
}

/// `{"padding":"xxx…"}` in gzip form.
pub(super) fn bomb() -> Bytes {
    let mut bits = Bits::default();
    // The last block, with the fixed code: BFINAL 1, BTYPE 01.
    for bit in [true, true, false] {
        bits.push(bit);
    }
    for byte in *b"{\"padding\":\"x" {
        bits.literal(byte);
    }
    bits.repeat(UNPACKED / RUN);
    for byte in *b"\"}" {
        bits.literal(byte);
    }
    bits.code(0, 7);
    // No name, no time, an unknown system. The checksum is omitted, because no client reads that
    // far.
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [&header[..], &bits.bytes, &[0; 8]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::{Bits, bomb};

    /// The output of `printf xxx | gzip`, with the fixed code.
    #[test]
    fn bits_come_in_the_order_of_the_specification() {
        let mut bits = Bits::default();
        for bit in [true, true, false] {
            bits.push(bit);
        }
        for byte in *b"xxx" {
            bits.literal(byte);
        }
        bits.code(0, 7);
        assert_eq!(bits.bytes, [0xab, 0xa8, 0xa8, 0x00, 0x00]);
    }

    /// Copying writes the same bits as pushing each of them.
    #[test]
    fn repetition_is_written_as_if_it_were_pushed() {
        for offset in 0..8 {
            let (mut copied, mut pushed) = (Bits::default(), Bits::default());
            for _ in 0..offset {
                copied.push(true);
                pushed.push(true);
            }
            copied.repeat(32);
            for _ in 0..5 {
                pushed.eight_runs();
            }
            copied.literal(b'x');
            pushed.literal(b'x');
            assert_eq!(copied.bytes, pushed.bytes, "{offset}");
        }
    }

    #[test]
    fn it_is_a_hundred_times_smaller_than_what_is_in_it() {
        let bomb = bomb();
        assert_eq!(bomb[..3], [0x1f, 0x8b, 8]);
        assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    }
}
