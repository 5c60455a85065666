//! From a declaration to a client that can be used: declaration and configuration become
//! [`Settings`] when the application starts; with the provider's metadata they become
//! [`Resolved`].

mod authority;
mod client_keys;
mod oauth1;
mod reader;

use std::sync::Arc;

pub(crate) use self::authority::{Authority, Source};
use self::authority::{Evidence, Found};
use self::client_keys::ClientKeys;
pub(crate) use self::oauth1::OAuth1;
use self::reader::Reader;
pub(crate) use self::reader::key::setting_names;
use crate::config::{Config, Faults};
use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::Fix;
use crate::declaration::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk, TokenPlacement};
use crate::identity::IdentityPaths;
use crate::protocol::authorization_request::{
    AuthorizationRequestTemplate, ResponseMode, Template,
};
use crate::protocol::client_authentication::ClientCredential;
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::error::ProviderError;
use crate::protocol::jwk::SigningAlgorithm;
use crate::protocol::metadata::{ExpectedIssuer, Metadata};
use crate::protocol::oauth1::signature::SignatureKey;
use crate::protocol::signing_key::SigningKey;
use crate::protocol::tenants::Tenants;
use crate::protocol::token_response;
use crate::url::endpoint::EndpointUrl;

/// `response_type` of the hybrid flow with an ID token beside the code.
const HYBRID: &str = "code id_token";

/// One client at one provider, immutable once built.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Name in routes and configuration keys.
    pub(crate) name: Arc<str>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) keys: ClientKeys,
    /// What a provider of OAuth 1.0a needs, and no other.
    pub(crate) oauth1: Option<OAuth1>,
    pub(crate) redirect_uri: String,
    /// Stands for the client and what vouches for its users; for a provider known at run time, for every
    /// place that it talks to. What was begun with another one under the same name is not finished with
    /// this one.
    pub(crate) binding: Arc<str>,
    /// What speaks for the endpoints that are stated.
    pub(crate) evidence: Evidence,
    /// Path that begins a login, as the application's router has it.
    pub(crate) login_path: String,
    /// Path of the redirect URI, as the application's router has it.
    pub(crate) callback_path: String,
    /// Path to which the provider leads after a logout there, as the application's router has it.
    pub(crate) logged_out_path: String,
    /// Path at which another site asks for a login, as the application's router has it; `None` where
    /// none may.
    pub(crate) initiate_path: Option<String>,
    /// Whether the generated logout ends the provider's session too.
    pub(crate) rp_initiated_logout: bool,
    /// What people are shown in place of the name.
    pub(crate) display_name: String,
    /// Path at which somebody who is logged in connects an account, as the router has it.
    pub(crate) connect_path: String,
    /// Whether the tokens of a login outlive its session.
    pub(crate) keep_tokens: bool,
    pub(crate) api_base: Option<EndpointUrl>,
    /// Only where the scopes asked for can open it.
    pub(crate) emails_endpoint: Option<EndpointUrl>,
    /// Where the metadata are, for a provider that publishes them.
    pub(crate) metadata_url: Option<EndpointUrl>,
    /// Whether plain http is allowed towards this machine.
    pub(crate) loopback_http: bool,
    /// What the provider wants between two scopes stands in it already.
    pub(crate) scope: String,
    pub(crate) scope_separator: String,
    /// Whose people may log in, where the issuer is a template.
    pub(crate) tenants: Option<Tenants>,
    pub(crate) response_mode: ResponseMode,
    /// Whether the authorization response holds an ID token that vouches for its code: the hybrid
    /// flow.
    pub(crate) is_hybrid: bool,
    /// Where the access token stands in requests to the API.
    pub(crate) token_placement: TokenPlacement,
    /// Seconds.
    pub(crate) leeway: u32,
    /// Seconds.
    pub(crate) max_age: Option<u32>,
    /// Whether every login calls the userinfo endpoint.
    pub(crate) fetch_userinfo: bool,
    pub(crate) identity: IdentityPaths,
    protocol: Protocol,
    quirks: Vec<Quirk>,
    /// Where the access token lies, with the quirk of that name.
    nested_token: String,
    pub(crate) compliance_fix: Option<Fix>,
    prompt: Option<String>,
    /// As stated; without one the metadata choose.
    auth_method: Option<ClientAuthMethod>,
    pub(crate) issuer: Option<String>,
    endpoints: Endpoints,
    params: Params,
    with_pkce: bool,
    algorithm: Option<SigningAlgorithm>,
    /// With which userinfo responses must be signed; `None` where they are not.
    pub(crate) userinfo_algorithm: Option<SigningAlgorithm>,
}

