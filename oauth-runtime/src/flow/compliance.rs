//! Calls of the declaration's compliance fix, outside all checks.

use ::http::{Request, Response};
use bytes::Bytes;

use super::provider_client::ProviderClient;
use crate::declaration::compliance_fix::ComplianceFix;
use crate::declaration::spec::Quirk;
use crate::declaration::token_request_part::TokenRequestPart;
use crate::error::{CallError, OAuthError};
use crate::json;
use crate::protocol::token_request;

/// Headers that carry credentials, or that frame the request.
pub(super) const RESERVED_HEADERS: &[&str] = &[
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "dpop",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];

impl ProviderClient {
    /// Removes the text around the JSON of a response, if the provider sends such, and lets the
    /// compliance fix change it before it is read.
    pub(super) fn fix_response(
        &self,
        response: &mut Response<Bytes>,
        hook: fn(&dyn ComplianceFix, &mut Response<Bytes>),
    ) {
        if self.settings.has_quirk(Quirk::WrappedJson)
            && let Some(inside) = json::unwrapped(response.body())
        {
            *response.body_mut() = response.body().slice_ref(inside);
        }
        if let Some(fix) = self.settings.compliance_fix {
            hook(fix.0, response);
            tracing::debug!(provider = self.name(), "called the compliance fix with a response");
        }
    }

    /// Lets the compliance fix change the open part of a token request, which is still a form.
    ///
    /// # Errors
    /// [`CallError::ReservedParameter`] and [`CallError::ReservedHeader`] for what only the library
    /// may set.
    pub(super) fn fix_token_request(&self, request: &mut Request<Bytes>) -> Result<(), CallError> {
        let Some(fix) = self.settings.compliance_fix else { return Ok(()) };
        let (protected, open) = token_request::split(request.body());
        let grant_type = protected.iter().find(|(name, _)| name == "grant_type");
        let grant_type = grant_type.map_or("", |(_, value)| value.as_str());
        let mut part = TokenRequestPart::new(grant_type, open);
        fix.0.access_token_request(&mut part);
        tracing::debug!(provider = self.name(), "called the compliance fix with a token request");
        let (open, headers) = part.into_parts();
        if let Some((name, _)) = open.iter().find(|(name, _)| token_request::is_protected(name)) {
            return Err(CallError::ReservedParameter(name.clone()));
        }
        if let Some(name) = RESERVED_HEADERS.iter().find(|name| headers.contains_key(**name)) {
            return Err(CallError::ReservedHeader(name));
        }
        *request.body_mut() = token_request::form(protected.iter().chain(&open));
        request.headers_mut().extend(headers);
        Ok(())
    }

    /// Lets the compliance fix change a request before it is sent. The credentials in it are for
    /// one origin.
    ///
    /// # Errors
    /// [`CallError::ForeignOrigin`] when the fix changed the origin.
    pub(super) fn fix_request(
        &self,
        request: &mut Request<Bytes>,
        hook: fn(&dyn ComplianceFix, &mut Request<Bytes>),
    ) -> Result<(), OAuthError> {
        let Some(fix) = self.settings.compliance_fix else { return Ok(()) };
        let before = request.uri().clone();
        hook(fix.0, request);
        tracing::debug!(provider = self.name(), "called the compliance fix with a request");
        let after = request.uri();
        if after.scheme() == before.scheme() && after.authority() == before.authority() {
            return Ok(());
        }
        Err(CallError::ForeignOrigin(after.to_string().as_str().into()).into())
    }
}
