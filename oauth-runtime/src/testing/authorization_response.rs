//! The authorization response and how it travels (OAuth 2.0 Multiple Response Type Encoding
//! Practices, OAuth 2.0 Form Post Response Mode).

use axum::response::Response;
use url::{Url, form_urlencoded};

use super::authorization::redirect;
use super::pages;
use super::parameters::Parameters;
use super::provider::Provider;
use super::spoil;

/// How the parameters reach the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    /// The modes, as the metadata name them.
    pub(super) const NAMES: [&str; 3] = ["query", "fragment", "form_post"];

    /// The mode that the request asks for; for an unknown one or none, the default of its response
    /// type.
    pub(super) fn asked_for(parameters: &Parameters) -> Self {
        match parameters.get("response_mode") {
            Some("query") => Self::Query,
            Some("fragment") => Self::Fragment,
            Some("form_post") => Self::FormPost,
            _ => Self::default_of(parameters),
        }
    }

    /// How a refusal travels: the mode asked for may be what was refused.
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

/// What the person's browser carries back to the client.
#[derive(Debug)]
pub(super) struct AuthorizationResponse {
    mode: ResponseMode,
    redirect_uri: Url,
    parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    /// What is said, then `state` and `iss` (RFC 9207).
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

    /// The URL that the browser is redirected to; the form to be posted where there is none.
    pub(super) fn into_redirect(self) -> Result<Url, FormPost> {
        let Self { mode, mut redirect_uri, parameters } = self;
        match mode {
            ResponseMode::Query => {
                redirect_uri.query_pairs_mut().extend_pairs(parameters);
            }
            ResponseMode::Fragment => redirect_uri.set_fragment(Some(&encode(&parameters))),
            ResponseMode::FormPost => return Err(FormPost { action: redirect_uri, parameters }),
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

/// An authorization response with `response_mode=form_post`: a form that the browser posts to the
/// client, from the provider's page.
///
/// Made by [`TestProvider::sign_in_by_form_post`](super::TestProvider::sign_in_by_form_post).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    action: Url,
    parameters: Vec<(&'static str, String)>,
}

impl FormPost {
    /// Where the form is posted: the redirect URI.
    pub fn action(&self) -> &Url {
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