/// Where a client lives in the application.
pub(crate) struct Paths {
    pub(crate) login_path: String,
    pub(crate) callback_path: String,
    pub(crate) logged_out_path: String,
    pub(crate) connect_path: String,
    pub(crate) initiate_path: Option<String>,
    pub(crate) redirect_uri: String,
}

/// Endpoints that declaration or configuration state; metadata fill the gaps.
#[derive(Debug)]
struct Endpoints(Vec<(Endpoint, EndpointUrl)>);

impl Endpoints {
    fn get(&self, endpoint: Endpoint) -> Option<&EndpointUrl> {
        self.0.iter().find(|(own, _)| *own == endpoint).map(|(_, url)| url)
    }
}

/// Extra parameters of the requests to each endpoint.
#[derive(Debug)]
struct Params(Vec<(Endpoint, Vec<(String, String)>)>);

impl Params {
    fn of(&self, endpoint: Endpoint) -> &[(String, String)] {
        let params = self.0.iter().find(|(own, _)| *own == endpoint);
        params.map(|(_, params)| params.as_slice()).unwrap_or_default()
    }
}

/// Everything that a login needs, ready to use.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) authorization_request: AuthorizationRequestTemplate,
    pub(crate) token_endpoint: EndpointUrl,
    /// The token endpoint for refresh.
    pub(crate) refresh_endpoint: EndpointUrl,
    pub(crate) credential: ClientCredential,
    /// Who may accept what the client signs.
    pub(crate) assertion_audience: String,
    pub(crate) userinfo_endpoint: Option<EndpointUrl>,
    pub(crate) revocation_endpoint: Option<EndpointUrl>,
    pub(crate) introspection_endpoint: Option<EndpointUrl>,
    pub(crate) device_authorization_endpoint: Option<EndpointUrl>,
    pub(crate) jwks_uri: Option<EndpointUrl>,
    pub(crate) end_session_endpoint: Option<EndpointUrl>,
    /// The issuer identifier; `None` for an OAuth 2.0 provider that has none.
    pub(crate) issuer: Option<String>,
    /// What vouches for the users.
    pub(crate) authority: Authority,
    pub(crate) algorithms: Vec<SigningAlgorithm>,
    /// The provider promises `iss` in the authorization response (RFC 9207 section 3).
    pub(crate) response_issuer_required: bool,
    pub(crate) with_pkce: bool,
}

