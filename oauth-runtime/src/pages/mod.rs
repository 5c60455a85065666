//! The pages that the library shows to visitors: what they say, and how they look.
//!
//! [`Pages`] changes them. The guide on [pages](crate::guide::pages) shows them.

pub(crate) mod accept_language;
mod appearance;
pub(crate) mod color;
mod content;
pub(crate) mod language;
pub(crate) mod phrase;
pub(crate) mod settings;
mod texts;

pub use self::appearance::Pages;
pub use self::content::PageContent;
pub use self::texts::Text;
