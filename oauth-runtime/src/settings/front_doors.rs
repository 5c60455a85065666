//! A key means the same at all three front doors: in a declaration, in the configuration, and in
//! the description of a provider that is known at run time.

use std::collections::BTreeSet;

use super::reader::key::{ALL, DECLARED_ONLY};
use super::{Paths, Settings};
use crate::client::Client;
use crate::config::{Config, Faults};
use crate::declaration::provider::AnyProvider;
use crate::declaration::run_time::ProviderDescription;
use crate::registry::OAuthRegistry;
use crate::registry::run_time::{RuntimeProvider, RuntimeProviders};
use crate::store::MemoryStore;
use crate::{Clock, OAuthProvider as DeriveProvider};

/// Keys and settings without a row, each with the reason: most of them do not exist at every door.
const NOT_COMPARED: &[(&str, &str)] = &[
    ("CLIENT_ID", "source code holds no credentials"),
    ("CLIENT_SECRET", "source code holds no credentials"),
    (
        "CLIENT_SECRET_FILE",
        "source code holds no credentials, a tenant names no file of the server",
    ),
    ("PRIVATE_KEY", "source code holds no credentials"),
    ("PRIVATE_KEY_FILE", "source code holds no credentials, a tenant names no file of the server"),
    ("PRIVATE_KEY_ID", "it goes with the private key"),
    ("TEAM_ID", "it goes with the private key"),
    ("DECRYPTION_KEY", "source code holds no credentials"),
    (
        "DECRYPTION_KEY_FILE",
        "source code holds no credentials, a tenant names no file of the server",
    ),
    ("JWKS", "keys rotate without a new build, and a tenant's keys need the word of its issuer"),
    ("JWKS_FILE", "as `JWKS`"),
    ("CODE_CHALLENGE_METHOD", "its only value is the default"),
    ("EMAILS_ENDPOINT", "it has an effect only with a scope for addresses"),
    ("SERVER_METADATA_URL", "a description states only the URL that follows from its issuer"),
    ("CLIENT_KWARGS", "a description states the members by themselves"),
    ("PUSHED_AUTHORIZATION_REQUEST_ENDPOINT", "refused at each door until it is used"),
    ("SECURITY_PROFILE", "refused in a declaration until there is one"),
    ("PRESET", "`preset_is_taken_by_name_and_may_be_overridden`"),
    ("BRAND_COLOR", "`brand_color_is_a_color_or_the_presets`: it is not a setting of the client"),
    ("METADATA_FILE", "read by the compiler; the issuer's metadata confirm a description"),
    ("CLAIMS", "a type: those of a description are `UserInfo`, which holds every claim"),
    ("BACKCHANNEL_LOGOUT", "it adds a route, and these tests compare no paths"),
    ("ROUTES", "the routes of a description follow from its name; `initiate_login` adds one"),
    ("NO_LOGIN", "`provider_without_logins_starts_none`: providers with and without are different"),
    ("CONFIGURED", "every description is complete by itself"),
    ("OVERWRITE", "a description has no configuration"),
    ("CRATE", "the path of the library in generated code"),
    ("PROXY", "it depends on the deployment, and a tenant chooses no proxy of the server"),
    ("TRUST_ENV", "it depends on the deployment, and a tenant chooses no proxy of the server"),
    ("VERIFY", "it depends on the deployment, and a tenant names no file of the server"),
    ("CERT", "it depends on the deployment, and a tenant names no file of the server"),
    ("HEADERS", "it depends on the deployment"),
    ("TIMEOUT", "it depends on the deployment"),
];

/// Keys of every provider of a kind below: those that determine the protocol, and the tenants.
const IN_EVERY_ROW: &[&str] = &["ISSUER", "REQUEST_TOKEN_URL", "TENANTS"];

fn paths() -> Paths {
    Paths {
        login_path: "/auth/acme/login".to_owned(),
        callback_path: "/auth/acme/callback".to_owned(),
        logged_out_path: "/auth/acme/logged-out".to_owned(),
        connect_path: "/auth/acme/connect".to_owned(),
        initiate_path: None,
        backchannel_logout_path: None,
        redirect_uri: "https://app.example/auth/acme/callback".to_owned(),
    }
}

