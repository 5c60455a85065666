//! Compares the page of all presets (`oauth_runtime::guide::presets`) with the presets.
//!
//! The introduction is written by hand; the table and the sections are generated.
//! `OAUTH_BLESS=1 cargo test -p oauth-macros` writes them again; review the diff.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use syn::LitStr;

use super::tests::read;
use super::{Parameter, Preset, names};
use crate::attribute::Declaration;
use crate::keys::{IDENTITY, ProviderKeys, USERINFO_ENDPOINT};
use crate::protocol::Protocol;

const GENERATED: &str = "## All presets\n";

/// The presets with a section of their own: the most used ones.
const SECTIONS: &[&str] = &[
    "amazon",
    "apple",
    "auth0",
    "azure-ad",
    "bitbucket",
    "discord",
    "dropbox",
    "facebook",
    "github",
    "gitlab",
    "google",
    "kakao",
    "keycloak",
    "line",
    "linkedin",
    "microsoft",
    "naver",
    "notion",
    "okta",
    "reddit",
    "salesforce",
    "slack",
    "spotify",
    "strava",
    "tiktok",
    "twitch",
    "vk",
    "wechat",
    "x",
    "yahoo",
    "zoom",
];

#[test]
fn the_page_of_all_presets_is_up_to_date() -> io::Result<()> {
    let page = fs::read_to_string(page())?;
    let (by_hand, _) = page.split_once(GENERATED).expect("the heading of the table");
    let blessed = format!("{by_hand}{GENERATED}\n{}{}", table(), sections());
    if env::var_os("OAUTH_BLESS").is_some() {
        return fs::write(self::page(), blessed);
    }
    assert_eq!(page, blessed, "the page of all presets differs from the presets");
    Ok(())
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../oauth-runtime/src/docs/presets.md")
}

const HEAD: &str = "| preset | provider | protocol | fields | scopes | identity | register | quirks | checked |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

fn table() -> String {
    let rows = names().map(|name| {
        let (preset, declaration) = read(name);
        let Preset { name, display_name, protocol, facts } = &preset;
        let cells = [
            code(name),
            format!("[{display_name}]({})", facts.documentation),
            protocol.name().to_owned(),
            list(facts.parameters.iter().map(field)),
            list(declaration.keys.scopes.items().iter().map(|scope| code(&scope.value()))),
            identity(*protocol, &declaration),
            register(&preset),
            list(quirks(&declaration).iter().map(|quirk| code(quirk))),
            facts.checked.clone(),
        ];
        format!("| {} |\n", cells.join(" | "))
    });
    format!("{HEAD}{}", rows.collect::<String>())
}

fn sections() -> String {
    let known = SECTIONS.iter().filter(|name| names().any(|own| own == **name));
    known.map(|name| section(name)).collect()
}

fn section(name: &str) -> String {
    let (preset, declaration) = read(name);
    let Preset { display_name, facts, .. } = &preset;
    let legal = name.replace('-', "_");
    let variable = legal.to_uppercase();
    let redirect_uri = format!("https://app.example.com/auth/{legal}/callback");
    let place = match facts.registration_page.as_str() {
        "" => "with the provider".to_owned(),
        page => format!("[with the provider]({page})"),
    };
    let fields = facts.parameters.iter().filter(|field| field.default.is_none());
    let fields: Vec<_> = fields.map(|field| format!("{}: String", field.name)).collect();
    let item = match fields.as_slice() {
        [] => "struct Provider;".to_owned(),
        fields => format!("struct Provider {{ {} }}", fields.join(", ")),
    };
    let mut text = format!(
        "\n## {display_name}\n\n\
         Register a client {place}, with the redirect URI `{redirect_uri}`. The application reads {}.\n\n\
         ```\n# use oauth_runtime::prelude::*;\n#[derive(OAuthProvider)]\n\
         #[oauth_provider(name = \"{legal}\", preset = \"{name}\")]\n{item}\n```\n\n",
        credentials(&variable, &declaration, &facts.parameters),
    );
    let mut line = |what: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("- {what}: {value}\n"));
        }
    };
    let scopes = declaration.keys.scopes.items();
    line("Scopes", list(scopes.iter().map(|scope| code(&scope.value()))));
    line("Identity", identity(preset.protocol, &declaration));
    line("Quirks", list(quirks(&declaration).iter().map(|quirk| code(quirk))));
    for parameter in &facts.parameters {
        let default = parameter.default.as_ref();
        let default = default.map(|value| format!("; without the field, `{value}`"));
        line(&code(&parameter.name), parameter.description.clone() + &default.unwrap_or_default());
    }
    for note in &facts.notes {
        text.push_str(&format!("- {note}\n"));
    }
    text + &format!(
        "\nChecked on {} against [its documentation]({}).\n",
        facts.checked, facts.documentation
    )
}

