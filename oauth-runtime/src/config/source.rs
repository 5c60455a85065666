//! The sources of settings.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;

use super::{ConfigFault, FaultKind, key_of};
use crate::crypto::secret::Secret;

/// A source of settings.
#[derive(Clone)]
pub(super) enum Source {
    Code(HashMap<String, Secret>),
    Environment,
    File {
        path: String,
        settings: HashMap<String, Secret>,
        /// Table and key of each setting, as written in TOML.
        stated: Vec<(String, String)>,
    },
}

impl Source {
    pub(super) fn code() -> Self {
        Self::Code(HashMap::new())
    }

    pub(super) fn get(&self, key: &str) -> Option<Secret> {
        match self {
            Self::Environment => std::env::var(key).ok().map(Secret::from),
            Self::Code(settings) | Self::File { settings, .. } => settings.get(key).cloned(),
        }
    }

    /// The names of all settings.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Environment => {
                std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
            }
            Self::Code(settings) | Self::File { settings, .. } => {
                settings.keys().cloned().collect()
            }
        }
    }

    /// A table is a provider, a nested table becomes a JSON object, and a list is joined by commas.
    pub(super) fn toml_file(path: &Path) -> Result<Self, ConfigFault> {
        Self::toml_text(path, &read(path)?)
    }

    pub(super) fn toml_text(path: &Path, text: &str) -> Result<Self, ConfigFault> {
        let unreadable = |why: String| unreadable(path, &why);
        let document: toml::Table =
            text.parse().map_err(|error: toml::de::Error| unreadable(position(&error, text)))?;
        let (mut settings, mut stated) = (HashMap::new(), Vec::new());
        for (name, table) in document {
            let toml::Value::Table(table) = table else {
                return Err(unreadable(format!("`{name}` is outside a table such as [github]")));
            };
            for (key, value) in table {
                settings.insert(key_of(&name, &key), Secret::from(text_of(value)));
                stated.push((name.clone(), key));
            }
        }
        Ok(Self::File { path: path.display().to_string(), settings, stated })
    }

    pub(super) fn dotenv_file(path: &Path) -> Result<Self, ConfigFault> {
        Self::dotenv_text(path, &read(path)?)
    }

    pub(super) fn dotenv_text(path: &Path, text: &str) -> Result<Self, ConfigFault> {
        let pairs = dotenvy::from_read_iter(text.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unreadable(path, &without_line(&error, text)))?;
        let settings = pairs.into_iter().map(|(key, value)| (key, Secret::from(value))).collect();
        Ok(Self::File { path: path.display().to_string(), settings, stated: Vec::new() })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(_) => f.write_str("code"),
            Self::Environment => f.write_str("the environment"),
            Self::File { path, .. } => f.write_str(path),
        }
    }
}

fn read(path: &Path) -> Result<String, ConfigFault> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error.to_string()))
}

fn unreadable(path: &Path, why: &str) -> ConfigFault {
    let what = format!("cannot be read: {why}");
    ConfigFault::new(FaultKind::Unreadable, path.display().to_string(), what)
}

/// The message without the excerpt that `toml` shows, because the line may hold a secret.
fn position(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line} is not TOML: {}", error.message())
}

/// The message without the line that `dotenvy` repeats, which may hold a secret. Even the apparent
/// key may be part of a secret, if a value spans several lines.
fn without_line(error: &dotenvy::Error, text: &str) -> String {
    match error {
        dotenvy::Error::LineParse(line, at) => {
            let first = line.lines().next().unwrap_or_default();
            let line = text.lines().position(|own| own.contains(first)).map_or(1, |at| at + 1);
            format!("line {line} is malformed at character {at}")
        }
        other => other.to_string(),
    }
}

fn text_of(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(list) => list.into_iter().map(text_of).collect::<Vec<_>>().join(","),
        toml::Value::Table(table) => serde_json::to_string(&table).unwrap_or_default(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error for a file with this content.
    fn refused(read: fn(&Path) -> Result<Source, ConfigFault>, content: &str) -> String {
        let name = format!("oauth-{}-{:?}", std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        let fault = read(&path).map(|source| source.to_string()).expect_err(content);
        fs::remove_file(&path).unwrap();
        assert_eq!(fault.kind(), FaultKind::Unreadable);
        fault.to_string().replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn a_malformed_line_is_numbered_and_not_repeated() {
        for (content, line) in [
            ("A=1\nhunter2\n", 2),
            ("A=1\n\nOP_CLIENT_SECRET=hunter2 and more\n", 3),
            ("A='hunter2\n", 1),
            ("# comment\nA=1\nhunter2/hunter2==\n", 3),
            ("A=\"hunter2\\q\"\n", 1),
            ("A=hunter2'\nB=2\n", 1),
        ] {
            let shown = refused(Source::dotenv_file, content);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains(&format!("line {line} is malformed")), "{content}: {shown}");
        }
    }

    #[test]
    fn malformed_toml_is_numbered_and_not_repeated() {
        let shown = refused(Source::toml_file, "[op]\nclient_secret = hunter2\n");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.starts_with("FILE cannot be read: line 2 is not TOML"), "{shown}");
    }

    #[test]
    fn a_table_is_a_provider() {
        let path = std::env::temp_dir().join(format!("oauth-{}-table", std::process::id()));
        fs::write(&path, "[git-hub]\nclient_id = \"id\"\nscopes = [\"a\", \"b\"]\nport = 1\n")
            .unwrap();
        let source = Source::toml_file(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let value = |key| source.get(key).map(|value| value.expose().to_owned());
        assert_eq!(value("GIT_HUB_CLIENT_ID").as_deref(), Some("id"));
        assert_eq!(value("GIT_HUB_SCOPES").as_deref(), Some("a,b"));
        assert_eq!(value("GIT_HUB_PORT").as_deref(), Some("1"));
        assert_eq!(value("CLIENT_ID"), None);
    }
}
