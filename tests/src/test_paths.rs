//! Tests by their paths, as the lists of promises and scenarios name them.

use std::fs;
use std::path::{Path, PathBuf};

/// Whether a test of this path is in the sources: `binary::module::test`,
/// `oauth_runtime::module::test` or `oauth_macros::module::test` for unit tests, and
/// `ui::fail::topic::mistake` for a fixture. A macro generates the tests of the conformance suite
/// from the lines `name: check`.
pub fn exists(test: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if test.starts_with("ui::fail::") {
        return root.join(test.replace("::", "/")).with_extension("stderr").exists();
    }
    let Some((module, name)) = test.rsplit_once("::") else { return false };
    let path = module.replace("::", "/");
    let folder = match path.split_once('/') {
        Some(("oauth_runtime", path)) => root.join("../oauth-runtime/src").join(path),
        Some(("oauth_macros", path)) => root.join("../oauth-macros/src").join(path),
        _ => root.join("tests").join(path),
    };
    let files = [folder.with_extension("rs"), folder.join("mod.rs"), folder.join("tests.rs")];
    let sources = files.iter().filter_map(|file: &PathBuf| fs::read_to_string(file).ok());
    let is_conformance = module.starts_with("conformance::");
    sources.into_iter().any(|source| is_test_in(&source, name, is_conformance))
}

fn is_test_in(source: &str, name: &str, is_conformance: bool) -> bool {
    if is_conformance {
        return source.lines().any(|line| line.trim().starts_with(&format!("{name}: ")));
    }
    let before = source.find(&format!("fn {name}(")).map(|at| &source[..at]);
    // The attribute is directly above, or above another one.
    before.is_some_and(|before| {
        before.lines().rev().take(4).any(|line| {
            let line = line.trim();
            line == "#[test]" || line.starts_with("#[tokio::test")
        })
    })
}
