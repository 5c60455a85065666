//! Reads the settings of one provider: the declaration, the configuration, and which of them takes
//! precedence.

mod additions;
mod credentials;
mod endpoints;
mod jwks;
pub(super) mod key;
mod members;
pub(super) mod own_names;
mod parameters;
mod protocol;
#[cfg(test)]
mod tests;
mod transport;

use serde_json::{Map, Value};

use self::key::{ALL, Key};
use crate::config::{Config, ConfigFault, FaultKind, Faults, Setting, key_of};
use crate::declaration::spec::ProviderSpec;

/// The settings of one provider while they are read and checked.
pub(super) struct Reader<'a> {
    pub(super) spec: &'a ProviderSpec<'a>,
    placeholder_values: &'a [String],
    config: &'a Config,
    /// `CLIENT_KWARGS`.
    members: Map<String, Value>,
    pub(super) faults: &'a mut Faults,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        spec: &'a ProviderSpec<'a>,
        placeholder_values: &'a [String],
        config: &'a Config,
        faults: &'a mut Faults,
    ) -> Self {
        let members = Map::new();
        let mut reader = Self { spec, placeholder_values, config, members, faults };
        reader.members = reader.client_kwargs();
        reader.check_quotes();
        reader
    }

    /// For a description; a registry checks all settings of its providers.
    fn check_quotes(&mut self) {
        let is_quoted = |key: &&Key| self.setting(**key).is_some_and(|own| own.is_quoted());
        let quoted = ALL.iter().filter(|_| self.config.is_description()).filter(is_quoted);
        for key in quoted.copied().collect::<Vec<_>>() {
            let fault = self.fault(FaultKind::Malformed, key, "is in quotes");
            self.faults.push(fault.help("write the value without them"));
        }
    }

    /// The whole name of a key: `GITHUB_CLIENT_ID`.
    pub(super) fn name_of(&self, key: Key) -> String {
        self.config.name_of(self.spec.name, key.name())
    }

    /// The configured value; `None` if the variable is that of a field, which fills a template.
    pub(super) fn setting(&self, key: Key) -> Option<Setting> {
        if self.is_field(key) {
            return None;
        }
        self.config.get(&key_of(self.spec.name, key.name()))
    }

    fn is_field(&self, key: Key) -> bool {
        let mut fields = self.spec.placeholders.iter();
        !self.config.is_description() && fields.any(|field| is_variable(field, key.name()))
    }

    /// A hint for a key that has a file variant; a description has none.
    pub(super) fn or_file(&self, file: Key) -> String {
        if self.config.is_description() {
            return String::new();
        }
        format!("; {} may name a file that holds it", self.name_of(file))
    }

    /// The declared value or the configured one, by `overwrite`.
    pub(super) fn winner<T>(&self, declared: Option<T>, configured: Option<T>) -> Option<T> {
        if self.spec.overwrite { configured.or(declared) } else { declared.or(configured) }
    }

    pub(super) fn fault(&self, kind: FaultKind, key: Key, what: impl Into<String>) -> ConfigFault {
        ConfigFault::new(kind, self.name_of(key), what)
    }

    fn json_object(&mut self, key: Key) -> Map<String, Value> {
        let Some(setting) = self.setting(key) else { return Map::new() };
        let object =
            crate::json::read::<Map<String, Value>>(setting.text().as_bytes()).map_err(|why| {
                let why = format!("expected a JSON object; {why}");
                ConfigFault::malformed(&self.name_of(key), &setting.origin, why)
            });
        self.faults.record(object).unwrap_or_default()
    }
}

/// Whether the variable of a field is that of a setting: `realm` and `REALM`.
fn is_variable(field: &str, setting: &str) -> bool {
    field.len() == setting.len() && key_of("", field) == key_of("", setting)
}
