//! Every key of a provider's configuration, read by real clients from real configurations.

use serde_json::json;

use super::key::{ALL, MEMBERS};
use crate::config::{Config, ConfigError, Faults};
use crate::declaration::run_time::ProviderDescription;
use crate::declaration::spec::{ClientAuthMethod, Protocol, ProviderSpec, Quirk};
use crate::protocol::endpoint_kind::Endpoint;
use crate::protocol::jwk::SigningAlgorithm;
use crate::registry::OAuthRegistry;
use crate::registry::run_time::RuntimeProviders;
use crate::settings::{Paths, Settings};

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

fn endpoint(settings: &Settings, endpoint: Endpoint) -> Option<&str> {
    settings.endpoints.get(endpoint).map(|url| url.as_str())
}

#[test]
fn every_endpoint_may_be_configured() {
    for (key, of) in [
        ("AUTHORIZE_URL", Endpoint::Authorization),
        ("ACCESS_TOKEN_URL", Endpoint::Token),
        ("REFRESH_TOKEN_URL", Endpoint::Refresh),
        ("USERINFO_ENDPOINT", Endpoint::UserInfo),
        ("JWKS_URI", Endpoint::JwkSet),
        ("END_SESSION_ENDPOINT", Endpoint::EndSession),
        ("REVOCATION_ENDPOINT", Endpoint::Revocation),
        ("INTROSPECTION_ENDPOINT", Endpoint::Introspection),
        ("DEVICE_AUTHORIZATION_ENDPOINT", Endpoint::DeviceAuthorization),
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
    let url = endpoint(&configured, Endpoint::TemporaryCredentials);
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
    let token = |spec| endpoint(&settings(&spec, &keys), Endpoint::Token).map(str::to_owned);
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
        let Settings { scope, prompt, max_age, leeway, algorithm, .. } = settings;
        let rest = (algorithm, settings.userinfo_algorithm, settings.auth_method);
        (scope, prompt, max_age, leeway, rest)
    };
    let own = |scope: &str, prompt: &str| (scope.to_owned(), Some(prompt.to_owned()));
    let (scope, prompt) = own("openid,email", "login");
    let rest = (
        Some(SigningAlgorithm::ES256),
        Some(SigningAlgorithm::PS256),
        Some(ClientAuthMethod::ClientSecretPost),
    );
    assert_eq!(seen(read(declared)), (scope, prompt, Some(10), 20, rest));
    let (scope, prompt) = own("openid;phone", "consent");
    let rest = (
        Some(SigningAlgorithm::EdDSA),
        Some(SigningAlgorithm::RS256),
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
             code_challenge_method, response_mode, prompt, token_placement, max_age, leeway, id_token_signed_response_alg, \
             userinfo_signed_response_alg, signature_method, signature_type, realm",
            "OP_LEEWAY (from code) cannot be used: expected a number of seconds",
        ]
    );
}

