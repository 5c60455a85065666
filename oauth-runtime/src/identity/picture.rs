//! The picture of a user.

use serde_json::{Map, Value};

use super::{at, shown};

/// Longest picture URL that is kept.
const MAX_LENGTH: usize = 512;

/// The picture at a path, or at a URL with paths in it, such as
/// `https://cdn.example/{id}/{avatar}.png`. `None` if one of them is missing.
pub(super) fn picture_at(document: &Map<String, Value>, path: &str) -> Option<String> {
    if !path.contains('{') {
        return picture(at(document, path)?.as_str()?);
    }
    let mut url = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (member, after) = after.split_once('}')?;
        url.push_str(before);
        let value = match at(document, member)? {
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        // At the beginning it is a URL itself. Inside, it must not change the host or the query.
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !url.is_empty() && (!value.chars().all(is_safe) || value.contains("..")) {
            return None;
        }
        url.push_str(&value);
        rest = after;
    }
    url.push_str(rest);
    picture(&url)
}

/// Accepts only https, because the URL is used in pages of the application.
fn picture(text: &str) -> Option<String> {
    shown(text, MAX_LENGTH).filter(|url| url.starts_with("https://"))
}
