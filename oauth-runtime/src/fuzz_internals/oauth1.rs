//! OAuth 1.0a messages.

use ::http::Request;
use bytes::Bytes;

use super::{SECRET, answer, assert_hides, assert_hides_all_but, has_secret, reference};
use crate::crypto::secret::Secret;
use crate::declaration::spec::ParameterTransmission;
use crate::error::OAuthError;
use crate::protocol::oauth1::authorization::AuthorizationResponse;
use crate::protocol::oauth1::signature::SignatureKey;
use crate::protocol::oauth1::signed_request::{Signer, Signing, Stamp};
use crate::protocol::oauth1::{temporary_credentials, token_credentials};

/// A byte that selects the message, and the message: a response with temporary credentials, one
/// with token credentials, the query of a callback, or that of a request to be signed.
pub fn oauth1(data: &[u8]) {
    let [kind, message @ ..] = data else { return };
    match kind % 4 {
        0 => temporary(*kind / 4, message),
        1 => token(*kind / 4, message),
        2 => callback(message),
        _ => signature(message),
    }
}

fn temporary(status: u8, body: &[u8]) {
    match temporary_credentials::read(&answer(status, body)) {
        Ok(credentials) => {
            let (token, secret) = (credentials.token.expose(), credentials.secret.expose());
            assert!(!token.is_empty() && token.len() <= 1024 && secret.len() <= 1024);
        }
        Err(error) => assert_hides_credentials(&error, body),
    }
}

fn token(status: u8, body: &[u8]) {
    match token_credentials::read(&answer(status, body)) {
        Ok(tokens) => {
            assert!(!tokens.credentials.token.is_empty());
            assert!(!format!("{:?}", tokens.credentials).contains(SECRET));
            for name in ["oauth_token", "oauth_token_secret"] {
                assert!(!tokens.members.contains_key(name), "{name}");
            }
            assert!(tokens.members.values().all(serde_json::Value::is_string));
        }
        Err(error) => assert_hides_credentials(&error, body),
    }
}

/// The provider's own message may contain anything; credentials are never shown.
fn assert_hides_credentials(error: &crate::protocol::error::ProviderError, body: &[u8]) {
    let body = String::from_utf8_lossy(body);
    let is_secret = |name: &str| name == "oauth_token" || name == "oauth_token_secret";
    let pairs = reference::form(&body);
    let is_only_there = pairs.iter().any(|(name, value)| is_secret(name) && value.contains(SECRET))
        && body.matches(SECRET).count() == 1;
    if is_only_there {
        assert_hides(error);
    }
}

fn callback(query: &[u8]) {
    let Ok(query) = std::str::from_utf8(query) else { return };
    let pairs = reference::form(query);
    let parse = || AuthorizationResponse::parse(query);
    let token = match parse() {
        Ok(response) => response.token().map(str::to_owned),
        Err(error) => {
            let is_word =
                |name: &str| name.starts_with("oauth_problem") || name.starts_with("error");
            return assert_hides_all_but(&error, &pairs, is_word);
        }
    };
    if let Some(token) = &token {
        let own = reference::only(&pairs, "oauth_token").or(reference::only(&pairs, "denied"));
        assert_eq!(own, Some(&**token));
    }
    let expected = Secret::from(token.as_deref().unwrap_or("a token"));
    let answer = parse().expect("it was read before").validate(&expected);
    if let Ok(Ok(verifier)) = answer {
        assert_eq!(reference::only(&pairs, "oauth_verifier"), Some(verifier.expose()));
        let other = Secret::from(format!("{}x", expected.expose()));
        assert!(parse().expect("it was read before").validate(&other).is_err());
    }
}

/// The signed request reaches the server unchanged: it keeps its URL and carries one set of
/// protocol parameters.
fn signature(query: &[u8]) {
    let Ok(query) = std::str::from_utf8(query) else { return };
    let Ok(uri) = format!("https://api.example/r?{query}").parse::<::http::Uri>() else { return };
    let signer = Signer {
        client_id: "app".to_owned(),
        key: SignatureKey::HmacSha256(Secret::from("s3cr3t")),
        transmission: ParameterTransmission::AuthorizationHeader,
        realm: None,
    };
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri.clone();
    let stamp = Stamp { nonce: "n".to_owned(), timestamp: 1_000 };
    match signer.sign(request, &Signing::default(), &stamp) {
        Ok(signed) => {
            assert_eq!(*signed.uri(), uri);
            let pairs = reference::form(uri.query().unwrap_or_default());
            assert!(pairs.iter().all(|(name, _)| !name.starts_with("oauth_")), "signed twice");
            let header = signed.headers()["authorization"].to_str().expect("visible ASCII");
            assert_eq!(header.matches("oauth_signature=").count(), 1, "{header}");
        }
        // The name of an application's parameter is shown, its value is not.
        Err(error) => {
            let pairs = reference::form(uri.query().unwrap_or_default());
            if pairs.iter().all(|(name, _)| !has_secret(name)) {
                assert_hides(&OAuthError::from(error));
            }
        }
    }
}
