//! Token responses whose shape deviates from RFC 6749 section 5.1, normalized before they are read:
//! form-encoded ones, those with nested tokens, and those with names of the provider's own.

use serde::de::Error as _;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::names::Names;
use crate::json::{self, JsonError, Unambiguous};

/// Members that are next to the object with the tokens, not in it.
const ERROR_MEMBERS: [&str; 3] = ["error", "error_description", "error_uri"];

/// A response in the shape of the specification, and the rest of the original document.
pub(super) struct NormalizedResponse {
    pub(super) members: Map<String, Value>,
    around: Value,
    /// The path of the members.
    place: Option<String>,
}

impl NormalizedResponse {
    /// Reads a body. `nested_token` is the dotted path of the access token.
    ///
    /// # Errors
    /// [`JsonError`] when it is neither a form, where one is allowed, nor JSON.
    pub(super) fn read(
        body: &[u8],
        form_encoded: bool,
        nested_token: Option<&str>,
        names: Option<&Names>,
    ) -> Result<Self, JsonError> {
        let is_json = body.trim_ascii_start().starts_with(b"{");
        let mut around = if form_encoded && !is_json {
            form(body)?
        } else {
            let Unambiguous(document) = json::read(body)?;
            document
        };
        let (place, name) = match nested_token.map(|path| path.rsplit_once('.')) {
            None => {
                let mut members = taken(&mut around);
                if let Some(names) = names {
                    names.restore(&mut members);
                }
                return Ok(Self { members, around, place: None });
            }
            Some(None) => (None, nested_token),
            Some(Some((place, name))) => (Some(place), Some(name)),
        };
        // Tokens elsewhere in the document belong to another party, such as Slack's bot.
        let found = match place {
            None => Some(&mut around),
            Some(place) => json::at_mut(&mut around, place),
        };
        let mut members = found.map(taken).unwrap_or_default();
        let token = name.and_then(|name| members.remove(name));
        members.remove("access_token");
        members.extend(token.map(|token| ("access_token".to_owned(), token)));
        if let Some(names) = names {
            names.restore(&mut members);
        }
        for name in ERROR_MEMBERS {
            let said = around.as_object_mut().and_then(|around| around.remove(name));
            members.extend(said.map(|said| (name.to_owned(), said)));
        }
        Ok(Self { members, around, place: place.map(str::to_owned) })
    }

    /// The members that no specification defines, each at its original place.
    pub(super) fn extra(mut self, left: Map<String, Value>) -> Map<String, Value> {
        let Some(place) = self.place else { return left };
        if let Some(found) = json::at_mut(&mut self.around, &place) {
            *found = Value::Object(left);
        }
        taken(&mut self.around)
    }
}

/// Takes the members out of an object.
fn taken(value: &mut Value) -> Map<String, Value> {
    value.as_object_mut().map(std::mem::take).unwrap_or_default()
}

/// Reads a form. A repeated name is an error, as in JSON, because nothing says which value counts.
fn form(body: &[u8]) -> Result<Value, JsonError> {
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        if members.insert(name.into_owned(), value.into_owned().into()).is_some() {
            return Err(serde_json::Error::custom("duplicate field").into());
        }
    }
    Ok(Value::Object(members))
}