/// A key of the client, for declarations and descriptions that need one.
const PRIVATE_KEY: &str = include_str!("../protocol/fixtures/keys/p256-pkcs8.pem");

/// The settings of a declared provider, one line for each member.
fn declared<P: AnyProvider>(configuration: &[(&str, &str)]) -> BTreeSet<String> {
    let mut config = Config::empty().set("ACME_CLIENT_ID", "id");
    if !configuration.iter().any(|(key, _)| *key == "PRIVATE_KEY") {
        config = config.set("ACME_CLIENT_SECRET", "secret");
    }
    for (key, value) in configuration {
        config = config.set(&format!("ACME_{key}"), *value);
    }
    let mut faults = Faults::default();
    let settings = Settings::new(P::SPEC, &[], paths(), &config, &mut faults);
    lines(&faults.finish(settings).expect("settings in order"))
}

fn described(description: ProviderDescription) -> BTreeSet<String> {
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", "https://app.example")
        .set("OAUTH_COOKIE_KEYS", "00".repeat(32));
    let providers = RuntimeProviders::builder()
        .config(config)
        .store(MemoryStore::new(Clock::system()))
        .build()
        .expect("a configuration in order");
    let client: Client<RuntimeProvider> =
        providers.insert(description).expect("a description in order");
    lines(&client.engine().settings)
}

/// The lines without the binding, which is different at run time.
fn lines(settings: &Settings) -> BTreeSet<String> {
    let text = format!("{settings:#?}");
    text.lines().filter(|line| !line.contains("binding:")).map(str::to_owned).collect()
}

macro_rules! provider {
    ($name:ident: [$($base:tt)*] $($key:tt)*) => {
        #[derive(DeriveProvider)]
        #[oauth_provider(name = "acme", $($base)*, $($key)*)]
        struct $name;
    };
}

/// For each key its declaration, its setting, and its description. Its effect, compared with a
/// provider without the key, is the same at all doors.
macro_rules! front_doors {
    (
        declaration: $base:tt
        $(credentials: $credentials:tt)?
        description: $description:expr;
        $($test:ident: [$($key:tt)*], $setting:literal = $value:literal, $describe:expr;)+
    ) => {
        $(#[test]
        fn $test() {
            provider!(With: $base $($key)*);
            provider!(Without: $base);
            let setting = ($setting, $value);
            assert_one_effect::<With, Without>(CREDENTIALS, setting, $description, $describe);
        })+

        const CREDENTIALS: &[(&str, &str)] = front_doors!(@credentials $($credentials)?);
        pub(super) const TRIED: &[&str] = &[$($setting),+];
    };
    (@credentials) => { &[] };
    (@credentials $credentials:tt) => { &$credentials };
}

fn assert_one_effect<With: AnyProvider, Without: AnyProvider>(
    credentials: &[(&str, &str)],
    setting: (&str, &str),
    description: ProviderDescription,
    describe: fn(ProviderDescription) -> ProviderDescription,
) {
    let with = declared::<With>(credentials);
    let configured = declared::<Without>(&[credentials, &[setting]].concat());
    assert_eq!(configured, with, "the configuration has another effect");
    let without = declared::<Without>(credentials);
    assert_described(&with, &without, description, describe);
}

/// What a key changes in a description is what it changes in a declaration.
fn assert_described(
    with: &BTreeSet<String>,
    without: &BTreeSet<String>,
    description: ProviderDescription,
    describe: fn(ProviderDescription) -> ProviderDescription,
) {
    assert_ne!(with, without, "the key has an effect");
    let described_without = described(description.clone());
    let described_with = described(describe(description));
    let effect = |with: &BTreeSet<String>, without: &BTreeSet<String>| -> BTreeSet<String> {
        with.symmetric_difference(without).cloned().collect()
    };
    assert_eq!(
        effect(&described_with, &described_without),
        effect(with, without),
        "the description has another effect"
    );
}

mod declared_only;

mod oauth2 {
    use super::*;

