//! Guides, each on one topic, with compiled examples.

#[doc = include_str!("docs/declaring_a_provider.md")]
pub mod declaring_a_provider {}

#[doc = include_str!("docs/unlisted_provider.md")]
pub mod unlisted_provider {}

#[doc = include_str!("docs/keys.md")]
pub mod keys {}

#[doc = include_str!("docs/presets.md")]
pub mod presets {}

#[doc = include_str!("docs/coming_from_authlib.md")]
pub mod coming_from_authlib {}

#[doc = include_str!("docs/run_time_providers.md")]
pub mod run_time_providers {}

#[doc = include_str!("docs/by_hand.md")]
pub mod by_hand {}

#[doc = include_str!("docs/your_own_users.md")]
pub mod your_own_users {}

#[doc = include_str!("docs/tokens.md")]
pub mod tokens {}

#[doc = include_str!("docs/deploying.md")]
pub mod deploying {}

#[doc = include_str!("docs/pages.md")]
pub mod pages {}

#[doc = include_str!("docs/stores.md")]
pub mod stores {}

#[cfg(feature = "testing")]
#[doc = include_str!("docs/testing_your_application.md")]
pub mod testing_your_application {}

#[doc = include_str!("docs/security.md")]
pub mod security {}
