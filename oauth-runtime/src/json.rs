//! Reading JSON from outside without repeating it in errors, and writing secrets as JSON.

use std::fmt;
use std::io;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use zeroize::Zeroizing;

/// Where and why JSON from outside could not be read. It names members and positions, never the
/// values, which may be tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    what: String,
    line: usize,
    column: usize,
}

/// Reads `bytes` as `T`.
///
/// # Errors
/// [`JsonError`] if they are not JSON, or do not fit `T`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_slice(bytes).map_err(|error| JsonError::of(error, bytes))
}

/// A document without the byte-order mark that some servers put before it. RFC 8259 section 8.1: "a
/// parser MAY ignore the presence of a byte order mark rather than treating it as an error".
pub(crate) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The JSON object inside other text, such as `callback({…});`. `None` if nothing is around it, or
/// what is inside is not an object.
pub(crate) fn unwrapped(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.iter().position(|byte| *byte == b'{')?;
    let end = bytes.iter().rposition(|byte| *byte == b'}')?;
    let inside = bytes.get(start..=end)?;
    let is_object =
        inside.len() < bytes.trim_ascii().len() && read::<UnambiguousObject>(inside).is_ok();
    is_object.then_some(inside)
}

/// The value at a dotted path; a number is an index.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// Like [`at`], but mutable.
pub(crate) fn at_mut<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        other => other.get_mut(step),
    })
}

/// Writes secrets as JSON, into memory that is overwritten when it is dropped.
pub(crate) fn write_secrets(secrets: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Strings, numbers and lists of strings can always be written as JSON.
    let mut length = Length(0);
    let _ = serde_json::to_writer(&mut length, secrets);
    // The capacity is exact: a buffer that grows leaves copies in memory.
    let mut json = Zeroizing::new(Vec::with_capacity(length.0));
    let _ = serde_json::to_writer(&mut *json, secrets);
    json
}

/// Counts the bytes that are written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A document that is an object. serde would also read an array into a struct, member by member,
/// unlike other parsers.
pub(crate) struct Members<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersOf(PhantomData)).map(Self)
    }
}

struct MembersOf<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MembersOf<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object))
    }
}

/// JSON of any shape in which no object has a member twice. RFC 8259 section 4 leaves open which
/// one counts: one parser would read the first, another the last, and they could see different
/// users. Typed documents already refuse duplicates.
pub(crate) struct Unambiguous(pub(crate) Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

/// Like [`Unambiguous`], for a document that is an object.
pub(crate) struct UnambiguousObject(pub(crate) Map<String, Value>);

impl<'de> Deserialize<'de> for UnambiguousObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object).map(Self)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Unambiguous(value))) = object.next_entry::<String, _>()? {
            if members.insert(name, value).is_some() {
                // The name comes from outside and may be a secret.
                return Err(A::Error::custom("duplicate field"));
            }
        }
        Ok(members)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Value, A::Error> {
        Object.visit_map(object).map(Value::Object)
    }
}

impl JsonError {
    /// Names other encodings: a browser reads them all, so the bytes look right there.
    pub(crate) fn of(error: serde_json::Error, bytes: &[u8]) -> Self {
        let error = Self::from(error);
        match std::str::from_utf8(bytes) {
            Ok(_) => error,
            Err(_) => Self { what: "it is not UTF-8, as JSON has to be".to_owned(), ..error },
        }
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self { what: without_values(&error), line: error.line(), column: error.column() }
    }
}

/// serde's messages quote the found value. Only the expected type and the field names are ours.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        text.to_owned()
    } else if let Some((_, expected)) = text.rsplit_once(", expected ") {
        format!("expected {expected}")
    } else if error.is_eof() {
        "it ends too early".to_owned()
    } else if error.is_syntax() {
        "it is not JSON".to_owned()
    } else {
        "a value is not of the expected form".to_owned()
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        // Values that were already parsed have no position.
        if self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        Ok(())
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Shape {
        #[expect(dead_code, reason = "read by nobody, only its type matters")]
        count: u32,
    }

    fn error(text: &str) -> String {
        read::<Shape>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn values_are_never_repeated() {
        for text in [r#""hunter2""#, r#"{"count":"hunter2"}"#, r#"["hunter2"]"#, "hunter2"] {
            assert!(!error(text).contains("hunter2"), "{}", error(text));
        }
    }

    #[test]
    fn array_is_not_read_as_an_object() {
        let read =
            |text: &str| read::<Members<Shape>>(text.as_bytes()).err().map(|e| e.to_string());
        assert_eq!(read(r#"{"count":1}"#), None);
        assert_eq!(read("{}").as_deref(), Some("missing field `count` (line 1, column 2)"));
        let refused = read("[1]").unwrap();
        assert!(refused.starts_with("expected a JSON object"), "{refused}");
    }

    #[test]
    fn secrets_are_written_into_a_large_enough_buffer() {
        for text in ["", "a", "\"\n\u{1}", &"\"".repeat(10_000)] {
            let written = write_secrets(&[text]);
            assert_eq!(written.len(), written.capacity(), "{}", text.len());
            assert_eq!(read::<[String; 1]>(&written).unwrap(), [text]);
        }
    }

    #[test]
    fn any_json_without_repeated_members_is_read() {
        let text = r#"{"a":[1,-2,0.5,"x",null,true,{}],"b":{"a":"\u00e4"}}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read::<Unambiguous>(text.as_bytes()).unwrap().0, expected);
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            let error = read::<Unambiguous>(text.as_bytes()).err().unwrap();
            assert!(error.to_string().starts_with("duplicate field (line 1"), "{error}");
        }
    }

    #[test]
    fn error_names_the_missing_or_expected_value() {
        assert_eq!(error("{}"), "missing field `count` (line 1, column 2)");
        assert_eq!(error(r#"{"count":"x"}"#), "expected u32 (line 1, column 12)");
        assert_eq!(error("{"), "it ends too early (line 1, column 1)");
        assert_eq!(error("<html>"), "it is not JSON (line 1, column 1)");
        let latin1 = read::<Shape>(b"{\"count\":\"\xfc\"}").unwrap_err().to_string();
        assert!(latin1.starts_with("it is not UTF-8"), "{latin1}");
    }

    #[test]
    fn byte_order_mark_is_not_part_of_a_document() {
        assert_eq!(without_byte_order_mark(b"\xef\xbb\xbf{}"), b"{}");
        for text in ["{}", "", "\u{fe}"] {
            assert_eq!(without_byte_order_mark(text.as_bytes()), text.as_bytes());
        }
    }
}
