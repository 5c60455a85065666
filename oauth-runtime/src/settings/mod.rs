//! From a declaration to a usable client: declaration and configuration become [`Settings`] when
//! the application starts; with the provider's metadata they become [`Resolved`].

mod authority;
mod client_keys;
#[cfg(test)]
mod front_doors;
mod oauth1;
mod parts;
mod reader;
mod resolved;
mod transport;

pub(crate) use self::resolved::Resolved;

use std::borrow::Cow;
use std::sync::Arc;

use self::authority::Evidence;
pub(crate) use self::authority::{Authority, Source};
use self::client_keys::ClientKeys;
pub(crate) use self::oauth1::OAuth1;
use self::parts::Parts;
pub(crate) use self::reader::key::setting_names;
use self::reader::own_names::OwnNames;
pub(crate) use self::transport::Transport;
use crate::config::{Config, Faults};
use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::Fix;
use crate::declaration::spec::{ClientAuthMethod, Identification, Protocol, ProviderSpec, Quirk};
use crate::identity::IdentityPaths;
use crate::protocol::additions::Additions;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::bearer::TokenPlacement;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::jwk::{JwkSet, JwsAlgorithm};
use crate::protocol::names::Names;
use crate::protocol::tenants::Tenants;
use crate::protocol::token_response;
use crate::url::endpoint::EndpointUrl;

/// `response_type` of the hybrid flow with an ID token in addition to the code.
const HYBRID: &str = "code id_token";

/// One client at one provider, immutable once built.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Name in routes and configuration keys.
    pub(crate) name: Arc<str>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) keys: ClientKeys,
    /// Only for OAuth 1.0a providers.
    pub(crate) oauth1: Option<OAuth1>,
    pub(crate) redirect_uri: String,
    /// Identifies the client and the authority for its users; for a provider known at run time, all
    /// its endpoints. What was started with another binding under the same name is not completed
    /// with this one.
    pub(crate) binding: Arc<str>,
    /// Evidence for the stated endpoints.
    pub(crate) evidence: Evidence,
    /// Path that starts a login, in the application's router.
    pub(crate) login_path: String,
    /// Path of the redirect URI, in the application's router.
    pub(crate) callback_path: String,
    /// Path to which the provider redirects after a logout, in the application's router.
    pub(crate) logged_out_path: String,
    /// Path at which the provider reports the end of a session, in the application's router; `None`
    /// if it does not.
    pub(crate) backchannel_logout_path: Option<String>,
    /// Path at which another site asks for a login, in the application's router; `None` if this is
    /// not allowed.
    pub(crate) initiate_path: Option<String>,
    /// Whether the generated logout ends the session at the provider too.
    pub(crate) rp_initiated_logout: bool,
    /// Parameters of the authorization request that the route of a login takes from its query.
    pub(crate) login_params: Vec<String>,
    /// Name that users see.
    pub(crate) display_name: String,
    /// Path at which a signed-in user connects an account, in the application's router.
    pub(crate) connect_path: String,
    /// Whether the tokens of a login outlive its session.
    pub(crate) keep_tokens: bool,
    /// Whether users log in.
    pub(crate) has_login: bool,
    pub(crate) api_base: Option<EndpointUrl>,
    /// Present only if the requested scopes give access to it.
    pub(crate) emails_endpoint: Option<EndpointUrl>,
    /// URL of the metadata, for a provider that publishes them.
    pub(crate) metadata_url: Option<EndpointUrl>,
    /// Whether plain http to loopback addresses is allowed.
    pub(crate) loopback_http: bool,
    /// Already joined by the provider's separator.
    pub(crate) scope: String,
    pub(crate) scope_separator: String,
    /// The tenants whose users may log in, if the issuer is a template.
    pub(crate) tenants: Option<Tenants>,
    pub(crate) response_mode: ResponseMode,
    /// Whether the authorization response contains an ID token that validates its code: the hybrid
    /// flow.
    pub(crate) is_hybrid: bool,
    /// Placement of the access token in requests to the API.
    pub(crate) token_placement: TokenPlacement,
    /// What the provider has of its own in addition to the protocol, and its names for parts of it.
    pub(crate) own: OwnNames,
    /// Additions to requests with a token; `None` for most providers.
    pub(crate) additions: Option<Box<Additions>>,
    /// Seconds.
    pub(crate) leeway: u32,
    /// Seconds.
    pub(crate) max_age: Option<u32>,
    /// Whether every login calls the userinfo endpoint.
    pub(crate) fetch_userinfo: bool,
    identification: Identification,
    pub(crate) identity: IdentityPaths,
    protocol: Protocol,
    quirks: Vec<Quirk>,
    /// Path of the access token in the response, with the quirk of that name.
    nested_token: String,
    pub(crate) compliance_fix: Option<Fix>,
    prompt: Option<String>,
    /// As stated; without one the metadata determine it.
    auth_method: Option<ClientAuthMethod>,
    pub(crate) issuer: Option<String>,
    endpoints: Endpoints,
    /// Stated keys of the provider, which are not fetched.
    pub(crate) jwks: Option<Arc<JwkSet>>,
    params: Params,
    with_pkce: bool,
    /// With which ID tokens may be signed, as stated; empty where the metadata determine them.
    algorithms: Vec<JwsAlgorithm>,
    /// With which userinfo responses must be signed; `None` where they are not.
    pub(crate) userinfo_algorithm: Option<JwsAlgorithm>,
    pub(crate) transport: Transport,
}

