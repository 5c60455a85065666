//! The public API of `oauth-runtime` is recorded in `oauth-runtime/public-api.txt`, so that reviews
//! show changes to it. `OAUTH_BLESS=1 tests/run public_api` writes it again. Review the diff as a
//! user who upgrades.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// Types of these crates appear in signatures: a breaking release of one of them breaks this crate
/// too.
const FOREIGN: &[&str] =
    &["alloc", "axum", "axum_core", "bytes", "core", "http", "serde_core", "serde_json", "std"];
/// Types that appear only with a feature, which is named after their crate and version, or with
/// `testing`, which applications do not ship.
const OF_FEATURES: &[(&str, &str)] = &[("sqlx_postgres", "sqlx_0_9")];

#[test]
fn public_api_is_the_recorded_one() {
    let api = public_api();
    let record = workspace().join("oauth-runtime/public-api.txt");
    if env::var_os("OAUTH_BLESS").is_some() {
        return fs::write(record, api).expect("a file that can be written");
    }
    let recorded = fs::read_to_string(record).expect("the record");
    let difference = difference(&recorded, &api);
    assert!(difference.is_empty(), "OAUTH_BLESS=1 records this:\n{difference}");
}

/// Every crate in the record is in the lists above.
#[test]
fn signatures_name_listed_crates_only() {
    let record = workspace().join("oauth-runtime/public-api.txt");
    let recorded = fs::read_to_string(record).expect("the record");
    let listed = OF_FEATURES.iter().map(|(name, _)| *name).chain(FOREIGN.iter().copied());
    let listed: Vec<_> = listed.chain(["oauth_runtime", "oauth_macros", "tokio"]).collect();
    for line in recorded.lines() {
        for name in crates_of(line) {
            assert!(listed.contains(&name), "`{name}` in `{line}`");
        }
    }
}

/// The first segments of the paths in a line.
fn crates_of(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.filter_map(|word| word.split_once("::").map(|(first, _)| first));
    paths.filter(|first| first.starts_with(|c: char| c.is_ascii_lowercase()) && *first != "self")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One line for each item, without `__private` and without the trait implementations that every type has.
fn public_api() -> String {
    let output = Command::new(env!("CARGO"))
        .args(["rustdoc", "--locked", "--quiet", "--package", "oauth-runtime", "--lib"])
        .args(["--features", "postgres redis rsa-sha1 sqlite sqlx_0_9 testing"])
        .env("RUSTDOC", workspace().join("tests/rustdoc-json"))
        .current_dir(workspace())
        .output()
        .expect("Cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let api = public_api::Builder::from_rustdoc_json(target().join("doc/oauth_runtime.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .expect("the description of the crate");
    api.items().map(|item| format!("{item}\n")).collect()
}

fn target() -> PathBuf {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--no-deps", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .expect("Cargo");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    PathBuf::from(metadata["target_directory"].as_str().expect("a folder"))
}

fn difference(recorded: &str, api: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (recorded.lines().collect(), api.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}\n"));
    let added = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}\n"));
    gone.chain(added).collect()
}