impl Settings {
    /// Joins declaration and configuration; `None` once every fault has been recorded.
    pub(crate) fn new(
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
        paths: Paths,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Self> {
        let mut reader = Reader::new(spec, placeholder_values, config, faults);
        // Each line records its own faults, so that one start shows them all.
        let client_id = reader.client_id(&paths.redirect_uri);
        let auth_method = reader.auth_method();
        let is_oauth1 = spec.protocol == Protocol::OAuth1;
        let signing = is_oauth1.then(|| reader.signing());
        let signs_with_key = matches!(&signing, Some(Some(own)) if own.method.needs_private_key());
        let client_secret = if signs_with_key {
            Some(None)
        } else {
            auth_method.and_then(|method| reader.client_secret(method, &paths.redirect_uri))
        };
        let keys = auth_method.and_then(|method| reader.client_keys(method));
        let scope_separator = reader.scope_separator();
        let scope = reader.scope(&scope_separator);
        let protocol = reader.protocol(&scope, &scope_separator);
        let fetch_userinfo = match protocol {
            // Who it is may come with the token.
            Protocol::OAuth1 => false,
            Protocol::OAuth2 => true,
            Protocol::OpenIdConnect => spec.fetch_userinfo,
        };
        let (issuer, tenants) = reader.issuer();
        let endpoints = reader.endpoints();
        let mut needed = needed_by_logins(protocol, fetch_userinfo);
        if spec.rp_initiated_logout {
            needed.push(Endpoint::EndSession);
        }
        let source = if config.is_description() { Source::Described } else { Source::Declared };
        let evidence = Evidence::new(source, spec.published.as_ref());
        let is_lacking = protocol == Protocol::OpenIdConnect
            && issuer.as_ref().is_some_and(|issuer| evidence.is_lacking(issuer, &endpoints));
        let metadata_url = reader.metadata_url(issuer.as_deref(), &endpoints, &needed, is_lacking);
        reader.check_metadata_url(
            issuer.as_deref(),
            metadata_url.as_ref(),
            evidence.is_described(),
        );
        let emails_endpoint = reader.emails_endpoint(&endpoints);
        let api_base = reader.api_base();
        let params = reader.params();
        let response_mode = reader.response_mode();
        let prompt = reader.prompt();
        let token_placement = reader.token_placement();
        let max_age = reader.max_age();
        let leeway = reader.leeway();
        let algorithm = reader.signing_algorithm();
        let userinfo_algorithm = reader.userinfo_algorithm();
        reader.check_code_challenge_method();
        reader.unusable_keys(protocol);
        reader.completeness(protocol);
        let (client_id, client_secret, keys) = (client_id?, client_secret?, keys?);
        let oauth1 = match signing {
            None => None,
            Some(signing) => {
                let secret = client_secret.as_ref();
                Some(reader.oauth1(signing?, &client_id, secret, &keys, &endpoints, &params)?)
            }
        };
        let is_plaintext =
            oauth1.as_ref().is_some_and(|own| matches!(own.signer.key, SignatureKey::Plaintext(_)));
        let settings = Self {
            name: spec.name.into(),
            client_id,
            client_secret,
            keys,
            oauth1,
            redirect_uri: paths.redirect_uri,
            binding: "".into(),
            evidence,
            login_path: paths.login_path,
            callback_path: paths.callback_path,
            logged_out_path: paths.logged_out_path,
            initiate_path: paths.initiate_path,
            rp_initiated_logout: spec.rp_initiated_logout,
            display_name: spec.display_name().to_owned(),
            connect_path: paths.connect_path,
            keep_tokens: spec.keep_tokens,
            api_base: api_base.map(with_slash),
            emails_endpoint: emails_endpoint.filter(|_| asks_for_email(&scope)),
            metadata_url,
            loopback_http: spec.has_quirk(Quirk::LoopbackHttp) && !is_plaintext,
            scope,
            scope_separator,
            tenants,
            response_mode,
            is_hybrid: spec.response_type == Some(HYBRID),
            token_placement,
            leeway,
            max_age,
            fetch_userinfo,
            identity: IdentityPaths::from(&spec.identity),
            protocol,
            quirks: spec.quirks.to_vec(),
            nested_token: spec.nested_token.to_owned(),
            compliance_fix: spec.compliance_fix,
            prompt,
            auth_method: auth_method?,
            issuer,
            endpoints,
            params,
            with_pkce: !spec.has_quirk(Quirk::NoPkce),
            algorithm,
            userinfo_algorithm,
        };
        Some(Self { binding: settings.binding_of().into(), ..settings })
    }

    /// The settings of a description that leaves all that identifies users as its preset has it.
    #[must_use]
    pub(crate) fn with_preset(mut self) -> Self {
        self.evidence = Evidence::new(Source::DescribedPreset, None);
        self
    }

    /// Extra parameters of the requests to an endpoint.
    pub(crate) fn params(&self, endpoint: Endpoint) -> &[(String, String)] {
        self.params.of(endpoint)
    }

    /// Whether the provider speaks OpenID Connect.
    pub(crate) fn is_open_id(&self) -> bool {
        self.protocol == Protocol::OpenIdConnect
    }

    /// The `scope` of a login that asks for these. Without `openid` OpenID Connect has no ID token.
    pub(crate) fn scope_of<'s>(&self, scopes: impl IntoIterator<Item = &'s str>) -> String {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        if self.is_open_id() && !scopes.contains(&"openid") {
            scopes.insert(0, "openid");
        }
        scopes.join(&self.scope_separator)
    }

