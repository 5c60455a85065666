//! From a declaration to a usable client: declaration and configuration become [`Settings`] when
//! the application starts; with the provider's metadata they become [`Resolved`].

mod authority;
mod client_keys;
#[cfg(test)]
mod front_doors;
mod oauth1;
mod reader;
mod resolved;

pub(crate) use self::resolved::Resolved;

use std::sync::Arc;

use self::authority::Evidence;
pub(crate) use self::authority::{Authority, Source};
use self::client_keys::ClientKeys;
pub(crate) use self::oauth1::OAuth1;
use self::reader::Reader;
pub(crate) use self::reader::key::setting_names;
use crate::config::{Config, Faults};
use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::Fix;
use crate::declaration::spec::{
    ClientAuthMethod, Identification, Protocol, ProviderSpec, Quirk, TokenPlacement,
};
use crate::identity::IdentityPaths;
use crate::protocol::authorization_request::ResponseMode;
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::jwk::SigningAlgorithm;
use crate::protocol::oauth1::signature::SignatureKey;
use crate::protocol::tenants::Tenants;
use crate::protocol::token_response;
use crate::settings::resolved::needed_by_logins;
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
    /// Path at which another site asks for a login, in the application's router; `None` if this is
    /// not allowed.
    pub(crate) initiate_path: Option<String>,
    /// Whether the generated logout ends the session at the provider too.
    pub(crate) rp_initiated_logout: bool,
    /// Name that users see.
    pub(crate) display_name: String,
    /// Path at which a signed-in user connects an account, in the application's router.
    pub(crate) connect_path: String,
    /// Whether the tokens of a login outlive its session.
    pub(crate) keep_tokens: bool,
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
    params: Params,
    with_pkce: bool,
    algorithm: Option<SigningAlgorithm>,
    /// Signing algorithm of userinfo responses; `None` if they are not signed.
    pub(crate) userinfo_algorithm: Option<SigningAlgorithm>,
}

/// The paths and URIs of a client in the application.
pub(crate) struct Paths {
    pub(crate) login_path: String,
    pub(crate) callback_path: String,
    pub(crate) logged_out_path: String,
    pub(crate) connect_path: String,
    pub(crate) initiate_path: Option<String>,
    pub(crate) redirect_uri: String,
}

/// Endpoints that the declaration or the configuration states; metadata fill the gaps.
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
        // Each line records its own faults, so that one start reports them all.
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
            // The identity may come with the token.
            Protocol::OAuth1 => false,
            Protocol::OAuth2 => spec.identification == Identification::Identified,
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
            identification: spec.identification,
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

    /// The settings of a description that keeps all identifying settings of its preset.
    #[must_use]
    pub(crate) fn with_preset(mut self) -> Self {
        self.evidence = Evidence::new(Source::DescribedPreset, None);
        self
    }

    /// Extra parameters of the requests to an endpoint.
    pub(crate) fn params(&self, endpoint: Endpoint) -> &[(String, String)] {
        self.params.of(endpoint)
    }

    /// Whether a login that names no user has failed.
    pub(crate) fn must_identify(&self) -> bool {
        self.is_open_id() || self.identification == Identification::Identified
    }

    /// Whether a login may name a user.
    pub(crate) fn may_identify(&self) -> bool {
        self.is_open_id() || self.identification != Identification::Unidentified
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

    /// Whether the provider is declared with this quirk.
    pub(crate) fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// The quirks of the provider's token responses.
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
