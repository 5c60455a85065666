//! A provider that is known at run time alone, described by the keys that a declaration has.

mod check;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::crypto::secret::Secret;
use crate::declaration::compliance_fix::{ComplianceFix, Fix};
use crate::declaration::presets;
use crate::declaration::spec::ProviderSpec;

/// What a declaration says of a provider, for one that is known at run time alone: the row of a
/// tenant in a database, say. [`RuntimeProviders::insert`](crate::RuntimeProviders::insert) checks
/// it, by the rules of declarations, and makes it a client.
///
/// ```
/// use oauth_runtime::ProviderDescription;
///
/// let acme = ProviderDescription::new("acme")
///     .issuer("https://login.acme.example")
///     .scopes(["openid", "email"])
///     .client_id("my-client")
///     .client_secret("s3cr3t");
/// assert_eq!(acme.name(), "acme");
///
/// let github = ProviderDescription::preset("github").client_id("id").client_secret("s3cr3t");
/// assert_eq!(github.name(), "github");
/// ```
///
/// It can be read from JSON or any other format of serde. Its members are the methods below, and no
/// other is accepted:
///
/// ```
/// # use oauth_runtime::ProviderDescription;
/// let row = r#"{
///     "name": "acme",
///     "issuer": "https://login.acme.example",
///     "scopes": ["openid", "email"],
///     "client_id": "my-client",
///     "client_secret": "s3cr3t"
/// }"#;
/// let acme: ProviderDescription = serde_json::from_str(row)?;
/// assert!(serde_json::from_str::<ProviderDescription>(r#"{"name": "acme", "isuer": ""}"#).is_err());
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// Credentials come from the description and from nowhere else: a tenant that is called like
/// another provider does not get its secret from the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderDescription {
    name: String,
    preset: Option<String>,
    display_name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    private_key: Option<Secret>,
    private_key_id: Option<String>,
    team_id: Option<String>,
    issuer: Option<String>,
    server_metadata_url: Option<String>,
    authorize_url: Option<String>,
    access_token_url: Option<String>,
    request_token_url: Option<String>,
    refresh_token_url: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    end_session_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    api_base_url: Option<String>,
    authorize_params: BTreeMap<String, String>,
    access_token_params: BTreeMap<String, String>,
    refresh_token_params: BTreeMap<String, String>,
    request_token_params: BTreeMap<String, String>,
    scopes: Vec<String>,
    scope_separator: Option<String>,
    token_endpoint_auth_method: Option<String>,
    response_mode: Option<String>,
    id_token_signed_response_alg: Option<String>,
    leeway: Option<u32>,
    keep_tokens: bool,
    max_age: Option<u32>,
    prompt: Option<String>,
    token_placement: Option<String>,
    signature_method: Option<String>,
    signature_type: Option<String>,
    realm: Option<String>,
    rp_initiated_logout: bool,
    initiate_login: bool,
    listed: bool,
    /// The application's word: no text stands for it.
    #[serde(skip)]
    shares_issuer: bool,
    /// Code: no text stands for it.
    #[serde(skip)]
    compliance_fix: Option<Fix>,
    identity: BTreeMap<String, String>,
    quirks: Vec<String>,
    fields: BTreeMap<String, String>,
}

/// Methods that set a text, each called as the key that it stands for.
macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident)+) => {
        impl ProviderDescription {
            $(
                $(#[$doc])+
                #[must_use]
                pub fn $name(mut self, $name: impl Into<String>) -> Self {
                    self.$name = Some($name.into());
                    self
                }
            )+
        }
    };
}

texts! {
    /// Name that people are shown. Default: the preset's, else the name.
    display_name
    /// What the provider gave out when the application was registered there.
    client_id
    /// What the provider calls the private key: `kid` of what is signed.
    private_key_id
    /// Apple's name for who owns the key, where the method is `apple_jwt`.
    team_id
    /// Issuer identifier of OpenID Connect; the endpoints are read from its metadata.
    issuer
    /// URL of the metadata, where it does not follow from the issuer.
    server_metadata_url
    /// Authorization endpoint.
    authorize_url
    /// Token endpoint.
    access_token_url
    /// Where the temporary credentials of OAuth 1.0a come from; it makes the provider one of OAuth 1.0a.
    request_token_url
    /// Token endpoint for refresh, where it is another one.
    refresh_token_url
    /// Userinfo endpoint, or the profile call of a provider of OAuth 2.0.
    userinfo_endpoint
    /// JSON Web Key Set.
    jwks_uri
    /// End-session endpoint.
    end_session_endpoint
    /// Revocation endpoint.
    revocation_endpoint
    /// Introspection endpoint.
    introspection_endpoint
    /// Device authorization endpoint.
    device_authorization_endpoint
    /// Pushed authorization request endpoint. This version pushes no requests: a description that
    /// states it is refused.
    pushed_authorization_request_endpoint
    /// Base of relative paths in calls to the API.
    api_base_url
    /// What the provider wants between two scopes. Default: a space.
    scope_separator
    /// `client_secret_basic`, `client_secret_post`, `none`, `private_key_jwt` …
    token_endpoint_auth_method
    /// `query` or `form_post`. Default: the query.
    response_mode
    /// The only algorithm of ID tokens that is accepted.
    id_token_signed_response_alg
    /// `prompt` of the authorization request.
    prompt
    /// Where the access token stands in calls to the API: `header`, `body` or `uri`. Default: the
    /// header.
    token_placement
    /// How requests of OAuth 1.0a are signed. Default: `HMAC-SHA1`.
    signature_method
    /// Where the parameters of OAuth 1.0a travel: `HEADER`, `BODY` or `QUERY`. Default: the header.
    signature_type
    /// `realm` of the `Authorization` header of OAuth 1.0a.
    realm
}

