//! Configuration: all faults are reported at once, and none of them repeats a secret.

use std::fs;

use oauth_runtime::ConfigError;
use oauth_runtime::error::FaultKind;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::TestProvider;
use tests::in_process::{CLIENT_SECRET, Typed, config};

fn error(config: Config) -> ConfigError {
    Typed::builder().config(config).build().expect_err("faults")
}

fn keys(error: &ConfigError, kind: FaultKind) -> Vec<&str> {
    let of_kind = error.faults().iter().filter(|fault| fault.kind() == kind);
    of_kind.map(|fault| fault.key()).collect()
}

#[test]
fn missing_keys_of_all_providers_are_in_one_error() {
    let error = error(Config::empty().set("OAUTH_PUBLIC_URL", "https://app.example"));
    let missing = keys(&error, FaultKind::Missing);
    for name in ["OP", "TWIN", "PLAIN", "HMAC", "WIDE", "RECENT"] {
        for key in ["CLIENT_ID", "CLIENT_SECRET"] {
            assert!(missing.contains(&format!("{name}_{key}").as_str()), "{name}_{key}: {error}");
        }
        let field =
            if name == "PLAIN" { "PLAIN_BASE".to_owned() } else { format!("{name}_ISSUER") };
        assert!(missing.contains(&field.as_str()), "{field}: {error}");
    }
    assert!(missing.contains(&"OAUTH_COOKIE_KEYS"), "https needs permanent keys: {error}");
    let text = error.to_string();
    for fault in error.faults() {
        assert!(text.contains(fault.key()), "{text}");
    }
}

#[test]
fn misnamed_key_is_reported_without_its_value() {
    let secret = "hunter2";
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", "https://app.example")
        .set("OP_ID", secret)
        .set("op_client_secret", secret)
        .set("TWIN_CLIENT_SECRET", "  ");
    let text = error(config).to_string();
    for told in [
        "OP_CLIENT_ID is missing: `OP_ID` is set; was that meant for it?",
        "OP_CLIENT_SECRET is missing: `op_client_secret` is set; was that meant for it?",
        "TWIN_CLIENT_SECRET is missing: it is set but empty",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains(secret), "{text}");
}

const ADDRESSES: [&str; 2] = ["https://app.example", "http://localhost:3000"];

#[test]
fn value_with_quotes_is_reported_everywhere() {
    let (secret, key) = ("hunter2", "00".repeat(32));
    for url in ADDRESSES {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", url)
            .set("OAUTH_COOKIE_KEYS", format!("\"{key}\"\r"))
            .set("OP_CLIENT_ID", "id \r")
            .set("OP_CLIENT_SECRET", format!("'{secret}'"))
            .set("OP_ISSUER", "\"https://op.example\"");
        let error = error(config);
        let quoted = ["OAUTH_COOKIE_KEYS", "OP_CLIENT_SECRET", "OP_ISSUER"];
        for key in quoted {
            let told = format!("{key} (from code) is in quotes");
            assert!(error.to_string().contains(&told), "{told}: {error}");
        }
        // One fault each, and none for white space, which does not belong to the value.
        let faults = error.faults().iter();
        let of_these =
            faults.filter(|fault| quoted.contains(&fault.key()) || fault.key() == "OP_CLIENT_ID");
        assert_eq!(of_these.count(), quoted.len(), "{error}");
        assert!(
            !error.to_string().contains(secret) && !error.to_string().contains(&key),
            "{error}"
        );
    }
}

#[test]
fn misspelt_shared_setting_is_reported_everywhere() {
    let secret = "hunter2";
    for url in ADDRESSES {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", url)
            .set("OAUTH_COOKIE_KEY", secret)
            .set("OAUTH_STORE", format!("redis://:{secret}@db.example"));
        let text = error(config).to_string();
        assert!(
            text.contains("OAUTH_STORE is not a setting\n    did you mean OAUTH_STORE_URL?"),
            "{text}"
        );
        let of_keys = match url.starts_with("https") {
            true => {
                "OAUTH_COOKIE_KEYS is missing: `OAUTH_COOKIE_KEY` is set; was that meant for it?"
            }
            false => "OAUTH_COOKIE_KEY is not a setting\n    did you mean OAUTH_COOKIE_KEYS?",
        };
        assert!(text.contains(of_keys), "{text}");
        assert!(!text.contains(secret), "{text}");
    }
    // Debug builds have a default, so the setting is not missing, but the address would be wrong.
    let text = error(Config::empty().set("PUBLIC_URL", "https://app.example")).to_string();
    assert!(
        text.contains("PUBLIC_URL is not a setting\n    did you mean OAUTH_PUBLIC_URL?"),
        "{text}"
    );
}

/// Declared like a company's Keycloak.
#[derive(OAuthProvider)]
#[oauth_provider(
    name = "company",
    issuer = "https://{host}/realms/{realm}",
    access_token_params(realm = "{realm}"),
    scopes("openid")
)]
struct Company {
    host: String,
    realm: String,
}

#[derive(Clone, OAuthRegistry)]
struct Staff {
    company: Client<Company>,
}

#[test]
fn field_named_like_a_shared_setting_is_configured() {
    let config = Config::empty()
        .set("COMPANY_HOST", "sso.example")
        .set("COMPANY_REALM", "staff")
        .set("COMPANY_CLIENT_ID", "id")
        .set("COMPANY_CLIENT_SECRET", "secret");
    let staff = Staff::builder().config(config).build().expect("valid settings");
    let company = staff.company.provider();
    assert_eq!((company.host.as_str(), company.realm.as_str()), ("sso.example", "staff"));
    let error = Staff::builder().config(Config::empty()).build().map(|_| ()).expect_err("faults");
    assert!(keys(&error, FaultKind::Missing).contains(&"COMPANY_REALM"), "{error}");
}