/// The paths and URIs of a client in the application.
pub(crate) struct Paths {
    pub(crate) login_path: String,
    pub(crate) callback_path: String,
    pub(crate) logged_out_path: String,
    pub(crate) connect_path: String,
    pub(crate) initiate_path: Option<String>,
    pub(crate) backchannel_logout_path: Option<String>,
    pub(crate) redirect_uri: String,
}

/// Endpoints that the declaration or the configuration states; metadata fill the gaps.
#[derive(Debug)]
struct Endpoints(Vec<(EndpointKind, EndpointUrl)>);

impl Endpoints {
    fn get(&self, endpoint: EndpointKind) -> Option<&EndpointUrl> {
        self.0.iter().find(|(own, _)| *own == endpoint).map(|(_, url)| url)
    }
}

/// Extra parameters of the requests to each endpoint.
#[derive(Debug)]
struct Params(Vec<(EndpointKind, Vec<(String, String)>)>);

impl Params {
    fn of(&self, endpoint: EndpointKind) -> &[(String, String)] {
        let params = self.0.iter().find(|(own, _)| *own == endpoint);
        params.map(|(_, params)| params.as_slice()).unwrap_or_default()
    }
}

impl Settings {
    /// Whether the provider reports the end of its sessions.
    pub(crate) fn receives_logouts(&self) -> bool {
        self.backchannel_logout_path.is_some()
    }

