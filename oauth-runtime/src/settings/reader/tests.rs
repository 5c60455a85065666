//! Every key of a provider's configuration, read by real clients from real configurations.

use serde_json::json;

use super::key::{ALL, MEMBERS};
use crate::config::{Config, ConfigError, Faults};
use crate::declaration::run_time::ProviderDescription;
use crate::declaration::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk};
use crate::protocol::endpoint_kind::EndpointKind;
use crate::protocol::jwk::JwsAlgorithm;
use crate::registry::OAuthRegistry;
use crate::registry::run_time::RuntimeProviders;
use crate::settings::{Paths, Settings};

mod either_version;
mod fields;
mod keys;
mod protocols;
mod tenants;
mod transport;

/// OAuth 2.0, with everything that it needs and nothing more.
const ACME: ProviderSpec<'_> = ProviderSpec {
    name: "acme",
    authorization_endpoint: Some("https://acme.example/authorize"),
    token_endpoint: Some("https://acme.example/token"),
    userinfo_endpoint: Some("https://acme.example/user"),
    ..ProviderSpec::DEFAULT
};

/// OpenID Connect by discovery.
const OP: ProviderSpec<'_> = ProviderSpec {
    name: "op",
    protocol: Protocol::OpenIdConnect,
    issuer: Some("https://op.example"),
    scopes: &["openid"],
    ..ProviderSpec::DEFAULT
};

fn overwritten(spec: ProviderSpec<'_>) -> ProviderSpec<'_> {
    ProviderSpec { overwrite: true, ..spec }
}

/// The settings of a client with credentials and these keys.
fn read(spec: &ProviderSpec<'_>, keys: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    read_with(spec, &[], keys)
}

fn read_with(
    spec: &ProviderSpec<'_>,
    values: &[String],
    keys: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let prefix = spec.name.to_uppercase();
    let mut config = Config::empty()
        .set(&format!("{prefix}_CLIENT_ID"), "id")
        .set(&format!("{prefix}_CLIENT_SECRET"), "secret");
    for (key, value) in keys {
        config = config.set(&format!("{prefix}_{key}"), *value);
    }
    let mut faults = Faults::default();
    let paths = Paths {
        login_path: "/auth/acme/login".to_owned(),
        callback_path: "/auth/acme/callback".to_owned(),
        logged_out_path: "/auth/acme/logged-out".to_owned(),
        connect_path: String::new(),
        initiate_path: None,
        backchannel_logout_path: None,
        redirect_uri: "https://app.example/auth/acme/callback".to_owned(),
    };
    let settings = Settings::new(spec, values, paths, &config, &mut faults);
    faults.finish(settings)
}

#[track_caller]
fn settings(spec: &ProviderSpec<'_>, keys: &[(&str, &str)]) -> Settings {
    read(spec, keys).expect("settings in order")
}

/// The faults, each in one line.
#[track_caller]
fn faults(spec: &ProviderSpec<'_>, keys: &[(&str, &str)]) -> Vec<String> {
    let error = read(spec, keys).map(|_| ()).expect_err("faults");
    error.faults().iter().map(|fault| fault.to_string().replace("\n    ", "; ")).collect()
}

fn endpoint(settings: &Settings, endpoint: EndpointKind) -> Option<&str> {
    settings.endpoints.get(endpoint).map(|url| url.as_str())
}

#[test]
fn every_endpoint_may_be_configured() {
    for (key, of) in [
        ("AUTHORIZE_URL", EndpointKind::Authorization),
        ("ACCESS_TOKEN_URL", EndpointKind::Token),
        ("REFRESH_TOKEN_URL", EndpointKind::Refresh),
        ("USERINFO_ENDPOINT", EndpointKind::UserInfo),
        ("JWKS_URI", EndpointKind::JwkSet),
        ("END_SESSION_ENDPOINT", EndpointKind::EndSession),
        ("REVOCATION_ENDPOINT", EndpointKind::Revocation),
        ("INTROSPECTION_ENDPOINT", EndpointKind::Introspection),
        ("DEVICE_AUTHORIZATION_ENDPOINT", EndpointKind::DeviceAuthorization),
    ] {
        let configured = settings(&OP, &[(key, "https://op.example/configured")]);
        assert_eq!(endpoint(&configured, of), Some("https://op.example/configured"), "{key}");
        assert_eq!(endpoint(&settings(&OP, &[]), of), None, "{key}");
        assert_eq!(
            faults(&OP, &[(key, "http://op.example/")]),
            [format!(
                "OP_{key} is `http://op.example/`: it is not https; plain http is allowed only to loopback addresses, \
                 and only with `quirks(loopback_http)`"
            )]
        );
    }
}

/// OAuth 1.0a, with everything that it needs and nothing more.
const OAUTH1: ProviderSpec<'_> = ProviderSpec {
    protocol: Protocol::OAuth1,
    temporary_credential_endpoint: Some("https://acme.example/request_token"),
    ..ACME
};

