//! The places that settings come from.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;

use super::{ConfigFault, FaultKind, key_of};
use crate::secret::Secret;

/// One place.
#[derive(Clone)]
pub(super) enum Source {
    Code(HashMap<String, Secret>),
    Environment,
    File { path: String, settings: HashMap<String, Secret> },
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

    /// A table is a provider, a nested table a JSON object, a list is joined by commas.
    pub(super) fn toml_file(path: &Path) -> Result<Self, ConfigFault> {
        let unreadable = |why: String| unreadable(path, &why);
        let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let document: toml::Table =
            text.parse().map_err(|error: toml::de::Error| unreadable(position(&error, &text)))?;
        let mut settings = HashMap::new();
        for (name, table) in document {
            let toml::Value::Table(table) = table else {
                return Err(unreadable(format!(
                    "`{name}` stands outside of a table such as [github]"
                )));
            };
            for (key, value) in table {
                settings.insert(key_of(&name, &key), Secret::from(text_of(value)));
            }
        }
        Ok(Self::File { path: path.display().to_string(), settings })
    }

    pub(super) fn dotenv_file(path: &Path) -> Result<Self, ConfigFault> {
        let pairs = dotenvy::from_path_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(path, &without_line(&error)))?;
        let settings = pairs.into_iter().map(|(key, value)| (key, Secret::from(value))).collect();
        Ok(Self::File { path: path.display().to_string(), settings })
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

fn unreadable(path: &Path, why: &str) -> ConfigFault {
    let what = format!("cannot be read: {why}");
    ConfigFault::new(FaultKind::Unreadable, path.display().to_string(), what)
}

/// The message without the excerpt that `toml` shows: the line may hold a secret.
fn position(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line} is not TOML: {}", error.message())
}

/// `dotenvy` repeats the whole line, which may hold a secret.
fn without_line(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(line, _) => {
            let name = line.split_once('=').map(|(name, _)| name.trim());
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            match name.filter(|name| name.chars().all(is_name)) {
                Some(name) => format!("the value of `{name}` is malformed: put it in quotes"),
                None => {
                    "a line is not `NAME=value`; put a value of several lines in quotes".to_owned()
                }
            }
        }
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not a list of `NAME=value`".to_owned(),
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
