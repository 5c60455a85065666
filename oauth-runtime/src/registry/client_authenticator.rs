//! Client authentication by the application, for one provider of a registry.

use std::sync::Arc;

use crate::declaration::client_authenticator::ClientAuthenticator;
use crate::declaration::provider::OAuth2Provider;
use crate::registry::{OAuthRegistry, RegistryBuilder};

impl<R: OAuthRegistry> RegistryBuilder<R> {
    /// Authenticates the client of the provider `P` with code of the application, in addition to
    /// the declared method or, with `token_endpoint_auth_method = "none"`, instead of one. See
    /// [`ClientAuthenticator`].
    pub fn client_authenticator_of<P: OAuth2Provider>(
        mut self,
        authenticator: impl ClientAuthenticator,
    ) -> Self {
        self.authenticators.set(P::SPEC.name, Arc::new(authenticator));
        self
    }
}