#[derive(OAuthProvider)]
#[oauth_provider(name = "site", issuer = "https://{a_host}", scopes("openid"))]
struct Site {
    a_host: String,
}

#[derive(OAuthProvider)]
#[oauth_provider(name = "site_a", issuer = "https://{host}", scopes("openid"))]
struct SiteA {
    host: String,
}

#[derive(Clone, OAuthRegistry)]
struct Sites {
    site: Client<Site>,
    site_a: Client<SiteA>,
}

#[test]
fn no_variable_is_read_for_two_providers() {
    let error = Sites::builder().config(Config::empty()).build().map(|_| ()).expect_err("a fault");
    assert_eq!(keys(&error, FaultKind::Conflict), ["SITE_A_HOST"]);
}

#[tokio::test]
async fn no_fault_repeats_a_secret() {
    let secret = "hunter2-and-more";
    let provider = TestProvider::start().await.expect("a provider");
    let whole = || config(&provider, "https://app.example");
    let broken = [
        ("OAUTH_COOKIE_KEYS", secret.to_owned()),
        ("OAUTH_STORE_URL", format!("mysql://user:{secret}@db.example/oauth")),
        ("OAUTH_STORE_URL", format!("postgres://user:{secret}@db.example:port/oauth")),
        ("OAUTH_PUBLIC_URL", format!("https://user:{secret}@app.example")),
        ("OP_ISSUER", format!("https://user:{secret}@op.example")),
        ("OP_CLIENT_KWARGS", format!("{{\"client_secret\": \"{secret}\"}}")),
        ("OP_CLIENT_KWARGS", format!("{{\"scope\": \"{secret}\"")),
        ("OP_CLIENT_KWARGS", secret.to_owned()),
        ("OP_CLIENT_KWARGS", format!("{{\"token_endpoint_auth_method\": \"{secret}\"}}")),
        ("OP_ACCESS_TOKEN_PARAMS", format!("[\"{secret}\"]")),
        ("OP_ACCESS_TOKEN_PARAMS", format!("{{\"client_secret\": \"{secret}\"}}")),
        ("OP_CLIENT_SECRET_FILE", format!("/nowhere/{secret}")),
        ("PLAIN_BASE", format!("https://user:{secret}@op.example")),
    ];
    for (key, value) in broken {
        let error = error(whole().set(key, value));
        // The name of a secret file is not secret.
        let shown = format!("{error} {error:?} {:?}", error.faults()).replace("/nowhere/", "");
        assert!(key.ends_with("FILE") || !shown.contains(secret), "{key}: {shown}");
        assert!(!shown.contains(CLIENT_SECRET), "{key}: {shown}");
    }
}

/// A misspelt optional key would have no effect.
#[tokio::test]
async fn unread_key_of_a_file_is_a_fault() {
    let provider = TestProvider::start().await.expect("a provider");
    let path = std::env::temp_dir().join(format!("oauth-{}-unread.toml", std::process::id()));
    let document = r#"
        [oauth]
        public-url = "https://app.example"
        cookie_key = "hunter2"
        [op]
        scopes = ["openid"]
        promt = "login"
        client-kwargs = { prompt = "login" }
        issuer = "https://op.example"
        [plain]
        base = "https://op.example"
        redirect_uri = "https://app.example/callback"
        [somebody_else]
        promt = "login"
    "#;
    fs::write(&path, document).expect("to write");
    let error = error(config(&provider, "https://app.example").toml_file(&path));
    fs::remove_file(&path).expect("to remove");
    let unread = keys(&error, FaultKind::Malformed);
    assert_eq!(unread, ["oauth.cookie_key", "op.promt", "plain.redirect_uri"], "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains("-unread.toml is not a setting") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_malformed_file_is_reported_without_its_lines() {
    let secret = "hunter2";
    let provider = TestProvider::start().await.expect("a provider");
    let path = std::env::temp_dir().join(format!("oauth-{}.toml", std::process::id()));
    for document in [
        format!("[op]\nclient_secret = {secret}\n"),
        format!("[op]\nclient_secret = \"{secret}\n"),
        format!("[op]\nclient_secret = \"{secret}\\q\"\n"),
        format!("[op]\nclient_secret \"{secret}\"\n"),
        format!("[op]\nclient_secret = '{secret}' x\n"),
        format!("[op]\nclient_secret = 1{secret}\n"),
        format!("[op]\nclient_secret = [\"{secret}\"\n"),
        format!("[op]\nclient_secret = {{ a = \"{secret}\"\n"),
        format!("[op]\n{secret}\n"),
        format!("[op]\nclient_secret = '''{secret}\n"),
        format!("[op]\na = 1\na = \"{secret}\"\n"),
        format!("[op\nclient_secret = \"{secret}\"\n"),
        format!("client_secret = \"{secret}\"\n"),
        format!("[op]\nclient_secret = \"\u{7}{secret}\"\n"),
    ] {
        fs::write(&path, &document).expect("to write");
        let error = error(config(&provider, "https://app.example").toml_file(&path));
        let shown = format!("{error} {error:?} {:?}", error.faults());
        assert!(!shown.contains(secret), "{document}: {shown}");
        let kinds: Vec<_> = error.faults().iter().map(|fault| fault.kind()).collect();
        assert_eq!(kinds, [FaultKind::Unreadable], "{document}: {shown}");
    }
    fs::remove_file(&path).expect("to remove");
}
