//! Token credentials (RFC 5849 section 2.3), which replace the temporary credentials once the user
//! has agreed.

use ::http::{Request, Response};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::credentials::{self, Credentials};
use super::temporary_credentials::form;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::url::endpoint::EndpointUrl;

/// The response to a token request.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) credentials: Credentials,
    /// The provider's other parameters, which may describe the user, such as `user_id` and
    /// `screen_name`. All values are strings.
    pub(crate) members: Map<String, Value>,
}

/// A `POST`, to be signed with the temporary credentials and `oauth_verifier`. Extra parameters are
/// its form.
pub(crate) fn request(endpoint: &EndpointUrl, extra: &[(String, String)]) -> Request<Bytes> {
    form(endpoint, extra)
}

/// Reads the credentials.
///
/// # Errors
/// [`ProviderError`]. A member that appears twice could name two users.
pub(crate) fn read(response: &Response<Bytes>) -> Result<TokenResponse, ProviderError> {
    let answer = credentials::read(response, EndpointKind::Token)?;
    let mut members = Map::new();
    for (name, value) in answer.others {
        if members.insert(name, Value::String(value)).is_some() {
            let what = "with a member that appears more than once";
            return Err(ProviderError::unusable(EndpointKind::Token, response, what));
        }
    }
    Ok(TokenResponse { credentials: answer.credentials, members })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_body(body: &str) -> Result<TokenResponse, ProviderError> {
        read(&Response::new(Bytes::from(body.to_owned())))
    }

    #[test]
    fn user_may_be_named_with_the_token() {
        let tokens = read_body(
            "oauth_token=6253282-eW&oauth_token_secret=2EEf&user_id=6253282&screen_name=ada",
        )
        .unwrap();
        assert_eq!(tokens.credentials.token.expose(), "6253282-eW");
        assert_eq!(tokens.members["user_id"], "6253282");
        assert_eq!(tokens.members["screen_name"], "ada");
        assert_eq!(tokens.members.len(), 2);
    }

    #[test]
    fn response_names_one_user() {
        let twice = "oauth_token=a&oauth_token_secret=b&user_id=1&user_id=2";
        assert!(matches!(read_body(twice), Err(ProviderError::Unusable { .. })));
    }
}
