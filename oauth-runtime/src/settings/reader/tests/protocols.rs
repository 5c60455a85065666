//! A setting of another protocol is refused at each front door.

use super::fields::filled;
use super::*;

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
