//! The settings of a provider. Most of them are also keys.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::provider::*;
use crate::key::{Key, Kind};
use crate::protocol::Protocols::{OAuth2, OpenIdConnect};

keys! {
    /// Settings that must not appear in source code: credentials and their parameters.
    CONFIGURATION:

    client_id, CLIENT_ID = Key("CLIENT_ID").instead_of(&["consumer_key"])
        .described("Client identifier, issued by the provider when the application was registered.");
    client_secret, CLIENT_SECRET = Key("CLIENT_SECRET")
        .instead_of(&["consumer_secret"])
        .described("The secret that the provider issued.")
        .secret();
    client_secret_file, CLIENT_SECRET_FILE = Key("CLIENT_SECRET_FILE");
    private_key, PRIVATE_KEY = Key("PRIVATE_KEY").instead_of(&["rsa_key"])
        .described("The private key of a client that signs, as PEM or JSON Web Key.")
        .secret();
    private_key_file, PRIVATE_KEY_FILE = Key("PRIVATE_KEY_FILE");
    private_key_id, PRIVATE_KEY_ID = Key("PRIVATE_KEY_ID")
        .of(OAuth2)
        .instead_of(&["key_id", "kid"])
        .described("`kid` of the private key, as registered with the provider.");
    decryption_key, DECRYPTION_KEY = Key("DECRYPTION_KEY").of(OpenIdConnect)
        .described("The private key that decrypts what the provider encrypts, as PEM or JSON Web Key.")
        .secret();
    decryption_key_file, DECRYPTION_KEY_FILE = Key("DECRYPTION_KEY_FILE")
        .of(OpenIdConnect);
    team_id, TEAM_ID = Key("TEAM_ID").of(OAuth2)
        .described("Team identifier of the key's owner at Apple, for the method `apple_jwt`.");
    proxy, PROXY = Key("PROXY").instead_of(&["http_proxy", "https_proxy", "proxies"])
        .client_kwarg();
    trust_env, TRUST_ENV = Key("TRUST_ENV").client_kwarg();
    verify, VERIFY = Key("VERIFY").instead_of(&["ca_bundle", "root_certificates", "ssl_verify"])
        .client_kwarg();
    cert, CERT = Key("CERT").instead_of(&["client_cert", "client_certificate"]).client_kwarg();
    headers, HEADERS = Key("HEADERS").instead_of(&["default_headers"]).client_kwarg();
    timeout, TIMEOUT = Key("TIMEOUT").client_kwarg();
    jwks, JWKS = Key("JWKS").of(OpenIdConnect)
        .instead_of(&["jwk_set", "key_set", "public_keys"]);
    jwks_file, JWKS_FILE = Key("JWKS_FILE").of(OpenIdConnect);
}

/// A JSON object of further settings, as in Authlib.
static CLIENT_KWARGS: Key = Key::new("client_kwargs", Kind::Refused, "CLIENT_KWARGS");