#[test]
fn request_token_url_belongs_to_oauth1_only() {
    let keys = [("REQUEST_TOKEN_URL", "https://acme.example/configured")];
    let configured = settings(&overwritten(OAUTH1), &keys);
    let url = endpoint(&configured, EndpointKind::TemporaryCredentials);
    assert_eq!(url, Some("https://acme.example/configured"));
    assert_eq!(
        faults(&OP, &keys),
        [
            "OP_REQUEST_TOKEN_URL applies to OAuth 1.0a only; `op` is declared without `request_token_url`"
        ]
    );
}

#[test]
fn declaration_wins_unless_overwrite_is_set() {
    let keys = [("ACCESS_TOKEN_URL", "https://other.example/token")];
    let token = |spec| endpoint(&settings(&spec, &keys), EndpointKind::Token).map(str::to_owned);
    assert_eq!(token(ACME).as_deref(), Some("https://acme.example/token"));
    assert_eq!(token(overwritten(ACME)).as_deref(), Some("https://other.example/token"));

    let declared = ProviderSpec {
        scopes: &["openid", "email"],
        prompt: Some("login"),
        max_age: Some(10),
        leeway: Some(20),
        id_token_signed_response_alg: Some("ES256"),
        userinfo_signed_response_alg: Some("PS256"),
        token_endpoint_auth_method: Some(ClientAuthMethod::ClientSecretPost),
        scope_separator: ",",
        ..OP
    };
    let kwargs = r#"{"scope": "openid phone", "prompt": "consent", "max_age": 1, "leeway": 2,
        "id_token_signed_response_alg": "EdDSA", "userinfo_signed_response_alg": "RS256",
        "scope_separator": ";",
        "token_endpoint_auth_method": "client_secret_basic", "code_challenge_method": "S256",
        "response_mode": "query"}"#;
    let read = |spec| settings(&spec, &[("CLIENT_KWARGS", kwargs)]);
    let seen = |settings: Settings| {
        let Settings { scope, prompt, max_age, leeway, algorithms, .. } = settings;
        let rest = (algorithms, settings.userinfo_algorithm, settings.auth_method);
        (scope, prompt, max_age, leeway, rest)
    };
    let own = |scope: &str, prompt: &str| (scope.to_owned(), Some(prompt.to_owned()));
    let (scope, prompt) = own("openid,email", "login");
    let rest = (
        vec![JwsAlgorithm::ES256],
        Some(JwsAlgorithm::PS256),
        Some(ClientAuthMethod::ClientSecretPost),
    );
    assert_eq!(seen(read(declared)), (scope, prompt, Some(10), 20, rest));
    let (scope, prompt) = own("openid;phone", "consent");
    let rest = (
        vec![JwsAlgorithm::EdDSA],
        Some(JwsAlgorithm::RS256),
        Some(ClientAuthMethod::ClientSecretBasic),
    );
    let configured = (scope, prompt, Some(1), 2, rest);
    assert_eq!(seen(read(overwritten(declared))), configured);
    // What is left out of the declaration is configured without `overwrite`.
    let bare = ProviderSpec { scopes: &[], ..OP };
    assert_eq!(seen(read(bare)), configured);
    assert_eq!(settings(&OP, &[]).leeway, 60);
}

