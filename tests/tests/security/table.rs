//! Faults of the provider and the reason why each must be refused, one fault per line.

use std::fs;
use std::path::Path;

use oauth_runtime::OAuthError;
use oauth_runtime::testing::Fault;
use tests::in_process::App;

/// A fault and its expected error.
pub(crate) struct Refused {
    pub(crate) fault: Fault,
    pub(crate) pattern: &'static str,
    pub(crate) matches: fn(&OAuthError) -> bool,
}

/// `Fault => pattern` lines.
macro_rules! refused {
    ($($fault:expr => $pattern:pat $(if $guard:expr)?,)+) => {
        vec![$(crate::table::Refused {
            fault: $fault,
            pattern: stringify!($pattern),
            matches: |error| matches!(error, $pattern $(if $guard)?),
        },)+]
    };
}
pub(crate) use refused;

/// Each fault must be refused for its own reason. All failures are shown at once.
pub(crate) async fn assert_refused(app: &App, provider: &str, faults: &[Refused]) {
    let mut wrong = Vec::new();
    for Refused { fault, pattern, matches } in faults {
        app.provider.clear_faults();
        app.provider.fault(*fault);
        let error = app.refused(provider).await;
        // The cached failure of this fault must not affect the next one.
        app.advance(5);
        if !matches(&error) {
            wrong.push(format!("{fault:?}: not {pattern} but {error:?}"));
        }
    }
    app.provider.clear_faults();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With each fault, a login must succeed.
pub(crate) async fn assert_harmless(app: &App, provider: &str, faults: &[Fault]) {
    for fault in faults {
        app.provider.clear_faults();
        app.provider.fault(*fault);
        let mut browser = app.browser();
        let page = app.log_in(&mut browser, provider).await;
        assert!(
            page.status.is_redirection() && browser.session().is_some(),
            "{fault:?}: {:?}",
            app.failures.take()
        );
    }
    app.provider.clear_faults();
}

/// Every fault of the test provider must be used in these tests.
#[test]
fn every_fault_of_the_test_provider_is_tried() {
    let faults = include_str!("../../../oauth-runtime/src/testing/fault.rs");
    let (_, body) = faults.split_once("pub enum Fault {").expect("the enum");
    let (body, _) = body.split_once("\n}").expect("its end");
    let names = body
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.trim_end_matches(',').split('(').next().unwrap_or_default());
    let tests = sources();
    let untried: Vec<_> = names.filter(|name| !tests.contains(&format!("Fault::{name}"))).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

/// All tests of whole applications.
fn sources() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let list = |folder: &Path| -> Vec<_> {
        let files = fs::read_dir(folder).expect("a folder");
        files.map(|file| file.expect("a file").path()).collect()
    };
    let folders = list(&folder).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| list(&folder));
    let tests = files.filter(|file| file.extension().is_some_and(|it| it == "rs"));
    // This file names faults without trying them.
    let tests = tests.filter(|file| !file.ends_with("security/table.rs"));
    tests.map(|file| fs::read_to_string(file).expect("a readable file")).collect()
}
