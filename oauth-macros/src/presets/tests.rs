use std::path::Path;
use std::{env, fs, io};

use super::files::FILES;
use super::{Preset, find, names};
use crate::attribute::Declaration;
use crate::diagnostics::Errors;
use crate::keys::ProviderKeys;
use crate::testing::{errors_with, provider_errors};

/// The preset without errors.
pub(crate) fn read(name: &str) -> (Preset, Declaration<ProviderKeys>) {
    let mut errors = Errors::default();
    let preset = find(name, |_| true, &mut errors);
    assert!(errors.is_empty(), "{name}: {:?}", errors.into_vec());
    preset.expect("a preset")
}

/// A declaration with only the preset, on a struct with the fields that it needs.
fn declaration(name: &str) -> String {
    let fields = read(name).0.facts.parameters;
    let fields: Vec<_> = fields.iter().map(|field| format!("{}: String", field.name)).collect();
    format!(
        r#"#[oauth_provider(name = "acme", preset = "{name}")] struct Acme {{ {} }}"#,
        fields.join(", ")
    )
}

#[test]
fn every_file_of_a_preset_is_listed() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let mut files = Vec::new();
    for file in fs::read_dir(folder)? {
        let name = file?.file_name().into_string().expect("UTF-8");
        files.push(name.strip_suffix(".preset").expect("only presets").to_owned());
    }
    files.sort();
    assert_eq!(names().collect::<Vec<_>>(), files);
    Ok(())
}

#[test]
fn every_preset_is_a_complete_declaration() {
    for name in names() {
        assert_eq!(provider_errors(&declaration(name)), [""; 0], "{name}");
    }
}

#[test]
fn every_preset_states_its_facts() {
    for name in names() {
        let (Preset { display_name, facts, .. }, declaration) = read(name);
        assert!(!display_name.is_empty(), "{name}");
        let pages = [&facts.documentation, &facts.registration_page];
        for page in pages.iter().filter(|page| !page.is_empty()) {
            assert!(page.starts_with("http") && !page.contains(' '), "{name}: {page}");
        }
        assert!(!facts.documentation.is_empty(), "{name}");
        let date: Vec<_> = facts.checked.split('-').map(str::len).collect();
        assert_eq!(date, [4, 2, 2], "{name}: {}", facts.checked);
        for note in &facts.notes {
            assert!(note.ends_with('.'), "{name}: {note}");
        }
        let scopes = declaration.keys.scopes.items().iter().map(syn::LitStr::value);
        for scope in scopes.filter(|_| !facts.known_scopes.is_empty()) {
            assert!(facts.known_scopes.contains(&scope), "{name}: {scope}");
        }
    }
}

#[test]
fn every_parameter_of_a_preset_is_a_placeholder() {
    for ((name, text), parameters) in
        FILES.iter().map(|file| (file, read(file.0).0.facts.parameters))
    {
        for parameter in parameters {
            assert!(text.contains(&format!("{{{}}}", parameter.name)), "{name}");
            assert!(!parameter.description.is_empty(), "{name}");
        }
    }
}

#[test]
fn parameter_without_a_field_has_its_default() {
    let expansion = |item: &str| {
        let item = syn::parse_str(item).expect("a struct");
        crate::provider::derive(&item).to_string()
    };
    let keys = r#"#[oauth_provider(name = "forge", preset = "gitlab")]"#;
    let with_default = expansion(&format!("{keys} struct Forge;"));
    assert!(with_default.contains(r#""https://gitlab.com""#), "{with_default}");
    let with_field = expansion(&format!("{keys} struct Forge {{ host: String }}"));
    assert!(with_field.contains(r#""https://{host}""#), "{with_field}");
}

#[test]
fn missing_parameter_is_named_once() {
    assert_eq!(
        errors_with(r#"name = "sso", preset = "keycloak""#),
        [
            "`\"keycloak\"` this preset needs a field `host`, the host of the server, such as \
             `id.example.com`: write `struct Acme { host: String }`",
            "`\"keycloak\"` this preset needs a field `realm`, the name of the realm: \
             write `struct Acme { realm: String }`",
        ]
    );
    // The declaration's own URL needs no parameter of the preset.
    let own = r#"name = "sso", preset = "keycloak", issuer = "https://id.example.com/realms/a""#;
    assert_eq!(errors_with(own), [""; 0]);
}

#[test]
fn unknown_preset_error_names_the_nearest() {
    let error = |name: &str| errors_with(&format!(r#"name = "acme", preset = "{name}""#)).join("");
    for (name, expected) in [
        ("gihtub", "write `preset = \"github\"`"),
        ("GitHub", "write `preset = \"github\"`"),
        ("twitter", "write `preset = \"x\"`"),
        ("entra", "write `preset = \"azure-ad\"`"),
        ("azure_ad", "write `preset = \"azure-ad\"` or `preset = \"azure-ad-b2c\"`"),
    ] {
        let error = error(name);
        assert!(error.contains(expected), "{name}: {error}");
    }
    let error = error("company-sso");
    assert!(error.contains("`oauth_runtime::guide::presets` lists all of them"), "{error}");
}

#[test]
fn declaration_overrides_single_members_of_a_preset() {
    let item = syn::parse_str(
        r#"#[oauth_provider(name = "github", preset = "github", identity(name = "login"), quirks(no_pkce))]
        struct GitHub;"#,
    );
    let expansion = crate::provider::derive(&item.expect("a struct")).to_string();
    for part in [r#"name : "login""#, r#"id : "id""#, "NoPkce", "CommaSeparatedScopes"] {
        assert!(expansion.contains(part), "{part}: {expansion}");
    }
}
