use super::check::MAX_BYTES;
use super::*;
use crate::clock::Clock;
use crate::config::Faults;
use crate::config::{Config, ConfigError};
use crate::declaration::spec::Quirk;
use crate::error::{BrowserError, CallError, OAuthError};
use crate::registry::OAuthRegistry;
use crate::registry::run_time::RuntimeProviders;
use crate::store::MemoryStore;

mod presets;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

fn providers(public_url: &str) -> RuntimeProviders {
    // These settings belong to the application, not to a tenant.
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", public_url)
        .set("OAUTH_COOKIE_KEYS", "00".repeat(32))
        .set("ACME_CLIENT_ID", "id-of-another-acme")
        .set("ACME_CLIENT_SECRET", "secret-of-another-acme");
    let store = MemoryStore::new(Clock::system());
    RuntimeProviders::builder().config(config).store(store).build().unwrap()
}

fn acme() -> ProviderDescription {
    ProviderDescription::new("acme")
        .issuer("https://acme.example")
        .scopes(["openid", "email"])
        .client_id("id")
        .client_secret("secret")
}

fn error(description: ProviderDescription) -> ConfigError {
    providers("https://app.example").insert(description).map(|_| ()).unwrap_err()
}

/// The faults, one per line.
fn faults(description: ProviderDescription) -> Vec<String> {
    let error = error(description);
    error.faults().iter().map(|fault| fault.to_string().replace("\n    ", "; ")).collect()
}

#[test]
fn description_follows_the_rules_of_declarations() {
    let wrong = acme()
        .issuer("https://acme.example?a=b")
        .revocation_endpoint("http://acme.example/revoke")
        .authorize_param("state", "x")
        .access_token_param("code_verifier", "x")
        .refresh_token_param("grant_type", "x")
        .token_endpoint_auth_method("basic")
        .id_token_signed_response_alg("none")
        .response_mode("fragment")
        .prompt("none login")
        .leeway(301)
        .identity("id", "user.email")
        .identity("nick", "x");
    let error = error(wrong);
    let keys: Vec<_> = error.faults().iter().map(|fault| fault.key()).collect();
    assert_eq!(
        keys,
        [
            "acme.identity",
            "acme.identity",
            "acme.token_endpoint_auth_method",
            "acme.issuer",
            "acme.revocation_endpoint",
            "acme.authorize_params",
            "acme.access_token_params",
            "acme.refresh_token_params",
            "acme.response_mode",
            "acme.prompt",
            "acme.leeway",
            "acme.id_token_signed_response_alg",
        ],
        "{error}"
    );
    assert!(!error.to_string().contains("ACME_"), "{error}");
}

#[test]
fn name_is_short_and_needs_no_encoding() {
    for name in ["acme", "acme-corp", "7f3c2a10-9b", "a_b"] {
        let client = providers("https://app.example").insert(acme().named(name)).unwrap();
        assert_eq!(client.redirect_uri(), format!("https://app.example/auth/{name}/callback"));
    }
    let long = "a".repeat(65);
    for name in ["", "Acme", "a/b", "a b", "..", "-a", "{name}", "ä", &long] {
        assert_eq!(error(acme().named(name)).faults()[0].key(), "name", "{name}");
    }
}

/// Otherwise, a tenant with the name of another provider would be sent that provider's secret.
#[test]
fn credentials_come_only_from_the_description() {
    let without = ProviderDescription { client_id: None, client_secret: None, ..acme() };
    let help = "register an application with the provider `acme` with the redirect URI \
                https://app.example/auth/acme/callback";
    assert_eq!(
        faults(without),
        [
            format!("acme.client_id is missing; {help}"),
            format!("acme.client_secret is missing; {help}"),
        ]
    );
    let file = r#"{"name": "acme", "client_secret_file": "/etc/passwd"}"#;
    assert!(serde_json::from_str::<ProviderDescription>(file).is_err());
}

#[test]
fn missing_protocol_settings_are_reported() {
    let bare = ProviderDescription { issuer: None, scopes: Vec::new(), ..acme() };
    let keys = |description| -> Vec<_> {
        error(description).faults().iter().map(|fault| fault.key().to_owned()).collect()
    };
    assert_eq!(
        keys(bare.clone()),
        ["acme.authorize_url", "acme.access_token_url", "acme.userinfo_endpoint"]
    );
    assert_eq!(keys(bare.scopes(["openid"])), ["acme.issuer"]);
    assert_eq!(keys(acme().scopes(["email"])), ["acme.scopes"]);
    assert_eq!(keys(acme().scopes(["openid email"])), ["acme.scopes"]);
}

