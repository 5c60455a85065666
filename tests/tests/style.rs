//! What a reader relies on and no compiler checks: names that fit, functions and files of a length
//! that one can take in, and a README that names every area.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// A name is a sentence that starts with its subject. Longer names have two subjects.
const MAX_NAME: usize = 49;
/// A longer function has more than one subject, and a longer file as well.
const MAX_FUNCTION_LINES: usize = 60;
const MAX_FILE_LINES: usize = 450;

#[test]
fn name_of_a_function_is_under_50_characters() {
    let mut long = Vec::new();
    for (file, source) in sources() {
        let names = functions(&source).filter(|name| name.len() > MAX_NAME);
        // The conformance suite has given these.
        let names = names.filter(|name| !name.starts_with("oidcc_client_test_"));
        long.extend(names.map(|name| format!("{file}: {name}")));
    }
    assert!(long.is_empty(), "shorten these:\n{}", long.join("\n"));
}

#[test]
fn function_has_at_most_60_lines_of_code() {
    let mut long = Vec::new();
    for (file, source) in sources() {
        let lengths = function_lengths(&source).filter(|(_, lines)| *lines > MAX_FUNCTION_LINES);
        long.extend(lengths.map(|(name, lines)| format!("{file}: {name}, {lines} lines")));
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn file_has_at_most_450_lines() {
    let lengths = sources().map(|(file, source)| (file, source.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > MAX_FILE_LINES);
    let long: Vec<_> = long.map(|(file, lines)| format!("{file}: {lines} lines")).collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

/// `tests/run` reads its areas from there.
#[test]
fn readme_of_the_tests_names_every_area() {
    let run = fs::read_to_string(root().join("tests/run")).expect("a script");
    let readme = include_str!("../README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut areas: BTreeSet<_> = rows.map(str::to_owned).collect();
    let binaries = binaries();
    let missing: Vec<_> = binaries.difference(&areas).collect();
    assert!(missing.is_empty(), "tests/README.md has no row for {missing:?}");
    areas.retain(|area| !binaries.contains(area) && !run.contains(&format!("{area}) ")));
    areas.retain(|area| !run.contains(&format!("\nof {area} ")));
    assert!(areas.is_empty(), "tests/README.md has rows for what is not run: {areas:?}");
}

#[test]
fn name_of_a_function_is_found_in_a_source() {
    let source =
        "pub(crate) async fn one() {}\n    fn two<T>(_: T) {}\nstruct Fn;\nlet fn_three = 3;";
    assert_eq!(functions(source).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn lines_of_a_function_are_counted_without_comments() {
    let source = "\
impl A {
    /// Text.
    fn one(
        a: u8,
    ) {
        // Why.

        a;
    }

    fn two() {}

    fn declared();
}

async fn three<T>()
where
    T: Copy,
{
    if true {
    }
}
";
    let counted: Vec<_> = function_lengths(source).collect();
    assert_eq!(counted, [("one", 5), ("two", 1), ("declared", 1), ("three", 7)]);
}

/// The functions of a formatted source with their lines of code: from `fn` to the brace that closes
/// it, which stands below its first word.
fn function_lengths(source: &str) -> impl Iterator<Item = (&str, usize)> {
    let lines: Vec<_> = source.lines().collect();
    let starts = lines.clone().into_iter().enumerate();
    starts.filter_map(move |(at, line)| {
        let name = functions(line).next()?;
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_end = |line: &str| {
            let rest = line.strip_prefix(indent);
            rest == Some("}")
                || rest.is_some_and(|rest| rest.ends_with(';') && !rest.starts_with(' '))
        };
        let is_one_line = line.ends_with(['}', ';']);
        let ends_after = lines[at..].iter().position(|line| is_end(line)).filter(|_| !is_one_line);
        let body = &lines[at..=at + ends_after.unwrap_or(0)];
        let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        Some((name, body.iter().filter(is_code).count()))
    })
}

fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.find(|word| *word == "fn")?;
        words.next()?.split(['(', '<']).next()
    })
}

/// The test targets of this package.
fn binaries() -> BTreeSet<String> {
    let folder = root().join("tests/tests");
    let stems = entries(&folder).filter_map(|path| {
        let is_binary =
            path.join("main.rs").is_file() || path.extension().is_some_and(|it| it == "rs");
        is_binary.then(|| path.file_stem()?.to_str().map(str::to_owned)).flatten()
    });
    stems.chain(iter::once("declarations".to_owned())).collect()
}

/// The sources of the workspace: path and text.
fn sources() -> impl Iterator<Item = (String, String)> {
    let folders = ["oauth-runtime", "oauth-macros", "tests", "examples"];
    let below = |folder: &str| {
        let parts = ["src", "tests", "benches"].map(|part| root().join(folder).join(part));
        parts.into_iter().filter(|part| part.is_dir()).collect::<Vec<_>>()
    };
    let files = folders.into_iter().flat_map(below).flat_map(|folder| rust_files(&folder));
    files.map(|file| {
        let source = fs::read_to_string(&file).expect("a source file is text");
        (file.strip_prefix(root()).expect("a file below").display().to_string(), source)
    })
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}