#[test]
fn a_member_of_client_kwargs_may_be_a_key_of_its_own() {
    let keys = [("SCOPES", "openid, email  phone"), ("MAX_AGE", "60"), ("PROMPT", " login ")];
    let own = settings(&ProviderSpec { scopes: &[], ..OP }, &keys);
    assert_eq!((own.scope.as_str(), own.max_age), ("openid email phone", Some(60)));
    assert_eq!(own.prompt.as_deref(), Some("login"));
    let list = [("CLIENT_KWARGS", r#"{"scope": ["openid", "email"]}"#)];
    assert_eq!(settings(&ProviderSpec { scopes: &[], ..OP }, &list).scope, "openid email");
    assert_eq!(
        faults(&OP, &[("PROMPT", "login"), ("CLIENT_KWARGS", r#"{"prompt": "login"}"#)]),
        ["OP_PROMPT is set, and `prompt` in OP_CLIENT_KWARGS; set one of them"]
    );
}

#[test]
fn unusable_member_is_reported_without_its_value() {
    for (member, why) in [
        (
            r#""scope": "a\"b""#,
            "a scope must not contain quotes, backslashes or non-ASCII characters",
        ),
        (r#""scope": {"a": "b"}"#, "expected a string, a number or a list of strings"),
        (r#""scope_separator": "and""#, "expected a character that no scope contains, such as `,`"),
        (
            r#""token_endpoint_auth_method": "basic""#,
            "expected one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, apple_jwt, none",
        ),
        (r#""code_challenge_method": "plain""#, "only `S256` is supported"),
        (r#""response_mode": "fragment""#, "expected one of query, form_post"),
        (r#""prompt": "none login""#, "`none` must be the only value, because it asks for no page"),
        (r#""max_age": "1h""#, "expected a number of seconds"),
        (r#""leeway": 301"#, "more than 300 seconds need `quirks(long_leeway)` in the declaration"),
        (
            r#""id_token_signed_response_alg": "HS256""#,
            "HS256 needs `quirks(hs256_id_token)` in the declaration",
        ),
        (
            r#""id_token_signed_response_alg": ["RS256", "HS256"]"#,
            "HS256 needs `quirks(hs256_id_token)` in the declaration",
        ),
        (
            r#""id_token_signed_response_alg": "RS256 none""#,
            "expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        ),
        (
            r#""id_token_signed_response_alg": "none""#,
            "expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        ),
        (
            r#""userinfo_signed_response_alg": "HS256""#,
            "expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        ),
    ] {
        let kwargs = format!("{{{member}}}");
        let name = member.split('"').nth(1).unwrap();
        assert_eq!(
            faults(&OP, &[("CLIENT_KWARGS", &kwargs)]),
            [format!("OP_CLIENT_KWARGS holds a `{name}` that cannot be used: {why}")]
        );
    }
    assert_eq!(
        faults(&OP, &[("LEEWAY", "-1"), ("CLIENT_KWARGS", r#"{"scopes": "openid"}"#)]),
        [
            "OP_CLIENT_KWARGS holds `scopes`; expected one of scope, scope_separator, token_endpoint_auth_method, \
             token_endpoint_auth_signing_alg, code_challenge_method, response_type, response_mode, prompt, \
             token_placement, max_age, leeway, id_token_signed_response_alg, id_token_encrypted_response_alg, \
             id_token_encrypted_response_enc, userinfo_signed_response_alg, userinfo_encrypted_response_alg, \
             userinfo_encrypted_response_enc, signature_method, signature_type, realm, proxy, \
             trust_env, verify, cert, headers, timeout, proxies",
            "OP_LEEWAY (from code) cannot be used: expected a number of seconds",
        ]
    );
}

#[test]
fn declared_quirk_permits_what_configuration_cannot() {
    let quirks = &[Quirk::LongLeeway, Quirk::Hs256IdToken];
    let keys = [("LEEWAY", "301"), ("ID_TOKEN_SIGNED_RESPONSE_ALG", "HS256")];
    let settings = settings(&ProviderSpec { quirks, ..OP }, &keys);
    assert_eq!((settings.leeway, settings.algorithms), (301, vec![JwsAlgorithm::HS256]));
}

#[test]
fn hs256_quirk_selects_hs256_by_itself() {
    let quirk = ProviderSpec { quirks: &[Quirk::Hs256IdToken], ..OP };
    assert_eq!(settings(&quirk, &[]).algorithms, [JwsAlgorithm::HS256]);
    assert_eq!(settings(&OP, &[]).algorithms, []);
    for stated in [
        ("ID_TOKEN_SIGNED_RESPONSE_ALG", "ES256"),
        ("CLIENT_KWARGS", r#"{"id_token_signed_response_alg": "ES256"}"#),
    ] {
        assert_eq!(settings(&quirk, &[stated]).algorithms, [JwsAlgorithm::ES256]);
    }
    let declared = ProviderSpec { id_token_signed_response_alg: Some("RS256"), ..quirk };
    assert_eq!(settings(&declared, &[]).algorithms, [JwsAlgorithm::RS256]);
}

#[test]
fn parameters_are_merged_and_reserved_ones_refused() {
    let declared = [("audience", "api"), ("tenant", "7")];
    let spec = ProviderSpec {
        authorization_params: &declared,
        token_params: &declared,
        refresh_token_params: &declared,
        temporary_credential_params: &declared,
        ..ACME
    };
    for (key, of, reserved) in [
        ("AUTHORIZE_PARAMS", EndpointKind::Authorization, "state"),
        ("ACCESS_TOKEN_PARAMS", EndpointKind::Token, "code_verifier"),
        ("REFRESH_TOKEN_PARAMS", EndpointKind::Refresh, "refresh_token"),
        ("REQUEST_TOKEN_PARAMS", EndpointKind::TemporaryCredentials, "oauth_nonce"),
    ] {
        let base = if key == "REQUEST_TOKEN_PARAMS" { OAUTH1 } else { ACME };
        let spec = ProviderSpec {
            protocol: base.protocol,
            temporary_credential_endpoint: base.temporary_credential_endpoint,
            ..spec
        };
        let keys = [(key, r#"{"audience": "web", "claims": {"a": null}, "max": 5}"#)];
        let merged = |spec: &ProviderSpec<'_>| {
            let params = settings(spec, &keys).params(of).to_vec();
            params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let rest = [r#"claims={"a":null}"#, "max=5"];
        assert_eq!(merged(&spec), [&["audience=api", "tenant=7"][..], &rest].concat(), "{key}");
        let configured = [&["audience=web", "tenant=7"][..], &rest].concat();
        assert_eq!(merged(&overwritten(spec)), configured, "{key}");
        assert_eq!(
            faults(&spec, &[(key, &format!("{{\"{reserved}\": \"x\"}}"))]),
            [format!("ACME_{key} holds `{reserved}`, which the library sets itself")]
        );
    }
}

#[test]
fn an_issuer_and_a_base_have_no_query() {
    for (key, url) in
        [("ISSUER", "https://op.example?a=b"), ("API_BASE_URL", "https://op.example/?a=b")]
    {
        let spec = overwritten(OP);
        let shown = url.replace("a=b", "…");
        assert_eq!(
            faults(&spec, &[(key, url)]),
            [format!("OP_{key} is `{shown}`: it has a query")]
        );
    }
    assert_eq!(
        faults(&overwritten(OP), &[("ISSUER", "op.example")]),
        [
            "OP_ISSUER is `op.example`: it is not an absolute URL such as `https://provider.example/path`"
        ]
    );
}

/// GitHub Enterprise with the preset of GitHub: GitHub must not see its tokens.
#[test]
fn email_list_shares_the_origin_of_userinfo() {
    let spec = ProviderSpec {
        scopes: &["user:email"],
        emails_endpoint: Some("https://api.acme.example/emails"),
        userinfo_endpoint: Some("https://api.acme.example/user"),
        ..overwritten(ACME)
    };
    let emails =
        |keys: &[_]| settings(&spec, keys).emails_endpoint.map(|url| url.as_str().to_owned());
    assert_eq!(emails(&[]).as_deref(), Some("https://api.acme.example/emails"));
    let moved = ("USERINFO_ENDPOINT", "https://enterprise.example/user");
    assert_eq!(emails(&[moved]), None);
    let too = ("EMAILS_ENDPOINT", "https://enterprise.example/emails");
    assert_eq!(emails(&[moved, too]).as_deref(), Some("https://enterprise.example/emails"));
}

/// A provider that Authlib's users register only by name.
const CONFIGURED: ProviderSpec<'_> =
    ProviderSpec { name: "acme", configured: true, ..ProviderSpec::DEFAULT };

#[test]
fn configuration_can_make_either_protocol() {
    let endpoints = [
        ("AUTHORIZE_URL", "https://acme.example/authorize"),
        ("ACCESS_TOKEN_URL", "https://acme.example/token"),
        ("USERINFO_ENDPOINT", "https://acme.example/user"),
    ];
    let openid = ("CLIENT_KWARGS", r#"{"scope": "openid email"}"#);
    let issuer = ("ISSUER", "https://acme.example");
    let discovery =
        ("SERVER_METADATA_URL", "https://acme.example/.well-known/openid-configuration");
    let rfc8414 =
        ("SERVER_METADATA_URL", "https://acme.example/.well-known/oauth-authorization-server");
    let [authorize, token, userinfo] = endpoints;
    for (keys, protocol, fetches) in [
        (&endpoints[..], Protocol::OAuth2, true),
        (&[rfc8414], Protocol::OAuth2, true),
        (&[issuer, authorize, token, userinfo], Protocol::OAuth2, true),
        (&[issuer, openid], Protocol::OpenIdConnect, false),
        (&[discovery, openid, ("MAX_AGE", "60")], Protocol::OpenIdConnect, false),
    ] {
        let settings = settings(&CONFIGURED, keys);
        assert_eq!((settings.protocol, settings.fetch_userinfo), (protocol, fetches), "{keys:?}");
    }
}

#[test]
fn all_that_a_configuration_lacks_is_told_at_once() {
    let mut found = Faults::default();
    let paths = Paths {
        login_path: String::new(),
        callback_path: String::new(),
        logged_out_path: "/auth/acme/logged-out".to_owned(),
        connect_path: String::new(),
        initiate_path: None,
        backchannel_logout_path: None,
        redirect_uri: "https://app.example/auth/acme/callback".to_owned(),
    };
    let settings = Settings::new(&CONFIGURED, &[], paths, &Config::empty(), &mut found);
    let error = found.finish(settings).unwrap_err();
    let missing: Vec<_> = error.faults().iter().map(|fault| fault.key()).collect();
    let keys =
        ["CLIENT_ID", "CLIENT_SECRET", "AUTHORIZE_URL", "ACCESS_TOKEN_URL", "USERINFO_ENDPOINT"];
    assert_eq!(missing, keys.map(|key| format!("ACME_{key}")));

    let or = "or set ACME_SERVER_METADATA_URL, or ACME_ISSUER and the scope `openid`";
    assert_eq!(
        faults(&CONFIGURED, &[("AUTHORIZE_URL", "https://acme.example/a"), ("SCOPES", "read")]),
        [
            format!("ACME_ACCESS_TOKEN_URL is missing; {or}"),
            format!("ACME_USERINFO_ENDPOINT is missing; {or}"),
        ]
    );
    assert_eq!(
        faults(&CONFIGURED, &[("SCOPES", "openid")]),
        [
            "ACME_ISSUER is missing; the scope `openid` asks for an ID token, which needs an issuer to \
             verify it against; or set ACME_SERVER_METADATA_URL"
        ]
    );
    for (key, value) in [
        ("ISSUER", "https://acme.example"),
        ("SERVER_METADATA_URL", "https://acme.example/.well-known/openid-configuration"),
        ("JWKS_URI", "https://acme.example/keys"),
    ] {
        assert_eq!(
            faults(&CONFIGURED, &[(key, value)]),
            [format!(
                "ACME_SCOPES has no `openid`; add it: ACME_{key} makes this an OpenID Connect provider"
            )]
        );
    }
}
