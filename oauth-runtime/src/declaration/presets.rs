//! Presets for providers that are described at run time. They come from the catalogue that `preset
//! = "…"` in a declaration reads.

use crate::declaration::spec::ProviderSpec;

static PRESETS: &[ProviderSpec<'static>] = oauth_macros::presets!();

/// The preset with this name.
pub(crate) fn find(name: &str) -> Option<&'static ProviderSpec<'static>> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The names of all presets.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::color::Color;

    /// WCAG 2.2 success criterion 1.4.3.
    #[test]
    fn text_on_every_preset_has_the_contrast_of_level_aa() {
        for preset in PRESETS {
            let color = Color::of_provider(preset.brand_color, preset.name);
            assert!(color.contrast(color.text()) >= 4.5, "{}: {color}", preset.name);
        }
    }
}
