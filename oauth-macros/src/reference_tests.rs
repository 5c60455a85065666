//! Compares the page of all keys (`oauth_runtime::guide::keys`) with the actual keys.
//!
//! The facts about each key and the compile error for its wrong use are generated into the tables.
//! The meanings and defaults are written by hand.
//!
//! `OAUTH_BLESS=1 cargo test -p oauth-macros` writes the tables again; review the diff.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::key::{Key, Kind};
use crate::keys;
use crate::protocol::Protocols;
use crate::testing::{provider_errors, registry_errors};

#[test]
fn the_page_of_all_keys_is_up_to_date() -> io::Result<()> {
    let page = fs::read_to_string(page())?;
    let provider = table(&page, keys::PROVIDER, in_provider);
    let registry = table(&page, keys::REGISTRY, in_registry);
    let blessed = with_table(&page, "Keys of a provider", &provider);
    let blessed = with_table(&blessed, "Keys of a registry", &registry);
    if env::var_os("OAUTH_BLESS").is_some() {
        return fs::write(self::page(), blessed);
    }
    assert_eq!(page, blessed, "the page of all keys differs from the actual keys");
    Ok(())
}

#[test]
fn the_page_names_every_member_and_every_quirk() -> io::Result<()> {
    let page = fs::read_to_string(page())?;
    let members = keys::PROVIDER.iter().flat_map(|key| match key.value {
        Kind::Members(members) => members.iter().map(|member| member.name).collect(),
        _ => Vec::new(),
    });
    for name in members.chain(crate::provider::quirk_names()) {
        assert!(page.contains(&format!("| `{name}` |")), "`{name}` is not on the page");
    }
    Ok(())
}

/// The page of the derive is written by hand and must name every key.
#[test]
fn the_page_of_the_derive_names_every_key() -> io::Result<()> {
    let page = fs::read_to_string(page().with_file_name("oauth_provider.md"))?;
    let cells: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next()).collect();
    let names = |key: &Key| {
        let starts = |code: &str| {
            code.strip_prefix(key.name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
        };
        cells.iter().any(|cell| cell.split('`').any(starts))
    };
    for key in keys::PROVIDER {
        assert_eq!(names(key), key.awaits.is_none(), "`{}`", key.name);
        // Keys without a feature are in the sentence after the tables.
        assert!(page.contains(&format!("`{}", key.name)), "`{}`", key.name);
    }
    Ok(())
}

#[test]
fn the_page_of_the_registry_names_every_key() -> io::Result<()> {
    let page = fs::read_to_string(page().with_file_name("oauth_registry.md"))?;
    for key in keys::REGISTRY {
        assert!(page.contains(&format!("| `{} = ", key.name)), "`{}`", key.name);
    }
    Ok(())
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../oauth-runtime/src/docs/keys.md")
}

const HEAD: &str = "| key | takes | without it | protocol | right | wrong | what the compiler says |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n";

fn table(page: &str, keys: &[&Key], errors: impl Fn(&Key, &str) -> Vec<String>) -> String {
    let mut table = HEAD.to_owned();
    for key in keys {
        let name = key.name;
        let (default, wrong) = by_hand(page, name);
        let errors = errors(key, &wrong);
        let [said] = errors.as_slice() else {
            panic!("the wrong use of `{name}` shows one error, not {errors:?}");
        };
        let said = said.replacen(&format!("`{}` ", offending(said)), "", 1);
        table.push_str(&format!(
            "| `{name}` | {} | {default} | {} | {} | `{wrong}` | {} |\n",
            takes(key.value),
            protocol(key.protocols),
            // A key without its feature has no right use.
            key.awaits.map_or_else(|| format!("`{}`", key.example), |_| "not yet".to_owned()),
            without_links(&said),
        ));
    }
    table
}

/// The cells of a key that are written by hand.
fn by_hand(page: &str, name: &str) -> (String, String) {
    let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` | ")));
    let cells: Vec<_> = row.map(|row| row.split(" | ").collect()).unwrap_or_default();
    match cells.as_slice() {
        [_, _, default, _, _, wrong, _] => {
            ((*default).to_owned(), wrong.trim_matches('`').to_owned())
        }
        _ => panic!("the page has no row of seven cells for `{name}`"),
    }
}

/// The tokens that an error points at, which the tests put before it.
fn offending(said: &str) -> &str {
    said[1..].split("` ").next().unwrap_or_default()
}

/// Formats a quoted URL as code: otherwise rustdoc asks for a link.
fn without_links(said: &str) -> String {
    let quoted = |(index, part): (usize, &str)| match index % 2 {
        1 if part.contains("://") => format!("`\"{part}\"`"),
        1 => format!("\"{part}\""),
        _ => part.to_owned(),
    };
    let is_code = |index: usize| index % 2 == 1;
    let parts = said.split('`').enumerate().map(|(index, part)| match is_code(index) {
        true => format!("`{part}`"),
        false => part.split('"').enumerate().map(quoted).collect(),
    });
    parts.collect()
}

fn with_table(page: &str, title: &str, table: &str) -> String {
    let heading = format!("## {title}\n");
    let start = page.find(&heading).expect("the section is there");
    let start = start + page[start..].find("\n| ").expect("the section has a table") + 1;
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1);
    format!("{}{table}{}", &page[..start], &page[end..])
}

fn in_provider(key: &Key, wrong: &str) -> Vec<String> {
    let discovered = ["issuer", "server_metadata_url", "metadata_file"].contains(&key.name);
    let base: &[&str] = if key.protocols == Protocols::OAuth1 {
        &[
            r#"name = "acme""#,
            r#"request_token_url = "https://acme.example/request_token""#,
            r#"authorize_url = "https://acme.example/authorize""#,
            r#"access_token_url = "https://acme.example/token""#,
            r#"userinfo_endpoint = "https://acme.example/user""#,
        ]
    } else if key.protocols == Protocols::OpenIdConnect || discovered {
        &[r#"name = "acme""#, r#"issuer = "https://acme.example""#, r#"scopes("openid")"#]
    } else {
        &[
            r#"name = "acme""#,
            r#"authorize_url = "https://acme.example/authorize""#,
            r#"access_token_url = "https://acme.example/token""#,
            r#"userinfo_endpoint = "https://acme.example/user""#,
        ]
    };
    let key_of = |entry: &str| entry.split([' ', '(']).next() == Some(key.name);
    let others = base.iter().copied().filter(|entry| !key_of(entry));
    let entries: Vec<_> = others.chain([wrong]).collect();
    provider_errors(&format!("#[oauth_provider({})] struct Acme;", entries.join(", ")))
}

fn in_registry(_: &Key, wrong: &str) -> Vec<String> {
    registry_errors(&format!(
        "#[oauth_registry({wrong})] struct Providers {{ acme: Client<Acme> }}"
    ))
}

fn takes(value: Kind) -> &'static str {
    match value {
        Kind::Text => "a string",
        Kind::Url => "a URL",
        Kind::Texts => "strings",
        Kind::Params => "named strings",
        Kind::Members(_) => "named strings",
        Kind::Words => "names",
        Kind::Seconds => "seconds",
        Kind::Flag => "nothing",
        Kind::Type => "a type",
        Kind::Path => "a path",
        Kind::Preset => "a string or a path",
        Kind::Refused => "",
    }
}

fn protocol(protocols: Protocols) -> &'static str {
    match protocols {
        Protocols::Any => "any",
        Protocols::OAuth1 => "OAuth 1.0a",
        Protocols::OAuth2 => "OAuth 2.0, OpenID Connect",
        Protocols::OpenIdConnect => "OpenID Connect",
    }
}