    /// Whether the provider is declared with this deviation.
    pub(crate) fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// How the provider's token responses deviate.
    pub(crate) fn token_response_quirks(&self) -> token_response::Quirks<'_> {
        token_response::Quirks {
            missing_token_type: self.has_quirk(Quirk::MissingTokenType),
            own_token_type: self.has_quirk(Quirk::OwnTokenType),
            comma_separated_scopes: self.has_quirk(Quirk::CommaSeparatedScopes),
            scopes_as_list: self.has_quirk(Quirk::ScopesAsList),
            form_encoded: self.has_quirk(Quirk::FormEncodedTokenResponse),
            nested_token: Some(&*self.nested_token).filter(|_| self.has_quirk(Quirk::NestedToken)),
        }
    }

    /// The names of the provider's deviations, as traces show them.
    pub(crate) fn quirk_names(&self) -> Vec<&'static str> {
        self.quirks.iter().map(|quirk| quirk.name()).collect()
    }

    /// The issuer that the metadata must name: the declared one, else the one that their URL
    /// stands for.
    pub(crate) fn expected_issuer<'s>(
        &'s self,
        metadata_url: &'s EndpointUrl,
    ) -> ExpectedIssuer<'s> {
        let (issuer, is_strict) = (self.issuer.as_deref(), self.evidence.is_described());
        ExpectedIssuer { issuer, url: metadata_url.url(), is_strict }
    }

    /// Adds what the provider publishes. What declaration or configuration state wins.
    ///
    /// # Errors
    /// [`ProviderError::NoEndpoint`] and [`ProviderError::BadEndpoint`];
    /// [`ProviderError::UnconfirmedEndpoint`] and [`ProviderError::UnrelatedEndpoints`].
    pub(crate) fn resolve(&self, metadata: Option<&Metadata>) -> Result<Resolved, ProviderError> {
        let required = |endpoint, published: Option<&String>| {
            self.endpoint(endpoint, published)?.ok_or(ProviderError::NoEndpoint(endpoint))
        };
        let authorization_endpoint = required(
            Endpoint::Authorization,
            metadata.and_then(|metadata| metadata.authorization_endpoint.as_ref()),
        )?;
        let token_endpoint = required(
            Endpoint::Token,
            metadata.and_then(|metadata| metadata.token_endpoint.as_ref()),
        )?;
        let published_userinfo = metadata.and_then(|metadata| metadata.userinfo_endpoint.as_ref());
        let published_keys = metadata.and_then(|metadata| metadata.jwks_uri.as_ref());
        let published_end_session =
            metadata.and_then(|metadata| metadata.end_session_endpoint.as_ref());
        let is_open_id = self.is_open_id();
        let is_symmetric = self.algorithm == Some(SigningAlgorithm::HS256);
        let needs_keys = is_open_id && (!is_symmetric || self.userinfo_algorithm.is_some());
        let issuer = metadata.map(|metadata| metadata.issuer.clone()).or(self.issuer.clone());
        if is_open_id && issuer.is_none() {
            return Err(ProviderError::NoEndpoint(Endpoint::Metadata));
        }
        let assertion_audience = self.assertion_audience(issuer.as_deref(), &token_endpoint);
        // What no login needs may be missing or broken.
        let userinfo_endpoint = if self.fetch_userinfo {
            Some(required(Endpoint::UserInfo, published_userinfo)?)
        } else {
            self.endpoint(Endpoint::UserInfo, published_userinfo).unwrap_or(None)
        };
        let authority = self.authority(Found {
            issuer: issuer.as_deref(),
            metadata,
            token_endpoint: &token_endpoint,
            userinfo_endpoint: userinfo_endpoint.as_ref(),
        })?;
        Ok(Resolved {
            authorization_request: AuthorizationRequestTemplate::new(&Template {
                response_type: if self.is_hybrid { HYBRID } else { "code" },
                response_mode: self.response_mode,
                authorization_endpoint: &authorization_endpoint,
                client_id: &self.client_id,
                redirect_uri: &self.redirect_uri,
                scope: &self.scope,
                with_pkce: self.with_pkce,
                prompt: self.prompt.as_deref(),
                max_age: self.max_age,
                extra: self.params(Endpoint::Authorization),
            }),
            refresh_endpoint: self
                .endpoint(Endpoint::Refresh, None)?
                .unwrap_or_else(|| token_endpoint.clone()),
            credential: self.credential(metadata, &assertion_audience),
            assertion_audience,
            token_endpoint,
            userinfo_endpoint,
            revocation_endpoint: self
                .endpoint(
                    Endpoint::Revocation,
                    metadata.and_then(|metadata| metadata.revocation_endpoint.as_ref()),
                )
                .unwrap_or(None),
            introspection_endpoint: self
                .endpoint(
                    Endpoint::Introspection,
                    metadata.and_then(|metadata| metadata.introspection_endpoint.as_ref()),
                )
                .unwrap_or(None),
            device_authorization_endpoint: self
                .endpoint(
                    Endpoint::DeviceAuthorization,
                    metadata.and_then(|metadata| metadata.device_authorization_endpoint.as_ref()),
                )
                .unwrap_or(None),
            jwks_uri: needs_keys.then(|| required(Endpoint::JwkSet, published_keys)).transpose()?,
            end_session_endpoint: self
                .endpoint(Endpoint::EndSession, published_end_session)
                .unwrap_or(None),
            authority,
            issuer,
            algorithms: self.algorithms(metadata),
            response_issuer_required: metadata
                .is_some_and(|metadata| metadata.authorization_response_iss_parameter_supported),
            with_pkce: self.with_pkce,
        })
    }

    fn endpoint(
        &self,
        endpoint: Endpoint,
        published: Option<&String>,
    ) -> Result<Option<EndpointUrl>, ProviderError> {
        if let Some(own) = self.endpoints.get(endpoint) {
            return Ok(Some(own.clone()));
        }
        let check = |url: &String| EndpointUrl::parse(url, self.loopback_http);
        let published = published.filter(|url| !url.is_empty()).map(check).transpose();
        published.map_err(|reason| ProviderError::BadEndpoint { endpoint, reason })
    }

    /// The stated method; else `client_secret_basic`, unless the metadata list
    /// `client_secret_post` without it.
    fn credential(&self, metadata: Option<&Metadata>, audience: &str) -> ClientCredential {
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

    /// Who may accept what the client signs: the issuer, and nobody else. Two audiences, or an
    /// endpoint that a dishonest provider has chosen, would let one provider log in at another as
    /// this client (CVE-2025-27370, CVE-2025-27371). Without an issuer it is the token endpoint of
    /// the declaration (RFC 7523 section 3).
    fn assertion_audience(&self, issuer: Option<&str>, token_endpoint: &EndpointUrl) -> String {
        let issuer = issuer.filter(|_| !self.has_quirk(Quirk::TokenEndpointAudience));
        issuer.unwrap_or(token_endpoint.as_str()).to_owned()
    }

    /// The declared algorithm; else every asymmetric one that the metadata list; else RS256, the
    /// default of OpenID Connect. Never what a token says.
    fn algorithms(&self, metadata: Option<&Metadata>) -> Vec<SigningAlgorithm> {
        if let Some(declared) = self.algorithm {
            return vec![declared];
        }
        let listed = metadata.map(|metadata| &metadata.id_token_signing_alg_values_supported);
        let mut algorithms: Vec<_> = listed
            .into_iter()
            .flatten()
            .filter_map(|name| SigningAlgorithm::from_name(name))
            .filter(|algorithm| SigningAlgorithm::ASYMMETRIC.contains(algorithm))
            .collect();
        if algorithms.is_empty() {
            algorithms.push(SigningAlgorithm::RS256);
        }
        algorithms
    }
}

/// The endpoints without which there is no login.
fn needed_by_logins(protocol: Protocol, fetch_userinfo: bool) -> Vec<Endpoint> {
    let mut needed = vec![Endpoint::Authorization, Endpoint::Token];
    if protocol == Protocol::OpenIdConnect {
        needed.push(Endpoint::JwkSet);
    }
    if fetch_userinfo {
        needed.push(Endpoint::UserInfo);
    }
    needed
}

/// A list of addresses opens with a scope such as `user:email`, or `user`, which includes it.
fn asks_for_email(scope: &str) -> bool {
    scope.split([' ', ',']).any(|scope| scope.contains("email") || scope == "user")
}

/// A relative path replaces what stands behind the last slash of its base (RFC 3986 section 5.2.3).
fn with_slash(base: EndpointUrl) -> EndpointUrl {
    if base.url().path().ends_with('/') {
        return base;
    }
    let mut url = base.url().clone();
    url.set_path(&format!("{}/", base.url().path()));
    let is_http = url.scheme() == "http";
    EndpointUrl::check(url, is_http).unwrap_or(base)
}
