//! The settings of a provider, most of which are keys as well.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::provider::*;
use crate::key::{Key, Kind};
use crate::protocol::Protocols::{OAuth2, OpenIdConnect};

keys! {
    /// Settings that source code must not hold: credentials, and what belongs to them.
    CONFIGURATION:

    client_id, CLIENT_ID = Key("CLIENT_ID").instead_of(&["consumer_key"]);
    client_secret, CLIENT_SECRET = Key("CLIENT_SECRET")
        .instead_of(&["consumer_secret"]);
    client_secret_file, CLIENT_SECRET_FILE = Key("CLIENT_SECRET_FILE");
    private_key, PRIVATE_KEY = Key("PRIVATE_KEY").instead_of(&["rsa_key"]);
    private_key_file, PRIVATE_KEY_FILE = Key("PRIVATE_KEY_FILE");
    private_key_id, PRIVATE_KEY_ID = Key("PRIVATE_KEY_ID")
        .of(OAuth2)
        .instead_of(&["key_id", "kid"]);
    decryption_key, DECRYPTION_KEY = Key("DECRYPTION_KEY").of(OpenIdConnect);
    decryption_key_file, DECRYPTION_KEY_FILE = Key("DECRYPTION_KEY_FILE")
        .of(OpenIdConnect);
    team_id, TEAM_ID = Key("TEAM_ID").of(OAuth2);
    emails_endpoint, EMAILS_ENDPOINT = Key("EMAILS_ENDPOINT").of(OAuth2);
}

/// A JSON object of further settings, as Authlib has it.
static CLIENT_KWARGS: Key = Key::new("client_kwargs", Kind::Refused, "CLIENT_KWARGS");

/// Everything that a provider's configuration may say: `CLIENT_ID` of `GITHUB_CLIENT_ID`. The runtime
/// reads these settings and no others, each for the protocols that know its key.
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
    &END_SESSION_ENDPOINT,
    &REVOCATION_ENDPOINT,
    &INTROSPECTION_ENDPOINT,
    &DEVICE_AUTHORIZATION_ENDPOINT,
    &PUSHED_AUTHORIZATION_REQUEST_ENDPOINT,
    &API_BASE_URL,
    &AUTHORIZE_PARAMS,
    &ACCESS_TOKEN_PARAMS,
    &REFRESH_TOKEN_PARAMS,
    &REQUEST_TOKEN_PARAMS,
    &CLIENT_KWARGS,
    &SCOPES,
    &SCOPE_SEPARATOR,
    &TOKEN_ENDPOINT_AUTH_METHOD,
    &CODE_CHALLENGE_METHOD,
    &RESPONSE_MODE,
    &PROMPT,
    &TOKEN_PLACEMENT,
    &MAX_AGE,
    &LEEWAY,
    &ID_TOKEN_SIGNED_RESPONSE_ALG,
    &USERINFO_SIGNED_RESPONSE_ALG,
    &SIGNATURE_METHOD,
    &SIGNATURE_TYPE,
    &REALM,
];

/// The settings as constants of the runtime, each with the protocols that know it, and a list of all.
pub(crate) fn settings() -> TokenStream {
    let names = || SETTINGS.iter().map(|key| format_ident!("{}", key.variable()));
    let constants = SETTINGS.iter().zip(names()).map(|(key, name)| {
        let text = name.to_string();
        let protocols = format_ident!("{}", format!("{:?}", key.protocols));
        let awaits = match key.awaits {
            Some(feature) => quote!(::core::option::Option::Some(#feature)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            pub(in crate::settings) const #name: Key =
                Key { name: #text, protocols: Protocols::#protocols, awaits: #awaits };
        }
    });
    let names = names();
    quote! {
        #(#constants)*

        /// All of them.
        pub(in crate::settings) const ALL: &[Key] = &[#(#names),*];
    }
}
