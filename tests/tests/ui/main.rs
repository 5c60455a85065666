//! The compile errors of wrong declarations, and that right declarations compile without warnings.
//!
//! `OAUTH_BLESS=1 tests/run ui` writes the messages again. Review the diff as their reader.

mod compiler;
mod message;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, thread};

use compiler::{Built, Case, workspace};

#[test]
fn wrong_declaration_is_explained_by_the_compiler() {
    compiler::assert_version();
    let built = Built::for_the_tests();
    let waiting = Mutex::new(cases());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                // The lock is not held during compilation.
                let next = || waiting.lock().expect("no thread panics").pop();
                while let Some(case) = next() {
                    if let Err(fault) = explained(&built, &case) {
                        wrong.lock().expect("no thread panics").push(fault);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no thread panics");
    wrong.sort();
    assert!(wrong.is_empty(), "{} cases:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// The crate has its default features, as in an application, because generated code needs no
/// others.
#[test]
fn right_declaration_compiles_in_silence() {
    let (tests, built) = (Built::for_the_tests(), Built::by_default());
    let runtime = built.library("oauth_runtime");
    let with_axum = [
        ("oauth_runtime", runtime),
        ("axum", built.library("axum")),
        ("serde", built.library("serde")),
    ];
    // The features that `#[tokio::main]` needs are the application's, not the library's.
    let with_tokio = [("oauth_runtime", runtime), ("tokio", tests.library("tokio"))];
    for (name, edition, dependencies) in [
        ("declarations.rs", "2021", &with_axum[..]),
        ("renamed.rs", "2024", &[("oauth", runtime)]),
        ("tutorial.rs", "2024", &with_tokio),
    ] {
        let source = Path::new("tests/ui/pass").join(name);
        let case = Case { source: &source, kind: "lib", edition, dependencies };
        let (compiles, said) = built.compile(&case);
        assert!(compiles && said.is_empty(), "{}: {said}", source.display());
    }
}

/// Compares the compiler's messages with the record next to the case.
fn explained(built: &Built, source: &Path) -> Result<(), String> {
    let dependencies = ["axum", "http", "oauth_runtime", "serde", "tokio"];
    let dependencies = dependencies.map(|name| (name, built.library(name)));
    let case = Case { source, kind: "bin", edition: "2024", dependencies: &dependencies };
    let (compiles, said) = built.compile(&case);
    let source = source.display();
    if compiles {
        return Err(format!("{source} compiles, and must not"));
    }
    let said = message::normalized(&said, &workspace());
    let record = workspace().join(case.source).with_extension("stderr");
    if env::var_os("OAUTH_BLESS").is_some() {
        fs::write(&record, said).expect("the record can be written");
        return Ok(());
    }
    match fs::read_to_string(&record) {
        Ok(recorded) if recorded == said => Ok(()),
        Ok(recorded) => Err(format!("{source}, recorded:\n{recorded}\n{source}, said:\n{said}")),
        Err(error) => Err(format!("{source} has no record ({error}), said:\n{said}")),
    }
}

/// All cases, relative to the root of the workspace. A record without a case would not be checked.
fn cases() -> Vec<PathBuf> {
    let root = workspace();
    let (mut cases, mut records) = (BTreeSet::new(), BTreeSet::new());
    for topic in entries(&root.join("tests/ui/fail")) {
        for file in entries(&topic) {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => _ = cases.insert(file),
                Some("stderr") => _ = records.insert(file.with_extension("rs")),
                _ => {}
            }
        }
    }
    let alone: Vec<_> = records.difference(&cases).collect();
    assert!(alone.is_empty(), "records of missing cases: {alone:?}");
    assert!(!cases.is_empty(), "there are no cases");
    let from_root = |case: PathBuf| case.strip_prefix(&root).map(Path::to_path_buf);
    cases.into_iter().map(|case| from_root(case).expect("a case of the workspace")).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("the folder can be read").path())
}
