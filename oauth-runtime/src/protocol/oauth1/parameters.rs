//! Parameters of a request, as they are signed (RFC 5849 sections 3.4.1.3 and 3.6).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// Section 3.6: all but the unreserved characters of RFC 3986, which is stricter than forms and
/// URLs.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes text (section 3.6).
pub(super) fn encode(text: &str) -> String {
    percent_encode(text.as_bytes(), ENCODED).to_string()
}

/// Encoded names and values. A name may appear more than once.
#[derive(Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((encode(name), encode(value)));
    }

    /// Adds the parameters of a query or a form body. They are read as bytes: they need not be
    /// UTF-8, and the server signs the bytes that it received.
    pub(super) fn add_form(&mut self, form: &[u8]) {
        for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            self.0.push((recode(name), recode(value)));
        }
    }

    /// Section 3.4.1.3.2: sorted by encoded name, then by encoded value, byte by byte.
    pub(super) fn normalized(mut self) -> String {
        self.0.sort();
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

/// Converts the encoding of forms to that of signatures.
fn recode(text: &[u8]) -> String {
    let spaces = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    let text: Vec<u8> = text.iter().map(spaces).collect();
    let decoded: Cow<'_, [u8]> = percent_decode(&text).into();
    percent_encode(&decoded, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded;

    use super::*;

    fn normalized(forms: &[&str]) -> String {
        let mut parameters = Parameters::default();
        forms.iter().for_each(|form| parameters.add_form(form.as_bytes()));
        parameters.normalized()
    }

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("azAZ09-._~"), "azAZ09-._~");
        assert_eq!(encode(" !*'()/+%&="), "%20%21%2A%27%28%29%2F%2B%25%26%3D");
        assert_eq!(encode("\u{7f}äあ😀"), "%7F%C3%A4%E3%81%82%F0%9F%98%80");
    }

    /// RFC 5849 section 3.4.1.3.2.
    #[test]
    fn the_example_of_the_specification() {
        let mut parameters = Parameters::default();
        parameters.add_form(b"b5=%3D%253D&a3=a&c%40=&a2=r%20b");
        for (name, value) in [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ] {
            parameters.add(name, value);
        }
        parameters.add_form(b"c2&a3=2+q");
        assert_eq!(
            parameters.normalized(),
            "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2\
             &oauth_nonce=7d8f3e4a&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201\
             &oauth_token=kkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn duplicate_names_and_empty_values_are_kept() {
        assert_eq!(normalized(&["b=2&a=&b=1&a&b=1"]), "a=&a=&b=1&b=1&b=2");
        assert_eq!(normalized(&["=x&&=&"]), "=&=x");
    }

    #[test]
    fn a_plus_is_a_space_and_an_encoded_plus_a_plus() {
        assert_eq!(
            normalized(&["a=x+y&b=x%2By&c=x%20y&d=~&e=%7e"]),
            "a=x%20y&b=x%2By&c=x%20y&d=~&e=~"
        );
    }

    #[test]
    fn names_are_sorted_as_they_are_encoded() {
        // Decoded, `é` sorts after `z`; encoded, `%C3` sorts before it.
        assert_eq!(normalized(&["z=1", "%C3%A9=2", "a-=3", "a=4"]), "%C3%A9=2&a=4&a-=3&z=1");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        assert_eq!(normalized(&["a=%FF%fe&b=%zz%"]), "a=%FF%FE&b=%25zz%25");
    }

    /// Section 3.6 word by word.
    fn model_of_encode(text: &str) -> String {
        let encode = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(encode).collect()
    }

    proptest! {
        #[test]
        fn encoding_is_that_of_the_specification(text: String) {
            prop_assert_eq!(encode(&text), model_of_encode(&text));
        }

        /// The result does not depend on the order of the pairs or on their place in query, body
        /// and header.
        #[test]
        fn parameters_are_normalized_as_in_rfc_5849(
            pairs in proptest::collection::vec(("[a-c+=&~% é]{0,3}", "[a-c+=&~% é]{0,3}"), 0..8),
            split in 0_usize..8,
        ) {
            let split = split.min(pairs.len());
            let form = |pairs: &[(String, String)]| {
                form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
            };
            let mut parameters = Parameters::default();
            parameters.add_form(form(&pairs[..split]).as_bytes());
            pairs[split..].iter().for_each(|(name, value)| parameters.add(name, value));

            let mut model: Vec<_> = pairs
                .iter()
                .map(|(name, value)| (model_of_encode(name), model_of_encode(value)))
                .collect();
            model.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
            let model: Vec<_> =
                model.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            prop_assert_eq!(parameters.normalized(), model.join("&"));
        }

        #[test]
        fn arbitrary_form_never_panics(form: Vec<u8>) {
            let mut parameters = Parameters::default();
            parameters.add_form(&form);
            prop_assert!(parameters.normalized().is_ascii());
        }
    }
}
