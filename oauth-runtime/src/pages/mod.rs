//! The pages for visitors, apart from their HTML: what they say, and how they look.

pub(crate) mod color;
