//! Every scenario of `scenarios.txt` has its tests, and the guide lists it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tests::test_paths::exists;

const GUIDE: &str = include_str!("../../../oauth-runtime/src/docs/coming_from_authlib.md");
const TABLE: &str = include_str!("scenarios.txt");
const HEADING: &str = "\n## The scenarios\n";

/// One behavior that users of an Authlib client rely on.
struct Scenario {
    area: &'static str,
    id: &'static str,
    sentence: &'static str,
    tests: Vec<&'static str>,
    /// Why this library does something else, and what to do instead.
    refused: Option<&'static str>,
}

fn table() -> Vec<Scenario> {
    let (mut area, mut scenarios) = ("", Vec::<Scenario>::new());
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    for line in lines.filter(|line| *line != "#") {
        let last = scenarios.last_mut();
        match (line.strip_prefix("## "), line.strip_prefix("> "), last) {
            (Some(heading), ..) => area = heading,
            (_, Some(scenario), _) => {
                let (id, sentence) = scenario.split_once(' ').expect("an id and a sentence");
                scenarios.push(Scenario { area, id, sentence, tests: vec![], refused: None });
            }
            (.., Some(scenario)) => match line.strip_prefix("refused: ") {
                Some(reason) => scenario.refused = Some(reason),
                None => scenario.tests.push(line),
            },
            (.., None) => panic!("`{line}` belongs to no scenario"),
        }
    }
    scenarios
}

#[test]
fn each_scenario_has_a_unique_id_and_tests() {
    let mut ids = BTreeSet::new();
    for Scenario { area, id, sentence, tests, .. } in table() {
        assert!(!area.is_empty() && id.len() == 4 && sentence.ends_with('.'), "{id} {sentence}");
        assert!(ids.insert(id), "{id} is there twice");
        assert!(!tests.is_empty(), "{id} has no test: {sentence}");
        let missing: Vec<_> = tests.into_iter().filter(|test| !exists(test)).collect();
        assert!(missing.is_empty(), "{id} names tests that do not exist: {missing:?}");
    }
}

#[test]
fn ids_of_an_area_are_consecutive() {
    let mut expected = ("", 0);
    for Scenario { id, .. } in table() {
        let (letter, number) = id.split_once('-').expect("a letter and a number");
        expected = if letter == expected.0 { (letter, expected.1 + 1) } else { (letter, 1) };
        assert_eq!(number.parse(), Ok(expected.1), "{id}");
    }
}

/// The tables of the guide, from the list.
fn listed() -> String {
    let (mut text, mut area) = (String::new(), "");
    let scenarios = table();
    let refused = scenarios.iter().filter(|scenario| scenario.refused.is_some()).count();
    let kept = scenarios.len() - refused;
    text.push_str(&format!(
        "\nAuthlib's client tests and documentation as {} scenarios. This library keeps {kept} of them, each \
         with a test.\nIt refuses {refused}; the table says why, and what to do instead.\n",
        scenarios.len()
    ));
    for Scenario { area: own, id, sentence, refused, .. } in scenarios {
        if own != area {
            area = own;
            text.push_str(&format!("\n### {area}\n\n| id | scenario |\n| --- | --- |\n"));
        }
        let refused = refused.map(|why| format!(" *Refused:* {why}")).unwrap_or_default();
        text.push_str(&format!("| {id} | {sentence}{refused} |\n"));
    }
    text
}

#[test]
fn guide_lists_each_scenario_and_refusal() {
    let (before, found) = GUIDE.split_once(HEADING).expect("the section of the scenarios");
    let listed = listed();
    if std::env::var_os("OAUTH_BLESS").is_some() {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR"));
        let guide = guide.join("../oauth-runtime/src/docs/coming_from_authlib.md");
        fs::write(guide, format!("{before}{HEADING}{listed}")).expect("to write the guide");
        return;
    }
    let differences: Vec<_> = listed.lines().filter(|line| !found.contains(line)).collect();
    assert!(
        differences.is_empty(),
        "not in the guide; write it with OAUTH_BLESS=1: {differences:#?}"
    );
    assert_eq!(found, listed, "write the guide with OAUTH_BLESS=1");
}

/// Names of settings in the guide, such as `{NAME}_CLIENT_ID` and `_API_BASE_URL`.
fn settings_of_the_guide() -> BTreeSet<&'static str> {
    let spans = GUIDE.split('`').skip(1).step_by(2);
    let settings = spans.filter_map(|span| span.strip_prefix("{NAME}_").or(span.strip_prefix('_')));
    settings.filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_')).collect()
}

/// The settings that the macros and the runtime know.
fn known_settings() -> BTreeSet<&'static str> {
    const KEYS: &str = include_str!("../../../oauth-macros/src/keys/settings.rs");
    let (_, list) = KEYS.split_once("static SETTINGS: &[&Key] = &[").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    list.split(['&', ',', '\n', ' ']).collect()
}

#[test]
fn settings_of_the_guide_are_settings_of_the_table() {
    let (named, known) = (settings_of_the_guide(), known_settings());
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The keys that Authlib's registry reads from the configuration of its framework.
const AUTHLIB_KEYS: [&str; 13] = [
    "ACCESS_TOKEN_PARAMS",
    "ACCESS_TOKEN_URL",
    "API_BASE_URL",
    "AUTHORIZE_PARAMS",
    "AUTHORIZE_URL",
    "CLIENT_ID",
    "CLIENT_KWARGS",
    "CLIENT_SECRET",
    "REFRESH_TOKEN_PARAMS",
    "REFRESH_TOKEN_URL",
    "REQUEST_TOKEN_PARAMS",
    "REQUEST_TOKEN_URL",
    "SERVER_METADATA_URL",
];

#[test]
fn each_key_of_authlib_is_a_setting_with_a_scenario() {
    let (named, known, scenarios) = (settings_of_the_guide(), known_settings(), table());
    for key in AUTHLIB_KEYS {
        assert!(known.contains(key) && named.contains(key), "{key}");
        let code = format!("`{{NAME}}_{key}`");
        assert!(scenarios.iter().any(|one| one.sentence.contains(&code)), "{key}");
    }
}

#[test]
fn scenario_without_a_test_is_found() {
    assert!(exists("authlib::scenarios::scenario_without_a_test_is_found"));
    assert!(!exists("authlib::scenarios::table") && !exists("authlib::nowhere::nothing"));
    assert!(exists("ui::fail::secrets::client_secret") && !exists("ui::fail::secrets::nothing"));
    assert!(!exists("oauth_macros::provider::check::requests::nothing"));
}
