//! Client authentication at the token endpoint (RFC 6749 section 2.3, OpenID Connect Core 1.0
//! section 9), prepared once.

use ::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::{self, Serializer};

use crate::secret::Secret;
use crate::spec::ClientAuthMethod;

/// What a request carries to prove which client sends it.
#[derive(Debug, Clone)]
pub(crate) enum ClientAuthentication {
    /// An `Authorization: Basic` header, marked as sensitive.
    Header(HeaderValue),
    /// Identifier, and secret where there is one, in the form body.
    Body { client_id: String, client_secret: Option<Secret> },
}

impl ClientAuthentication {
    /// Prepares `method`. `encoded` says whether identifier and secret are form-encoded before
    /// they go into the header, as RFC 6749 section 2.3.1 wants it.
    pub(crate) fn new(
        method: ClientAuthMethod,
        client_id: &str,
        client_secret: Option<&Secret>,
        encoded: bool,
    ) -> Self {
        match (method, client_secret) {
            (ClientAuthMethod::ClientSecretBasic, Some(secret)) => {
                Self::Header(basic(client_id, secret, encoded))
            }
            (ClientAuthMethod::ClientSecretPost, Some(secret)) => {
                Self::Body { client_id: client_id.to_owned(), client_secret: Some(secret.clone()) }
            }
            _ => Self::Body { client_id: client_id.to_owned(), client_secret: None },
        }
    }

    /// Adds the proof to a request.
    pub(crate) fn apply(&self, headers: &mut HeaderMap, form: &mut Serializer<'_, String>) {
        match self {
            Self::Header(value) => {
                headers.insert(header::AUTHORIZATION, value.clone());
            }
            Self::Body { client_id, client_secret } => {
                form.append_pair("client_id", client_id);
                if let Some(secret) = client_secret {
                    form.append_pair("client_secret", secret.expose());
                }
            }
        }
    }
}

fn basic(client_id: &str, secret: &Secret, encoded: bool) -> HeaderValue {
    let encode = |text: &str| -> String {
        if encoded {
            form_urlencoded::byte_serialize(text.as_bytes()).collect()
        } else {
            text.to_owned()
        }
    };
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose()));
    let text = format!("Basic {}", STANDARD.encode(pair));
    // Base64 has no character that a header value refuses.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(method: ClientAuthMethod, encoded: bool) -> (Option<String>, String) {
        let secret = Secret::from("p@ss: wörd");
        let authentication = ClientAuthentication::new(method, "my client", Some(&secret), encoded);
        let (mut headers, mut form) = (HeaderMap::new(), Serializer::new(String::new()));
        authentication.apply(&mut headers, &mut form);
        let header = headers.get(header::AUTHORIZATION).map(|value| {
            let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
            String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
        });
        (header, form.finish())
    }

    #[test]
    fn basic_is_form_encoded_first() {
        let (header, body) = applied(ClientAuthMethod::ClientSecretBasic, true);
        assert_eq!(header.unwrap(), "my+client:p%40ss%3A+w%C3%B6rd");
        assert_eq!(body, "");
    }

    #[test]
    fn unencoded_basic_is_a_quirk() {
        let (header, _) = applied(ClientAuthMethod::ClientSecretBasic, false);
        assert_eq!(header.unwrap(), "my client:p@ss: wörd");
    }

    #[test]
    fn post_carries_both_in_the_body() {
        let (header, body) = applied(ClientAuthMethod::ClientSecretPost, true);
        assert_eq!(header, None);
        assert_eq!(body, "client_id=my+client&client_secret=p%40ss%3A+w%C3%B6rd");
    }

    #[test]
    fn a_public_client_names_itself_and_sends_no_secret() {
        let (header, body) = applied(ClientAuthMethod::None, true);
        assert_eq!((header, body.as_str()), (None, "client_id=my+client"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = Secret::from("hunter2");
        for method in [ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost] {
            let shown =
                format!("{:?}", ClientAuthentication::new(method, "c", Some(&secret), true));
            assert!(!shown.contains("hunter2") && !shown.contains("Basic "), "{shown}");
        }
    }
}
