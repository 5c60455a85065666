//! Presets for providers that are described at run time. They come from the catalogue that `preset
//! = "…"` in a declaration reads.

use crate::declaration::spec::{
    ClientAuthMethod, Identification, IdentitySpec, Protocol, ProviderSpec, Quirk,
};

include!("presets.in");

/// A known provider, which a declaration or a [description](crate::ProviderDescription) takes its
/// settings from: `preset = "github"`. [All presets](crate::guide::presets) are in a table.
///
/// ```
/// use oauth_runtime::Preset;
///
/// let github = Preset::find("github").expect("a preset");
/// assert_eq!(github.display_name(), "GitHub");
/// assert_eq!(github.scopes(), ["read:user", "user:email"]);
/// assert_eq!(github.registration_page(), Some("https://github.com/settings/developers"));
/// ```
#[derive(Debug)]
pub struct Preset {
    name: &'static str,
    /// Its name is not that of the preset, which need not be legal in a declaration.
    spec: ProviderSpec<'static>,
    documentation: &'static str,
    checked: &'static str,
    parameters: &'static [Parameter],
    notes: &'static [&'static str],
}

/// A value in the URLs of a preset: a field of the declared struct, or a
/// [field](crate::ProviderDescription::field) of a description.
#[derive(Debug)]
pub struct Parameter {
    name: &'static str,
    description: &'static str,
    default: Option<&'static str>,
}

impl Preset {
    /// All presets, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static Self> {
        PRESETS.iter()
    }

    /// The preset with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        let at = PRESETS.binary_search_by_key(&name, |preset| preset.name).ok()?;
        PRESETS.get(at)
    }

    /// The name that declarations use.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The provider's own spelling of its name.
    pub fn display_name(&self) -> &'static str {
        self.spec.display_name()
    }

    /// Which protocol the provider speaks.
    pub fn protocol(&self) -> Protocol {
        self.spec.protocol
    }

    /// The page where a developer registers a client. `None` if each installation has its own.
    pub fn registration_page(&self) -> Option<&'static str> {
        self.spec.registration_page
    }

    /// The page of the provider's documentation that describes the facts of the preset.
    pub fn documentation(&self) -> &'static str {
        self.documentation
    }

    /// The day of the last check, as `2026-11-29`.
    pub fn checked(&self) -> &'static str {
        self.checked
    }

    /// The values that the application supplies.
    pub fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// The scopes of a declaration that states none.
    pub fn scopes(&self) -> &'static [&'static str] {
        self.spec.scopes
    }

    /// The named deviations of the provider.
    pub fn quirks(&self) -> &'static [Quirk] {
        self.spec.quirks
    }

    /// The settings that a provider with this name needs in the environment: its credentials, and
    /// the parameters without a default.
    ///
    /// ```
    /// let github = oauth_runtime::Preset::find("github").expect("a preset");
    /// assert_eq!(github.variables("github"), ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"]);
    /// ```
    pub fn variables(&self, name: &str) -> Vec<String> {
        let credentials: &[&str] = match self.spec.token_endpoint_auth_method {
            Some(ClientAuthMethod::None) => &["CLIENT_ID"],
            Some(ClientAuthMethod::AppleJwt) => {
                &["CLIENT_ID", "TEAM_ID", "KEY_ID", "PRIVATE_KEY_FILE"]
            }
            Some(ClientAuthMethod::PrivateKeyJwt) => &["CLIENT_ID", "PRIVATE_KEY_FILE"],
            _ => &["CLIENT_ID", "CLIENT_SECRET"],
        };
        let parameters = self.parameters.iter().filter(|parameter| parameter.default.is_none());
        let parameters = parameters.map(Parameter::name);
        let all = credentials.iter().copied().chain(parameters);
        all.map(|key| format!("{name}_{key}").to_ascii_uppercase()).collect()
    }

    /// What else a developer has to know.
    pub fn notes(&self) -> &'static [&'static str] {
        self.notes
    }

    /// The declaration.
    pub(crate) fn spec(&self) -> &ProviderSpec<'static> {
        &self.spec
    }
}

impl Parameter {
    /// The name of the field.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is, with an example.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// The value of a declaration without the field. `None` if the field is required.
    pub fn default(&self) -> Option<&'static str> {
        self.default
    }
}

#[cfg(test)]
mod tests {
    use super::Preset;
    use crate::pages::color::Color;

    /// WCAG 2.2 success criterion 1.4.3.
    #[test]
    fn text_on_every_preset_has_the_contrast_of_level_aa() {
        for preset in Preset::all() {
            let color = Color::of_provider(preset.spec.brand_color, preset.name);
            assert!(color.contrast(color.text()) >= 4.5, "{}: {color}", preset.name);
        }
    }

    #[test]
    fn presets_are_sorted_by_name() {
        assert!(Preset::all().is_sorted_by_key(Preset::name));
        for preset in Preset::all() {
            assert_eq!(Preset::find(preset.name()).map(Preset::name), Some(preset.name()));
            let names: Vec<_> = preset.parameters().iter().map(super::Parameter::name).collect();
            assert_eq!(names, preset.spec().placeholders, "{}", preset.name());
        }
        assert!(Preset::find("gihtub").is_none());
    }
}
