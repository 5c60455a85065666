//! The declaration of a provider as plain constant data: what a derive emits and what every flow
//! reads. It contains no logic; `resolve` joins it with configuration and metadata.
//!
//! Each field names its default in [`ProviderSpec::DEFAULT`]; a declaration states only the
//! differences.

mod quirk;
mod values;

pub use self::quirk::Quirk;
pub use self::values::{ClientAuthMethod, ParameterTransmission, SignatureMethod};

use crate::declaration::compliance_fix::Fix;

/// The declaration of a provider, known at compile time.
///
/// Every URL may contain `{placeholders}`; each is named in [`placeholders`](Self::placeholders)
/// and filled from the field of the same name.
#[derive(Clone, Copy, Debug)]
pub struct ProviderSpec<'a> {
    /// Name in routes and configuration keys: `github` reads `GITHUB_CLIENT_ID`.
    pub name: &'a str,
    /// Name shown to users, for example `GitHub`. Default: empty, which shows `name`.
    pub display_name: &'a str,
    /// Colour of the provider's brand as `0xrrggbb`, for its button on the sign-in page. Default:
    /// derived from `name`.
    pub brand_color: Option<u32>,
    /// Which protocol the provider speaks. Default: OAuth 2.0.
    pub protocol: Protocol,
    /// Where a developer registers a client with this provider; shown when the client
    /// identifier is missing. Default: none.
    pub registration_page: Option<&'a str>,

    /// Issuer identifier (OpenID Connect Discovery 1.0 section 2, RFC 8414 section 2).
    pub issuer: Option<&'a str>,
    /// Tenants whose users may log in, if the issuer is a template with `{tenantid}`; a single
    /// `any` allows all of them. Default: none, so the configuration has to state them.
    pub tenants: &'a [&'a str],
    /// URL of the authorization server metadata. Default: derived from `issuer`.
    pub server_metadata_url: Option<&'a str>,
    /// Authorization endpoint (RFC 6749 section 3.1).
    pub authorization_endpoint: Option<&'a str>,
    /// Token endpoint (RFC 6749 section 3.2).
    pub token_endpoint: Option<&'a str>,
    /// Token endpoint for refresh, if it is a different one. Default: the token endpoint.
    pub refresh_token_endpoint: Option<&'a str>,
    /// Temporary credential request (RFC 5849 section 2.1).
    pub temporary_credential_endpoint: Option<&'a str>,
    /// UserInfo endpoint (OpenID Connect Core 1.0 section 5.3), or the profile endpoint of an OAuth
    /// 2.0 provider.
    pub userinfo_endpoint: Option<&'a str>,
    /// Second profile endpoint, which lists e-mail addresses with their verification as objects
    /// with `email`, `primary` and `verified`.
    pub emails_endpoint: Option<&'a str>,
    /// JSON Web Key Set document (RFC 7517).
    pub jwks_uri: Option<&'a str>,
    /// End-session endpoint (OpenID Connect RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<&'a str>,
    /// Revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<&'a str>,
    /// Introspection endpoint (RFC 7662).
    pub introspection_endpoint: Option<&'a str>,
    /// Device authorization endpoint (RFC 8628).
    pub device_authorization_endpoint: Option<&'a str>,
    /// Base URI of the protected resources; a relative path of an API call is appended to it.
    pub api_base_url: Option<&'a str>,

    /// Members of the `metadata_file`, which the compiler has compared the declaration with.
    /// Default: none.
    pub published: Option<PublishedSpec<'a>>,

    /// Extra parameters of the authorization request.
    pub authorization_params: &'a [(&'a str, &'a str)],
    /// Parameters of the authorization request that the route of a login takes from its query.
    /// Default: none.
    pub login_params: &'a [&'a str],
    /// Extra parameters of the token request.
    pub token_params: &'a [(&'a str, &'a str)],
    /// Extra parameters of the refresh request.
    pub refresh_token_params: &'a [(&'a str, &'a str)],
    /// Extra parameters of the temporary credential request.
    pub temporary_credential_params: &'a [(&'a str, &'a str)],

    /// Scopes of the authorization request.
    pub scopes: &'a [&'a str],
    /// The separator between two scopes. Default: a space, as in RFC 6749 section 3.3.
    pub scope_separator: &'a str,
    /// How the client authenticates at the token endpoint. Default: `client_secret_basic`.
    pub token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Algorithm that signs the client's assertions, if the authentication method uses them.
    /// Default: the first that the key supports and the metadata lists.
    pub token_endpoint_auth_signing_alg: Option<&'a str>,
    /// Content of the authorization response: `code`, or `code id_token` (OpenID Connect Core 1.0
    /// section 3.3). Default: `code`.
    pub response_type: Option<&'a str>,
    /// How the authorization response comes back. Default: the query.
    pub response_mode: Option<&'a str>,
    /// Algorithms one of which must sign ID tokens, separated by spaces. Default: any asymmetric algorithm that the metadata
    /// lists, `RS256` if it lists none.
    pub id_token_signed_response_alg: Option<&'a str>,
    /// Key management algorithm of encrypted ID tokens. If set, they must be encrypted. Default:
    /// they are not encrypted.
    pub id_token_encrypted_response_alg: Option<&'a str>,
    /// Content encryption algorithm of encrypted ID tokens. Default: `A128CBC-HS256`.
    pub id_token_encrypted_response_enc: Option<&'a str>,
    /// Algorithm that must sign userinfo responses. Default: they are not signed.
    pub userinfo_signed_response_alg: Option<&'a str>,
    /// Key management algorithm of encrypted userinfo responses. If set, they must be encrypted.
    /// Default: they are not encrypted.
    pub userinfo_encrypted_response_alg: Option<&'a str>,
    /// Content encryption algorithm of encrypted userinfo responses. Default: `A128CBC-HS256`.
    pub userinfo_encrypted_response_enc: Option<&'a str>,
    /// Clock skew tolerated in ID tokens, in seconds. Default: 60.
    pub leeway: Option<u32>,
    /// Oldest acceptable authentication, in seconds. Default: any.
    pub max_age: Option<u32>,
    /// `prompt` of the authorization request. Default: none.
    pub prompt: Option<&'a str>,
    /// Place of the access token in a request to the API: `header`, `body`, `uri`, or a header or
    /// parameter of the provider's own. Default: the `Authorization` header.
    pub token_placement: Option<&'a str>,
    /// The provider's own names of parameters of requests, by the protocol's names.
    pub request_names: &'a [(&'a str, &'a str)],
    /// The provider's own names of parts of responses, by the protocol's names.
    pub response_names: &'a [(&'a str, &'a str)],
    /// Paths in the response of the second profile endpoint: `list`, `email`, `verified`,
    /// `primary`.
    pub emails: &'a [(&'a str, &'a str)],
    /// Sent as `redirect_uri` in place of the redirect URI. Default: none.
    pub redirect_id: Option<&'a str>,
    /// Parameters of the authorization response that are kept with the token.
    pub callback_params: &'a [&'a str],
    /// Parameters of every request with a token.
    pub api_params: &'a [(&'a str, &'a str)],
    /// Headers of every request with a token.
    pub api_headers: &'a [(&'a str, &'a str)],
    /// Parameters of the userinfo request.
    pub userinfo_params: &'a [(&'a str, &'a str)],
    /// Headers of the userinfo request.
    pub userinfo_headers: &'a [(&'a str, &'a str)],
    /// GraphQL query that the userinfo request posts. Default: none.
    pub userinfo_query: Option<&'a str>,
    /// Signature method of OAuth 1.0a. Default: `HMAC-SHA1`.
    pub signature_method: Option<SignatureMethod>,
    /// Place of the protocol parameters of OAuth 1.0a. Default: the `Authorization` header.
    pub parameter_transmission: Option<ParameterTransmission>,
    /// `realm` of the `Authorization` header of OAuth 1.0a. Default: none.
    pub realm: Option<&'a str>,

    /// Whether every login calls the userinfo endpoint, because the declaration has `userinfo =
    /// Type`. Without an ID token, it is called in any case.
    pub fetch_userinfo: bool,
    /// Whether logins identify a user. Default: they do.
    pub identification: Identification,
    /// Paths of the identity in the claims.
    pub identity: IdentitySpec<'a>,
    /// Names of the struct's fields, in order.
    pub placeholders: &'a [&'a str],
    /// Quirks of the provider.
    pub quirks: &'a [Quirk],
    /// Dotted path of the access token in a token response, with the quirk
    /// [`NestedToken`](Quirk::NestedToken). Default: empty, which is `access_token`.
    pub nested_token: &'a str,
    /// Hook for deviations that no quirk covers. Default: none.
    pub compliance_fix: Option<Fix>,
    /// Paths of the generated routes.
    pub routes: RoutesSpec<'a>,
    /// Whether the generated logout ends the provider's session too (OpenID Connect RP-Initiated
    /// Logout 1.0). Default: no, the user stays signed in there.
    pub rp_initiated_logout: bool,
    /// Whether the provider reports the end of its sessions (OpenID Connect Back-Channel Logout
    /// 1.0), which ends those here. Default: no route.
    pub backchannel_logout: bool,
    /// Whether the tokens of a login outlive its session. Default: no.
    pub keep_tokens: bool,
    /// Whether no user logs in with the provider: its tokens are the application's own. Default: no.
    pub no_login: bool,
    /// Whether the configuration supplies everything that the declaration leaves out, including the
    /// protocol, so that the provider is complete only at run time. Default: no.
    pub configured: bool,
    /// Whether the configuration may make this OAuth 2.0 provider one of OAuth 1.0a. Default: no.
    pub may_be_oauth1: bool,
    /// Whether configuration wins over the declaration. Default: no.
    pub overwrite: bool,
}