    /// Joins declaration and configuration; `None` once every fault has been recorded.
    pub(crate) fn new(
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
        paths: Paths,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Self> {
        let parts = Parts::read(spec, placeholder_values, &paths.redirect_uri, config, faults)?;
        let settings = Self::of_parts(spec, paths, parts);
        Some(Self { binding: settings.binding_of().into(), ..settings })
    }

    fn of_parts(spec: &ProviderSpec<'_>, paths: Paths, parts: Parts) -> Self {
        let Parts { client, server, scope, .. } = parts;
        Self {
            name: spec.name.into(),
            loopback_http: spec.has_quirk(Quirk::LoopbackHttp) && !client.is_plaintext(),
            client_id: client.id,
            client_secret: client.secret,
            keys: client.keys,
            oauth1: client.oauth1,
            redirect_uri: paths.redirect_uri,
            binding: "".into(),
            evidence: server.evidence,
            login_path: paths.login_path,
            callback_path: paths.callback_path,
            logged_out_path: paths.logged_out_path,
            initiate_path: paths.initiate_path,
            backchannel_logout_path: paths.backchannel_logout_path,
            rp_initiated_logout: spec.rp_initiated_logout,
            login_params: parts.login_params,
            display_name: spec.display_name().to_owned(),
            connect_path: paths.connect_path,
            keep_tokens: spec.keep_tokens,
            has_login: !spec.no_login,
            api_base: parts.api_base.map(with_slash),
            emails_endpoint: parts.emails_endpoint.filter(|_| asks_for_email(&scope)),
            metadata_url: server.metadata_url,
            scope,
            scope_separator: parts.scope_separator,
            tenants: server.tenants,
            response_mode: parts.response_mode,
            is_hybrid: parts.is_hybrid,
            token_placement: parts.token_placement,
            additions: parts.additions,
            identity: IdentityPaths::new(&spec.identity, &parts.own.picture),
            own: parts.own,
            leeway: parts.leeway,
            max_age: parts.max_age,
            fetch_userinfo: parts.fetch_userinfo,
            identification: spec.identification,
            protocol: parts.protocol,
            quirks: spec.quirks.to_vec(),
            nested_token: spec.nested_token.to_owned(),
            compliance_fix: spec.compliance_fix,
            prompt: parts.prompt,
            auth_method: client.auth_method,
            issuer: server.issuer,
            endpoints: server.endpoints,
            jwks: server.jwks,
            params: parts.params,
            with_pkce: !spec.has_quirk(Quirk::NoPkce),
            algorithms: parts.algorithms,
            userinfo_algorithm: parts.userinfo_algorithm,
            transport: parts.transport,
        }
    }

    /// Whether the client is declared as one that does not authenticate.
    pub(crate) fn is_public_client(&self) -> bool {
        self.auth_method == Some(ClientAuthMethod::None)
    }

    /// The settings of a description that keeps all identifying settings of its preset.
    #[must_use]
    pub(crate) fn with_preset(mut self) -> Self {
        self.evidence = Evidence::new(Source::DescribedPreset, None);
        self
    }

    /// Extra parameters of the requests to an endpoint.
    pub(crate) fn params(&self, endpoint: EndpointKind) -> &[(String, String)] {
        self.params.of(endpoint)
    }

    /// Whether a login that names no user has failed.
    pub(crate) fn must_identify(&self) -> bool {
        self.is_open_id() || self.identification == Identification::Identified
    }

    /// Whether a connection is of use without a handler of the application: its tokens are stored.
    pub(crate) fn stores_connections(&self) -> bool {
        self.has_login && (self.keep_tokens || !self.may_identify())
    }

    /// Whether a session holds the tokens of a connection: nothing else would, if its login named no
    /// user.
    pub(crate) fn connects_in_sessions(&self) -> bool {
        self.has_login && !self.keep_tokens && !self.must_identify()
    }

    /// Whether a login may name a user.
    pub(crate) fn may_identify(&self) -> bool {
        self.has_login && (self.is_open_id() || self.identification != Identification::Unidentified)
    }

    /// Whether the provider speaks OpenID Connect.
    pub(crate) fn is_open_id(&self) -> bool {
        self.protocol == Protocol::OpenIdConnect
    }

    /// The `scope` of a login that asks for these. Without `openid`, OpenID Connect has no ID
    /// token.
    pub(crate) fn scope_of<'s>(&self, scopes: impl IntoIterator<Item = &'s str>) -> String {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        if self.is_open_id() && !scopes.contains(&"openid") {
            scopes.insert(0, "openid");
        }
        scopes.join(&self.scope_separator)
    }

    /// What requests send as `redirect_uri`.
    pub(crate) fn sent_redirect_uri(&self) -> &str {
        self.own.redirect_id.as_deref().unwrap_or(&self.redirect_uri)
    }

    /// The parameters of an authorization response, under the protocol's names.
    pub(crate) fn restored<'q>(&self, parameters: &'q str) -> Cow<'q, str> {
        self.own.response.restore_query(parameters)
    }

    /// Whether the provider is declared with this quirk.
    pub(crate) fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// The quirks of the provider's token responses.
    pub(crate) fn token_response_quirks(&self) -> token_response::Quirks<'_> {
        token_response::Quirks {
            missing_token_type: self.has_quirk(Quirk::MissingTokenType),
            own_token_type: self.has_quirk(Quirk::OwnTokenType),
            exchanged: false,
            comma_separated_scopes: self.has_quirk(Quirk::CommaSeparatedScopes),
            scopes_as_list: self.has_quirk(Quirk::ScopesAsList),
            form_encoded: self.has_quirk(Quirk::FormEncodedTokenResponse),
            nested_token: Some(&*self.nested_token).filter(|_| self.has_quirk(Quirk::NestedToken)),
            names: Some(&self.own.response).filter(|names| **names != Names::default()),
        }
    }

    /// The names of the provider's quirks, as traces show them.
    pub(crate) fn quirk_names(&self) -> Vec<&'static str> {
        self.quirks.iter().map(|quirk| quirk.name()).collect()
    }
}

/// A scope such as `user:email`, or `user`, which includes it, gives access to the addresses.
fn asks_for_email(scope: &str) -> bool {
    scope.split([' ', ',']).any(|scope| scope.contains("email") || scope == "user")
}

/// A relative path replaces everything after the last slash of its base (RFC 3986 section 5.2.3).
fn with_slash(base: EndpointUrl) -> EndpointUrl {
    if base.url().path().ends_with('/') {
        return base;
    }
    let mut url = base.url().clone();
    url.set_path(&format!("{}/", base.url().path()));
    let is_http = url.scheme() == "http";
    EndpointUrl::check(url, is_http).unwrap_or(base)
}
