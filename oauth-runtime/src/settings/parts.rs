//! The settings of one client as declaration and configuration state them, before they are joined.

use std::sync::Arc;

use super::authority::{Evidence, Source};
use super::client_keys::ClientKeys;
use super::oauth1::{OAuth1, Signing};
use super::reader::Reader;
use super::reader::own_names::OwnNames;
use super::resolved::needed_endpoints;
use super::{Endpoints, Params, Transport};
use crate::config::{Config, Faults};
use crate::crypto::secret::Secret;
use crate::declaration::spec::{ClientAuthMethod, Identification, Protocol, ProviderSpec};
use crate::protocol::additions::Additions;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::bearer::TokenPlacement;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::jwk::{JwkSet, JwsAlgorithm};
use crate::protocol::oauth1::signature::SignatureKey;
use crate::protocol::tenants::Tenants;
use crate::url::endpoint::EndpointUrl;

/// All that is stated, without faults.
pub(super) struct Parts {
    pub(super) client: Client,
    pub(super) scope_separator: String,
    pub(super) scope: String,
    pub(super) protocol: Protocol,
    pub(super) fetch_userinfo: bool,
    pub(super) server: Server,
    pub(super) emails_endpoint: Option<EndpointUrl>,
    pub(super) api_base: Option<EndpointUrl>,
    pub(super) params: Params,
    pub(super) login_params: Vec<String>,
    pub(super) is_hybrid: bool,
    pub(super) response_mode: ResponseMode,
    pub(super) prompt: Option<String>,
    pub(super) token_placement: TokenPlacement,
    pub(super) additions: Option<Box<Additions>>,
    pub(super) own: OwnNames,
    pub(super) max_age: Option<u32>,
    pub(super) leeway: u32,
    pub(super) algorithms: Vec<JwsAlgorithm>,
    pub(super) userinfo_algorithm: Option<JwsAlgorithm>,
    pub(super) transport: Transport,
}

impl Parts {
    /// `None` once every fault has been recorded.
    pub(super) fn read(
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
        redirect_uri: &str,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Self> {
        let mut reader = Reader::new(spec, placeholder_values, config, faults);
        // Each line records its own faults, so that one start shows them all.
        let client = StatedClient::read(&mut reader, redirect_uri);
        let scope_separator = reader.scope_separator();
        let scope = reader.scope(&scope_separator);
        let protocol = reader.protocol(&scope, &scope_separator);
        let fetch_userinfo = fetches_userinfo(&mut reader, spec, protocol);
        let mut needed = needed_endpoints(spec, protocol, fetch_userinfo);
        needed.extend(spec.rp_initiated_logout.then_some(EndpointKind::EndSession));
        let source = if config.is_description() { Source::Described } else { Source::Declared };
        let evidence = Evidence::new(source, spec.published.as_ref());
        let server = Server::read(&mut reader, protocol, &needed, evidence);
        let emails_endpoint = reader.emails_endpoint(&server.endpoints);
        let api_base = reader.api_base();
        let params = reader.params();
        let login_params = reader.login_params(&params);
        let is_hybrid = reader.is_hybrid();
        let (response_mode, prompt) = (reader.response_mode(is_hybrid), reader.prompt());
        let (token_placement, own) = (reader.token_placement(), reader.own_names());
        let additions = reader.additions(protocol, client.has_secret());
        let (max_age, leeway) = (reader.max_age(), reader.leeway());
        let (algorithms, userinfo_algorithm) =
            (reader.signing_algorithms(), reader.userinfo_algorithm());
        let transport = reader.transport();
        reader.check_code_challenge_method();
        reader.unusable_keys(protocol);
        reader.completeness(protocol);
        Some(Self {
            client: client.complete(&mut reader, &server.endpoints, &params)?,
            scope_separator,
            scope,
            protocol,
            fetch_userinfo,
            server,
            emails_endpoint,
            api_base,
            params,
            login_params,
            is_hybrid,
            response_mode,
            prompt,
            token_placement,
            additions,
            own,
            max_age,
            leeway,
            algorithms,
            userinfo_algorithm,
            transport,
        })
    }
}

/// Whether a login fetches userinfo.
fn fetches_userinfo(reader: &mut Reader<'_>, spec: &ProviderSpec<'_>, protocol: Protocol) -> bool {
    match protocol {
        // The identity may come with the token.
        Protocol::OAuth1 => false,
        Protocol::OAuth2 if spec.no_login => false,
        // So may the user.
        Protocol::OAuth2 if spec.identity.is_of_token() && !reader.states_userinfo() => false,
        Protocol::OAuth2 => spec.identification == Identification::Identified,
        Protocol::OpenIdConnect => spec.fetch_userinfo,
    }
}

/// What the provider knows the client by.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
    pub(super) keys: ClientKeys,
    pub(super) auth_method: Option<ClientAuthMethod>,
    pub(super) oauth1: Option<OAuth1>,
}

