//! Every missing or malformed setting in one error.

use std::fmt;

use super::{Config, Suggestion};

/// All faults of the configuration, each with its remedy.
///
/// `Debug` prints the same text as `Display`, because that is what `fn main() -> Result<…>` shows.
#[derive(Clone)]
pub struct ConfigError {
    faults: Vec<ConfigFault>,
    /// Whether the text names the places where settings can be set.
    says_where: bool,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    key: String,
    kind: FaultKind,
    what: String,
    help: Option<String>,
}

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The key is not set.
    Missing,
    /// The value cannot be used.
    Malformed,
    /// A file cannot be read.
    Unreadable,
    /// Two settings exclude each other.
    Conflict,
    /// A provider that is described at run time would yield the same identities as another
    /// provider, which the text names.
    AuthorityTaken,
}

impl ConfigError {
    pub(crate) fn of(fault: ConfigFault) -> Self {
        Self { faults: vec![fault], says_where: false }
    }

    /// Adds to each missing setting the one in `config` that may have been meant for it, and the
    /// places where it can be set.
    pub(crate) fn with_hints(mut self, config: &Config) -> Self {
        for fault in self.faults.iter_mut().filter(|fault| fault.kind == FaultKind::Missing) {
            self.says_where = config.reads_environment();
            match config.suggestion_for(&fault.key) {
                Some(Suggestion::Empty) => fault.what.push_str(": it is set but empty"),
                Some(Suggestion::OtherName(name)) => {
                    fault.what.push_str(&format!(": `{name}` is set; was that meant for it?"));
                }
                None => {}
            }
        }
        self
    }

    /// The faults, in the order in which they were found.
    pub fn faults(&self) -> &[ConfigFault] {
        &self.faults
    }
}

impl ConfigFault {
    pub(crate) fn new(kind: FaultKind, key: impl Into<String>, what: impl Into<String>) -> Self {
        Self { key: key.into(), kind, what: what.into(), help: None }
    }

    pub(crate) fn missing(key: impl Into<String>) -> Self {
        Self::new(FaultKind::Missing, key, "is missing")
    }

    pub(crate) fn malformed(key: &str, origin: &str, why: impl fmt::Display) -> Self {
        Self::new(FaultKind::Malformed, key, format!("(from {origin}) cannot be used: {why}"))
    }

    /// Adds the remedy, in one sentence.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The key, such as `GITHUB_CLIENT_ID`, or the path of a file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The kind of a fault.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n    {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.len() {
            1 => f.write_str("a setting is missing or wrong:")?,
            count => write!(f, "{count} settings are missing or wrong:")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n\n  {fault}"))?;
        if self.says_where {
            f.write_str(
                "\n\nset what is missing in the environment, in the file `oauth.toml` or, in debug builds, in `.env`",
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

/// Collects faults so that checking can continue.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<ConfigFault>);

impl Faults {
    pub(crate) fn push(&mut self, fault: ConfigFault) {
        // A shared setting is needed by every provider and reported once.
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    pub(crate) fn extend(&mut self, faults: Vec<ConfigFault>) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }

    /// Whether any fault meets the condition.
    pub(crate) fn any(&self, is_such: impl Fn(&ConfigFault) -> bool) -> bool {
        self.0.iter().any(is_such)
    }

    /// Returns the value, or records the fault.
    pub(crate) fn record<T>(&mut self, result: Result<T, ConfigFault>) -> Option<T> {
        result.map_err(|fault| self.push(fault)).ok()
    }

    /// `value`, unless there were faults.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ConfigError { faults: self.0, says_where: false }),
        }
    }
}
