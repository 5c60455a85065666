//! Every promise of the security guide and of the README, with the tests that fail if it is broken.
//!
//! `promises.txt` contains each sentence verbatim after `>`, followed by its tests as
//! `binary::module::test`, or `oauth_runtime::module::test` for unit tests. A sentence that only
//! explains something has `-`.

use std::collections::BTreeSet;

use tests::test_paths::exists;

const GUIDE: &str = include_str!("../../../oauth-runtime/src/docs/security.md");
const README: &str = include_str!("../../../README.md");
const TABLE: &str = include_str!("promises.txt");

/// A sentence and its tests.
struct Promise {
    sentence: &'static str,
    tests: Vec<&'static str>,
}

fn table() -> Vec<Promise> {
    let mut promises = Vec::<Promise>::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match (line.strip_prefix("> "), promises.last_mut()) {
            (Some(sentence), _) => promises.push(Promise { sentence, tests: Vec::new() }),
            (None, Some(promise)) => promise.tests.push(line),
            (None, None) => panic!("`{line}` belongs to no sentence"),
        }
    }
    promises
}

/// The sentences that may be promises: all of the guide except the duties of its readers.
fn documents() -> BTreeSet<String> {
    let left_to_you = section(GUIDE, "## What is left to you");
    let guide = GUIDE.replace(left_to_you, "");
    let readme = section(README, "## What is checked for you");
    blocks(&guide).iter().chain(&blocks(readme)).flat_map(|block| sentences(block)).collect()
}

fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let start = document.find(&format!("\n{heading}\n")).expect(heading) + 1;
    let section = &document[start..];
    section.find("\n## ").map_or(section, |end| &section[..end])
}

/// Paragraphs, list items and table rows, each on one line, without headings and code.
fn blocks(document: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    let mut is_code = false;
    let lines: Vec<_> = document.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let is_table_head = lines.get(at + 1).is_some_and(|next| next.starts_with("| ---"));
        match *line {
            fence if fence.starts_with("```") => is_code = !is_code,
            _ if is_code => {}
            "" => blocks.push(String::new()),
            head if head.starts_with('#') || head.starts_with("| ---") => {}
            row if row.starts_with('|') && is_table_head => {}
            row if row.starts_with('|') => blocks.extend([row.to_owned(), String::new()]),
            text => {
                if let Some(item) = text.strip_prefix("- ") {
                    blocks.push(item.to_owned());
                } else if let Some(block) = blocks.last_mut() {
                    let separator = if block.is_empty() { "" } else { " " };
                    *block = format!("{block}{separator}{text}");
                }
            }
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// A sentence ends with a full stop or similar, and the next one starts with a capital letter.
fn sentences(block: &str) -> Vec<String> {
    if block.starts_with('|') {
        return vec![block.to_owned()];
    }
    let words: Vec<_> = block.split(' ').collect();
    let (mut sentences, mut sentence) = (Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        sentence.push(*word);
        let has_mark = word.trim_end_matches([')', '*', '`', '"']).ends_with(['.', '?', '!']);
        let begins =
            |next: &&str| next.starts_with(|c: char| c.is_uppercase() || "`*[(".contains(c));
        if words.get(at + 1).is_none_or(|next| has_mark && begins(next)) {
            sentences.push(sentence.join(" "));
            sentence.clear();
        }
    }
    sentences
}

#[test]
fn each_sentence_is_in_the_table_with_its_tests() {
    let table: Vec<_> = table();
    let known: BTreeSet<_> = table.iter().map(|promise| promise.sentence.to_owned()).collect();
    let said = documents();
    let new: Vec<_> = said.difference(&known).collect();
    assert!(new.is_empty(), "no test is named in promises.txt for: {new:#?}");
    let gone: Vec<_> = known.difference(&said).collect();
    assert!(gone.is_empty(), "promises.txt has sentences that are not in the documents: {gone:#?}");
    assert_eq!(known.len(), table.len(), "a sentence is in promises.txt twice");
    for Promise { sentence, tests } in table {
        assert!(!tests.is_empty(), "neither a test nor `-` for: {sentence}");
        assert!(tests == ["-"] || !tests.contains(&"-"), "tests and `-` for: {sentence}");
    }
}

#[test]
fn each_named_test_exists() {
    let named = table().into_iter().flat_map(|promise| promise.tests);
    let missing: BTreeSet<_> = named.filter(|test| *test != "-" && !exists(test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn promise_without_test_is_found() {
    let said = "Text of a line\nthat goes on. A second *one*! and more\n\n| a | b |\n| --- | --- |\n| c | d |\n- An item.\n\n```\nCode.\n```\n";
    let sentences: Vec<_> = blocks(said).iter().flat_map(|block| sentences(block)).collect();
    let expected =
        ["Text of a line that goes on.", "A second *one*! and more", "| c | d |", "An item."];
    assert_eq!(sentences, expected);
    assert!(exists("security::promises::promise_without_test_is_found"));
    assert!(!exists("security::promises::exists") && !exists("security::promises::nothing"));
}