impl ProviderDescription {
    /// A provider without a preset. The name stands in its routes, and tells it from all others: it
    /// has lower-case letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A provider of whom most is known, called by the name of the preset unless [`named`] says
    /// otherwise. What the description states wins over the preset.
    ///
    /// [`named`]: Self::named
    pub fn preset(preset: impl Into<String>) -> Self {
        let preset = preset.into();
        Self { name: preset.clone(), preset: Some(preset), ..Self::default() }
    }

    /// Another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret that the provider gave out.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// The private key of a client that signs, as PEM or JSON Web Key.
    #[must_use]
    pub fn private_key(mut self, key: impl Into<Secret>) -> Self {
        self.private_key = Some(key.into());
        self
    }

    /// Scopes of the authorization request. Default: the preset's.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A further parameter of the authorization request.
    #[must_use]
    pub fn authorize_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.authorize_params.insert(name.into(), value.into());
        self
    }

    /// A further parameter of the token request.
    #[must_use]
    pub fn access_token_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.access_token_params.insert(name.into(), value.into());
        self
    }

    /// A further parameter of the refresh request.
    #[must_use]
    pub fn refresh_token_param(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.refresh_token_params.insert(name.into(), value.into());
        self
    }

    /// A further parameter of the request for temporary credentials (OAuth 1.0a).
    #[must_use]
    pub fn request_token_param(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.request_token_params.insert(name.into(), value.into());
        self
    }

    /// Whether the generated logout ends the provider's session too (OpenID Connect RP-Initiated
    /// Logout 1.0). The way back is `{mount}/{name}/logged-out`, which has to be registered as the
    /// post-logout redirect URI. Default: no.
    #[must_use]
    pub fn rp_initiated_logout(mut self, ends_there_too: bool) -> Self {
        self.rp_initiated_logout = ends_there_too;
        self
    }

    /// Whether another site, mostly the provider, may begin a login here, at `{mount}/{name}/initiate`:
    /// the `initiate_login_uri` to register there (OpenID Connect Core 1.0 section 4). The login takes
    /// a person's click, or their agreement. Default: no.
    #[must_use]
    pub fn initiate_login(mut self, may_begin_elsewhere: bool) -> Self {
        self.initiate_login = may_begin_elsewhere;
        self
    }

    /// Whether the page that asks people to sign in has a button for the provider. Default: no, for
    /// the people of one tenant have no use for the others, and need not know of them. Who was signed
    /// in with the provider, and only lacks a token of it, is shown the button in any case.
    #[must_use]
    pub fn listed(mut self, is_listed: bool) -> Self {
        self.listed = is_listed;
        self
    }

    /// A hook for what no quirk names, as of `compliance_fix` in a declaration:
    /// `.compliance_fix(&AcmeFix)`. It is code, so no text can ask for it.
    #[must_use]
    pub fn compliance_fix(mut self, fix: &'static dyn ComplianceFix) -> Self {
        self.compliance_fix = Some(Fix(fix));
        self
    }

    /// Whether another provider may have the same issuer with another client. Default: no, and
    /// [`insert`](crate::RuntimeProviders::insert) refuses the second one.
    ///
    /// Issuer and subject are then the same for a user of both. That is right where one user is to
    /// have one account, whichever client leads there, and it is only possible where the issuer's own
    /// metadata, or a preset, say who the users are. But each client has an owner, who can have users
    /// sign in with it for other purposes: say it only for descriptions whose owners you trust with the
    /// accounts of all, or keep accounts by [`Identity::provider`](crate::Identity::provider) as well.
    /// It is the application's decision, so no text can ask for it.
    #[must_use]
    pub fn shares_issuer(mut self, shares: bool) -> Self {
        self.shares_issuer = shares;
        self
    }

    /// Seconds that the clocks may differ. Default: 60.
    #[must_use]
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.leeway = Some(seconds);
        self
    }

    /// The tokens of a login outlive its session: [`Client::api_for`](crate::Client::api_for) finds
    /// them. Default: they end with it.
    #[must_use]
    pub fn keep_tokens(mut self) -> Self {
        self.keep_tokens = true;
        self
    }

    /// Oldest acceptable authentication, in seconds. Default: any.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Where a part of the identity lies in the claims or in the profile: `identity("id", "data.id")`.
    /// The members are those of [`identity(...)`](crate::guide::keys#members-of-identity).
    #[must_use]
    pub fn identity(mut self, member: impl Into<String>, path: impl Into<String>) -> Self {
        self.identity.insert(member.into(), path.into());
        self
    }

    /// Known [deviations](crate::guide::keys#quirks), beside the preset's. `loopback_http` is
    /// accepted only while the application itself stands on this machine. The one with a value is
    /// written `nested_token=data.access_token`.
    #[must_use]
    pub fn quirks<T: Into<String>>(mut self, quirks: impl IntoIterator<Item = T>) -> Self {
        self.quirks = quirks.into_iter().map(Into::into).collect();
        self
    }

    /// The value of a placeholder in a URL of the preset.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Whether a login may begin elsewhere.
    pub(crate) fn has_initiate_route(&self) -> bool {
        self.initiate_login
    }

    /// Whether the page that asks people to sign in has a button for it.
    pub(crate) fn is_listed(&self) -> bool {
        self.listed
    }

    /// Whether another client of the same issuer may yield the same identities.
    pub(crate) fn is_sharing_issuer(&self) -> bool {
        self.shares_issuer
    }

    /// The name that people are shown.
    pub(crate) fn shown_name(&self) -> &str {
        let preset = self.preset.as_deref().and_then(presets::find);
        let of_preset = preset.map(ProviderSpec::display_name);
        self.display_name.as_deref().or(of_preset).unwrap_or(&self.name)
    }
}
