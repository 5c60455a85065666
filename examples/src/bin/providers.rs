//! Prints what to register and to configure for a known provider:
//!
//! ```sh
//! cargo run -p examples --bin providers -- github
//! ```
//!
//! Without a name, it prints the names of all presets.

use std::env;
use std::error::Error;

use oauth_runtime::Preset;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(name) = env::args().nth(1) else {
        for preset in Preset::all() {
            println!("{:20} {}", preset.name(), preset.display_name());
        }
        return Ok(());
    };
    let preset = Preset::find(&name).ok_or_else(|| {
        format!("there is no preset {name:?}: run this without a name to list all of them")
    })?;
    let origin = env::var("OAUTH_PUBLIC_URL");
    let origin = origin.unwrap_or_else(|_| "https://app.example.com".to_owned());
    print!("{}", instructions(preset, origin.trim_end_matches('/')));
    Ok(())
}

fn instructions(preset: &Preset, origin: &str) -> String {
    // A name in a declaration is an identifier.
    let name = preset.name().replace('-', "_");
    let name = match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("provider_{name}"),
        false => name,
    };
    let page = preset.registration_page().unwrap_or("your installation of the provider");
    let mut lines = vec![
        preset.display_name().to_owned(),
        String::new(),
        format!("Register a client:  {page}"),
        format!("Redirect URI:       {origin}/auth/{name}/callback"),
        format!("Set:                OAUTH_PUBLIC_URL={origin}"),
    ];
    let settings = preset.variables(&name);
    lines.extend(settings.iter().map(|variable| format!("                    {variable}=…")));
    let required = preset.parameters().iter().filter(|parameter| parameter.default().is_none());
    let fields: Vec<_> = required.map(|field| format!("{}: String", field.name())).collect();
    lines.push(String::new());
    lines.push("#[derive(OAuthProvider)]".to_owned());
    lines.push(format!("#[oauth_provider(name = \"{name}\", preset = \"{}\")]", preset.name()));
    lines.push(match fields.as_slice() {
        [] => "struct Provider;".to_owned(),
        fields => format!("struct Provider {{ {} }}", fields.join(", ")),
    });
    lines.push(String::new());
    for parameter in preset.parameters() {
        let default = parameter.default().map(|value| format!("; by default `{value}`"));
        let default = default.unwrap_or_default();
        lines.push(format!("{}: {}{default}", parameter.name(), parameter.description()));
    }
    if !preset.scopes().is_empty() {
        lines.push(format!("Scopes: {}", preset.scopes().join(", ")));
    }
    let quirks: Vec<_> = preset.quirks().iter().map(|quirk| quirk.name()).collect();
    if !quirks.is_empty() {
        lines.push(format!("Quirks: {}", quirks.join(", ")));
    }
    lines.extend(preset.notes().iter().map(|note| format!("- {note}")));
    lines.push(format!("Checked on {}: {}", preset.checked(), preset.documentation()));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use oauth_runtime::Preset;

    use super::instructions;

    #[test]
    fn instructions_name_what_to_register_and_set() {
        let text = |name: &str| {
            let preset = Preset::find(name).expect("a preset");
            instructions(preset, "https://app.example.com")
        };
        for line in [
            "Register a client:  https://github.com/settings/developers",
            "Redirect URI:       https://app.example.com/auth/github/callback",
            "GITHUB_CLIENT_ID=…",
            "GITHUB_CLIENT_SECRET=…",
            "Scopes: read:user, user:email",
            "Checked on 2026-",
        ] {
            assert!(text("github").contains(line), "{line}");
        }
        let keycloak = text("keycloak");
        for line in ["KEYCLOAK_REALM=…", "struct Provider { host: String, realm: String }"] {
            assert!(keycloak.contains(line), "{line}");
        }
    }
}
