//! The provider's data for a login: the settings together with its metadata.

use crate::declaration::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk};
use crate::protocol::authorization_request::{AuthorizationRequestTemplate, Template};
use crate::protocol::client_authentication::ClientCredential;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::error::ProviderError;
use crate::protocol::jwk::JwsAlgorithm;
use crate::protocol::metadata::{ExpectedIssuer, Metadata};
use crate::protocol::signing_key::SigningKey;
use crate::settings::authority::ProviderFacts;
use crate::settings::{Authority, HYBRID, Settings};
use crate::url::endpoint::EndpointUrl;

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// `None` for a provider without logins.
    pub(crate) authorization_request: Option<AuthorizationRequestTemplate>,
    pub(crate) token_endpoint: EndpointUrl,
    /// The token endpoint for refresh.
    pub(crate) refresh_endpoint: EndpointUrl,
    pub(crate) credential: ClientCredential,
    /// Audience of the client's signed assertions.
    pub(crate) assertion_audience: String,
    pub(crate) userinfo_endpoint: Option<EndpointUrl>,
    pub(crate) revocation_endpoint: Option<EndpointUrl>,
    pub(crate) introspection_endpoint: Option<EndpointUrl>,
    pub(crate) device_authorization_endpoint: Option<EndpointUrl>,
    pub(crate) jwks_uri: Option<EndpointUrl>,
    pub(crate) end_session_endpoint: Option<EndpointUrl>,
    /// The issuer identifier; `None` for an OAuth 2.0 provider without one.
    pub(crate) issuer: Option<String>,
    /// The authority for the users.
    pub(crate) authority: Authority,
    pub(crate) algorithms: Vec<JwsAlgorithm>,
    /// Whether the provider promises `iss` in the authorization response (RFC 9207 section 3).
    pub(crate) response_issuer_required: bool,
    pub(crate) with_pkce: bool,
}

/// The endpoints that every login needs, or every token without one.
pub(super) fn needed_endpoints(
    spec: &ProviderSpec<'_>,
    protocol: Protocol,
    fetch_userinfo: bool,
) -> Vec<EndpointKind> {
    if spec.no_login {
        return vec![EndpointKind::Token];
    }
    let mut needed = vec![EndpointKind::Authorization, EndpointKind::Token];
    if protocol == Protocol::OpenIdConnect {
        needed.push(EndpointKind::JwkSet);
    }
    if fetch_userinfo {
        needed.push(EndpointKind::UserInfo);
    }
    needed
}

