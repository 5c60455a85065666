//! Every key of a declaration, once: how it is spelt, which value it takes, what the
//! specifications call it, which protocol it belongs to, and what people write instead.
//!
//! Users type the names of Authlib; all code behind this file speaks the specifications.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::protocol::Protocols;

/// One key of a declaration.
#[derive(Debug)]
pub(crate) struct Key {
    /// What users type.
    pub(crate) name: &'static str,
    /// What the specifications say, which is the field of the runtime's description.
    pub(crate) term: &'static str,
    /// The value it takes.
    pub(crate) value: Kind,
    /// The protocols that know it.
    pub(crate) protocols: Protocols,
    /// A legal use of it.
    pub(crate) example: &'static str,
    /// Names of specifications, of other libraries and of habit, for which this is the key to write.
    pub(crate) misnomers: &'static [&'static str],
    /// What has to be there before the key can be; `None` for every key that works.
    pub(crate) awaits: Option<&'static str>,
}

/// The value that a key takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `name = "acme"`
    Text,
    /// `authorize_url = "https://acme.example/authorize"`
    Url,
    /// `scopes("openid", "email")`
    Texts,
    /// `authorize_params(audience = "api", "x-tenant" = "7")`
    Params,
    /// `routes(login = "/login")`, where the names are these.
    Members(&'static [Member]),
    /// `quirks(loopback_http)`
    Words,
    /// `leeway = 30`
    Seconds,
    /// `overwrite`
    Flag,
    /// `userinfo = AcmeUser`
    Type,
    /// `on_login = signed_in`
    Path,
    /// Any: a setting, which does not belong in source code.
    Refused,
}

/// A name inside the list of a key.
#[derive(Debug)]
pub(crate) struct Member {
    /// What users type.
    pub(crate) name: &'static str,
    /// What they write instead.
    pub(crate) misnomers: &'static [&'static str],
}

impl Key {
    const fn new(name: &'static str, value: Kind, example: &'static str) -> Self {
        Self {
            name,
            term: name,
            value,
            protocols: Protocols::Any,
            example,
            misnomers: &[],
            awaits: None,
        }
    }

    const fn term(self, term: &'static str) -> Self {
        Self { term, ..self }
    }

    const fn of(self, protocols: Protocols) -> Self {
        Self { protocols, ..self }
    }