impl<'a> ProviderSpec<'a> {
    /// The defaults of everything that a declaration leaves out.
    pub const DEFAULT: Self = Self {
        name: "",
        display_name: "",
        brand_color: None,
        protocol: Protocol::OAuth2,
        registration_page: None,
        issuer: None,
        tenants: &[],
        server_metadata_url: None,
        authorization_endpoint: None,
        token_endpoint: None,
        refresh_token_endpoint: None,
        temporary_credential_endpoint: None,
        userinfo_endpoint: None,
        emails_endpoint: None,
        jwks_uri: None,
        end_session_endpoint: None,
        revocation_endpoint: None,
        introspection_endpoint: None,
        device_authorization_endpoint: None,
        api_base_url: None,
        published: None,
        authorization_params: &[],
        login_params: &[],
        token_params: &[],
        refresh_token_params: &[],
        temporary_credential_params: &[],
        scopes: &[],
        scope_separator: " ",
        token_endpoint_auth_method: None,
        token_endpoint_auth_signing_alg: None,
        response_type: None,
        response_mode: None,
        id_token_signed_response_alg: None,
        id_token_encrypted_response_alg: None,
        id_token_encrypted_response_enc: None,
        userinfo_signed_response_alg: None,
        userinfo_encrypted_response_alg: None,
        userinfo_encrypted_response_enc: None,
        leeway: None,
        max_age: None,
        prompt: None,
        token_placement: None,
        request_names: &[],
        response_names: &[],
        emails: &[],
        redirect_id: None,
        callback_params: &[],
        api_params: &[],
        api_headers: &[],
        userinfo_params: &[],
        userinfo_headers: &[],
        userinfo_query: None,
        signature_method: None,
        parameter_transmission: None,
        realm: None,
        fetch_userinfo: false,
        identification: Identification::Identified,
        identity: IdentitySpec::DEFAULT,
        placeholders: &[],
        quirks: &[],
        nested_token: "",
        compliance_fix: None,
        routes: RoutesSpec::DEFAULT,
        rp_initiated_logout: false,
        backchannel_logout: false,
        keep_tokens: false,
        no_login: false,
        configured: false,
        may_be_oauth1: false,
        overwrite: false,
    };