#[test]
fn plain_http_is_only_for_local_applications() {
    let local = || acme().issuer("http://127.0.0.1:9000").quirks(["loopback_http"]);
    assert!(providers("http://localhost:3000").insert(local()).is_ok());
    assert!(faults(local())[0].contains("only while the application itself runs on this machine"));
    let both = faults(acme().quirks(["get_token_request", "json_token_request"]));
    assert!(both[0].contains("`get_token_request` and `json_token_request`"), "{both:?}");
    assert!(faults(acme().quirks(["magic"]))[0].starts_with("acme.quirks holds an unknown one"));
    for quirk in ["nested_token", "nested_token=a..b", "no_pkce=yes"] {
        let faults = faults(acme().quirks([quirk]));
        assert!(faults[0].contains("wrong value"), "{quirk}: {faults:?}");
    }
    let nested = acme().quirks(["nested_token=data.access_token"]);
    assert!(providers("https://app.example").insert(nested).is_ok());
}

/// Another document at the issuer's host could speak for all of its tenants.
#[test]
fn template_of_a_description_has_one_tenant() {
    let acme = || acme().issuer("https://acme.example/{tenantid}");
    let common = "https://acme.example/eve/.well-known/openid-configuration";
    assert!(providers("https://app.example").insert(acme().tenants([TENANT])).is_ok());
    let error = faults(acme().tenants(["any"]).server_metadata_url(common));
    assert!(error[0].contains("state one tenant, or use the preset"), "{error:?}");
    let microsoft = ProviderDescription::preset("microsoft").client_id("id").client_secret("s");
    let moved = microsoft.tenants(["any"]).server_metadata_url(
        "https://login.microsoftonline.com/eve/v2.0/.well-known/openid-configuration",
    );
    assert_eq!(error_keys(moved), ["microsoft.server_metadata_url"]);
}

#[tokio::test]
async fn provider_without_logins_starts_none() {
    let robot = || {
        let robot = ProviderDescription::new("robot").credentials("id", "secret").no_login();
        robot.access_token_url("https://acme.example/token")
    };
    let providers = providers("https://app.example");
    let client = providers.insert(robot()).unwrap();
    let refused = client.authorize_redirect().await.unwrap_err();
    assert!(matches!(refused, OAuthError::Call(CallError::NoLogin)), "{refused}");
    let refused = client.authorize_device().await.unwrap_err();
    assert!(matches!(refused, OAuthError::Call(CallError::NoLogin)), "{refused}");
    let wrong = robot().authorize_url("https://acme.example/a").keep_tokens().scopes(["openid"]);
    assert_eq!(error_keys(wrong), ["robot.keep_tokens", "robot.scopes", "robot.authorize_url"]);
    let graph = ProviderDescription::preset("microsoft").tenants([TENANT]).no_login();
    let graph = graph.credentials("id", "secret").scopes(["https://graph.microsoft.com/.default"]);
    let client = providers.insert(graph).unwrap();
    let settings = &client.engine().settings;
    assert_eq!(settings.scope, "https://graph.microsoft.com/.default");
    assert!(!settings.is_open_id() && settings.metadata_url.is_some());
}

#[test]
fn client_of_an_unknown_name_is_an_error() {
    let providers = providers("https://app.example");
    providers.insert(acme().credentials("other", "secret")).unwrap();
    assert_eq!(providers.client("acme").unwrap().client_id(), "other");
    let error = providers.client("nobody").unwrap_err();
    assert!(matches!(error, OAuthError::Browser(BrowserError::UnknownProvider)), "{error}");
}

fn error_keys(description: ProviderDescription) -> Vec<String> {
    error(description).faults().iter().map(|fault| fault.key().to_owned()).collect()
}

/// The users of a tenant are those of the template too.
#[test]
fn templates_and_their_tenants_exclude_each_other() {
    let of = |name: &str, tenant: &str| {
        let microsoft = ProviderDescription::preset("microsoft").named(name).tenants([tenant]);
        microsoft.client_id(name).client_secret("secret")
    };
    for (first, second) in [(TENANT, "any"), ("any", TENANT), ("any", "any")] {
        let providers = providers("https://app.example");
        providers.insert(of("one", first)).unwrap();
        let error = providers.insert(of("two", second)).map(|_| ()).unwrap_err();
        assert_eq!(error.faults()[0].key(), "two.issuer", "{first} {second}: {error}");
        // The application may allow it, and a removed provider is no obstacle.
        assert!(providers.insert(of("two", second).shares_issuer(true)).is_ok());
        assert!(providers.remove("two") && providers.remove("one"));
        assert!(providers.insert(of("two", second)).is_ok());
        assert!(providers.insert(of("two", second)).is_ok(), "again");
    }
}

