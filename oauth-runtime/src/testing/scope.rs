//! The `scope` parameter (RFC 6749 section 3.3).

use std::fmt;

/// Scope values in the requested order, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope(Vec<String>);

impl Scope {
    /// `None` if a character is not allowed in a scope value.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut values: Vec<String> = Vec::new();
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            if !value.bytes().all(is_scope_character) {
                return None;
            }
            if !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        }
        Some(Self(values))
    }

    pub(super) fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|known| known == value)
    }

    pub(super) fn is_subset_of(&self, other: &Self) -> bool {
        self.values().all(|value| other.contains(value))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn is_scope_character(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn values_are_kept_once_and_in_order() {
        let scope = Scope::parse("openid  email openid").unwrap();
        assert_eq!(scope.to_string(), "openid email");
    }

    #[test]
    fn quotes_and_control_characters_are_refused() {
        assert_eq!(Scope::parse("open\"id"), None);
        assert_eq!(Scope::parse("openid\temail"), None);
    }
}
