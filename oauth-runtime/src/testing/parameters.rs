//! Request parameters from a query or a form.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// Parameters of one request, without repetitions.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

/// A repeated parameter, which RFC 6749 sections 3.1 and 3.2 forbid.
#[derive(Debug)]
pub(super) struct Repeated(pub(super) String);

impl Parameters {
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Repeated(name.into_owned()));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// The members of a JSON object whose values are strings.
    pub(super) fn parse_json(text: &[u8]) -> Option<Self> {
        let members: BTreeMap<String, String> = serde_json::from_slice(text).ok()?;
        Some(Self(members.into_iter().collect()))
    }

    /// A parameter without a value counts as omitted (RFC 6749 section 3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// Decodes a form-encoded value: `a%2Bb+c` becomes `a+b c`.
pub(super) fn form_decode(value: &str) -> String {
    let encoded = format!("value={value}");
    form_urlencoded::parse(encoded.as_bytes())
        .next()
        .map(|(_, decoded)| decoded.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Parameters, form_decode};

    #[test]
    fn empty_parameter_counts_as_omitted() {
        let parameters = Parameters::parse(b"a=&b=2").unwrap();
        assert_eq!(parameters.get("a"), None);
        assert_eq!(parameters.get("b"), Some("2"));
    }

    #[test]
    fn repeated_parameter_is_refused() {
        assert_eq!(Parameters::parse(b"a=1&b=2&a=1").unwrap_err().0, "a");
    }

    #[test]
    fn plus_and_percent_are_decoded() {
        assert_eq!(form_decode("a%2Bb+c%3A="), "a+b c:=");
    }
}
