//! Client authentication (RFC 6749 section 2.3, RFC 7523 section 2.2, OpenID Connect Core 1.0
//! section 9) at the token endpoint and at every other endpoint that authenticates the client.
//!
//! A [`ClientCredential`] is prepared once. Each request gets its own [`ClientAuthentication`],
//! because a signature is valid for one request.

use ::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::{self, Serializer};

use super::assertion::{Assertion, CLIENT_ASSERTION_TYPE, Moment};
use super::signing_key::SigningKey;
use crate::crypto::failure::Failure;
use crate::crypto::secret::Secret;

/// Lifetime of an assertion, in seconds: one request, with some clock skew.
const ASSERTION_LIFETIME: u64 = 60;
/// Lifetime of a client secret for Apple, in seconds. Apple accepts up to six months.
const APPLE_SECRET_LIFETIME: u64 = 300;

/// The client's credential, prepared once.
#[derive(Debug, Clone)]
pub(crate) enum ClientCredential {
    /// `client_secret_basic`: an `Authorization: Basic` header, marked as sensitive.
    Basic(HeaderValue),
    /// `client_secret_post`, or `none`, which has no secret.
    Post { client_id: String, client_secret: Option<Secret> },
    /// `private_key_jwt` and `client_secret_jwt`.
    Assertion { client_id: String, key: SigningKey, audience: String },
    /// `apple_jwt`: a client secret that is a JSON Web Token, signed with a private key.
    Apple { client_id: String, team_id: String, key: SigningKey, audience: String },
}

impl ClientCredential {
    /// `client_secret_basic`. `encoded` says whether identifier and secret are form-encoded first,
    /// as RFC 6749 section 2.3.1 demands.
    pub(crate) fn basic(client_id: &str, client_secret: &Secret, encoded: bool) -> Self {
        Self::Basic(basic(client_id, client_secret, encoded))
    }

    /// Whether each request carries a new signature.
    pub(crate) fn is_signed(&self) -> bool {
        matches!(self, Self::Assertion { .. } | Self::Apple { .. })
    }

    /// Creates the authentication of one request.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn authentication(
        &self,
        moment: Moment<'_>,
    ) -> Result<ClientAuthentication, Failure> {
        Ok(match self {
            Self::Basic(value) => ClientAuthentication::Header(value.clone()),
            Self::Post { client_id, client_secret } => ClientAuthentication::Body {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            },
            Self::Assertion { client_id, key, audience } => {
                let lifetime = ASSERTION_LIFETIME;
                let (issuer, subject) = (client_id, Some(&**client_id));
                let assertion = Assertion { issuer, subject, audience, lifetime };
                ClientAuthentication::Assertion {
                    client_id: client_id.clone(),
                    assertion: assertion.sign(key, moment)?,
                }
            }
            // https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
            Self::Apple { client_id, team_id, key, audience } => {
                let lifetime = APPLE_SECRET_LIFETIME;
                let subject = Some(&**client_id);
                let secret = Assertion { issuer: team_id, subject, audience, lifetime };
                ClientAuthentication::Body {
                    client_id: client_id.clone(),
                    client_secret: Some(secret.sign(key, moment)?),
                }
            }
        })
    }
}

/// The client authentication of one request.
#[derive(Debug, Clone)]
pub(crate) enum ClientAuthentication {
    /// An `Authorization: Basic` header, marked as sensitive.
    Header(HeaderValue),
    /// The identifier, and the secret if there is one, in the form body.
    Body { client_id: String, client_secret: Option<Secret> },
    /// The identifier and a signed assertion in the form body.
    Assertion { client_id: String, assertion: Secret },
}

impl ClientAuthentication {
    /// Adds the authentication to a request.
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
            Self::Assertion { client_id, assertion } => {
                form.append_pair("client_id", client_id)
                    .append_pair("client_assertion_type", CLIENT_ASSERTION_TYPE)
                    .append_pair("client_assertion", assertion.expose());
            }
        }
    }
}

