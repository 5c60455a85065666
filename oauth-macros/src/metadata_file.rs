//! A discovery document that is kept in the user's repository and read at compile time
//! (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).
//!
//! This module finds and reads it. CHECK compares it with the declaration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tinyjson::{JsonParseError, JsonValue};

/// The members of a document, sorted so that errors about them have a stable order.
pub(crate) struct Document(BTreeMap<String, JsonValue>);

impl Document {
    /// Reads the file at `path`, relative to the user's `Cargo.toml`. The error is a message for
    /// the user.
    pub(crate) fn read(path: &str) -> Result<Self, String> {
        let file = next_to_manifest(path)?;
        let text = fs::read_to_string(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!(
                "{path} was not found next to Cargo.toml: save the provider's discovery document there"
            ),
            _ => format!("{path} cannot be read: {error}"),
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &str, text: &str) -> Result<Self, String> {
        let json: JsonValue = text.parse().map_err(|error: JsonParseError| {
            let (line, what) = (error.line(), error.to_string());
            let what = what.split_once(": ").map_or(what.as_str(), |(_, what)| what);
            format!("{path} is not valid JSON at line {line}: {what}")
        })?;
        let JsonValue::Object(members) = json else {
            return Err(format!("{path} is not a discovery document: it is not a JSON object"));
        };
        let document = Self(members.into_iter().collect());
        match document.text("issuer") {
            Some(_) => Ok(document),
            None => Err(format!("{path} is not a discovery document: it has no \"issuer\"")),
        }
    }

    /// The issuer identifier.
    pub(crate) fn issuer(&self) -> &str {
        self.text("issuer").unwrap_or_default()
    }

    /// A string member.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        text(self.0.get(member)?)
    }

    /// A member that lists what the provider supports; `None` if it is absent.
    pub(crate) fn list(&self, member: &str) -> Option<Vec<&str>> {
        let list: &Vec<JsonValue> = self.0.get(member)?.get()?;
        Some(list.iter().filter_map(text).collect())
    }

    /// The members that are endpoints, each with its URL.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(member, _)| member.ends_with("_endpoint") || *member == "jwks_uri")
            .filter_map(|(member, url)| Some((member.as_str(), text(url)?)))
    }
}

fn text(value: &JsonValue) -> Option<&str> {
    value.get::<String>().map(String::as_str)
}

/// Resolves a path against the package's `Cargo.toml`, so that it works on every machine.
fn next_to_manifest(path: &str) -> Result<PathBuf, String> {
    if Path::new(path).has_root() {
        return Err(format!("{path} is an absolute path: write it relative to Cargo.toml"));
    }
    match env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => Ok(Path::new(&folder).join(path)),
        None => Err("the path is relative to Cargo.toml, but CARGO_MANIFEST_DIR is not set: build with cargo".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    fn fault(text: &str) -> String {
        Document::parse("acme.json", text).err().unwrap_or_default()
    }

    #[test]
    fn broken_json_is_reported_with_its_line() {
        assert_eq!(
            fault("{\n  \"issuer\": \"https://acme.example\"\n  \"jwks_uri\": 5\n}"),
            r#"acme.json is not valid JSON at line 3: ',' or '}' is expected for object but actually found '\"'"#
        );
    }

    #[test]
    fn a_document_is_an_object() {
        assert_eq!(fault("[]"), "acme.json is not a discovery document: it is not a JSON object");
    }

    #[test]
    fn a_document_names_its_issuer() {
        assert_eq!(fault("{}"), "acme.json is not a discovery document: it has no \"issuer\"");
    }

    #[test]
    fn a_file_is_looked_up_next_to_the_manifest() {
        assert!(Document::read("fixtures/acme.json").is_ok());
        for (path, expected) in [
            (
                "acme.json",
                "acme.json was not found next to Cargo.toml: save the provider's discovery document there",
            ),
            (
                "/etc/acme.json",
                "/etc/acme.json is an absolute path: write it relative to Cargo.toml",
            ),
        ] {
            assert_eq!(Document::read(path).err().as_deref(), Some(expected));
        }
    }
}
