//! The part of a token request that a compliance fix may change.

use std::fmt;

use ::http::{HeaderMap, HeaderName, HeaderValue};

/// The open part of a token request, for
/// [`ComplianceFix::access_token_request`](crate::ComplianceFix::access_token_request).
///
/// It lacks everything that proves the grant or the client: the code and its verifier, the redirect
/// URI, assertions, passwords and the client's credentials. A fix that sets such a parameter, or a
/// header such as `Authorization`, makes the request fail. The endpoint cannot be changed.
///
/// ```
/// use http::{HeaderValue, header};
/// use oauth_runtime::{ComplianceFix, TokenRequestPart};
///
/// struct AcmeFix;
///
/// impl ComplianceFix for AcmeFix {
///     fn access_token_request(&self, request: &mut TokenRequestPart<'_>) {
///         if request.grant_type() == "authorization_code" {
///             request.set_param("shop", "12");
///         }
///         request.set_header(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
///     }
/// }
/// ```
pub struct TokenRequestPart<'a> {
    grant_type: &'a str,
    params: Vec<(String, String)>,
    headers: HeaderMap,
}

impl<'a> TokenRequestPart<'a> {
    pub(crate) fn new(grant_type: &'a str, params: Vec<(String, String)>) -> Self {
        Self { grant_type, params, headers: HeaderMap::new() }
    }

    /// `grant_type` of the request.
    pub fn grant_type(&self) -> &str {
        self.grant_type
    }

    /// The open parameters, in order.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Sets a parameter, in place of those of its name.
    pub fn set_param(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.remove_param(&name);
        self.params.push((name, value.into()));
    }

    /// Removes the parameters of this name.
    pub fn remove_param(&mut self, name: &str) {
        self.params.retain(|(own, _)| own != name);
    }

    /// Sets a header.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    pub(crate) fn into_parts(self) -> (Vec<(String, String)>, HeaderMap) {
        (self.params, self.headers)
    }
}

/// Names only: the values may be about a user.
impl fmt::Debug for TokenRequestPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params: Vec<_> = self.params().map(|(name, _)| name).collect();
        f.debug_struct("TokenRequestPart")
            .field("grant_type", &self.grant_type)
            .field("params", &params)
            .finish_non_exhaustive()
    }
}