/// All settings of a provider, such as `CLIENT_ID` of `GITHUB_CLIENT_ID`. The runtime reads only
/// these settings, each for the protocols that its key applies to.
pub(crate) static SETTINGS: &[&Key] = &[
    &CLIENT_ID,
    &CLIENT_SECRET,
    &CLIENT_SECRET_FILE,
    &PRIVATE_KEY,
    &PRIVATE_KEY_FILE,
    &PRIVATE_KEY_ID,
    &DECRYPTION_KEY,
    &DECRYPTION_KEY_FILE,
    &TEAM_ID,
    &ISSUER,
    &TENANTS,
    &SERVER_METADATA_URL,
    &AUTHORIZE_URL,
    &ACCESS_TOKEN_URL,
    &REFRESH_TOKEN_URL,
    &REQUEST_TOKEN_URL,
    &USERINFO_ENDPOINT,
    &EMAILS_ENDPOINT,
    &JWKS_URI,
    &JWKS,
    &JWKS_FILE,
    &END_SESSION_ENDPOINT,
    &REVOCATION_ENDPOINT,
    &INTROSPECTION_ENDPOINT,
    &DEVICE_AUTHORIZATION_ENDPOINT,
    &PUSHED_AUTHORIZATION_REQUEST_ENDPOINT,
    &API_BASE_URL,
    &AUTHORIZE_PARAMS,
    &LOGIN_PARAMS,
    &ACCESS_TOKEN_PARAMS,
    &REFRESH_TOKEN_PARAMS,
    &REQUEST_TOKEN_PARAMS,
    &EMAILS,
    &REQUEST_NAMES,
    &RESPONSE_NAMES,
    &REDIRECT_ID,
    &CALLBACK_PARAMS,
    &API_PARAMS,
    &API_HEADERS,
    &USERINFO_PARAMS,
    &USERINFO_HEADERS,
    &USERINFO_QUERY,
    &CLIENT_KWARGS,
    &SCOPES,
    &SCOPE_SEPARATOR,
    &TOKEN_ENDPOINT_AUTH_METHOD,
    &TOKEN_ENDPOINT_AUTH_SIGNING_ALG,
    &CODE_CHALLENGE_METHOD,
    &RESPONSE_TYPE,
    &RESPONSE_MODE,
    &PROMPT,
    &TOKEN_PLACEMENT,
    &MAX_AGE,
    &LEEWAY,
    &ID_TOKEN_SIGNED_RESPONSE_ALG,
    &ID_TOKEN_ENCRYPTED_RESPONSE_ALG,
    &ID_TOKEN_ENCRYPTED_RESPONSE_ENC,
    &USERINFO_SIGNED_RESPONSE_ALG,
    &USERINFO_ENCRYPTED_RESPONSE_ALG,
    &USERINFO_ENCRYPTED_RESPONSE_ENC,
    &SIGNATURE_METHOD,
    &SIGNATURE_TYPE,
    &REALM,
    &PROXY,
    &TRUST_ENV,
    &VERIFY,
    &CERT,
    &HEADERS,
    &TIMEOUT,
];

/// Calls the macro `callback` of the runtime with four lists:
///
/// - `settings`: name, protocols and awaited feature of each setting,
/// - `client_kwargs`: name and setting of each member of `CLIENT_KWARGS`,
/// - `described`: field, method, setting, type and documentation of each setting that a
///   `ProviderDescription` can state,
/// - `declared`: name of each key that exists only in declarations.
pub(crate) fn keys(callback: &TokenStream) -> TokenStream {
    let settings = SETTINGS.iter().map(|key| {
        let (name, protocols) = (ident(&key.variable()), ident(&format!("{:?}", key.protocols)));
        let awaits = match key.awaits {
            Some(feature) => quote!(::core::option::Option::Some(#feature)),
            None => quote!(::core::option::Option::None),
        };
        quote!((#name, #protocols, #awaits))
    });
    let client_kwargs = SETTINGS.iter().filter_map(|key| {
        let (member, name) = (key.client_kwarg?, ident(&key.variable()));
        Some(quote!((#member, #name)))
    });
    let described = SETTINGS.iter().filter_map(|key| {
        let (documentation, name) = (key.described?, ident(&key.variable()));
        let (field, method, kind) = (ident(key.name), ident(method(key)), ident(kind(key)));
        Some(quote!((#field, #method, #name, #kind, #documentation)))
    });
    // `ACME_NAME` may be a variable of another program.
    let is_declared_only = |key: &&&Key| !SETTINGS.contains(*key) && ***key != NAME;
    let declared = PROVIDER.iter().filter(is_declared_only).map(|key| ident(&key.variable()));
    quote! {
        #callback! {
            settings { #(#settings)* }
            client_kwargs { #(#client_kwargs)* }
            described { #(#described)* }
            declared { #(#declared)* }
        }
    }
}

fn ident(name: &str) -> Ident {
    format_ident!("{name}")
}

/// The method for the key. Parameters and members take one call each: `authorize_param("audience", "api")`.
fn method(key: &Key) -> &str {
    match key.value {
        Kind::Params | Kind::Members(_) => key.name.strip_suffix('s').unwrap_or(key.name),
        _ => key.name,
    }
}

/// The type of the field, as `declaration/run_time` of the runtime calls it.
fn kind(key: &Key) -> &'static str {
    match key.value {
        _ if key.is_secret => "SecretText",
        Kind::Texts => "Texts",
        Kind::Params | Kind::Members(_) => "Params",
        Kind::Seconds => "Seconds",
        _ => "Text",
    }
}