impl Settings {
    /// The issuer that the metadata must name: the declared one, or the one that follows from their
    /// URL.
    pub(crate) fn expected_issuer<'s>(
        &'s self,
        metadata_url: &'s EndpointUrl,
    ) -> ExpectedIssuer<'s> {
        let (issuer, is_strict) = (self.issuer.as_deref(), self.evidence.is_described());
        ExpectedIssuer { issuer, url: metadata_url.url(), is_strict }
    }

    /// Adds the provider's metadata. Values of the declaration or the configuration take
    /// precedence.
    ///
    /// # Errors
    /// [`ProviderError::NoEndpoint`] and [`ProviderError::BadEndpoint`];
    /// [`ProviderError::UnconfirmedEndpoint`] and [`ProviderError::UnrelatedEndpoints`].
    pub(crate) fn resolve(&self, metadata: Option<&Metadata>) -> Result<Resolved, ProviderError> {
        let optional = |endpoint| self.endpoint(endpoint, metadata);
        let required = |endpoint| optional(endpoint)?.ok_or(ProviderError::NoEndpoint(endpoint));
        // Endpoints that no login needs may be missing or invalid.
        let unneeded = |endpoint| optional(endpoint).unwrap_or(None);
        let authorization_endpoint =
            self.has_login.then(|| required(EndpointKind::Authorization)).transpose()?;
        let token_endpoint = required(EndpointKind::Token)?;
        let is_open_id = self.is_open_id();
        let is_symmetric = self.algorithms == [JwsAlgorithm::HS256];
        let needs_keys = is_open_id
            && self.jwks.is_none()
            && (!is_symmetric || self.userinfo_algorithm.is_some());
        let issuer = metadata.map(|metadata| metadata.issuer.clone()).or(self.issuer.clone());
        if is_open_id && issuer.is_none() {
            return Err(ProviderError::NoEndpoint(EndpointKind::Metadata));
        }
        let assertion_audience = self.assertion_audience(issuer.as_deref(), &token_endpoint);
        let userinfo_endpoint = match self.fetch_userinfo {
            true => Some(required(EndpointKind::UserInfo)?),
            false => unneeded(EndpointKind::UserInfo),
        };
        let authority = self.authority(ProviderFacts {
            issuer: issuer.as_deref(),
            metadata,
            token_endpoint: &token_endpoint,
            userinfo_endpoint: userinfo_endpoint.as_ref(),
        })?;
        Ok(Resolved {
            authorization_request: authorization_endpoint
                .map(|endpoint| self.authorization_request(&endpoint)),
            refresh_endpoint: optional(EndpointKind::Refresh)?
                .unwrap_or_else(|| token_endpoint.clone()),
            credential: self.credential(metadata, &assertion_audience),
            assertion_audience,
            token_endpoint,
            userinfo_endpoint,
            revocation_endpoint: unneeded(EndpointKind::Revocation),
            introspection_endpoint: unneeded(EndpointKind::Introspection),
            device_authorization_endpoint: unneeded(EndpointKind::DeviceAuthorization),
            jwks_uri: needs_keys.then(|| required(EndpointKind::JwkSet)).transpose()?,
            end_session_endpoint: unneeded(EndpointKind::EndSession),
            authority,
            issuer,
            algorithms: self.algorithms(metadata),
            response_issuer_required: metadata
                .is_some_and(|metadata| metadata.authorization_response_iss_parameter_supported),
            with_pkce: self.with_pkce,
        })
    }

    fn authorization_request(
        &self,
        authorization_endpoint: &EndpointUrl,
    ) -> AuthorizationRequestTemplate {
        AuthorizationRequestTemplate::new(&Template {
            response_type: if self.is_hybrid { HYBRID } else { "code" },
            response_mode: self.response_mode,
            authorization_endpoint,
            client_id: &self.client_id,
            redirect_uri: self.sent_redirect_uri(),
            scope: &self.scope,
            with_pkce: self.with_pkce,
            prompt: self.prompt.as_deref(),
            max_age: self.max_age,
            extra: self.params(EndpointKind::Authorization),
            names: &self.own.request,
        })
    }

    /// The stated endpoint; else the one that the metadata publish.
    fn endpoint(
        &self,
        endpoint: EndpointKind,
        metadata: Option<&Metadata>,
    ) -> Result<Option<EndpointUrl>, ProviderError> {
        if let Some(own) = self.endpoints.get(endpoint) {
            return Ok(Some(own.clone()));
        }
        let published = metadata.and_then(|metadata| metadata.endpoint(endpoint));
        let published = published.map(|url| EndpointUrl::parse(url, self.loopback_http));
        published.transpose().map_err(|reason| ProviderError::BadEndpoint { endpoint, reason })
    }

    /// The stated method; by default `client_secret_basic`, unless the metadata list
    /// `client_secret_post` without it.
    pub(super) fn credential(
        &self,
        metadata: Option<&Metadata>,
        audience: &str,
    ) -> ClientCredential {
        let listed =
            metadata.map_or(&[][..], |metadata| &metadata.token_endpoint_auth_methods_supported);
        let lists = |method: &str| listed.iter().any(|listed| listed == method);
        let default = if lists("client_secret_post") && !lists("client_secret_basic") {
            ClientAuthMethod::ClientSecretPost
        } else {
            ClientAuthMethod::ClientSecretBasic
        };
        let method = self.auth_method.unwrap_or(default);
        let client_id = self.client_id.clone();
        let audience = audience.to_owned();
        let algorithms = metadata
            .map_or(&[][..], |metadata| &metadata.token_endpoint_auth_signing_alg_values_supported);
        match (method, self.client_secret.clone(), self.keys.signing_key(algorithms)) {
            (ClientAuthMethod::ClientSecretBasic, Some(secret), _) => {
                let encoded = !self.has_quirk(Quirk::UnencodedBasic);
                ClientCredential::basic(&client_id, &secret, encoded)
            }
            (ClientAuthMethod::ClientSecretPost, client_secret @ Some(_), _) => {
                ClientCredential::Post { client_id, client_secret }
            }
            (ClientAuthMethod::ClientSecretJwt, Some(secret), _) => {
                let key = SigningKey::of_client_secret(&secret);
                ClientCredential::Assertion { client_id, key, audience }
            }
            (ClientAuthMethod::PrivateKeyJwt, _, Some(key)) => {
                ClientCredential::Assertion { client_id, key, audience }
            }
            (ClientAuthMethod::AppleJwt, _, Some(key)) => {
                let team_id = self.keys.team_id.clone().unwrap_or_default();
                ClientCredential::Apple { client_id, team_id, key, audience }
            }
            _ => ClientCredential::Post { client_id, client_secret: None },
        }
    }

    /// The only audience of the client's signed assertions: the issuer. With two audiences, or with
    /// an endpoint chosen by a dishonest provider, one provider could authenticate at another one
    /// as this client (CVE-2025-27370, CVE-2025-27371). Without an issuer it is the token endpoint
    /// of the declaration (RFC 7523 section 3).
    fn assertion_audience(&self, issuer: Option<&str>, token_endpoint: &EndpointUrl) -> String {
        let issuer = issuer.filter(|_| !self.has_quirk(Quirk::TokenEndpointAudience));
        issuer.unwrap_or(token_endpoint.as_str()).to_owned()
    }

    /// The declared algorithms; or every asymmetric one in the metadata; or RS256, the default of
    /// OpenID Connect. Never the choice of a token.
    fn algorithms(&self, metadata: Option<&Metadata>) -> Vec<JwsAlgorithm> {
        if !self.algorithms.is_empty() {
            return self.algorithms.clone();
        }
        let listed = metadata.map(|metadata| &metadata.id_token_signing_alg_values_supported);
        let mut algorithms: Vec<_> = listed
            .into_iter()
            .flatten()
            .filter_map(|name| JwsAlgorithm::from_name(name))
            .filter(|algorithm| JwsAlgorithm::ASYMMETRIC.contains(algorithm))
            .collect();
        if algorithms.is_empty() {
            algorithms.push(JwsAlgorithm::RS256);
        }
        algorithms
    }
}
