//! The hook for providers that deviate in a way that no quirk covers.

use ::http::{Request, Response};
use bytes::Bytes;

use crate::declaration::token_request_part::TokenRequestPart;
use crate::text::opaque_debug;

/// A hook that changes messages of a provider that deviates from the specifications in a way that
/// no quirk covers. A declaration names it with `compliance_fix = path`.
///
/// A fix cannot bypass any check: a response that it changes is read and verified as if the
/// provider had sent it. It never sees an authorization request or response, and of a token request
/// it sees only the [open part](TokenRequestPart), which lacks the code and its verifier. So
/// `state`, PKCE and the ID token are checked whatever it does. A request that it redirects to
/// another host is not sent.
///
/// ```
/// use bytes::Bytes;
/// use http::{HeaderValue, Request, Response};
/// use oauth_runtime::ComplianceFix;
/// use oauth_runtime::prelude::*;
///
/// /// Acme calls the token `token`, and requires a version in each API call.
/// struct AcmeFix;
///
/// impl ComplianceFix for AcmeFix {
///     fn access_token_response(&self, response: &mut Response<Bytes>) {
///         let text = String::from_utf8_lossy(response.body()).replace("\"token\"", "\"access_token\"");
///         *response.body_mut() = text.into();
///     }
///
///     fn protected_request(&self, request: &mut Request<Bytes>) {
///         request.headers_mut().insert("acme-version", HeaderValue::from_static("2"));
///     }
/// }
///
/// #[derive(OAuthProvider)]
/// #[oauth_provider(
///     name = "acme",
///     authorize_url = "https://acme.example/authorize",
///     access_token_url = "https://acme.example/token",
///     userinfo_endpoint = "https://acme.example/user",
///     compliance_fix = AcmeFix,
/// )]
/// struct Acme;
/// ```
///
/// The messages hold tokens and secrets, so do not log them. A fix runs during a visitor's request,
/// so it must not block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a compliance fix",
    label = "`compliance_fix` names a value whose type implements `ComplianceFix`",
    note = "write `struct Fix; impl ComplianceFix for Fix {{ … }}`, and `compliance_fix = Fix`"
)]
pub trait ComplianceFix: Send + Sync + 'static {
    /// The request that exchanges a code or another grant for tokens. A refresh has
    /// [`refresh_token_request`](Self::refresh_token_request).
    fn access_token_request(&self, request: &mut TokenRequestPart<'_>) {
        let _ = request;
    }

    /// The response to a token request of a login or of another grant.
    fn access_token_response(&self, response: &mut Response<Bytes>) {
        let _ = response;
    }

    /// The request that refreshes a token.
    fn refresh_token_request(&self, request: &mut Request<Bytes>) {
        let _ = request;
    }

    /// The response to a refresh request.
    fn refresh_token_response(&self, response: &mut Response<Bytes>) {
        let _ = response;
    }

    /// A request with an access token: an API call or a userinfo request.
    fn protected_request(&self, request: &mut Request<Bytes>) {
        let _ = request;
    }

    /// The request that revokes a token (RFC 7009). The provider's response counts as it is, and a
    /// sign-out here does not depend on it.
    fn revoke_token_request(&self, request: &mut Request<Bytes>) {
        let _ = request;
    }

    /// The request that introspects a token (RFC 7662).
    fn introspect_token_request(&self, request: &mut Request<Bytes>) {
        let _ = request;
    }

    /// The response of the userinfo endpoint, or the profile of an OAuth 2.0 provider. With OpenID
    /// Connect, its subject is compared with that of the ID token afterwards.
    fn userinfo_response(&self, response: &mut Response<Bytes>) {
        let _ = response;
    }
}

/// A fix as constant data.
#[derive(Clone, Copy)]
pub struct Fix(pub &'static dyn ComplianceFix);

/// Compares the hooks by identity; two hooks of the same type may differ.
impl PartialEq for Fix {
    fn eq(&self, other: &Self) -> bool {
        // Two values without fields may share an address; their vtables tell them apart.
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Fix {}

opaque_debug!(Fix);
