//! Calls of the declaration's compliance fix, outside all checks.

use ::http::{Request, Response};
use bytes::Bytes;

use super::provider_client::ProviderClient;
use crate::declaration::compliance_fix::ComplianceFix;
use crate::error::{CallError, OAuthError};

impl ProviderClient {
    /// Lets the compliance fix change a response before it is read.
    pub(super) fn fix_response(
        &self,
        response: &mut Response<Bytes>,
        hook: fn(&dyn ComplianceFix, &mut Response<Bytes>),
    ) {
        if let Some(fix) = self.settings.compliance_fix {
            hook(fix.0, response);
            tracing::debug!(provider = self.name(), "called the compliance fix with a response");
        }
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