    front_doors! {
        declaration: [
            authorize_url = "https://acme.example/authorize",
            access_token_url = "https://acme.example/token",
            userinfo_endpoint = "https://acme.example/me"
        ]
        description: ProviderDescription::new("acme")
            .authorize_url("https://acme.example/authorize")
            .access_token_url("https://acme.example/token")
            .userinfo_endpoint("https://acme.example/me")
            .client_id("id")
            .client_secret("secret");
        refresh_token_url: [refresh_token_url = "https://acme.example/refresh"],
            "REFRESH_TOKEN_URL" = "https://acme.example/refresh",
            |it| it.refresh_token_url("https://acme.example/refresh");
        revocation_endpoint: [revocation_endpoint = "https://acme.example/revoke"],
            "REVOCATION_ENDPOINT" = "https://acme.example/revoke",
            |it| it.revocation_endpoint("https://acme.example/revoke");
        introspection_endpoint: [introspection_endpoint = "https://acme.example/introspect"],
            "INTROSPECTION_ENDPOINT" = "https://acme.example/introspect",
            |it| it.introspection_endpoint("https://acme.example/introspect");
        device_authorization_endpoint: [device_authorization_endpoint = "https://acme.example/device"],
            "DEVICE_AUTHORIZATION_ENDPOINT" = "https://acme.example/device",
            |it| it.device_authorization_endpoint("https://acme.example/device");
        api_base_url: [api_base_url = "https://acme.example/api/"],
            "API_BASE_URL" = "https://acme.example/api/",
            |it| it.api_base_url("https://acme.example/api/");
        authorize_params: [authorize_params(audience = "api")],
            "AUTHORIZE_PARAMS" = "{\"audience\": \"api\"}",
            |it| it.authorize_param("audience", "api");
        access_token_params: [access_token_params(audience = "api")],
            "ACCESS_TOKEN_PARAMS" = "{\"audience\": \"api\"}",
            |it| it.access_token_param("audience", "api");
        refresh_token_params: [refresh_token_params(audience = "api")],
            "REFRESH_TOKEN_PARAMS" = "{\"audience\": \"api\"}",
            |it| it.refresh_token_param("audience", "api");
        scopes: [scopes("read", "write")],
            "SCOPES" = "read write",
            |it| it.scopes(["read", "write"]);
        scope_separator: [scope_separator = ","],
            "SCOPE_SEPARATOR" = ",",
            |it| it.scope_separator(",");
        token_endpoint_auth_method: [token_endpoint_auth_method = "client_secret_post"],
            "TOKEN_ENDPOINT_AUTH_METHOD" = "client_secret_post",
            |it| it.token_endpoint_auth_method("client_secret_post");
        response_mode: [response_mode = "form_post"],
            "RESPONSE_MODE" = "form_post",
            |it| it.response_mode("form_post");
        login_params: [login_params("login_hint", "ui_locales")],
            "LOGIN_PARAMS" = "login_hint, ui_locales",
            |it| it.login_params(["login_hint", "ui_locales"]);
        prompt: [prompt = "consent"],
            "PROMPT" = "consent",
            |it| it.prompt("consent");
        token_placement: [token_placement = "uri"],
            "TOKEN_PLACEMENT" = "uri",
            |it| it.token_placement("uri");
        emails: [emails_endpoint = "https://acme.example/emails", emails(list = "values")],
            "EMAILS" = "{\"list\": \"values\"}",
            |it| it.email("list", "values");
        request_names: [request_names(client_id = "client_key")],
            "REQUEST_NAMES" = "{\"client_id\": \"client_key\"}",
            |it| it.request_name("client_id", "client_key");
        response_names: [response_names(expires_in = "expires")],
            "RESPONSE_NAMES" = "{\"expires_in\": \"expires\"}",
            |it| it.response_name("expires_in", "expires");
        redirect_id: [redirect_id = "Acme-Shop-PRD-1"],
            "REDIRECT_ID" = "Acme-Shop-PRD-1",
            |it| it.redirect_id("Acme-Shop-PRD-1");
        callback_params: [callback_params("realmId", "shop")],
            "CALLBACK_PARAMS" = "realmId shop",
            |it| it.callback_params(["realmId", "shop"]);
        api_params: [api_params(version = "2")],
            "API_PARAMS" = "{\"version\": \"2\"}",
            |it| it.api_param("version", "2");
        api_headers: [api_headers("acme-version" = "{token.version}")],
            "API_HEADERS" = "{\"acme-version\": \"{token.version}\"}",
            |it| it.api_header("acme-version", "{token.version}");
        userinfo_params: [userinfo_params(key = "{client_id}")],
            "USERINFO_PARAMS" = "{\"key\": \"{client_id}\"}",
            |it| it.userinfo_param("key", "{client_id}");
        userinfo_headers: [userinfo_headers("acme-view" = "full")],
            "USERINFO_HEADERS" = "{\"acme-view\": \"full\"}",
            |it| it.userinfo_header("acme-view", "full");
        userinfo_query: [userinfo_query = "{ me { id name } }"],
            "USERINFO_QUERY" = "{ me { id name } }",
            |it| it.userinfo_query("{ me { id name } }");
    }
}

