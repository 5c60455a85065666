//! The keys of `#[oauth_provider(...)]`.

use super::CRATE;
use super::members::{EmailMembers, IdentityMembers, RequestNames, ResponseNames, RouteMembers};
use crate::attribute::{
    Flag, Params, Path, Preset, Seconds, Separator, Text, Texts, Type, Url, Words,
};
use crate::protocol::Protocols::{OAuth1, OAuth2, OpenIdConnect};

keys! {
    /// The keys of `#[oauth_provider(...)]` on a struct.
    PROVIDER, ProviderKeys:

    name, NAME: Text = Key(r#"name = "acme""#)
        .instead_of(&["id", "provider", "provider_name", "registration_id"]);
    display_name, DISPLAY_NAME: Text = Key(r#"display_name = "Acme""#)
        .instead_of(&["title", "label", "client_name"]);
    brand_color, BRAND_COLOR: Text = Key(r##"brand_color = "#2456d6""##)
        .instead_of(&["color", "colour", "brand_colour", "button_color", "bg"]);
    preset, PRESET: Preset = Key(r#"preset = "github""#)
        .instead_of(&["template", "base", "well_known_provider", "extends"]);

    issuer, ISSUER: Url = Key(r#"issuer = "https://acme.example""#)
        .of(OAuth2)
        .instead_of(&["iss", "issuer_url", "issuer_uri", "authority", "oidc_issuer"])
        .described("Issuer identifier (OpenID Connect Discovery 1.0). The endpoints are read from its metadata.");
    tenants, TENANTS: Texts = Key(r#"tenants("72f988bf-86f1-41af-91ab-2d7cd011db47")"#)
        .of(OpenIdConnect)
        .instead_of(&["allowed_tenants", "tenant", "tenant_id", "tenant_ids", "tid"])
        .described("Tenants whose users may log in, if the issuer contains `{tenantid}`, as that of the preset `microsoft` does: their IDs, or only `any`. An issuer of the description's own can have one tenant.");
    server_metadata_url, SERVER_METADATA_URL: Url =
        Key(r#"server_metadata_url = "https://acme.example/.well-known/openid-configuration""#)
        .of(OAuth2)
        .instead_of(&[
            "discovery", "discovery_url", "discovery_uri", "discovery_endpoint", "discovery_document",
            "metadata_url", "server_metadata", "well_known", "well_known_url", "wellknown",
            "openid_configuration", "openid_configuration_url", "openid_connect_url",
            "configuration_url", "configuration_endpoint",
        ])
        .described("URL of the metadata, if it does not follow from the issuer.");
    metadata_file, METADATA_FILE: Text = Key(r#"metadata_file = "acme.json""#)
        .of(OAuth2)
        .instead_of(&["metadata", "discovery_file", "openid_configuration_file"]);

    authorize_url, AUTHORIZE_URL: Url = Key(r#"authorize_url = "https://acme.example/authorize""#)
        .term("authorization_endpoint")
        .instead_of(&[
            "authorization_endpoint", "authorization_url", "authorization_uri", "authorize_endpoint",
            "authorize_uri", "auth_endpoint", "auth_url", "auth_uri", "login_url", "user_authorization_uri",
        ])
        .described("Authorization endpoint.");
    access_token_url, ACCESS_TOKEN_URL: Url =
        Key(r#"access_token_url = "https://acme.example/token""#)
        .term("token_endpoint")
        .instead_of(&[
            "token_endpoint", "token_url", "token_uri", "access_token_endpoint", "access_token_uri",
            "fetch_token_url", "exchange_url",
        ])
        .described("Token endpoint.");
    refresh_token_url, REFRESH_TOKEN_URL: Url =
        Key(r#"refresh_token_url = "https://acme.example/refresh""#)
        .term("refresh_token_endpoint")
        .of(OAuth2)
        .instead_of(&["refresh_url", "refresh_uri", "refresh_endpoint", "refresh_token_endpoint"])
        .described("Token endpoint for refresh, if it is a separate one.");
    request_token_url, REQUEST_TOKEN_URL: Url =
        Key(r#"request_token_url = "https://acme.example/request_token""#)
        .term("temporary_credential_endpoint")
        .of(OAuth1)
        .instead_of(&[
            "request_token_endpoint", "request_token_uri", "temporary_credential_endpoint",
            "temporary_credentials_url", "initiate_url",
        ])
        .described("Temporary credential endpoint. It makes the provider an OAuth 1.0a provider.");
    userinfo_endpoint, USERINFO_ENDPOINT: Url =
        Key(r#"userinfo_endpoint = "https://acme.example/userinfo""#)
        .instead_of(&[
            "userinfo_url", "userinfo_uri", "user_info_url", "user_info_uri", "user_info_endpoint",
            "user_endpoint", "user_url", "profile_endpoint", "profile_url", "resource_owner_url",
        ])
        .described("Userinfo endpoint, or the profile call of an OAuth 2.0 provider.");
    emails_endpoint, EMAILS_ENDPOINT: Url =
        Key(r#"emails_endpoint = "https://acme.example/emails""#)
        .of(OAuth2)
        .instead_of(&["email_endpoint", "email_url", "emails_url", "user_email_url"])
        .described("A second profile endpoint, for the e-mail address. It has the origin of the userinfo endpoint.");
    jwks_uri, JWKS_URI: Url = Key(r#"jwks_uri = "https://acme.example/keys""#)
        .of(OpenIdConnect)
        .instead_of(&["jwks_url", "jwks_endpoint", "jwk_set_uri", "jwk_set_url", "keys_url"])
        .described("JSON Web Key Set.");
    end_session_endpoint, END_SESSION_ENDPOINT: Url =
        Key(r#"end_session_endpoint = "https://acme.example/logout""#)
        .of(OpenIdConnect)
        .instead_of(&["end_session_url", "end_session_uri", "logout_url", "logout_uri", "logout_endpoint"])
        .described("End-session endpoint.");
    rp_initiated_logout, RP_INITIATED_LOGOUT: Flag = Key("rp_initiated_logout")
        .of(OpenIdConnect)
        .instead_of(&["end_session", "federated_logout", "logout_redirect", "single_logout", "slo"]);
    backchannel_logout, BACKCHANNEL_LOGOUT: Flag = Key("backchannel_logout")
        .of(OpenIdConnect)
        .instead_of(&[
            "back_channel_logout", "backchannel_logout_session_required",
            "backchannel_logout_supported", "backchannel_logout_uri", "backchannel_logout_url",
        ]);
    keep_tokens, KEEP_TOKENS: Flag = Key("keep_tokens").instead_of(&[
        "keep_token", "offline", "persist_tokens", "save_token", "save_tokens", "store_token",
        "store_tokens",
    ]);
    revocation_endpoint, REVOCATION_ENDPOINT: Url =
        Key(r#"revocation_endpoint = "https://acme.example/revoke""#)
        .of(OAuth2)
        .instead_of(&["revocation_url", "revocation_uri", "revoke_url", "revoke_endpoint", "revoke_token_url"])
        .described("Revocation endpoint.");
    introspection_endpoint, INTROSPECTION_ENDPOINT: Url =
        Key(r#"introspection_endpoint = "https://acme.example/introspect""#)
        .of(OAuth2)
        .instead_of(&["introspection_url", "introspection_uri", "introspect_url", "introspect_endpoint"])
        .described("Introspection endpoint.");
    device_authorization_endpoint, DEVICE_AUTHORIZATION_ENDPOINT: Url =
        Key(r#"device_authorization_endpoint = "https://acme.example/device""#)
        .of(OAuth2)
        .instead_of(&[
            "device_authorization_url", "device_authorization_uri", "device_auth_url", "device_code_url",
            "device_endpoint", "device_url",
        ])
        .described("Device authorization endpoint.");
    pushed_authorization_request_endpoint, PUSHED_AUTHORIZATION_REQUEST_ENDPOINT: Url =
        Key(r#"pushed_authorization_request_endpoint = "https://acme.example/par""#)
        .of(OAuth2)
        .instead_of(&["par_endpoint", "par_url", "pushed_authorization_endpoint", "pushed_authorization_request_url"])
        .awaits("pushed authorization requests (RFC 9126)")
        .described("Pushed authorization request endpoint. This version does not push requests, so a description that states it is refused.");
    api_base_url, API_BASE_URL: Url = Key(r#"api_base_url = "https://api.acme.example/""#)
        .instead_of(&["api_base", "api_base_uri", "api_root", "api_url", "base_uri", "base_url"])
        .described("Base of relative paths in calls to the API.");

    authorize_params, AUTHORIZE_PARAMS: Params = Key(r#"authorize_params(audience = "api")"#)
        .term("authorization_params")
        .instead_of(&[
            "auth_params", "auth_url_params", "authorization_params", "authorization_parameters",
            "authorize_parameters", "extra_auth_params", "extra_params",
        ])
        .described("A further parameter of the authorization request.");
    login_params, LOGIN_PARAMS: Texts = Key(r#"login_params("login_hint", "ui_locales")"#)
        .instead_of(&["allowed_params", "forwarded_params", "login_parameters", "passed_params"])
        .described("Parameters of the authorization request that the route of a login takes from its query. Default: none.");
    access_token_params, ACCESS_TOKEN_PARAMS: Params =
        Key(r#"access_token_params(audience = "api")"#)
        .term("token_params")
        .instead_of(&["token_params", "token_parameters", "access_token_parameters"])
        .described("A further parameter of the token request.");
    refresh_token_params, REFRESH_TOKEN_PARAMS: Params =
        Key(r#"refresh_token_params(audience = "api")"#)
        .of(OAuth2)
        .instead_of(&["refresh_params", "refresh_token_parameters"])
        .described("A further parameter of the refresh request.");
    request_token_params, REQUEST_TOKEN_PARAMS: Params =
        Key(r#"request_token_params(realm = "acme")"#)
        .term("temporary_credential_params")
        .of(OAuth1)
        .instead_of(&["request_params", "request_token_parameters"])
        .described("A further parameter of the request for temporary credentials (OAuth 1.0a).");

    request_names, REQUEST_NAMES: RequestNames =
        Key(r#"request_names(client_id = "client_key")"#)
        .of(OAuth2)
        .instead_of(&["param_names", "parameter_names", "renamed_params"])
        .described("Another name for a parameter of the protocol in requests, such as `client_key` for `client_id`.");
    response_names, RESPONSE_NAMES: ResponseNames =
        Key(r#"response_names(expires_in = "expires")"#)
        .of(OAuth2)
        .instead_of(&["member_names", "renamed_members", "token_response_names"])
        .described("Another name for a part of a response, such as `expires` for `expires_in`.");
    redirect_id, REDIRECT_ID: Text = Key(r#"redirect_id = "Acme-Shop-PRD-1""#)
        .of(OAuth2)
        .instead_of(&["redirect_name", "redirect_uri_id", "ru_name", "runame"])
        .described("The provider's identifier of the registered redirect URI, which is sent in its place.");
    callback_params, CALLBACK_PARAMS: Texts = Key(r#"callback_params("realmId")"#)
        .of(OAuth2)
        .instead_of(&["callback_parameters", "extra_callback_params", "response_params"])
        .described("Parameters of the authorization response to keep with the token.");

    scopes, SCOPES: Texts = Key(r#"scopes("openid", "email")"#)
        .of(OAuth2)
        .instead_of(&["scope", "default_scope", "default_scopes", "requested_scopes", "permissions"])
        .described("Scopes of the authorization request. Default: those of the preset.")
        .client_kwarg_as("scope");
    scope_separator, SCOPE_SEPARATOR: Separator = Key(r#"scope_separator = ",""#)
        .of(OAuth2)
        .instead_of(&["scope_delimiter", "scopes_separator", "scopes_delimiter"])
        .described("Separator between two scopes. Default: a space.")
        .client_kwarg();
    token_endpoint_auth_method, TOKEN_ENDPOINT_AUTH_METHOD: Text =
        Key(r#"token_endpoint_auth_method = "client_secret_post""#)
        .of(OAuth2)
        .instead_of(&[
            "auth_method", "auth_style", "auth_type", "client_auth", "client_auth_method",
            "client_authentication", "client_authentication_method", "token_auth", "token_auth_method",
        ])
        .described("`client_secret_basic`, `client_secret_post`, `none`, `private_key_jwt` …")
        .client_kwarg();
    token_endpoint_auth_signing_alg, TOKEN_ENDPOINT_AUTH_SIGNING_ALG: Text =
        Key(r#"token_endpoint_auth_signing_alg = "ES256""#)
        .of(OAuth2)
        .instead_of(&[
            "client_assertion_alg", "client_assertion_signing_alg", "token_endpoint_auth_alg",
            "token_endpoint_signing_alg",
        ])
        .described("Algorithm that signs the client's assertions. Default: the first that the key supports and the metadata lists.")
        .client_kwarg();
    code_challenge_method, CODE_CHALLENGE_METHOD: Text = Key(r#"code_challenge_method = "S256""#)
        .of(OAuth2)
        .instead_of(&["pkce", "pkce_method", "use_pkce", "code_challenge_methods_supported"])
        .described("`S256`, the only accepted method (RFC 7636 section 4.2).")
        .client_kwarg();
    response_type, RESPONSE_TYPE: Text = Key(r#"response_type = "code id_token""#)
        .of(OpenIdConnect)
        .instead_of(&["response_types", "response_types_supported"])
        .described("`code`, or `code id_token`, which needs the response mode `form_post`. Default: `code`.")
        .client_kwarg();
    response_mode, RESPONSE_MODE: Text = Key(r#"response_mode = "form_post""#)
        .of(OAuth2)
        .instead_of(&["response_modes", "response_modes_supported"])
        .described("`query` or `form_post`. Default: `query`.")
        .client_kwarg();
    id_token_signed_response_alg, ID_TOKEN_SIGNED_RESPONSE_ALG: Text =
        Key(r#"id_token_signed_response_alg = "ES256""#)
        .of(OpenIdConnect)
        .instead_of(&["id_token_alg", "id_token_signing_alg", "jws_algorithm", "signing_alg", "algorithm"])
        .described("The accepted algorithms of ID tokens, separated by spaces.")
        .client_kwarg();
    id_token_encrypted_response_alg, ID_TOKEN_ENCRYPTED_RESPONSE_ALG: Text =
        Key(r#"id_token_encrypted_response_alg = "RSA-OAEP-256""#)
        .of(OpenIdConnect)
        .instead_of(&["id_token_encryption_alg", "jwe_alg"])
        .described("Key management algorithm of encrypted ID tokens. If set, they must be encrypted to the decryption key.")
        .client_kwarg();
    id_token_encrypted_response_enc, ID_TOKEN_ENCRYPTED_RESPONSE_ENC: Text =
        Key(r#"id_token_encrypted_response_enc = "A256GCM""#)
        .of(OpenIdConnect)
        .instead_of(&["id_token_encryption_enc", "jwe_enc"])
        .described("Content encryption algorithm of encrypted ID tokens. Default: `A128CBC-HS256`.")
        .client_kwarg();
    userinfo_signed_response_alg, USERINFO_SIGNED_RESPONSE_ALG: Text =
        Key(r#"userinfo_signed_response_alg = "RS256""#)
        .of(OpenIdConnect)
        .instead_of(&["userinfo_alg", "userinfo_signing_alg"])
        .described("The only accepted algorithm of signed userinfo responses.")
        .client_kwarg();
    userinfo_encrypted_response_alg, USERINFO_ENCRYPTED_RESPONSE_ALG: Text =
        Key(r#"userinfo_encrypted_response_alg = "RSA-OAEP-256""#)
        .of(OpenIdConnect)
        .instead_of(&["userinfo_encryption_alg"])
        .described("Key management algorithm of encrypted userinfo responses. If set, they must be encrypted to the decryption key.")
        .client_kwarg();
    userinfo_encrypted_response_enc, USERINFO_ENCRYPTED_RESPONSE_ENC: Text =
        Key(r#"userinfo_encrypted_response_enc = "A256GCM""#)
        .of(OpenIdConnect)
        .instead_of(&["userinfo_encryption_enc"])
        .described("Content encryption algorithm of encrypted userinfo responses. Default: `A128CBC-HS256`.")
        .client_kwarg();
    leeway, LEEWAY: Seconds = Key("leeway = 30")
        .of(OpenIdConnect)
        .instead_of(&["clock_skew", "clock_tolerance", "skew", "tolerance"])
        .described("Tolerated clock difference, in seconds. Default: 60.")
        .client_kwarg();
    max_age, MAX_AGE: Seconds = Key("max_age = 3600")
        .of(OpenIdConnect)
        .instead_of(&["default_max_age", "max_auth_age"])
        .described("Maximum age of the authentication, in seconds. Default: any.")
        .client_kwarg();
    prompt, PROMPT: Text = Key(r#"prompt = "consent""#)
        .of(OAuth2)
        .instead_of(&["approval_prompt", "prompts"])
        .described("`prompt` of the authorization request.")
        .client_kwarg();
    token_placement, TOKEN_PLACEMENT: Text = Key(r#"token_placement = "header""#)
        .of(OAuth2)
        .instead_of(&["bearer_methods_supported", "token_location", "token_type_placement"])
        .described("Placement of the access token in calls to the API: `header`, `body`, `uri`, a header such as `Authorization: OAuth {access_token}`, or a parameter such as `?token={access_token}`. Default: `header`.")
        .client_kwarg();
    api_params, API_PARAMS: Params = Key(r#"api_params(version = "2")"#)
        .instead_of(&["api_parameters", "api_query", "resource_params"])
        .described("A further parameter of every request with the user's token: calls to the API, and userinfo.");
    api_headers, API_HEADERS: Params = Key(r#"api_headers("acme-version" = "2")"#)
        .instead_of(&["api_header", "extra_headers", "resource_headers"])
        .described("A further header of every request with the user's token: calls to the API, and userinfo.");
    userinfo_params, USERINFO_PARAMS: Params = Key(r#"userinfo_params(fields = "id,name")"#)
        .instead_of(&["profile_params", "user_info_params", "userinfo_parameters"])
        .described("A further parameter of the userinfo request.");
    userinfo_headers, USERINFO_HEADERS: Params = Key(r#"userinfo_headers("acme-view" = "full")"#)
        .instead_of(&["profile_headers", "user_info_headers", "userinfo_header"])
        .described("A further header of the userinfo request.");
    userinfo_query, USERINFO_QUERY: Text = Key(r#"userinfo_query = "{ me { id name } }""#)
        .instead_of(&["graphql", "graphql_query", "profile_query"])
        .described("A GraphQL query for the profile: the userinfo request is a `POST` of it as JSON.");
    signature_method, SIGNATURE_METHOD: Text = Key(r#"signature_method = "HMAC-SHA1""#)
        .of(OAuth1)
        .instead_of(&["oauth_signature_method"])
        .described("Signature method of OAuth 1.0a requests. Default: `HMAC-SHA1`.")
        .client_kwarg();
    signature_type, SIGNATURE_TYPE: Text = Key(r#"signature_type = "HEADER""#)
        .term("parameter_transmission")
        .of(OAuth1)
        .instead_of(&["oauth_signature_type", "signature_placement", "signature_location"])
        .described("Placement of the OAuth 1.0a parameters: `HEADER`, `BODY` or `QUERY`. Default: `HEADER`.")
        .client_kwarg();
    realm, REALM: Text = Key(r#"realm = "Photos""#)
        .of(OAuth1)
        .instead_of(&["oauth_realm"])
        .described("`realm` of the `Authorization` header of OAuth 1.0a.")
        .client_kwarg();

    userinfo, USERINFO: Type = Key("userinfo = AcmeUser")
        .term("fetch_userinfo")
        .instead_of(&["user", "user_info", "user_info_type", "user_type", "userinfo_type"]);
    claims, CLAIMS: Type = Key("claims = AcmeClaims")
        .of(OpenIdConnect)
        .instead_of(&["additional_claims", "claims_type", "id_token_claims"]);
    identity, IDENTITY: IdentityMembers = Key(r#"identity(id = "id", name = "login")"#)
        .instead_of(&["claims_mapping", "mapping", "profile", "profile_map", "user_mapping"]);
    emails, EMAILS: EmailMembers = Key(r#"emails(list = "values", verified = "is_confirmed")"#)
        .of(OAuth2)
        .instead_of(&["email_map", "email_members"])
        .described("Where a part of an e-mail address is in the response of `emails_endpoint`: `list`, `email`, `verified`, `primary`.");
    compliance_fix, COMPLIANCE_FIX: Path = Key("compliance_fix = AcmeFix")
        .of(OAuth2)
        .instead_of(&["userinfo_compliance_fix", "access_token_response_hook"]);
    quirks, QUIRKS: Words = Key("quirks(loopback_http)")
        .instead_of(&["deviations", "quirk", "workarounds"]);
    routes, ROUTES: RouteMembers = Key(r#"routes(login = "/login", callback = "/callback")"#)
        .instead_of(&["paths", "route"]);
    security_profile, SECURITY_PROFILE: Text = Key(r#"security_profile = "fapi2""#)
        .of(OAuth2)
        .instead_of(&["fapi", "profile_security"])
        .awaits("FAPI 2.0");
    no_login, NO_LOGIN: Flag = Key("no_login").of(OAuth2).instead_of(&[
        "client_credentials", "grant_types", "m2m", "machine", "machine_only", "machine_to_machine",
        "no_logins", "service_account", "without_login",
    ]);
    configured, CONFIGURED: Flag = Key("configured")
        .instead_of(&["configuration", "from_config", "from_configuration", "from_env"]);
    overwrite, OVERWRITE: Flag = Key("overwrite")
        .instead_of(&["overridable", "override"]);
    #[darling(rename = "crate")]
    runtime, CRATE: Path;
}
