//! The allowed imports between the modules of `oauth-runtime`, and the modules that may use each
//! foreign crate.
//!
//! The rules keep the protocol testable without network, clock or framework, and limit the upgrade
//! of a dependency to one module.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The layers of the crate, from the bottom up. A module may import only those before it in this
/// list.
const LAYERS: &[&str] = &[
    // Leaves: values without dependencies on other modules.
    "clock",
    "text",
    "json",
    "crypto",
    "sync",
    "url",
    "config",
    "pages",
    // Declarations and identities.
    "declaration",
    "identity",
    // It never sees the network, a store, a flow or axum.
    "protocol",
    "error",
    "settings",
    "token",
    "store",
    "http",
    "deployment",
    // The order of steps. It depends neither on the framework nor on the client types.
    "flow",
    // The types that users hold, and the integration with axum.
    "client",
    "registry",
    "web",
];

/// Modules outside the layers, with all their allowed imports.
const APART: &[(&str, &[&str])] = &[
    ("guide", &[]),
    // The test provider shares no code with the client that it tests. The store conformance suite
    // uses only the trait.
    ("testing", &["clock", "error", "store", "sync", "text"]),
    ("bench_internals", &["crypto", "protocol"]),
    // It calls every parser of external input.
    ("fuzz_internals", LAYERS),
];

/// The root of the crate may import everything.
const ROOTS: &[&str] = &["lib", "__private"];

/// A foreign crate, and the modules that may use it.
const DOORS: &[(&str, &[&str])] = &[
    ("axum", &["registry", "web", "testing", "lib", "__private"]),
    ("reqwest", &["http"]),
    ("hyper", &[]),
    // Its types would reach public signatures, and its keys depend on the `rsa` crate.
    ("openidconnect", &[]),
    ("oauth2", &[]),
    // In `store` it is the name of a rustls provider.
    ("aws_lc_rs", &["crypto", "fuzz_internals", "protocol", "store", "testing"]),
    // In `testing` it is the aws-lc-rs module of RSA keys.
    ("rsa", &["protocol", "testing"]),
    ("redis", &["store"]),
    ("rustls", &["store"]),
    ("sqlx", &["store"]),
    ("toml", &["config"]),
    ("dotenvy", &["config"]),
    // The system clock.
    ("SystemTime", &["clock", "testing"]),
    ("Instant", &["clock", "testing"]),
    // Randomness.
    ("rand", &["crypto", "testing"]),
    ("SystemRandom", &["crypto", "testing"]),
    // Buffered random bytes, only for public values.
    ("public_bytes", &["crypto"]),
    // The environment and the disk.
    ("env", &["config"]),
    ("fs", &["config", "settings", "store"]),
    ("TcpListener", &["lib", "testing"]),
];