mod open_id_connect {
    use super::*;

    front_doors! {
        declaration: [
            issuer = "https://acme.example",
            scopes("openid")
        ]
        description: ProviderDescription::new("acme")
            .issuer("https://acme.example")
            .scopes(["openid"])
            .client_id("id")
            .client_secret("secret");
        authorize_url: [authorize_url = "https://acme.example/authorize"],
            "AUTHORIZE_URL" = "https://acme.example/authorize",
            |it| it.authorize_url("https://acme.example/authorize");
        access_token_url: [access_token_url = "https://acme.example/token"],
            "ACCESS_TOKEN_URL" = "https://acme.example/token",
            |it| it.access_token_url("https://acme.example/token");
        userinfo_endpoint: [userinfo_endpoint = "https://acme.example/me"],
            "USERINFO_ENDPOINT" = "https://acme.example/me",
            |it| it.userinfo_endpoint("https://acme.example/me");
        jwks_uri: [jwks_uri = "https://acme.example/keys"],
            "JWKS_URI" = "https://acme.example/keys",
            |it| it.jwks_uri("https://acme.example/keys");
        end_session_endpoint: [end_session_endpoint = "https://acme.example/logout"],
            "END_SESSION_ENDPOINT" = "https://acme.example/logout",
            |it| it.end_session_endpoint("https://acme.example/logout");
        max_age: [max_age = 600],
            "MAX_AGE" = "600",
            |it| it.max_age(600);
        leeway: [leeway = 30],
            "LEEWAY" = "30",
            |it| it.leeway(30);
        id_token_signed_response_alg: [id_token_signed_response_alg = "ES256"],
            "ID_TOKEN_SIGNED_RESPONSE_ALG" = "ES256",
            |it| it.id_token_signed_response_alg("ES256");
        userinfo_signed_response_alg: [userinfo_signed_response_alg = "ES256"],
            "USERINFO_SIGNED_RESPONSE_ALG" = "ES256",
            |it| it.userinfo_signed_response_alg("ES256");
    }
}

mod encrypted {
    use super::*;

    front_doors! {
        declaration: [
            issuer = "https://acme.example",
            scopes("openid"),
            token_endpoint_auth_method = "private_key_jwt",
            response_mode = "form_post",
            id_token_encrypted_response_alg = "ECDH-ES",
            userinfo_encrypted_response_alg = "ECDH-ES"
        ]
        credentials: [("PRIVATE_KEY", PRIVATE_KEY), ("DECRYPTION_KEY", PRIVATE_KEY)]
        description: ProviderDescription::new("acme")
            .issuer("https://acme.example")
            .scopes(["openid"])
            .token_endpoint_auth_method("private_key_jwt")
            .response_mode("form_post")
            .id_token_encrypted_response_alg("ECDH-ES")
            .userinfo_encrypted_response_alg("ECDH-ES")
            .client_id("id")
            .private_key(PRIVATE_KEY)
            .decryption_key(PRIVATE_KEY);
        token_endpoint_auth_signing_alg: [token_endpoint_auth_signing_alg = "ES256"],
            "TOKEN_ENDPOINT_AUTH_SIGNING_ALG" = "ES256",
            |it| it.token_endpoint_auth_signing_alg("ES256");
        response_type: [response_type = "code id_token"],
            "RESPONSE_TYPE" = "code id_token",
            |it| it.response_type("code id_token");
        id_token_encrypted_response_enc: [id_token_encrypted_response_enc = "A256GCM"],
            "ID_TOKEN_ENCRYPTED_RESPONSE_ENC" = "A256GCM",
            |it| it.id_token_encrypted_response_enc("A256GCM");
        userinfo_encrypted_response_enc: [userinfo_encrypted_response_enc = "A256GCM"],
            "USERINFO_ENCRYPTED_RESPONSE_ENC" = "A256GCM",
            |it| it.userinfo_encrypted_response_enc("A256GCM");
    }
}

