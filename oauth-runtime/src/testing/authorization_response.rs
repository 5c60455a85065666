//! The authorization response and its response modes (OAuth 2.0 Multiple Response Type Encoding
//! Practices, OAuth 2.0 Form Post Response Mode).

use axum::response::Response;
use url::{Url, form_urlencoded};

use super::authorization::redirect;
use super::pages;
use super::parameters::Parameters;
use super::provider::Provider;
use super::spoil;

/// The way in which the parameters reach the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    /// The names of the modes in the metadata.
    pub(super) const NAMES: [&str; 3] = ["query", "fragment", "form_post"];

    /// The requested mode. If the request has none or an unknown one, it is the default of its
    /// response type.
    pub(super) fn asked_for(parameters: &Parameters) -> Self {
        match parameters.get("response_mode") {
            Some("query") => Self::Query,
            Some("fragment") => Self::Fragment,
            Some("form_post") => Self::FormPost,
            _ => Self::default_of(parameters),
        }
    }

    /// The mode of a refusal. The requested mode may be the reason for the refusal.
    pub(super) fn of_refusal(parameters: &Parameters) -> Self {
        match Self::asked_for(parameters) {
            Self::FormPost => Self::FormPost,
            Self::Query | Self::Fragment => Self::default_of(parameters),
        }
    }

    fn default_of(parameters: &Parameters) -> Self {
        match parameters.get("response_type") {
            Some(response_type) if response_type.contains("token") => Self::Fragment,
            _ => Self::Query,
        }
    }
}

/// The response that the browser carries to the client.
#[derive(Debug)]
pub(super) struct AuthorizationResponse {
    mode: ResponseMode,
    redirect_uri: Url,
    parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    /// The given parameters, then `state` and `iss` (RFC 9207).
    pub(super) fn new(
        provider: &Provider,
        mode: ResponseMode,
        redirect_uri: Url,
        mut parameters: Vec<(&'static str, String)>,
        state: Option<String>,
    ) -> Self {
        parameters.extend(state.map(|state| ("state", state)));
        if !provider.has_tenants() {
            parameters.push(("iss", provider.issuer.clone()));
        }
        spoil::authorization_response(provider, &mut parameters);
        Self { mode, redirect_uri, parameters }
    }

    /// The URL of the redirect, or else the form to be posted.
    pub(super) fn into_redirect(self) -> Result<Url, FormPost> {
        let Self { mode, mut redirect_uri, parameters } = self;
        match mode {
            ResponseMode::Query => {
                redirect_uri.query_pairs_mut().extend_pairs(parameters);
            }
            ResponseMode::Fragment => redirect_uri.set_fragment(Some(&encode(&parameters))),
            ResponseMode::FormPost => {
                return Err(FormPost { action: redirect_uri.into(), parameters });
            }
        }
        Ok(redirect_uri)
    }

    pub(super) fn into_http(self) -> Response {
        match self.into_redirect() {
            Ok(location) => redirect(&location),
            Err(form) => pages::post_back(&form),
        }
    }
}

/// An authorization response with `response_mode=form_post`: a form on the provider's page that the
/// browser posts to the client.
///
/// Created by [`TestProvider::sign_in_by_form_post`](super::TestProvider::sign_in_by_form_post).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    action: String,
    parameters: Vec<(&'static str, String)>,
}

impl FormPost {
    /// The target of the form: the redirect URI.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The value of a parameter, such as `code`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The parameters in the order of the form.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body of the POST, `application/x-www-form-urlencoded`.
    pub fn body(&self) -> String {
        encode(&self.parameters)
    }
}

fn encode(parameters: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}
