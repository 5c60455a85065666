//! Presets at run time, by their names.

use super::*;

#[test]
fn preset_is_taken_by_name_and_may_be_overridden() {
    let github = ProviderDescription::preset("github").client_id("id").client_secret("secret");
    let providers = providers("https://app.example");
    let client = providers.insert(github.clone()).unwrap();
    assert_eq!((client.provider().name(), client.provider().display_name()), ("github", "GitHub"));
    let settings = &client.engine().settings;
    assert_eq!(settings.scope, "read:user user:email");
    assert!(settings.emails_endpoint.is_some() && !settings.is_open_id());

    let enterprise = github
        .named("enterprise")
        .authorize_url("https://github.acme.example/login/oauth/authorize")
        .access_token_url("https://github.acme.example/login/oauth/access_token")
        .userinfo_endpoint("https://github.acme.example/api/v3/user")
        .api_base_url("https://github.acme.example/api/v3")
        .scopes(["user:email"]);
    let client = providers.insert(enterprise).unwrap();
    let settings = &client.engine().settings;
    assert_eq!(settings.scope, "user:email");
    assert!(settings.emails_endpoint.is_none(), "github.com must not see its tokens");

    let google = ProviderDescription::preset("google").client_id("id").client_secret("secret");
    assert!(providers.insert(google).unwrap().engine().settings.is_open_id());
    let unknown = faults(ProviderDescription::preset("gogle"));
    let help = "the guide on presets, `oauth_runtime::guide::presets`, lists all of them";
    assert_eq!(unknown, [format!("gogle.preset is unknown; {help}")]);
}

#[test]
fn parameter_of_a_preset_is_a_field_or_its_default() {
    let preset = |name: &str| ProviderDescription::preset(name).client_id("id").client_secret("s");
    let issuer = |description| {
        let client = providers("https://app.example").insert(description).unwrap();
        client.engine().settings.issuer.clone()
    };
    assert_eq!(issuer(preset("gitlab")).as_deref(), Some("https://gitlab.com"));
    let own = preset("gitlab").field("host", "git.acme.example");
    assert_eq!(issuer(own).as_deref(), Some("https://git.acme.example"));
    assert_eq!(
        faults(preset("keycloak").field("host", "id.acme.example").field("relam", "acme")),
        [
            "keycloak.fields holds `relam`, which no URL of a preset contains",
            "keycloak.fields lacks `realm`, the name of the realm",
        ]
    );
}

/// Presets with needs of their own. The area `presets` of the tests has the others.
#[test]
fn preset_works_at_run_time_with_what_it_needs() {
    for preset in ["apple", "github", "google", "microsoft"] {
        let described = ProviderDescription::preset(preset).client_id("id");
        let described = match preset {
            "apple" => {
                let key = include_str!("../../../protocol/fixtures/keys/p256-pkcs8.pem");
                described.private_key(key).private_key_id("kid").team_id("team")
            }
            "microsoft" => described.client_secret("secret").tenants(["any"]),
            _ => described.client_secret("secret"),
        };
        let client = providers("https://app.example").insert(described);
        assert_eq!(client.map(|client| client.name().to_owned()).unwrap(), preset);
    }
    let microsoft = ProviderDescription::preset("microsoft").client_id("id").client_secret("s");
    let missing = faults(microsoft.clone());
    assert!(missing[0].starts_with("microsoft.tenants is missing"), "{missing:?}");
    assert!(faults(microsoft.clone().tenants(["common"]))[0].contains("not a tenant ID"));
    let client = providers("https://app.example").insert(microsoft.tenants([TENANT])).unwrap();
    let url = client.engine().settings.metadata_url.as_ref().unwrap().to_string();
    assert!(url.contains(TENANT), "{url}");
}
