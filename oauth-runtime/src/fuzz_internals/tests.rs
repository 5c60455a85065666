//! Runs every target on its corpus and on mutated inputs, without a fuzzer.

use std::fs;
use std::path::{Path, PathBuf};

use super::TARGETS;

/// Mutated inputs for each input of the corpus.
const MUTATIONS: usize = 200;
/// Bytes that parsers treat specially.
const SPECIAL: &[&[u8]] = &[
    b"",
    b"\0",
    b"\t",
    b"\n",
    b" ",
    b"\"",
    b"%",
    b"%00",
    b"%2f",
    b"&",
    b"+",
    b"/",
    b"//",
    b"\\",
    b";",
    b"=",
    b"?",
    b"@",
    b"#",
    b"..",
    b"<",
    b">",
    b"[",
    b"{",
    b"}",
    b"\x7f",
    b"\xc2\x85",
    b"\xc2\xa0",
    b"\xe2\x80\x80",
    b"\xe2\x80\xae",
    b"\xe3\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff",
    b"hunter2",
    b"1e999",
    b"null",
    b"18446744073709551616",
];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("corpus").join(target);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Knuth's linear congruential generator, which gives the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    /// Another input: a piece of one is replaced with a special one or with a piece of another.
    fn mutation(&mut self, corpus: &[Vec<u8>], from: usize) -> Vec<u8> {
        let mut input = corpus[from].clone();
        for _ in 0..=self.below(3) {
            let start = self.below(input.len() + 1);
            let end = start + self.below((input.len() - start).min(8) + 1);
            let other = &corpus[self.below(corpus.len())];
            let at = self.below(other.len() + 1);
            let piece = match self.below(2) {
                0 => SPECIAL[self.below(SPECIAL.len())],
                _ => &other[at..at + self.below(other.len() - at + 1)],
            };
            input.splice(start..end, piece.iter().copied());
        }
        input
    }
}

#[test]
fn every_target_holds_for_its_corpus_and_mutations() {
    for (name, run) in TARGETS {
        let corpus = corpus(name);
        let mut numbers = Numbers(1);
        for from in 0..corpus.len() {
            run(&corpus[from]);
            for _ in 0..MUTATIONS {
                run(&numbers.mutation(&corpus, from));
            }
        }
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let programs = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    let mut programs: Vec<_> =
        programs.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    programs.sort();
    let expected: Vec<_> = TARGETS.iter().map(|(name, _)| format!("{name}.rs")).collect();
    assert_eq!(programs, expected);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let size: usize = corpus(name).iter().map(Vec::len).sum();
        assert!((1..64 * 1024).contains(&size), "{name}: {size} bytes");
    }
}
