//! From a declaration to a client that can be used: declaration and configuration become
//! [`Settings`] when the application starts; with the provider's metadata they become
//! [`Resolved`].

mod authority;
mod client_keys;
#[cfg(test)]
mod front_doors;
mod oauth1;
mod parts;
mod reader;
mod resolved;

pub(crate) use self::resolved::Resolved;

use std::sync::Arc;

use self::authority::Evidence;
pub(crate) use self::authority::{Authority, Source};
use self::client_keys::ClientKeys;
pub(crate) use self::oauth1::OAuth1;
use self::parts::Parts;
pub(crate) use self::reader::key::setting_names;
use crate::config::{Config, Faults};
use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::Fix;
use crate::declaration::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk, TokenPlacement};
use crate::identity::IdentityPaths;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::jwk::JwsAlgorithm;
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
    algorithm: Option<JwsAlgorithm>,
    /// With which userinfo responses must be signed; `None` where they are not.
    pub(crate) userinfo_algorithm: Option<JwsAlgorithm>,
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
    /// Joins declaration and configuration; `None` once every fault has been recorded.
    pub(crate) fn new(
        spec: &ProviderSpec<'_>,
        placeholder_values: &[String],
        paths: Paths,
        config: &Config,
        faults: &mut Faults,
    ) -> Option<Self> {
        let parts = Parts::read(spec, placeholder_values, &paths.redirect_uri, config, faults)?;
        let Parts { client, server, scope, .. } = parts;
        let settings = Self {
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
            rp_initiated_logout: spec.rp_initiated_logout,
            display_name: spec.display_name().to_owned(),
            connect_path: paths.connect_path,
            keep_tokens: spec.keep_tokens,
            api_base: parts.api_base.map(with_slash),
            emails_endpoint: parts.emails_endpoint.filter(|_| asks_for_email(&scope)),
            metadata_url: server.metadata_url,
            scope,
            scope_separator: parts.scope_separator,
            tenants: server.tenants,
            response_mode: parts.response_mode,
            is_hybrid: spec.response_type == Some(HYBRID),
            token_placement: parts.token_placement,
            leeway: parts.leeway,
            max_age: parts.max_age,
            fetch_userinfo: parts.fetch_userinfo,
            identity: IdentityPaths::from(&spec.identity),
            protocol: parts.protocol,
            quirks: spec.quirks.to_vec(),
            nested_token: spec.nested_token.to_owned(),
            compliance_fix: spec.compliance_fix,
            prompt: parts.prompt,
            auth_method: client.auth_method,
            issuer: server.issuer,
            endpoints: server.endpoints,
            params: parts.params,
            with_pkce: !spec.has_quirk(Quirk::NoPkce),
            algorithm: parts.algorithm,
            userinfo_algorithm: parts.userinfo_algorithm,
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
    pub(crate) fn params(&self, endpoint: EndpointKind) -> &[(String, String)] {
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
