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
