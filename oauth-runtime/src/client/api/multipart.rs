//! Forms with files, `multipart/form-data` (RFC 7578).

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::request::BAD_CONTENT_TYPE;
use crate::crypto::random;
use crate::error::{CallError, OAuthError};

/// A form with files: the body of [`ApiRequest::body_multipart`](crate::ApiRequest::body_multipart).
///
/// ```
/// use oauth_runtime::prelude::*;
/// use oauth_runtime::Multipart;
/// # #[derive(OAuthProvider)]
/// # #[oauth_provider(name = "acme", issuer = "https://acme.example", scopes("openid"),
/// #     api_base_url = "https://api.acme.example/")]
/// # struct Acme;
///
/// async fn upload(acme: Api<Acme>, photo: Vec<u8>) -> Result<String, OAuthError> {
///     let form = Multipart::new().text("title", "A loom").file("photo", "loom.png", "image/png", photo);
///     acme.post("photos").body_multipart(form).text().await
/// }
/// ```
#[derive(Clone, Default)]
#[must_use = "the form is sent by `ApiRequest::body_multipart`"]
pub struct Multipart {
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    /// The header lines of this part.
    head: String,
    body: Bytes,
    /// Whether the content type can be sent.
    is_sendable: bool,
}

impl Multipart {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field. A name may occur several times.
    pub fn text(mut self, name: &str, value: &str) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        let body = Bytes::copy_from_slice(value.as_bytes());
        self.parts.push(Part { head, body, is_sendable: true });
        self
    }

    /// Adds a file with its name and its `Content-Type`. A content type with a control character
    /// causes an error when the request is sent.
    pub fn file(
        mut self,
        name: &str,
        file_name: &str,
        content_type: &str,
        content: impl Into<Bytes>,
    ) -> Self {
        let (name, file_name) = (quoted(name), quoted(file_name));
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {content_type}"
        );
        let is_sendable = !content_type.chars().any(char::is_control);
        self.parts.push(Part { head, body: content.into(), is_sendable });
        self
    }

    /// The `Content-Type` and the body.
    ///
    /// # Errors
    /// [`CallError::Unsendable`]; [`OAuthError::Randomness`].
    pub(super) fn encode(self) -> Result<(String, Bytes), OAuthError> {
        if self.parts.iter().any(|part| !part.is_sendable) {
            return Err(CallError::Unsendable(BAD_CONTENT_TYPE).into());
        }
        // 128 random bits: content from elsewhere cannot contain the boundary and add a part.
        let boundary = random::text::<16>()?;
        let mut body = BytesMut::new();
        for part in self.parts {
            body.put_slice(format!("--{boundary}\r\n{}\r\n\r\n", part.head).as_bytes());
            body.put(part.body);
            body.put_slice(b"\r\n");
        }
        body.put_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok((format!("multipart/form-data; boundary={boundary}"), body.freeze()))
    }
}

/// A name inside quotation marks, encoded as browsers do (HTML, "multipart form data"), so that it
/// cannot add a header.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Without the content of the parts.
impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart").field("parts", &self.parts.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_name_cannot_add_a_header_or_a_part() {
        let form = Multipart::new().text("a\"\r\nX-Evil: 1", "--x\r\n").file(
            "b",
            "f\".txt\n",
            "text/plain",
            "content",
        );
        let (content_type, body) = form.encode().unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a%22%0D%0AX-Evil: 1\"\r\n\r\n--x\r\n\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"b\"; filename=\"f%22.txt%0A\"\r\n\
             Content-Type: text/plain\r\n\r\ncontent\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected);
        assert!(boundary.len() >= 22, "{boundary}");
    }

    #[test]
    fn content_type_of_a_part_is_one_line() {
        let form = Multipart::new().file("a", "a", "text/plain\r\nX-Evil: 1", "content");
        let error = form.encode().unwrap_err();
        assert!(matches!(error, OAuthError::Call(CallError::Unsendable(_))), "{error:?}");
    }

    #[test]
    fn debug_text_has_no_content() {
        let form = Multipart::new().text("password", "hunter2");
        assert!(!format!("{form:?}").contains("hunter2"));
    }
}
