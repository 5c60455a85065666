//! Client authentication by the application, within the limits of what it may set.

use ::http::{Method, Request, Response, header};
use bytes::Bytes;

use super::compliance::RESERVED_HEADERS;
use super::provider_client::ProviderClient;
use crate::declaration::client_authenticator::{Authenticator, ClientProof, ClientRequest};
use crate::declaration::spec::Quirk;
use crate::error::{CallError, OAuthError};
use crate::protocol::token_request;
use crate::sync::future::BoxFuture;

/// Parameters by which a client authenticates (RFC 6749 section 2.3.1, RFC 7521 section 4.2).
const CREDENTIALS: &[&str] = &["client_assertion", "client_assertion_type", "client_secret"];

/// The token of a revocation or an introspection.
const TOKEN: &str = "token";

impl ProviderClient {
    /// Adds the application's client authentication to a request, which is still a form.
    ///
    /// # Errors
    /// [`OAuthError::Call`] when it fails, or sets what it must not set.
    pub(super) async fn prove_client(
        &self,
        request: &mut Request<Bytes>,
    ) -> Result<(), OAuthError> {
        match &self.authenticator {
            None => Ok(()),
            // Boxed: it would enlarge every flow.
            Some(own) => Box::pin(self.prove_with(&**own, request)).await,
        }
    }

    /// Sends a token request, which is still a form.
    ///
    /// # Errors
    /// [`OAuthError::Network`]; [`OAuthError::Call`] as [`prove_client`](Self::prove_client).
    pub(super) fn send_token_request(
        &self,
        mut request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, OAuthError>> + Send {
        let sending = match &self.authenticator {
            None => {
                let encoded = self.encode_token_request(&mut request);
                Ok(encoded.map(|()| self.send(request, self.document())))
            }
            Some(own) => {
                let later: BoxFuture<'_, _> = Box::pin(async move {
                    self.prove_with(&**own, &mut request).await?;
                    self.encode_token_request(&mut request)?;
                    self.send(request, self.document()).await
                });
                Err(later)
            }
        };
        async move {
            match sending {
                Ok(sent) => sent?.await,
                Err(later) => later.await,
            }
        }
    }

    async fn prove_with(
        &self,
        own: &dyn Authenticator,
        request: &mut Request<Bytes>,
    ) -> Result<(), OAuthError> {
        let (protected, open) = token_request::split(request.body());
        let (hidden, mut open): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(name, _)| name == TOKEN);
        let grant_type = protected.iter().find(|(name, _)| name == "grant_type");
        let grant_type = grant_type.map(|(_, value)| &**value);
        let by_get = grant_type.is_some() && self.settings.has_quirk(Quirk::GetTokenRequest);
        let url = request.uri().to_string();
        let method = if by_get { Method::GET } else { Method::POST };
        let seen = ClientRequest { method, url: &url, grant_type, params: &open };
        let proof = own.proof(&seen).await.map_err(CallError::ClientAuthentication)?;
        check(&proof, self.settings.is_public_client())?;
        tracing::debug!(provider = self.name(), "the application authenticated the client");
        open.retain(|(name, _)| proof.params.iter().all(|(own, _)| own != name));
        let form = protected.iter().chain(&hidden).chain(&open).chain(&proof.params);
        *request.body_mut() = token_request::form(form);
        request.headers_mut().extend(proof.headers);
        Ok(())
    }
}

/// A client that the library authenticates must not be authenticated in a second way.
fn check(proof: &ClientProof, is_public_client: bool) -> Result<(), CallError> {
    let is_credential = |name: &str| is_public_client && CREDENTIALS.contains(&name);
    let is_reserved =
        |name: &str| name == TOKEN || (token_request::is_protected(name) && !is_credential(name));
    if let Some((name, _)) = proof.params.iter().find(|(name, _)| is_reserved(name)) {
        return Err(CallError::ReservedParameter(name.clone()));
    }
    let is_allowed = |name: &str| is_public_client && name == header::AUTHORIZATION.as_str();
    let mut reserved = RESERVED_HEADERS.iter().filter(|name| !is_allowed(name));
    match reserved.find(|name| proof.headers.contains_key(**name)) {
        Some(name) => Err(CallError::ReservedHeader(name)),
        None => Ok(()),
    }
}