impl Client {
    /// Whether the secrets are sent as they are (RFC 5849 section 3.4.4).
    pub(super) fn is_plaintext(&self) -> bool {
        let key = self.oauth1.as_ref().map(|own| &own.signer.key);
        matches!(key, Some(SignatureKey::Plaintext(_)))
    }
}

/// A [`Client`] that may lack something.
struct StatedClient {
    id: Option<String>,
    secret: Option<Option<Secret>>,
    keys: Option<ClientKeys>,
    auth_method: Option<Option<ClientAuthMethod>>,
    /// `None` for a provider of OAuth 2.0.
    signing: Option<Option<Signing>>,
}

impl StatedClient {
    fn read(reader: &mut Reader<'_>, redirect_uri: &str) -> Self {
        let id = reader.client_id(redirect_uri);
        let auth_method = reader.auth_method();
        let signing = reader.is_oauth1().then(|| reader.signing());
        let signs_with_key = matches!(&signing, Some(Some(own)) if own.method.needs_private_key());
        let secret = if signs_with_key {
            Some(None)
        } else {
            auth_method.and_then(|method| reader.client_secret(method, redirect_uri))
        };
        let keys = auth_method.and_then(|method| reader.client_keys(method));
        Self { id, secret, keys, auth_method, signing }
    }

    /// Whether there is a secret, or a fault in its place.
    fn has_secret(&self) -> bool {
        !matches!(self.secret, Some(None))
    }

    fn complete(
        self,
        reader: &mut Reader<'_>,
        endpoints: &Endpoints,
        params: &Params,
    ) -> Option<Client> {
        let (id, secret, keys) = (self.id?, self.secret?, self.keys?);
        let oauth1 = match self.signing {
            None => None,
            Some(signing) => {
                Some(reader.oauth1(signing?, &id, secret.as_ref(), &keys, endpoints, params)?)
            }
        };
        Some(Client { id, secret, keys, auth_method: self.auth_method?, oauth1 })
    }
}

/// Where the provider is, and what speaks for it.
pub(super) struct Server {
    pub(super) issuer: Option<String>,
    pub(super) tenants: Option<Tenants>,
    pub(super) endpoints: Endpoints,
    pub(super) metadata_url: Option<EndpointUrl>,
    /// Stated keys, which are not fetched.
    pub(super) jwks: Option<Arc<JwkSet>>,
    pub(super) evidence: Evidence,
}

impl Server {
    fn read(
        reader: &mut Reader<'_>,
        protocol: Protocol,
        needed: &[EndpointKind],
        evidence: Evidence,
    ) -> Self {
        let (issuer, tenants) = reader.issuer();
        let endpoints = reader.endpoints();
        let jwks = reader.jwks();
        let is_needed = |kind: &EndpointKind| jwks.is_none() || *kind != EndpointKind::JwkSet;
        let needed: Vec<_> = needed.iter().copied().filter(is_needed).collect();
        let is_lacking = protocol == Protocol::OpenIdConnect
            && issuer.as_ref().is_some_and(|issuer| evidence.is_lacking(issuer, &endpoints));
        let metadata_url = reader.metadata_url(issuer.as_deref(), &endpoints, &needed, is_lacking);
        reader.check_metadata_url(
            issuer.as_deref(),
            metadata_url.as_ref(),
            evidence.is_described(),
        );
        Self { issuer, tenants, endpoints, metadata_url, jwks, evidence }
    }
}