fn basic(client_id: &str, secret: &Secret, encoded: bool) -> HeaderValue {
    let encode = |text: &str| -> String {
        if encoded {
            // A space may be `+` or `%20`. Servers that only decode percent signs, such as
            // Authlib's, read only the second. A literal plus sign is `%2B` by now.
            form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
        } else {
            text.to_owned()
        }
    };
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose()));
    let text = format!("Basic {}", STANDARD.encode(pair));
    // Every base64 character is legal in a header value.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use url::form_urlencoded::parse;

    use super::*;
    use crate::protocol::jwk::JwsAlgorithm;
    use crate::protocol::jws::{self, VerificationKeys};
    use crate::protocol::signer::{Signer, key_set};

    const MOMENT: Moment<'static> = Moment { now: 1_800_000_000, unique: "only once" };

    fn applied(credential: &ClientCredential) -> (Option<String>, String) {
        let (mut headers, mut form) = (HeaderMap::new(), Serializer::new(String::new()));
        credential.authentication(MOMENT).unwrap().apply(&mut headers, &mut form);
        let header = headers.get(header::AUTHORIZATION).map(|value| {
            assert!(value.is_sensitive());
            let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
            String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
        });
        (header, form.finish())
    }

    fn secret() -> Secret {
        Secret::from("p@ss: wörd")
    }

    fn post(client_secret: Option<Secret>) -> ClientCredential {
        ClientCredential::Post { client_id: "my client".to_owned(), client_secret }
    }

    fn signing_key(signer: &Signer) -> SigningKey {
        SigningKey::new(signer.key(), Some("key 1".to_owned()), signer.algorithm).unwrap()
    }

    fn assertion(key: SigningKey) -> ClientCredential {
        ClientCredential::Assertion {
            client_id: "my client".to_owned(),
            key,
            audience: "https://op.example".to_owned(),
        }
    }

    fn apple(signer: &Signer) -> ClientCredential {
        ClientCredential::Apple {
            client_id: "com.example.shop".to_owned(),
            team_id: "TEAM123456".to_owned(),
            key: signing_key(signer),
            audience: "https://appleid.apple.com".to_owned(),
        }
    }

    fn parameter(body: &str, name: &str) -> String {
        let mut values = parse(body.as_bytes()).filter(|(own, _)| own == name);
        let (_, value) = values.next().unwrap();
        assert_eq!(values.next(), None, "{name} comes once");
        value.into_owned()
    }

    /// The claims of a token that the signer's key has signed.
    fn claims(token: &str, signer: &Signer) -> Value {
        let jwks = key_set(&[signer.jwk()]);
        let algorithms = &[signer.algorithm];
        let keys = VerificationKeys { jwks: &jwks, client_secret: None, algorithms };
        serde_json::from_slice(&jws::verify(token, &[], &keys).unwrap().bytes).unwrap()
    }

    #[test]
    fn basic_is_form_encoded_first() {
        let (header, body) = applied(&ClientCredential::basic("my client", &secret(), true));
        assert_eq!(header.unwrap(), "my%20client:p%40ss%3A%20w%C3%B6rd");
        assert_eq!(body, "");
    }

    #[test]
    fn unencoded_basic_is_a_quirk() {
        let (header, _) = applied(&ClientCredential::basic("my client", &secret(), false));
        assert_eq!(header.unwrap(), "my client:p@ss: wörd");
    }

    #[test]
    fn post_carries_both_in_the_body() {
        let (header, body) = applied(&post(Some(secret())));
        assert_eq!(header, None);
        assert_eq!(body, "client_id=my+client&client_secret=p%40ss%3A+w%C3%B6rd");
    }

    #[test]
    fn a_public_client_names_itself_and_sends_no_secret() {
        let (header, body) = applied(&post(None));
        assert_eq!((header, body.as_str()), (None, "client_id=my+client"));
    }

    /// RFC 7523 section 3, OpenID Connect Core 1.0 section 9.
    #[test]
    fn assertion_names_client_audience_and_lifetime() {
        let signer = Signer::new(JwsAlgorithm::ES256);
        let (header, body) = applied(&assertion(signing_key(&signer)));
        assert_eq!(header, None);
        assert_eq!(parameter(&body, "client_id"), "my client");
        assert_eq!(
            parameter(&body, "client_assertion_type"),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        assert_eq!(
            claims(&parameter(&body, "client_assertion"), &signer),
            json!({
                "iss": "my client",
                "sub": "my client",
                "aud": "https://op.example",
                "jti": "only once",
                "iat": 1_800_000_000,
                "exp": 1_800_000_060,
            })
        );
    }

    #[test]
    fn an_assertion_never_carries_the_client_secret() {
        let (header, body) = applied(&assertion(SigningKey::of_client_secret(&secret())));
        assert_eq!(header, None);
        assert!(parse(body.as_bytes()).all(|(name, _)| name != "client_secret"), "{body}");
        let jwks = key_set(&[]);
        let secret = secret();
        let algorithms = &[JwsAlgorithm::HS256];
        let keys = VerificationKeys { jwks: &jwks, client_secret: Some(&secret), algorithms };
        assert!(jws::verify(&parameter(&body, "client_assertion"), &[], &keys).is_ok());
    }

    #[test]
    fn secret_for_apple_is_signed_with_the_private_key() {
        let signer = Signer::new(JwsAlgorithm::ES256);
        let (header, body) = applied(&apple(&signer));
        assert_eq!((header, parameter(&body, "client_id").as_str()), (None, "com.example.shop"));
        let secret = claims(&parameter(&body, "client_secret"), &signer);
        assert_eq!(secret["iss"], "TEAM123456");
        assert_eq!(secret["sub"], "com.example.shop");
        assert_eq!(secret["aud"], "https://appleid.apple.com");
        let lifetime = secret["exp"].as_u64().unwrap() - secret["iat"].as_u64().unwrap();
        assert!((60..=15_777_000).contains(&lifetime), "Apple takes at most six months");
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = Secret::from("hunter2");
        let signer = Signer::new(JwsAlgorithm::ES256);
        for credential in [
            ClientCredential::basic("c", &secret, true),
            post(Some(secret.clone())),
            assertion(signing_key(&signer)),
            assertion(SigningKey::of_client_secret(&secret)),
            apple(&signer),
        ] {
            let authentication = credential.authentication(MOMENT).unwrap();
            let shown = format!("{credential:?} {authentication:?}");
            for hidden in ["hunter2", "Basic ", "eyJ"] {
                assert!(!shown.contains(hidden), "{shown}");
            }
        }
    }
}