    /// The name that is shown to users.
    pub const fn display_name(&self) -> &'a str {
        if self.display_name.is_empty() { self.name } else { self.display_name }
    }

    /// Whether the provider is declared with this quirk.
    pub fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

/// The members of a `metadata_file` that determine the users of a provider.
#[derive(Clone, Copy, Debug)]
pub struct PublishedSpec<'a> {
    /// `issuer`.
    pub issuer: &'a str,
    /// `token_endpoint`.
    pub token_endpoint: Option<&'a str>,
    /// `jwks_uri`.
    pub jwks_uri: Option<&'a str>,
    /// `userinfo_endpoint`.
    pub userinfo_endpoint: Option<&'a str>,
}

/// The protocol that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// RFC 5849.
    OAuth1,
    /// RFC 6749.
    OAuth2,
    /// OpenID Connect Core 1.0.
    OpenIdConnect,
}

/// Whether the logins of a provider identify a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identification {
    /// Every login does.
    Identified,
    /// None does: a login grants access to the provider's API.
    Unidentified,
    /// They do if the configuration or the provider's metadata name what identifies users.
    Undecided,
}

/// Dotted paths of the identity in the claims or the profile (`data.user.id`; a number is an
/// index). An empty path means that the part is missing.
#[derive(Clone, Copy, Debug)]
pub struct IdentitySpec<'a> {
    /// The subject: never an e-mail address or login name. Default: `sub`.
    pub id: &'a str,
    /// Display name. Default: `name`.
    pub name: &'a str,
    /// Login name. Default: `preferred_username`.
    pub username: &'a str,
    /// E-mail address. Default: `email`.
    pub email: &'a str,
    /// Whether the address is verified. Default: `email_verified`.
    pub email_verified: &'a str,
    /// URL of a picture. Default: `picture`.
    pub picture: &'a str,
}