#[test]
fn rules_of_requests_and_responses_are_checked() {
    let login =
        acme().authorize_param("audience", "api").login_params(["audience", "state", "ask"]);
    assert_eq!(error_keys(login), ["acme.login_params"; 3]);
    assert_eq!(error_keys(acme().response_type("token")), ["acme.response_type"]);
    assert_eq!(error_keys(acme().response_type("code id_token")), ["acme.response_mode"]);
    assert_eq!(
        error_keys(acme().id_token_encrypted_response_alg("RSA1_5")),
        ["acme.id_token_encrypted_response_alg"]
    );
    assert_eq!(
        error_keys(acme().userinfo_encrypted_response_enc("A256GCM")),
        ["acme.userinfo_encrypted_response_enc"]
    );
    let keyless = acme().id_token_encrypted_response_alg("ECDH-ES");
    assert_eq!(error_keys(keyless), ["acme.decryption_key"]);
    assert_eq!(
        error_keys(acme().token_endpoint_auth_signing_alg("ES256")),
        ["acme.token_endpoint_auth_signing_alg"]
    );
    let symmetric = acme().token_endpoint_auth_method("client_secret_jwt");
    let symmetric = symmetric.token_endpoint_auth_signing_alg("RS256");
    assert_eq!(error_keys(symmetric), ["acme.token_endpoint_auth_signing_alg"]);
}

#[test]
fn text_with_hidden_characters_is_refused() {
    for hidden in ["Acme\n2026 INFO", "\u{1b}[2J", "Acme\u{202e}emcA"] {
        assert_eq!(error(acme().display_name(hidden)).faults()[0].key(), "acme.display_name");
    }
    for path in ["user\nid", "user id", "\u{202e}id"] {
        assert_eq!(error(acme().identity("id", path)).faults()[0].key(), "acme.identity");
    }
    assert!(providers("https://app.example").insert(acme().display_name("محمد")).is_ok());
}

#[test]
fn brand_color_is_a_color_or_the_presets() {
    let described = |description: ProviderDescription| {
        let mut faults = Faults::default();
        let color = description.check(true, &mut faults).map(|checked| checked.spec().brand_color);
        (color, faults.finish(Some(())).err())
    };
    assert_eq!(described(acme()).0, Some(None));
    assert_eq!(described(acme().brand_color("#2456D6")).0, Some(Some(0x24_56d6)));
    let github = || ProviderDescription::preset("github");
    assert_eq!(described(github()).0, Some(Some(0x1f_2328)));
    assert_eq!(described(github().brand_color("#ffffff")).0, Some(Some(0xff_ffff)));
    for wrong in ["", "#fff", "2456d6", "red", "#2456d6;}*{color:red", "#+00000", "#é4567"] {
        let error = described(acme().brand_color(wrong)).1.unwrap();
        assert_eq!(error.faults()[0].key(), "acme.brand_color", "{wrong}");
    }
}

#[test]
fn description_is_bounded() {
    let long = acme().prompt("x".repeat(MAX_BYTES));
    assert_eq!(faults(long), ["the description of a provider is longer than 16384 bytes"]);
    let many = (0..2000).fold(acme(), |acme, n| acme.authorize_param(n.to_string(), "xxxxxxxx"));
    assert_eq!(faults(many).len(), 1);
}

#[test]
fn description_and_its_errors_show_no_secret() {
    let description = acme().client_secret("hunter2").private_key("hunter3");
    let shown = format!("{description:?} {description:#?} {}", error(description.clone()));
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn every_member_can_be_read_from_json() {
    let json = r#"{"name": "acme", "display_name": "Acme", "issuer": "https://acme.example",
        "scopes": ["openid"], "client_id": "id", "client_secret": "secret", "leeway": 5,
        "max_age": 60, "authorize_params": {"audience": "api"}, "identity": {"name": "nick"},
        "quirks": ["additional_audiences"], "token_endpoint_auth_method": "client_secret_post"}"#;
    let description: ProviderDescription = serde_json::from_str(json).unwrap();
    let client = providers("https://app.example").insert(description).unwrap();
    let settings = &client.engine().settings;
    assert_eq!((settings.leeway, settings.max_age), (5, Some(60)));
    assert_eq!(client.provider().display_name(), "Acme");
}

