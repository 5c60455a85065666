//! The checked declaration: everything in it is valid, and everything that expansion needs is
//! present. It uses the specifications' terms, not the keys.

use proc_macro2::Ident;
use syn::{Path, Type};

use crate::protocol::Protocol;

/// A provider that is ready to expand.
pub(crate) struct Provider<'a> {
    /// The runtime crate, as generated code names it.
    pub(crate) runtime: Path,
    pub(crate) ident: &'a Ident,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) name: String,
    pub(crate) label: Label,
    pub(crate) protocol: Protocol,
    pub(crate) registration_page: Option<String>,
    /// Issuer, endpoints and base URI, each with the term for it.
    pub(crate) urls: Vec<(&'static str, String)>,
    /// Fixed parameters of each request that has some, with the term for them.
    pub(crate) params: Vec<(&'static str, Vec<(String, String)>)>,
    pub(crate) tenants: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) scope_separator: Option<String>,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) requests: Requests,
    pub(crate) id_token: IdToken,
    /// Algorithms of encryption and of signed userinfo responses, each with its term.
    pub(crate) encryption: Vec<(&'static str, String)>,
    pub(crate) oauth1: Signature,
    /// The type of the userinfo response. Default: the runtime's own.
    pub(crate) userinfo: Option<Type>,
    /// The type of the ID token's claims. Default: the runtime's own.
    pub(crate) claims: Option<Type>,
    pub(crate) identification: Identification,
    /// The members of the identity that are not where OpenID Connect puts them.
    pub(crate) identity: Vec<(String, String)>,
    /// Variants of the runtime's `Quirk`.
    pub(crate) quirks: Vec<&'static str>,
    /// The path of the access token in a token response that nests it.
    pub(crate) nested_token: Option<String>,
    /// A value that implements the runtime's `ComplianceFix`.
    pub(crate) compliance_fix: Option<Path>,
    pub(crate) routes: Vec<(String, String)>,
    /// Whether a device authorization endpoint is declared or may be found.
    pub(crate) authorizes_devices: bool,
    /// The discovery document that the declaration was compared with.
    pub(crate) metadata_file: Option<MetadataFile>,
    pub(crate) flags: Flags,
}

/// How a provider is shown to visitors.
pub(crate) struct Label {
    pub(crate) display_name: Option<String>,
    /// The colour of its button, as `0xrrggbb`.
    pub(crate) brand_color: Option<u32>,
}

/// Whether logins identify a user, as the runtime's enum of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identification {
    Identified,
    Unidentified,
    /// The configuration or the provider's metadata decide.
    Undecided,
}

/// How the client authenticates.
pub(crate) struct ClientAuthentication {
    /// Variant of the runtime's `ClientAuthMethod`.
    pub(crate) method: Option<&'static str>,
    pub(crate) signing_algorithm: Option<String>,
}

/// Parameters of requests that have keys of their own.
pub(crate) struct Requests {
    pub(crate) response_mode: Option<String>,
    pub(crate) response_type: Option<String>,
    pub(crate) prompt: Option<String>,
    /// Parameters of the authorization request that the route of a login takes from its query.
    pub(crate) login_params: Vec<String>,
    pub(crate) token_placement: Option<String>,
    /// Parameters of the authorization response that are kept with the token.
    pub(crate) callback_params: Vec<String>,
    /// What is sent as `redirect_uri`, if it is not the redirect URI.
    pub(crate) redirect_id: Option<String>,
    /// The GraphQL query of the userinfo request.
    pub(crate) userinfo_query: Option<String>,
}

/// The requirements on an ID token.
pub(crate) struct IdToken {
    pub(crate) signed_response_alg: Option<String>,
    /// Seconds.
    pub(crate) leeway: Option<u32>,
    /// Seconds.
    pub(crate) max_age: Option<u32>,
}

/// The signature of OAuth 1.0a requests.
pub(crate) struct Signature {
    /// Variant of the runtime's `SignatureMethod`.
    pub(crate) method: Option<&'static str>,
    /// Variant of the runtime's `ParameterTransmission`.
    pub(crate) transmission: Option<&'static str>,
    pub(crate) realm: Option<String>,
}

/// Keys without a value.
pub(crate) struct Flags {
    pub(crate) rp_initiated_logout: bool,
    pub(crate) backchannel_logout: bool,
    pub(crate) keep_tokens: bool,
    /// Whether no user logs in with the provider.
    pub(crate) no_login: bool,
    /// Whether the configuration supplies what the declaration omits.
    pub(crate) configured: bool,
    /// Whether the configuration may make it an OAuth 1.0a provider.
    pub(crate) may_be_oauth1: bool,
    pub(crate) overwrite: bool,
}

/// The part of a discovery document that the runtime needs.
pub(crate) struct MetadataFile {
    /// Relative to `Cargo.toml`.
    pub(crate) path: String,
    pub(crate) issuer: String,
    /// The endpoints that identify users, by their names in the specification.
    pub(crate) endpoints: Vec<(&'static str, String)>,
}

/// A field of the struct: a value from the configuration that URLs need.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    /// The name without `r#`.
    pub(crate) name: String,
    pub(crate) ty: &'a Type,
}
