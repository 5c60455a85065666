//! Compiles one case with rustc, using libraries that Cargo has already built.
//!
//! Cargo reports the libraries of the tests' own build, so that none is built twice and a case
//! costs only one run of rustc.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The compiler version of the recorded messages. Labels, notes and the order of errors change
/// between releases, so another version can neither pass nor fail.
const COMPILER: &str = "1.95";

/// Libraries of one build, by the name that a crate imports them under.
pub(crate) struct Built(BTreeMap<String, PathBuf>);

/// A source file, with its package settings.
pub(crate) struct Case<'a> {
    /// From the root of the workspace.
    pub(crate) source: &'a Path,
    pub(crate) kind: &'a str,
    pub(crate) edition: &'a str,
    /// Each library, under the name that the case imports it by.
    pub(crate) dependencies: &'a [(&'a str, &'a Path)],
}

impl Built {
    /// The libraries of the tests, as built by `tests/run`.
    pub(crate) fn for_the_tests() -> Self {
        let features = runtime_features().join(" ");
        let arguments = ["build", "--workspace", "--features", &features, "--test", "declarations"];
        Self::by(&arguments)
    }

    /// The libraries of an application with default features. They are checked and not built: after
    /// `tests/run` has linted the library without features, little is left to do.
    pub(crate) fn by_default() -> Self {
        Self::by(&["check", "--package", "oauth-runtime"])
    }

    fn by(arguments: &[&str]) -> Self {
        let lines = cargo(arguments.iter().chain(&["--quiet", "--message-format", "json"]));
        let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let libraries = messages.filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
            let library = files.rfind(|file| file.ends_with(".rmeta"))?;
            Some((name, PathBuf::from(library)))
        });
        Self(libraries.collect())
    }

    pub(crate) fn library(&self, name: &str) -> &Path {
        self.0.get(name).unwrap_or_else(|| panic!("`{name}` is not among the libraries"))
    }

    /// Whether a case compiles, and the compiler's messages.
    pub(crate) fn compile(&self, case: &Case<'_>) -> (bool, String) {
        let library = self.library("oauth_runtime");
        let libraries = library.parent().expect("a file is in a folder").display();
        let root = workspace();
        let output = rustc()
            .arg(case.source)
            .args(["--crate-name", "declaration", "--crate-type", case.kind])
            .args(["--edition", case.edition, "--emit", "metadata", "--allow", "dead_code"])
            // Types are not shortened.
            .arg("--verbose")
            .args(["--color", "never", "--diagnostic-width", "140"])
            .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
            .arg(format!("-Ldependency={libraries}"))
            .args(case.dependencies.iter().flat_map(|(name, library)| {
                ["--extern".to_owned(), format!("{name}={}", library.display())]
            }))
            // Where `metadata_file` looks for a document: each topic is a package.
            .env("CARGO_MANIFEST_DIR", root.join(case.source).parent().expect("a folder"))
            // Paths of quoted library sources start here.
            .current_dir(&root)
            .output()
            .expect("rustc runs");
        (output.status.success(), String::from_utf8(output.stderr).expect("rustc writes text"))
    }
}

/// Fails if the recorded messages are those of another compiler. Skipping the test would hide this.
pub(crate) fn assert_version() {
    let output = rustc().arg("--version").output().expect("rustc runs");
    let version = String::from_utf8(output.stdout).expect("rustc writes text");
    assert!(
        version.starts_with(&format!("rustc {COMPILER}.")),
        "the recorded messages are those of rustc {COMPILER}, and this is {version}\
         run the test with that toolchain, or raise COMPILER, write the messages again with \
         OAUTH_BLESS=1 and read what changed"
    );
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// The features that `tests/run` turns on: all but the default.
fn runtime_features() -> Vec<String> {
    let metadata = cargo(["metadata", "--no-deps", "--format-version", "1"].iter());
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let runtime = packages.iter().find(|package| package["name"] == "oauth-runtime");
    let features = runtime.and_then(|runtime| runtime["features"].as_object()).expect("features");
    let names = features.keys().filter(|name| *name != "default");
    names.map(|name| format!("oauth-runtime/{name}")).collect()
}

fn cargo<'a>(arguments: impl Iterator<Item = &'a &'a str>) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes text")
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}