#[test]
fn no_import_goes_the_wrong_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oauth-runtime/src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut for_tests = BTreeSet::new();
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for file in &files {
        let place = Place::of(file.strip_prefix(&source).expect("a file below"));
        let text = fs::read_to_string(file).expect("a readable file");
        let found = Found::read(&place, &text);
        for_tests.extend(found.test_modules.iter().map(|name| file.with_file_name(name)));
        if for_tests.contains(&file.with_extension("")) || is_below(&for_tests, file) {
            continue;
        }
        seen.insert(place.module.clone());
        wrong.extend(violations(&place, &found).map(|what| format!("{}: {what}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let apart = APART.iter().map(|(name, _)| name);
    let ruled = LAYERS.iter().chain(apart).chain(ROOTS).map(|name| (*name).to_owned());
    assert_eq!(seen, ruled.collect(), "the list differs from the modules of the crate");
}

#[test]
fn what_is_banned_is_not_even_a_dependency() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oauth-runtime/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a readable file");
    let (_, dependencies) = manifest.split_once("\n[dependencies]").expect("dependencies");
    let dependencies = dependencies.split("\n[").next().expect("a section");
    for banned in ["openidconnect", "oauth2", "jsonwebtoken", "rsa", "tower-sessions", "rand"] {
        // RSA-SHA1 needs its feature.
        let is_asked_for = |line: &str| banned == "rsa" && line.contains("optional = true");
        let is_there =
            |line: &str| line.split([' ', '.', '=']).next() == Some(banned) && !is_asked_for(line);
        assert!(!dependencies.lines().any(is_there), "{banned}");
    }
}

/// The rules depend on this parser.
#[test]
fn wrong_imports_are_found_however_they_are_written() {
    let wrong = |file: &str, text: &str| {
        let place = Place::of(Path::new(file));
        violations(&place, &Found::read(&place, text)).count()
    };
    for text in [
        "use crate::flow::discovery;",
        "use crate::{config::Config, web::cookies};",
        "use super::super::store;",
        "fn f() { crate::http::send() }",
        "fn f(r: ::axum::Router) {}",
        "fn f() { let now = std::time::SystemTime::now(); }",
        "use std::time::{Duration, Instant};",
        "mod inner { fn f() { if true { reqwest::get() } } }",
        "use aws_lc_rs::{digest, rand};",
        "pub use axum;",
    ] {
        assert_eq!(wrong("protocol/x.rs", text), 1, "{text}");
    }
    for text in [
        "use crate::config::Config;",
        "use super::{jwk, jws};",
        "use self::http::request;",
        "/// See crate::flow::discovery and axum::Router.\n// use reqwest::Client;\nfn f() {}",
        "#[cfg(test)] mod tests { use crate::store::Store; use reqwest::Client; }",
        "#[cfg(test)] mod signer; use std::time::Duration;",
        "fn f() { let _ = \"crate::web\"; }",
        "const VERSION: &str = env!(\"CARGO_PKG_VERSION\");",
    ] {
        assert_eq!(wrong("protocol/x.rs", text), 0, "{text}");
    }
    assert_eq!(wrong("store/mod.rs", "use super::flow::discovery;"), 1);
    assert_eq!(wrong("clock.rs", "use super::flow::discovery;"), 1);
    assert_eq!(wrong("web/routes.rs", "use axum::Router; use super::cookies;"), 0);
}

/// The place of a file: its top-level module, and its depth below the root.
struct Place {
    module: String,
    depth: usize,
}

impl Place {
    fn of(path: &Path) -> Self {
        let path = path.with_extension("");
        let mut steps: Vec<_> = path.iter().filter_map(|step| step.to_str()).collect();
        if steps.last() == Some(&"mod") {
            steps.pop();
        }
        Self { module: steps[0].to_owned(), depth: steps.len() }
    }
}

/// The names that a file uses.
#[derive(Default)]
struct Found {
    /// Modules of this crate.
    own: BTreeSet<String>,
    /// First segments of paths to other crates.
    foreign: BTreeSet<String>,
    /// Files that only tests use.
    test_modules: Vec<String>,
}

impl Found {
    fn read(place: &Place, text: &str) -> Self {
        let mut found = Self::default();
        found.walk(place, text.parse().expect("Rust"));
        found
    }

    fn walk(&mut self, place: &Place, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if is_test_attribute(&tokens, at) {
                at = self.skip_item(&tokens, at + 2);
                continue;
            }
            match &tokens[at] {
                TokenTree::Group(group) => self.walk(place, group.stream()),
                TokenTree::Ident(_) => {
                    at = self.path(place, &tokens, at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads a path that starts at `at` and returns the index after it.
    fn path(&mut self, place: &Place, tokens: &[TokenTree], mut at: usize) -> usize {
        let first = tokens[at].to_string();
        // `self`, `super` and `crate` name a module, depending on the depth.
        let mut up = match first.as_str() {
            "crate" => place.depth,
            "super" => 1,
            _ => 0,
        };
        let is_own = ["crate", "super", "self", "Self"].contains(&first.as_str());
        let is_path = is_colons(tokens, at + 1)
            || tokens.get(at + 1).is_some_and(|token| token.to_string() == ";");
        if !is_own && is_path {
            self.foreign.insert(first);
        }
        while is_colons(tokens, at + 1) {
            at += 3;
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) if word == "super" => up += 1,
                Some(TokenTree::Ident(word)) => {
                    self.step(place, is_own, up, word.to_string());
                    // Below the root, further segments do not matter for paths of this crate.
                    up = 0;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    for item in split_at_commas(group.stream()) {
                        self.branch(place, is_own, up, &item);
                    }
                    return at + 1;
                }
                _ => return at,
            }
        }
        at + 1
    }

    fn branch(&mut self, place: &Place, is_own: bool, up: usize, item: &[TokenTree]) {
        let Some(TokenTree::Ident(word)) = item.first() else { return };
        self.step(place, is_own, up, word.to_string());
        let mut at = 0;
        while is_colons(item, at + 1) {
            at += 3;
            match item.get(at) {
                Some(TokenTree::Ident(word)) => self.step(place, is_own, 0, word.to_string()),
                Some(TokenTree::Group(group)) => {
                    for item in split_at_commas(group.stream()) {
                        self.branch(place, is_own, 0, &item);
                    }
                }
                _ => return,
            }
        }
    }

    fn step(&mut self, place: &Place, is_own: bool, up: usize, word: String) {
        if !is_own {
            self.foreign.insert(word);
        } else if up >= place.depth {
            self.own.insert(word);
        }
    }

    /// Skips the item after `#[cfg(test)]`: a block or a line.
    fn skip_item(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        let mut last_word = String::new();
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return at,
                TokenTree::Punct(punct) if punct.as_char() == ';' => {
                    self.test_modules.push(last_word);
                    return at;
                }
                TokenTree::Ident(word) => last_word = word.to_string(),
                _ => {}
            }
        }
        at
    }
}

fn violations<'a>(place: &'a Place, found: &'a Found) -> impl Iterator<Item = String> + 'a {
    let may = may_import(&place.module);
    let is_wrong = move |name: &&String| {
        let is_room = LAYERS.contains(&name.as_str()) || apart(name).is_some();
        is_room && **name != place.module && !may.contains(&name.as_str())
    };
    let own = found.own.iter().filter(is_wrong);
    let own = own.map(|name| format!("`{}` must not import `{name}`", place.module));
    let foreign = DOORS.iter().filter(|(name, doors)| {
        found.foreign.contains(*name) && !doors.contains(&place.module.as_str())
    });
    own.chain(foreign.map(|(name, doors)| format!("`{name}` is for {doors:?} alone")))
}

/// The modules that a module may import. The root of the crate may import everything.
fn may_import(room: &str) -> Vec<&'static str> {
    if ROOTS.contains(&room) {
        return LAYERS.iter().copied().chain(APART.iter().map(|(name, _)| *name)).collect();
    }
    if let Some(listed) = apart(room) {
        return listed.to_vec();
    }
    LAYERS.iter().copied().take_while(|name| *name != room).collect()
}

fn apart(room: &str) -> Option<&'static [&'static str]> {
    APART.iter().find(|(name, _)| *name == room).map(|(_, listed)| *listed)
}

fn is_test_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let hash = tokens.get(at).is_some_and(|token| token.to_string() == "#");
    hash && tokens.get(at + 1).is_some_and(|token| {
        token.to_string().split_whitespace().collect::<String>() == "[cfg(test)]"
    })
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at| tokens.get(at).is_some_and(|token: &TokenTree| token.to_string() == ":");
    is_colon(at) && is_colon(at + 1)
}

fn split_at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    tokens.split(|token| token.to_string() == ",").map(<[_]>::to_vec).collect()
}

fn is_below(folders: &BTreeSet<PathBuf>, file: &Path) -> bool {
    folders.iter().any(|folder| file.starts_with(folder))
}

/// `mod.rs` and `lib.rs` come first, because they say which files are only for tests.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries
        .sort_by_key(|path| (!path.ends_with("mod.rs") && !path.ends_with("lib.rs"), path.clone()));
    for path in entries {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
