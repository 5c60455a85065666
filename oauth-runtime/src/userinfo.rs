//! Userinfo without a declared type.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a userinfo endpoint answers, for a provider that declares no type for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserInfo(Map<String, Value>);

impl UserInfo {
    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }
}