impl IdentitySpec<'_> {
    /// Whether the token response names the user.
    pub(crate) fn is_of_token(&self) -> bool {
        self.id.starts_with("token.")
    }

    /// The standard claims of OpenID Connect Core 1.0 section 5.1.
    pub const DEFAULT: Self = Self {
        id: "sub",
        name: "name",
        username: "preferred_username",
        email: "email",
        email_verified: "email_verified",
        picture: "picture",
    };
}

/// Paths of a provider's routes, each absolute, as served. Default: none, which places the route
/// under the registry's mount, `/auth/github/login`.
#[derive(Clone, Copy, Debug)]
pub struct RoutesSpec<'a> {
    /// Starts a login.
    pub login: Option<&'a str>,
    /// The redirect URI's path.
    pub callback: Option<&'a str>,
    /// Ends the local session.
    pub logout: Option<&'a str>,
    /// Receives the browser from the provider after a logout there.
    pub logged_out: Option<&'a str>,
    /// Lets another site start a login (`initiate_login_uri`). Default: no route.
    pub initiate: Option<&'a str>,
    /// Receives logout tokens from the provider.
    pub backchannel_logout: Option<&'a str>,
}

impl RoutesSpec<'_> {
    /// No path stated.
    pub const DEFAULT: Self = Self {
        login: None,
        callback: None,
        logout: None,
        logged_out: None,
        initiate: None,
        backchannel_logout: None,
    };
}

/// The declaration of a registry, known at compile time.
#[derive(Clone, Copy, Debug)]
pub struct RegistrySpec {
    /// Path prefix of the routes. Default: `/auth`.
    pub mount: &'static str,
    /// The providers, in the order of the fields.
    pub providers: &'static [&'static ProviderSpec<'static>],
}
