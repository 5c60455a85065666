//! Conventions that the compiler does not check: names of functions, and a README that names every
//! area.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// A name is a sentence that starts with its subject. Longer names have two subjects.
const MAX_NAME: usize = 49;

#[test]
fn name_of_a_function_is_under_50_characters() {
    let mut long = Vec::new();
    for folder in ["oauth-runtime/src", "oauth-macros/src", "tests/src", "tests/tests"] {
        for file in rust_files(&root().join(folder)) {
            let source = fs::read_to_string(&file).expect("a source file is text");
            let names = functions(&source).filter(|name| name.len() > MAX_NAME);
            // These names are those of the conformance suite.
            let names = names.filter(|name| !name.starts_with("oidcc_client_test_"));
            long.extend(names.map(|name| format!("{}: {name}", file.display())));
        }
    }
    assert!(long.is_empty(), "shorten these:\n{}", long.join("\n"));
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
