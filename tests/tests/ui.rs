//! What the compiler says to whoever declares a provider wrong, and that it says nothing to whoever
//! declares it right.
//!
//! `TRYBUILD=overwrite cargo test -p tests --test ui` writes the messages anew; read the difference
//! as its reader would.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The compiler whose words the expected messages are. Its own part of a message (labels, notes,
/// the order of errors) changes between releases: another compiler can neither pass nor fail.
const COMPILER: &str = "1.95";

#[test]
fn wrong_declarations_do_not_compile() {
    assert_compiler();
    lay_documents_beside_the_cases();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*/*.rs");
}

/// An edition and a name are properties of a package: each has one, made here.
#[test]
fn right_declarations_compile_in_an_older_edition_and_under_another_name() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("right_declarations");
    let runtime = workspace().join("oauth-runtime").display().to_string();
    let dependencies = format!(
        r#"oauth-runtime = {{ path = "{runtime}" }}
        axum = {{ version = "0.8", default-features = false }}
        serde = {{ version = "1", features = ["derive"] }}"#
    );
    let renamed = format!(r#"oauth = {{ path = "{runtime}", package = "oauth-runtime" }}"#);
    write(&folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n");
    write_package(&folder, "edition_2021", "2021", "declarations.rs", &dependencies);
    write_package(&folder, "another_name", "2024", "renamed.rs", &renamed);
    let alone = format!(
        r#"oauth-runtime = {{ path = "{runtime}" }}
        tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}"#
    );
    write_package(&folder, "alone", "2024", "tutorial.rs", &alone);
    let lock = workspace().join("Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).expect("the lock file can be copied");

    // Flags and folder of the other cases: what both need is built once.
    let output = Command::new(env!("CARGO"))
        .args(["check", "--workspace", "--all-targets", "--offline", "--quiet"])
        .args(["--target", &host()])
        .arg(r#"--config=build.rustflags=["--cfg", "trybuild", "--verbose", "-A", "dead_code"]"#)
        .current_dir(&folder)
        .env_remove("RUSTFLAGS")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", target().join("tests/trybuild"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

fn write_package(folder: &Path, name: &str, edition: &str, source: &str, dependencies: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass").join(source);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"{edition}\"\n\
         [lib]\npath = \"{}\"\n\
         [dependencies]\n{dependencies}\n",
        source.display()
    );
    write(&folder.join(name).join("Cargo.toml"), &manifest);
}

/// The cases are compiled as a package of their own, in which `metadata_file` finds its documents.
fn lay_documents_beside_the_cases() {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail/metadata_file");
    let package = target().join("tests/trybuild").join(env!("CARGO_PKG_NAME"));
    for entry in fs::read_dir(documents).expect("the cases are there") {
        let document = entry.expect("the folder can be read").path();
        if document.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&document).expect("a document is text");
            write(&package.join(document.file_name().expect("a file has a name")), &text);
        }
    }
}

/// Fails where the expected messages are those of another compiler: skipping would say that all is
/// well.
fn assert_compiler() {
    let version = rustc();
    assert!(
        version.starts_with(&format!("rustc {COMPILER}.")),
        "the expected messages are those of rustc {COMPILER}, and this is\n{version}\
         run the test with that toolchain, or raise COMPILER, write the messages anew with \
         TRYBUILD=overwrite and read what changed"
    );
}

fn host() -> String {
    let version = rustc();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

fn rustc() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc runs");
    String::from_utf8(output.stdout).expect("rustc writes text")
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}