#[test]
fn declared_quirk_permits_what_configuration_cannot() {
    let quirks = &[Quirk::LongLeeway, Quirk::Hs256IdToken];
    let keys = [("LEEWAY", "301"), ("ID_TOKEN_SIGNED_RESPONSE_ALG", "HS256")];
    let settings = settings(&ProviderSpec { quirks, ..OP }, &keys);
    assert_eq!((settings.leeway, settings.algorithm), (301, Some(SigningAlgorithm::HS256)));
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
        ("AUTHORIZE_PARAMS", Endpoint::Authorization, "state"),
        ("ACCESS_TOKEN_PARAMS", Endpoint::Token, "code_verifier"),
        ("REFRESH_TOKEN_PARAMS", Endpoint::Refresh, "refresh_token"),
        ("REQUEST_TOKEN_PARAMS", Endpoint::TemporaryCredentials, "oauth_nonce"),
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
fn id_token_request_is_refused_in_other_protocols() {
    let keys = [
        ("JWKS_URI", "https://acme.example/keys"),
        ("LEEWAY", "5"),
        ("CLIENT_KWARGS", r#"{"max_age": 60}"#),
    ];
    let help = "`acme` is not such a provider: it has no scope `openid`, or no issuer";
    assert_eq!(
        faults(&ACME, &keys),
        [
            format!("ACME_JWKS_URI applies to OpenID Connect only; {help}"),
            format!(
                "ACME_CLIENT_KWARGS holds `max_age`, which applies to OpenID Connect only; {help}"
            ),
            format!("ACME_LEEWAY applies to OpenID Connect only; {help}"),
        ]
    );
}

/// One base for each protocol.
const PROTOCOLS: [(Protocol, ProviderSpec<'_>); 3] =
    [(Protocol::OAuth1, OAUTH1), (Protocol::OAuth2, ACME), (Protocol::OpenIdConnect, OP)];

/// Whether these faults refuse a setting because of the protocol or of the version.
fn is_refused(faults: &[String], key: &str) -> bool {
    let says = |fault: &String| {
        fault.starts_with(key)
            && (fault.contains(" applies to ")
                || fault.contains("which this version does not have"))
    };
    faults.iter().any(says)
}

/// The table is that of declarations: `oauth-macros` refuses by it what it hands over here.
#[test]
fn setting_is_refused_like_its_key() {
    for (protocol, spec) in PROTOCOLS {
        for key in ALL {
            let name = key.name();
            let refused = match read(&overwritten(spec), &[(name, "x")]) {
                Ok(_) => Vec::new(),
                Err(error) => error.faults().iter().map(ToString::to_string).collect(),
            };
            let variable = format!("{}_{name}", spec.name.to_uppercase());
            let expected = !key.is_known_by(protocol) || key.awaits.is_some();
            assert_eq!(
                is_refused(&refused, &variable),
                expected,
                "{protocol:?} {name}: {refused:?}"
            );
        }
    }
}

#[test]
fn declaration_key_is_not_a_setting() {
    for key in ["QUIRKS", "PRESET", "KEEP_TOKENS", "IDENTITY", "CLAIMS", "ROUTES", "OVERWRITE"] {
        for (protocol, spec) in PROTOCOLS {
            let error = read(&overwritten(spec), &[(key, "loopback_http")]).err();
            let text = error.unwrap_or_else(|| panic!("{protocol:?} {key}")).to_string();
            let variable = format!("{}_{key} belongs in the declaration", spec.name.to_uppercase());
            assert!(text.contains(&variable), "{protocol:?}: {text}");
        }
    }
    // A variable of another program.
    let (_, spec) = PROTOCOLS[0];
    assert!(read(&overwritten(spec), &[("NAME", "Acme")]).is_ok());
    // A field has its own variable.
    let own = ProviderSpec {
        userinfo_endpoint: Some("https://acme.example/{quirks}"),
        placeholders: &["quirks"],
        ..OP
    };
    assert!(filled(&own, ["a"], &[("QUIRKS", "a")]).is_ok());
}

#[test]
fn client_kwargs_member_is_refused_like_its_key() {
    for (protocol, spec) in PROTOCOLS {
        for (member, key) in MEMBERS {
            let kwargs = format!("{{\"{member}\": \"1\"}}");
            let faults = match read(&overwritten(spec), &[("CLIENT_KWARGS", &kwargs)]) {
                Ok(_) => Vec::new(),
                Err(error) => error.faults().iter().map(ToString::to_string).collect(),
            };
            let says = format!("holds `{member}`, which applies to");
            let is_refused = faults.iter().any(|fault: &String| fault.contains(&says));
            assert_eq!(is_refused, !key.is_known_by(protocol), "{protocol:?} {member}: {faults:?}");
        }
    }
}

/// A description has the same reader: what it states is refused by the same table.
#[test]
fn description_member_is_refused_like_its_key() {
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", "https://app.example")
        .set("OAUTH_COOKIE_KEYS", "00".repeat(32));
    let providers = RuntimeProviders::builder().config(config).build().unwrap();
    let base = |protocol: Protocol| match protocol {
        Protocol::OAuth1 => json!({
            "request_token_url": "https://acme.example/r", "authorize_url": "https://acme.example/a",
            "access_token_url": "https://acme.example/t", "identity": {"id": "id"},
        }),
        Protocol::OAuth2 => json!({
            "authorize_url": "https://acme.example/a", "access_token_url": "https://acme.example/t",
            "userinfo_endpoint": "https://acme.example/u",
        }),
        Protocol::OpenIdConnect => json!({"issuer": "https://acme.example", "scopes": ["openid"]}),
    };
    let mut seen = 0;
    for (protocol, _) in PROTOCOLS {
        // With `request_token_url` it would be another provider.
        for key in ALL.iter().filter(|key| key.name() != "REQUEST_TOKEN_URL") {
            let member = key.name().to_lowercase();
            let mut row = base(protocol);
            row["name"] = json!("acme");
            row["client_id"] = json!("id");
            row["client_secret"] = json!("secret");
            row[&member] = match member.as_str() {
                "scopes" if protocol == Protocol::OpenIdConnect => json!(["openid", "read"]),
                "scopes" => json!(["read"]),
                "leeway" | "max_age" => json!(5),
                params if params.ends_with("_params") => json!({"a": "b"}),
                _ => json!("x"),
            };
            // Some keys are only for declarations and the environment.
            let Ok(description) = serde_json::from_value::<ProviderDescription>(row) else {
                continue;
            };
            seen += 1;
            let faults = match providers.insert(description) {
                Ok(_) => Vec::new(),
                Err(error) => error.faults().iter().map(ToString::to_string).collect(),
            };
            providers.remove("acme");
            let expected = !key.is_known_by(protocol) || key.awaits.is_some();
            // A key set promises an ID token, so the missing scope is the fault.
            let promises = member == "jwks_uri"
                && faults.iter().any(|fault| fault.contains("has no `openid`"));
            let refused = is_refused(&faults, &format!("acme.{member}")) || promises;
            assert_eq!(refused, expected, "{protocol:?} {member}: {faults:?}");
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn tenants_need_an_issuer_with_their_place() {
    let tenant = ("TENANTS", "72f988bf-86f1-41af-91ab-2d7cd011db47");
    assert_eq!(
        faults(&OP, &[tenant]),
        [
            "OP_TENANTS needs an issuer with `{tenantid}` in it; remove it: this issuer is that of one tenant"
        ]
    );
    let template = ProviderSpec { issuer: Some("https://op.example/{tenantid}"), ..OP };
    assert!(read(&template, &[tenant]).is_ok());
}

/// Settings of `spec` whose fields have these values.
fn filled<'s>(
    spec: &ProviderSpec<'_>,
    values: impl IntoIterator<Item = &'s str>,
    keys: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let values: Vec<_> = values.into_iter().map(str::to_owned).collect();
    read_with(spec, &values, keys)
}

/// Keycloak in its usual form.
#[test]
fn field_may_have_the_name_of_a_foreign_key() {
    let spec = ProviderSpec {
        issuer: Some("https://{host}/realms/{realm}"),
        placeholders: &["host", "realm"],
        ..OP
    };
    for spec in [spec, overwritten(spec)] {
        let keys = [("HOST", "sso.example"), ("REALM", "staff")];
        let settings = filled(&spec, ["sso.example", "staff"], &keys).unwrap();
        assert_eq!(settings.issuer.as_deref(), Some("https://sso.example/realms/staff"));
        let kwargs = [keys[0], keys[1], ("CLIENT_KWARGS", r#"{"realm": "x"}"#)];
        let refused = filled(&spec, ["sso.example", "staff"], &kwargs).unwrap_err();
        assert!(
            refused.to_string().contains("holds `realm`, which applies to OAuth 1.0a only"),
            "{refused}"
        );
    }
    // Not even a value that is invalid for the setting of this name is read.
    let tenants = ProviderSpec {
        userinfo_endpoint: Some("https://acme.example/{tenants}"),
        placeholders: &["tenants"],
        ..ACME
    };
    assert!(filled(&tenants, ["a"], &[("TENANTS", "a")]).is_ok());
}

#[test]
fn parameters_and_scopes_are_filled_from_fields() {
    let spec = ProviderSpec {
        token_params: &[("client_key", "{client_key}"), ("claims", r#"{"a": {}, "b": "{api}"}"#)],
        scopes: &["{api}/read", "email"],
        placeholders: &["client_key", "api"],
        ..ACME
    };
    // A value is text, whatever it looks like.
    let settings = filled(&spec, ["{api}", "api://7"], &[]).unwrap();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        settings.params(Endpoint::Token),
        [own("client_key", "{api}"), own("claims", r#"{"a": {}, "b": "api://7"}"#)]
    );
    assert_eq!(settings.scope, "api://7/read email");
    let two = filled(&spec, ["k", "a admin"], &[]).unwrap_err();
    assert_eq!(
        two.faults()[0].to_string(),
        "ACME_API contains a character that is not allowed in the scope `{api}/read`"
    );
}

#[test]
fn a_placeholder_of_configuration_is_refused() {
    let params = [("ACCESS_TOKEN_PARAMS", r#"{"client_key": "{client_key}"}"#)];
    assert_eq!(
        faults(&ACME, &params),
        [
            "ACME_ACCESS_TOKEN_PARAMS holds `{client_key}`, and a placeholder is not filled here; write the value"
        ]
    );
    let url = [("REVOCATION_ENDPOINT", "https://acme.example/{realm}/revoke")];
    assert_eq!(
        faults(&ACME, &url),
        [
            "ACME_REVOCATION_ENDPOINT is `https://acme.example/{realm}/revoke`: a placeholder is not filled \
          here; write the value"
        ]
    );
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

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// A multi-tenant provider such as Microsoft.
const TENANTED: ProviderSpec<'_> = ProviderSpec {
    issuer: Some("https://login.example/{tenantid}/v2.0"),
    server_metadata_url: Some("https://login.example/common/.well-known/openid-configuration"),
    ..OP
};

#[test]
fn multi_tenant_provider_needs_its_tenants() {
    let missing = faults(&TENANTED, &[]);
    assert!(missing.len() == 1 && missing[0].starts_with("OP_TENANTS is missing"), "{missing:?}");
    let wrong = faults(&TENANTED, &[("TENANTS", "common")]);
    assert!(wrong.len() == 1 && wrong[0].contains("not a tenant ID"), "{wrong:?}");

    let anybody = settings(&TENANTED, &[("TENANTS", "any")]);
    assert!(anybody.tenants.is_some_and(|tenants| tenants.allow(TENANT)));
    // The declaration wins.
    let only: &[&str] =
        &["9188040d-6c67-4c5b-b112-36a304b66dad", "00000000-0000-0000-0000-000000000000"];
    let declared = ProviderSpec { tenants: only, ..TENANTED };
    let declared = settings(&declared, &[("TENANTS", "any")]);
    assert!(declared.tenants.is_some_and(|tenants| !tenants.allow(TENANT)));
}

/// It has its own issuer and metadata, and no tenants to compare.
#[test]
fn one_tenant_is_a_provider_like_any_other() {
    let one = settings(&TENANTED, &[("TENANTS", TENANT)]);
    assert!(one.tenants.is_none());
    let issuer = format!("https://login.example/{TENANT}/v2.0");
    let url = one.metadata_url.as_ref().unwrap();
    assert_eq!(url.as_str(), format!("{issuer}/.well-known/openid-configuration"));
    assert_eq!(one.expected_issuer(url).issuer, Some(&*issuer));
}