/// The names on the page of all keys, which the compiler knows.
#[test]
fn every_quirk_has_its_name() {
    let page = include_str!("../../docs/keys.md");
    let (_, table) = page.split_once("### Quirks").unwrap();
    let (table, _) = table.split_once("\n###").unwrap();
    let names: Vec<_> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let known: Vec<_> = Quirk::names().collect();
    assert!(names.len() > 5);
    for name in names {
        assert!(known.contains(&name), "{name}");
    }
}

fn oauth1() -> ProviderDescription {
    ProviderDescription::new("acme")
        .request_token_url("https://acme.example/request_token")
        .authorize_url("https://acme.example/authorize")
        .access_token_url("https://acme.example/access_token")
        .identity("id", "user_id")
        .client_id("id")
        .client_secret("secret")
}

#[test]
fn request_token_url_makes_an_oauth1_provider() {
    let full = oauth1()
        .signature_method("HMAC-SHA256")
        .signature_type("QUERY")
        .realm("Photos")
        .request_token_param("realm", "Albums");
    let client = providers("https://app.example").insert(full).unwrap();
    let own = client.engine().settings.oauth1.as_ref().unwrap();
    assert_eq!(own.temporary_credential_endpoint.as_str(), "https://acme.example/request_token");
    assert_eq!(own.temporary_credential_realm.as_deref(), Some("Albums"));
    let json = r#"{"name": "acme", "request_token_url": "https://acme.example/r",
        "authorize_url": "https://acme.example/a", "access_token_url": "https://acme.example/t",
        "identity": {"id": "user_id"}, "client_id": "id", "client_secret": "secret"}"#;
    let read: ProviderDescription = serde_json::from_str(json).unwrap();
    assert!(providers("https://app.example").insert(read).is_ok());
}

#[test]
fn setting_of_another_protocol_is_a_fault() {
    let keys = |description| -> Vec<_> {
        error(description).faults().iter().map(|fault| fault.key().to_owned()).collect()
    };
    let mixed =
        oauth1().scopes(["read"]).refresh_token_url("https://acme.example/r").prompt("login");
    assert_eq!(keys(mixed), ["acme.refresh_token_url", "acme.scopes", "acme.prompt"]);
    let nobody = ProviderDescription { identity: BTreeMap::new(), ..oauth1() };
    assert_eq!(keys(nobody), ["acme.userinfo_endpoint"]);
    assert_eq!(keys(oauth1().signature_method("MD5")), ["acme.signature_method"]);
    assert_eq!(keys(acme().signature_method("HMAC-SHA1")), ["acme.signature_method"]);
    let github = ProviderDescription::preset("github").client_id("id").client_secret("secret");
    let preset = github.clone().request_token_url("https://acme.example/r");
    assert_eq!(keys(preset), ["github.request_token_url"]);
    let logout = github.clone().rp_initiated_logout(true);
    assert_eq!(keys(logout), ["github.rp_initiated_logout"]);
    let reported = github.clone().backchannel_logout(true);
    assert_eq!(keys(reported), ["github.backchannel_logout"]);
    assert_eq!(keys(github.initiate_login(true)), ["github.initiate_login"]);
    assert_eq!(keys(oauth1().initiate_login(true)), ["acme.initiate_login"]);
}

/// With a declared provider, it does not compile.
#[tokio::test]
async fn oauth2_call_at_oauth1_provider_is_an_error() {
    let client = providers("https://app.example").insert(oauth1()).unwrap();
    let refused = client.client_credentials().await.unwrap_err();
    assert!(matches!(refused, OAuthError::Call(CallError::OtherProtocol("grant_type"))));
    let refused = client.authorize_redirect().max_age(5).await.unwrap_err();
    assert!(matches!(refused, OAuthError::Call(CallError::UnusedValue("max_age"))));
    let refused = client.authorize_redirect().state("a".repeat(40)).await.unwrap_err();
    assert!(matches!(refused, OAuthError::Call(CallError::UnusedValue("state"))));
    assert!(client.authorize_device().await.is_err());
}

#[test]
fn descriptions_with_different_fixes_differ() {
    struct One;
    struct Two;
    impl ComplianceFix for One {}
    impl ComplianceFix for Two {
        fn userinfo_response(&self, response: &mut ::http::Response<bytes::Bytes>) {
            response.body_mut().clear();
        }
    }
    assert_eq!(acme().compliance_fix(&One), acme().compliance_fix(&One));
    assert_ne!(acme().compliance_fix(&One), acme().compliance_fix(&Two));
    assert_ne!(acme().compliance_fix(&One), acme());
}