    const fn instead_of(self, misnomers: &'static [&'static str]) -> Self {
        Self { misnomers, ..self }
    }

    /// What stands behind the provider's name where the key is a setting: `CLIENT_ID`.
    pub(crate) fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }

    const fn awaits(self, what: &'static str) -> Self {
        Self { awaits: Some(what), ..self }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Declares keys, each as a constant of its own and all of them as a list.
macro_rules! keys {
    ($(#[$doc:meta])* $list:ident: $($name:ident = $key:expr;)+) => {
        $(pub(crate) static $name: Key = $key;)+

        $(#[$doc])*
        pub(crate) static $list: &[&Key] = &[$(&$name),+];
    };
}

use crate::protocol::Protocols::{OAuth1, OAuth2, OpenIdConnect};
use Kind::{Flag, Members, Params, Path, Refused, Seconds, Text, Texts, Type, Url, Words};

keys! {
    /// What `#[oauth_provider(...)]` on a struct understands.
    PROVIDER:

    NAME = Key::new("name", Text, r#"name = "acme""#)
        .instead_of(&["id", "provider", "provider_name", "registration_id"]);
    DISPLAY_NAME = Key::new("display_name", Text, r#"display_name = "Acme""#)
        .instead_of(&["title", "label", "client_name"]);
    PRESET = Key::new("preset", Text, r#"preset = "github""#)
        .instead_of(&["template", "base", "well_known_provider", "extends"]);

    ISSUER = Key::new("issuer", Url, r#"issuer = "https://acme.example""#)
        .of(OAuth2)
        .instead_of(&["iss", "issuer_url", "issuer_uri", "authority", "oidc_issuer"]);
    TENANTS = Key::new("tenants", Texts, r#"tenants("72f988bf-86f1-41af-91ab-2d7cd011db47")"#)
        .of(OpenIdConnect)
        .instead_of(&["allowed_tenants", "tenant", "tenant_id", "tenant_ids", "tid"]);
    SERVER_METADATA_URL = Key::new(
        "server_metadata_url",
        Url,
        r#"server_metadata_url = "https://acme.example/.well-known/openid-configuration""#,
    )
    .of(OAuth2)
    .instead_of(&[
        "discovery", "discovery_url", "discovery_uri", "discovery_endpoint", "discovery_document",
        "metadata_url", "server_metadata", "well_known", "well_known_url", "wellknown",
        "openid_configuration", "openid_configuration_url", "openid_connect_url",
        "configuration_url", "configuration_endpoint",
    ]);
    METADATA_FILE = Key::new("metadata_file", Text, r#"metadata_file = "acme.json""#)
        .of(OAuth2)
        .instead_of(&["metadata", "discovery_file", "openid_configuration_file"]);

    AUTHORIZE_URL = Key::new(
        "authorize_url",
        Url,
        r#"authorize_url = "https://acme.example/authorize""#,
    )
    .term("authorization_endpoint")
    .instead_of(&[
        "authorization_endpoint", "authorization_url", "authorization_uri", "authorize_endpoint",
        "authorize_uri", "auth_endpoint", "auth_url", "auth_uri", "login_url", "user_authorization_uri",
    ]);
    ACCESS_TOKEN_URL = Key::new(
        "access_token_url",
        Url,
        r#"access_token_url = "https://acme.example/token""#,
    )
    .term("token_endpoint")
    .instead_of(&[
        "token_endpoint", "token_url", "token_uri", "access_token_endpoint", "access_token_uri",
        "fetch_token_url", "exchange_url",
    ]);
    REFRESH_TOKEN_URL = Key::new(
        "refresh_token_url",
        Url,
        r#"refresh_token_url = "https://acme.example/refresh""#,
    )
    .term("refresh_token_endpoint")
    .of(OAuth2)
    .instead_of(&["refresh_url", "refresh_uri", "refresh_endpoint", "refresh_token_endpoint"]);
    REQUEST_TOKEN_URL = Key::new(
        "request_token_url",
        Url,
        r#"request_token_url = "https://acme.example/request_token""#,
    )
    .term("temporary_credential_endpoint")
    .of(OAuth1)
    .instead_of(&[
        "request_token_endpoint", "request_token_uri", "temporary_credential_endpoint",
        "temporary_credentials_url", "initiate_url",
    ]);
    USERINFO_ENDPOINT = Key::new(
        "userinfo_endpoint",
        Url,
        r#"userinfo_endpoint = "https://acme.example/userinfo""#,
    )
    .instead_of(&[
        "userinfo_url", "userinfo_uri", "user_info_url", "user_info_uri", "user_info_endpoint",
        "user_endpoint", "user_url", "profile_endpoint", "profile_url", "resource_owner_url",
    ]);
    JWKS_URI = Key::new("jwks_uri", Url, r#"jwks_uri = "https://acme.example/keys""#)
        .of(OpenIdConnect)
        .instead_of(&["jwks", "jwks_url", "jwks_endpoint", "jwk_set_uri", "jwk_set_url", "keys_url"]);
    END_SESSION_ENDPOINT = Key::new(
        "end_session_endpoint",
        Url,
        r#"end_session_endpoint = "https://acme.example/logout""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["end_session_url", "end_session_uri", "logout_url", "logout_uri", "logout_endpoint"]);
    RP_INITIATED_LOGOUT = Key::new("rp_initiated_logout", Flag, "rp_initiated_logout")
        .of(OpenIdConnect)
        .instead_of(&["end_session", "federated_logout", "logout_redirect", "single_logout", "slo"]);
    KEEP_TOKENS = Key::new("keep_tokens", Flag, "keep_tokens").instead_of(&[
        "keep_token", "offline", "persist_tokens", "save_token", "save_tokens", "store_token",
        "store_tokens",
    ]);
    REVOCATION_ENDPOINT = Key::new(
        "revocation_endpoint",
        Url,
        r#"revocation_endpoint = "https://acme.example/revoke""#,
    )
    .of(OAuth2)
    .instead_of(&["revocation_url", "revocation_uri", "revoke_url", "revoke_endpoint", "revoke_token_url"]);
    INTROSPECTION_ENDPOINT = Key::new(
        "introspection_endpoint",
        Url,
        r#"introspection_endpoint = "https://acme.example/introspect""#,
    )
    .of(OAuth2)
    .instead_of(&["introspection_url", "introspection_uri", "introspect_url", "introspect_endpoint"]);
    DEVICE_AUTHORIZATION_ENDPOINT = Key::new(
        "device_authorization_endpoint",
        Url,
        r#"device_authorization_endpoint = "https://acme.example/device""#,
    )
    .of(OAuth2)
    .instead_of(&[
        "device_authorization_url", "device_authorization_uri", "device_auth_url", "device_code_url",
        "device_endpoint", "device_url",
    ]);
    PUSHED_AUTHORIZATION_REQUEST_ENDPOINT = Key::new(
        "pushed_authorization_request_endpoint",
        Url,
        r#"pushed_authorization_request_endpoint = "https://acme.example/par""#,
    )
    .of(OAuth2)
    .instead_of(&["par_endpoint", "par_url", "pushed_authorization_endpoint", "pushed_authorization_request_url"])
    .awaits("pushed authorization requests (RFC 9126)");
    API_BASE_URL = Key::new("api_base_url", Url, r#"api_base_url = "https://api.acme.example/""#)
        .instead_of(&["api_base", "api_base_uri", "api_root", "api_url", "base_uri", "base_url"]);

    AUTHORIZE_PARAMS = Key::new(
        "authorize_params",
        Params,
        r#"authorize_params(audience = "api")"#,
    )
    .term("authorization_params")
    .instead_of(&[
        "auth_params", "auth_url_params", "authorization_params", "authorization_parameters",
        "authorize_parameters", "extra_auth_params", "extra_params",
    ]);
    ACCESS_TOKEN_PARAMS = Key::new(
        "access_token_params",
        Params,
        r#"access_token_params(audience = "api")"#,
    )
    .term("token_params")
    .instead_of(&["token_params", "token_parameters", "access_token_parameters"]);
    REFRESH_TOKEN_PARAMS = Key::new(
        "refresh_token_params",
        Params,
        r#"refresh_token_params(audience = "api")"#,
    )
    .of(OAuth2)
    .instead_of(&["refresh_params", "refresh_token_parameters"]);
    REQUEST_TOKEN_PARAMS = Key::new(
        "request_token_params",
        Params,
        r#"request_token_params(realm = "acme")"#,
    )
    .term("temporary_credential_params")
    .of(OAuth1)
    .instead_of(&["request_params", "request_token_parameters"]);

    SCOPES = Key::new("scopes", Texts, r#"scopes("openid", "email")"#)
        .of(OAuth2)
        .instead_of(&["scope", "default_scope", "default_scopes", "requested_scopes", "permissions"]);
    SCOPE_SEPARATOR = Key::new("scope_separator", Text, r#"scope_separator = ",""#)
        .of(OAuth2)
        .instead_of(&["scope_delimiter", "scopes_separator", "scopes_delimiter"]);
    TOKEN_ENDPOINT_AUTH_METHOD = Key::new(
        "token_endpoint_auth_method",
        Text,
        r#"token_endpoint_auth_method = "client_secret_post""#,
    )
    .of(OAuth2)
    .instead_of(&[
        "auth_method", "auth_style", "auth_type", "client_auth", "client_auth_method",
        "client_authentication", "client_authentication_method", "token_auth", "token_auth_method",
    ]);
    TOKEN_ENDPOINT_AUTH_SIGNING_ALG = Key::new(
        "token_endpoint_auth_signing_alg",
        Text,
        r#"token_endpoint_auth_signing_alg = "ES256""#,
    )
    .of(OAuth2)
    .instead_of(&[
        "client_assertion_alg", "client_assertion_signing_alg", "token_endpoint_auth_alg",
        "token_endpoint_signing_alg",
    ]);
    CODE_CHALLENGE_METHOD = Key::new(
        "code_challenge_method",
        Text,
        r#"code_challenge_method = "S256""#,
    )
    .of(OAuth2)
    .instead_of(&["pkce", "pkce_method", "use_pkce", "code_challenge_methods_supported"]);
    RESPONSE_TYPE = Key::new("response_type", Text, r#"response_type = "code id_token""#)
        .of(OpenIdConnect)
        .instead_of(&["response_types", "response_types_supported"]);
    RESPONSE_MODE = Key::new("response_mode", Text, r#"response_mode = "form_post""#)
        .of(OAuth2)
        .instead_of(&["response_modes", "response_modes_supported"]);
    ID_TOKEN_SIGNED_RESPONSE_ALG = Key::new(
        "id_token_signed_response_alg",
        Text,
        r#"id_token_signed_response_alg = "ES256""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["id_token_alg", "id_token_signing_alg", "jws_algorithm", "signing_alg", "algorithm"]);
    ID_TOKEN_ENCRYPTED_RESPONSE_ALG = Key::new(
        "id_token_encrypted_response_alg",
        Text,
        r#"id_token_encrypted_response_alg = "RSA-OAEP-256""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["id_token_encryption_alg", "jwe_alg"]);
    ID_TOKEN_ENCRYPTED_RESPONSE_ENC = Key::new(
        "id_token_encrypted_response_enc",
        Text,
        r#"id_token_encrypted_response_enc = "A256GCM""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["id_token_encryption_enc", "jwe_enc"]);
    USERINFO_SIGNED_RESPONSE_ALG = Key::new(
        "userinfo_signed_response_alg",
        Text,
        r#"userinfo_signed_response_alg = "RS256""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["userinfo_alg", "userinfo_signing_alg"]);
    USERINFO_ENCRYPTED_RESPONSE_ALG = Key::new(
        "userinfo_encrypted_response_alg",
        Text,
        r#"userinfo_encrypted_response_alg = "RSA-OAEP-256""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["userinfo_encryption_alg"]);
    USERINFO_ENCRYPTED_RESPONSE_ENC = Key::new(
        "userinfo_encrypted_response_enc",
        Text,
        r#"userinfo_encrypted_response_enc = "A256GCM""#,
    )
    .of(OpenIdConnect)
    .instead_of(&["userinfo_encryption_enc"]);
    LEEWAY = Key::new("leeway", Seconds, "leeway = 30")
        .of(OpenIdConnect)
        .instead_of(&["clock_skew", "clock_tolerance", "skew", "tolerance"]);
    MAX_AGE = Key::new("max_age", Seconds, "max_age = 3600")
        .of(OpenIdConnect)
        .instead_of(&["default_max_age", "max_auth_age"]);
    PROMPT = Key::new("prompt", Text, r#"prompt = "consent""#)
        .of(OAuth2)
        .instead_of(&["approval_prompt", "prompts"]);
    TOKEN_PLACEMENT = Key::new("token_placement", Text, r#"token_placement = "header""#)
        .of(OAuth2)
        .instead_of(&["bearer_methods_supported", "token_location", "token_type_placement"]);
    SIGNATURE_METHOD = Key::new(
        "signature_method",
        Text,
        r#"signature_method = "HMAC-SHA1""#,
    )
    .of(OAuth1)
    .instead_of(&["oauth_signature_method"]);
    SIGNATURE_TYPE = Key::new("signature_type", Text, r#"signature_type = "HEADER""#)
        .term("parameter_transmission")
        .of(OAuth1)
        .instead_of(&["oauth_signature_type", "signature_placement", "signature_location"]);
    REALM = Key::new("realm", Text, r#"realm = "Photos""#)
        .of(OAuth1)
        .instead_of(&["oauth_realm"]);

    USERINFO = Key::new("userinfo", Type, "userinfo = AcmeUser")
        .term("fetch_userinfo")
        .instead_of(&["user", "user_info", "user_info_type", "user_type", "userinfo_type"]);
    CLAIMS = Key::new("claims", Type, "claims = AcmeClaims")
        .of(OpenIdConnect)
        .instead_of(&["additional_claims", "claims_type", "id_token_claims"]);
    IDENTITY = Key::new("identity", Members(IDENTITY_MEMBERS), r#"identity(id = "id", name = "login")"#)
        .instead_of(&["claims_mapping", "mapping", "profile", "profile_map", "user_mapping"]);
    COMPLIANCE_FIX = Key::new("compliance_fix", Path, "compliance_fix = AcmeFix")
        .of(OAuth2)
        .instead_of(&["userinfo_compliance_fix", "access_token_response_hook"]);
    QUIRKS = Key::new("quirks", Words, "quirks(loopback_http)")
        .instead_of(&["deviations", "quirk", "workarounds"]);
    ROUTES = Key::new(
        "routes",
        Members(ROUTE_MEMBERS),
        r#"routes(login = "/login", callback = "/callback")"#,
    )
    .instead_of(&["paths", "route"]);
    SECURITY_PROFILE = Key::new("security_profile", Text, r#"security_profile = "fapi2""#)
        .of(OAuth2)
        .instead_of(&["fapi", "profile_security"])
        .awaits("FAPI 2.0");
    CONFIGURED = Key::new("configured", Flag, "configured")
        .instead_of(&["configuration", "from_config", "from_configuration", "from_env"]);
    OVERWRITE = Key::new("overwrite", Flag, "overwrite")
        .instead_of(&["overridable", "override"]);
    CRATE = Key::new("crate", Path, "crate = oauth_runtime")
        .instead_of(&["crate_path", "krate", "runtime"]);
}

keys! {
    /// Settings that source code must not hold: credentials, and what belongs to them.
    CONFIGURATION:

    CLIENT_ID = Key::new("client_id", Refused, "CLIENT_ID").instead_of(&["consumer_key"]);
    CLIENT_SECRET = Key::new("client_secret", Refused, "CLIENT_SECRET")
        .instead_of(&["consumer_secret"]);
    CLIENT_SECRET_FILE = Key::new("client_secret_file", Refused, "CLIENT_SECRET_FILE");
    PRIVATE_KEY = Key::new("private_key", Refused, "PRIVATE_KEY").instead_of(&["rsa_key"]);
    PRIVATE_KEY_FILE = Key::new("private_key_file", Refused, "PRIVATE_KEY_FILE");
    PRIVATE_KEY_ID = Key::new("private_key_id", Refused, "PRIVATE_KEY_ID")
        .of(OAuth2)
        .instead_of(&["key_id", "kid"]);
    DECRYPTION_KEY = Key::new("decryption_key", Refused, "DECRYPTION_KEY").of(OpenIdConnect);
    DECRYPTION_KEY_FILE = Key::new("decryption_key_file", Refused, "DECRYPTION_KEY_FILE")
        .of(OpenIdConnect);
    TEAM_ID = Key::new("team_id", Refused, "TEAM_ID").of(OAuth2);
    EMAILS_ENDPOINT = Key::new("emails_endpoint", Refused, "EMAILS_ENDPOINT").of(OAuth2);
}

/// A JSON object of further settings, as Authlib has it.
static CLIENT_KWARGS: Key = Key::new("client_kwargs", Refused, "CLIENT_KWARGS");

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

keys! {
    /// What `#[oauth_registry(...)]` on a struct understands, beside [`CRATE`].
    REGISTRY_ONLY:

    MOUNT = Key::new("mount", Text, r#"mount = "/auth""#)
        .instead_of(&["base_path", "mount_path", "path", "prefix", "route_prefix"]);
    ON_LOGIN = Key::new("on_login", Path, "on_login = signed_in")
        .instead_of(&["login_handler", "on_callback", "on_success", "success_handler"]);
    ON_CONNECT = Key::new("on_connect", Path, "on_connect = connected")
        .instead_of(&["connect_handler", "link_handler", "on_connection", "on_link"]);
    ON_ERROR = Key::new("on_error", Path, "on_error = failed")
        .instead_of(&["error_handler", "on_failure"]);
    STATE = Key::new("state", Type, "state = AppState")
        .instead_of(&["app_state", "state_type", "with_state"]);
}

/// What `#[oauth_registry(...)]` on a struct understands.
pub(crate) static REGISTRY: &[&Key] = &[&MOUNT, &ON_LOGIN, &ON_CONNECT, &ON_ERROR, &STATE, &CRATE];

/// What `#[oauth_registry(...)]` on a field of a registry understands.
pub(crate) static REGISTRY_FIELD: &[&Key] = &[&ON_LOGIN, &ON_CONNECT];

static IDENTITY_MEMBERS: &[Member] = &[
    Member { name: "id", misnomers: &["sub", "subject", "uid", "user_id"] },
    Member { name: "name", misnomers: &["display_name", "full_name"] },
    Member { name: "username", misnomers: &["login", "nickname", "preferred_username"] },
    Member { name: "email", misnomers: &["mail", "email_address"] },
    Member { name: "email_verified", misnomers: &["verified", "verified_email"] },
    Member { name: "picture", misnomers: &["avatar", "avatar_url", "image", "photo"] },
];

static ROUTE_MEMBERS: &[Member] = &[
    Member { name: "login", misnomers: &["authorize", "sign_in", "signin", "start"] },
    Member {
        name: "callback",
        misnomers: &["authorized", "redirect", "redirect_uri", "redirect_url"],
    },
    Member { name: "logout", misnomers: &["sign_out", "signout"] },
    Member {
        name: "logged_out",
        misnomers: &["post_logout", "post_logout_redirect_uri", "signed_out", "signedout"],
    },
    Member {
        name: "initiate",
        misnomers: &[
            "initiate_login",
            "initiate_login_uri",
            "initiate_login_url",
            "third_party_login",
        ],
    },
];

/// Names that are no key under any spelling, and what to do instead.
pub(crate) static NO_KEYS: &[(&str, &str)] = &[
    (
        "client_kwargs",
        r#"its members are keys of their own: scopes("…"), token_endpoint_auth_method = "…""#,
    ),
    ("callback", CALLBACK),
    ("callback_uri", CALLBACK),
    ("callback_url", CALLBACK),
    ("redirect", CALLBACK),
    ("redirect_uri", CALLBACK),
    ("redirect_url", CALLBACK),
    ("login", r#"write routes(login = "/…")"#),
    ("logout", r#"write routes(logout = "/…")"#),
    ("grant_type", "the authorization code flow is the only one: leave it out"),
    ("nonce", "each login makes its own: leave it out"),
    ("code_verifier", "each login makes its own: leave it out"),
    ("code_challenge", "each login makes its own: leave it out"),
    ("public_url", "set OAUTH_PUBLIC_URL in the environment"),
    ("store_url", "set OAUTH_STORE_URL in the environment"),
    ("cookie_keys", "set OAUTH_COOKIE_KEYS in the environment"),
];

const CALLBACK: &str = r#"the redirect URI is OAUTH_PUBLIC_URL followed by the callback route: write routes(callback = "/…")"#;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CONFIGURATION, NO_KEYS, PROVIDER, REGISTRY};

    #[test]
    fn no_name_has_two_meanings() {
        let mut seen = BTreeSet::new();
        let names = PROVIDER
            .iter()
            .chain(CONFIGURATION)
            .flat_map(|key| key.misnomers.iter().copied().chain([key.name]));
        for name in names.chain(NO_KEYS.iter().map(|(name, _)| *name)) {
            assert!(seen.insert(name), "`{name}` is listed twice");
        }
    }

    #[test]
    fn every_example_uses_its_own_key() {
        for key in PROVIDER.iter().chain(REGISTRY) {
            assert!(key.example.starts_with(key.name), "{}", key.example);
        }
    }
}
