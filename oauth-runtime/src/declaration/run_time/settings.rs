//! A description as configuration, so that the same reader checks both.

use std::collections::BTreeMap;

use super::ProviderDescription;
use crate::config::{Config, Faults, key_of};
use crate::crypto::secret::Secret;

/// A setting that a description states.
pub(super) enum Setting<'a> {
    Text(&'a str),
    Secret(&'a Secret),
    Seconds(u32),
    Texts(&'a [String]),
    Params(&'a BTreeMap<String, String>),
}

/// The field of a setting.
pub(super) trait State {
    /// The setting, if it is stated.
    fn setting(&self) -> Option<Setting<'_>>;
}

impl State for Option<String> {
    fn setting(&self) -> Option<Setting<'_>> {
        self.as_deref().map(Setting::Text)
    }
}

impl State for Option<Secret> {
    fn setting(&self) -> Option<Setting<'_>> {
        self.as_ref().map(Setting::Secret)
    }
}

impl State for Option<u32> {
    fn setting(&self) -> Option<Setting<'_>> {
        self.map(Setting::Seconds)
    }
}

impl State for Vec<String> {
    fn setting(&self) -> Option<Setting<'_>> {
        (!self.is_empty()).then_some(Setting::Texts(self))
    }
}

impl State for BTreeMap<String, String> {
    fn setting(&self) -> Option<Setting<'_>> {
        (!self.is_empty()).then_some(Setting::Params(self))
    }
}

impl Setting<'_> {
    /// The length of its text in bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Secret(secret) => secret.expose().len(),
            Self::Seconds(_) => 0,
            Self::Texts(texts) => texts.iter().map(String::len).sum(),
            Self::Params(params) => {
                params.iter().map(|(name, value)| name.len() + value.len()).sum()
            }
        }
    }
}

impl ProviderDescription {
    /// The description as configuration, which the same reader checks.
    pub(super) fn config(&self, faults: &mut Faults) -> Option<Config> {
        let mut config = Config::description();
        if let Some(name) = &self.display_name {
            config = config.set(&key_of(&self.name, "DISPLAY_NAME"), name);
        }
        for (key, setting) in self.settings() {
            let value = match setting {
                Setting::Text(text) => text.to_owned(),
                Setting::Secret(secret) => secret.expose().to_owned(),
                Setting::Seconds(seconds) => seconds.to_string(),
                Setting::Texts(texts) if texts.iter().all(|text| is_single(text)) => {
                    texts.join(" ")
                }
                Setting::Texts(_) => {
                    let what = "holds an item that is empty or more than one value";
                    faults.push(self.fault(&key.to_ascii_lowercase(), what));
                    return None;
                }
                // Strings can always be written as JSON.
                Setting::Params(params) => serde_json::to_string(params).unwrap_or_default(),
            };
            config = config.set(&key_of(&self.name, key), value);
        }
        Some(config)
    }

    /// The strings that are stated, with their keys in a configuration.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = self.settings().filter_map(|(key, setting)| match setting {
            Setting::Text(text) => Some((key, text)),
            _ => None,
        });
        texts.chain(self.display_name.as_deref().map(|name| ("DISPLAY_NAME", name)))
    }
}

/// Whether `text` is a single value in a configuration, which separates values by spaces and
/// commas.
fn is_single(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', ','])
}