mod encryption {
    use super::*;

    front_doors! {
        declaration: [issuer = "https://acme.example", scopes("openid")]
        credentials: [("DECRYPTION_KEY", PRIVATE_KEY)]
        description: ProviderDescription::new("acme")
            .issuer("https://acme.example")
            .scopes(["openid"])
            .client_id("id")
            .client_secret("secret")
            .decryption_key(PRIVATE_KEY);
        id_token_encrypted_response_alg: [id_token_encrypted_response_alg = "ECDH-ES"],
            "ID_TOKEN_ENCRYPTED_RESPONSE_ALG" = "ECDH-ES",
            |it| it.id_token_encrypted_response_alg("ECDH-ES");
        userinfo_encrypted_response_alg: [userinfo_encrypted_response_alg = "ECDH-ES+A128KW"],
            "USERINFO_ENCRYPTED_RESPONSE_ALG" = "ECDH-ES+A128KW",
            |it| it.userinfo_encrypted_response_alg("ECDH-ES+A128KW");
    }
}

/// Without tenants, there is no provider to compare with.
#[test]
fn tenants_are_the_same_at_every_door() {
    const TENANTS: [&str; 2] =
        ["72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad"];
    #[derive(DeriveProvider)]
    #[oauth_provider(
        name = "acme",
        preset = "microsoft",
        tenants("72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad")
    )]
    struct Stated;
    #[derive(DeriveProvider)]
    #[oauth_provider(name = "acme", preset = "microsoft")]
    struct Configured;
    let microsoft = ProviderDescription::preset("microsoft").named("acme");
    let microsoft = microsoft.client_id("id").client_secret("secret").tenants(TENANTS);
    let with = declared::<Stated>(&[]);
    assert_eq!(declared::<Configured>(&[("TENANTS", &TENANTS.join(","))]), with);
    let of_issuer = |line: &&String| !line.contains("source:");
    assert!(described(microsoft).iter().filter(of_issuer).eq(with.iter().filter(of_issuer)));
}

mod oauth1 {
    use super::*;

    front_doors! {
        declaration: [
            request_token_url = "https://acme.example/request",
            authorize_url = "https://acme.example/authorize",
            access_token_url = "https://acme.example/token",
            identity(id = "user_id")
        ]
        description: ProviderDescription::new("acme")
            .request_token_url("https://acme.example/request")
            .authorize_url("https://acme.example/authorize")
            .access_token_url("https://acme.example/token")
            .identity("id", "user_id")
            .client_id("id")
            .client_secret("secret");
        request_token_params: [request_token_params(realm = "photos")],
            "REQUEST_TOKEN_PARAMS" = "{\"realm\": \"photos\"}",
            |it| it.request_token_param("realm", "photos");
        signature_method: [signature_method = "HMAC-SHA256"],
            "SIGNATURE_METHOD" = "HMAC-SHA256",
            |it| it.signature_method("HMAC-SHA256");
        signature_type: [signature_type = "QUERY"],
            "SIGNATURE_TYPE" = "QUERY",
            |it| it.signature_type("QUERY");
        realm: [realm = "Photos"],
            "REALM" = "Photos",
            |it| it.realm("Photos");
    }
}

/// A new key fails this test until it has a row above, or in `declared_only`, or a reason.
#[test]
fn each_key_is_at_every_door_or_has_a_reason() {
    let listed: BTreeSet<_> = NOT_COMPARED.iter().map(|(key, _)| *key).collect();
    let tried = [
        oauth2::TRIED,
        open_id_connect::TRIED,
        encrypted::TRIED,
        encryption::TRIED,
        oauth1::TRIED,
        declared_only::TRIED,
        IN_EVERY_ROW,
    ];
    let tried: BTreeSet<_> = tried.concat().into_iter().collect();
    let all: BTreeSet<_> = ALL.iter().chain(DECLARED_ONLY).map(|key| key.name()).collect();
    for name in &all {
        assert!(tried.contains(name) != listed.contains(name), "`{name}`");
    }
    let named: BTreeSet<_> = tried.union(&listed).copied().collect();
    assert_eq!(named, all, "a row or reason without a key");
}