/// The variables of the application.
fn credentials(
    variable: &str,
    declaration: &Declaration<ProviderKeys>,
    parameters: &[Parameter],
) -> String {
    let method = declaration.keys.token_endpoint_auth_method.value().map(LitStr::value);
    let secrets: &[&str] = match method.as_deref() {
        Some("none") => &["CLIENT_ID"],
        Some("apple_jwt") => &["CLIENT_ID", "TEAM_ID", "KEY_ID", "PRIVATE_KEY_FILE"],
        Some("private_key_jwt") => &["CLIENT_ID", "PRIVATE_KEY_FILE"],
        _ => &["CLIENT_ID", "CLIENT_SECRET"],
    };
    let required = parameters.iter().filter(|parameter| parameter.default.is_none());
    let fields = required.map(|parameter| parameter.name.to_uppercase());
    let all = secrets.iter().map(ToString::to_string).chain(fields);
    list(all.map(|key| format!("`{variable}_{key}`")))
}

fn field(parameter: &Parameter) -> String {
    match &parameter.default {
        Some(default) => format!("`{}` (`{default}`)", parameter.name),
        None => code(&parameter.name),
    }
}

fn register(preset: &Preset) -> String {
    match preset.facts.registration_page.as_str() {
        "" => "each installation".to_owned(),
        page => format!("[page]({page})"),
    }
}

/// The members of the identity that the provider gives.
fn identity(protocol: Protocol, declaration: &Declaration<ProviderKeys>) -> String {
    let is_identified = protocol == Protocol::OpenIdConnect
        || [&USERINFO_ENDPOINT, &IDENTITY].into_iter().any(|key| declaration.mentions(key));
    if !is_identified {
        return "none".to_owned();
    }
    let members = declaration.keys.identity.items();
    let scopes = declaration.keys.scopes.items();
    let asks = |scope: &str| {
        protocol != Protocol::OpenIdConnect || scopes.iter().any(|own| own.value() == scope)
    };
    let has = |name: &str| {
        let stated = members.iter().find(|member| member.name == name);
        stated.is_none_or(|member| !member.value.value().is_empty())
    };
    let email = match has("email_verified") {
        true => "verified e-mail",
        false => "e-mail",
    };
    let parts = [
        ("id", true),
        ("name", has("name") && (asks("profile") || members.iter().any(|m| m.name == "name"))),
        (email, has("email") && asks("email")),
        ("picture", has("picture") && asks("profile")),
    ];
    let parts: Vec<_> = parts.iter().filter(|(_, has)| *has).map(|(part, _)| *part).collect();
    parts.join(", ")
}

/// The names of the quirks, and the other deviations that have keys.
fn quirks(declaration: &Declaration<ProviderKeys>) -> Vec<String> {
    let keys = &declaration.keys;
    let quirks = keys.quirks.items().iter().map(|word| word.name.to_string());
    let separator =
        keys.scope_separator.value().map(|text| format!("scope_separator = \"{}\"", text.value()));
    let placement =
        keys.token_placement.value().map(|text| format!("token_placement = \"{}\"", text.value()));
    quirks.chain(separator).chain(placement).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
