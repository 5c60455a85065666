//! The documented members of the profiles of the most used providers, for `userinfo = Type` and
//! [`Api`](crate::Api) calls.
//!
//! ```
//! use oauth_runtime::prelude::*;
//! use oauth_runtime::user_info;
//!
//! #[derive(OAuthProvider)]
//! #[oauth_provider(name = "github", preset = "github", userinfo = user_info::GitHub)]
//! struct GitHub;
//!
//! fn company(login: &Login<GitHub>) -> Option<&str> {
//!     login.userinfo().company.as_deref()
//! }
//! ```
//!
//! Only the identifier is always present. Everything else is optional: it can depend on the scopes,
//! on the user's settings and on the kind of account. Members that are not documented are ignored.
//! An address is what the provider says, and only [`Identity`](crate::Identity) tells whether it
//! counts as verified.

/// Declares the type of each profile: a documentation string and a member.
macro_rules! user_info {
    ($(
        $(#[$about:meta])*
        $name:ident { $($(#[$meta:meta])* $doc:literal $field:ident: $type:ty,)* }
    )*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[doc = $doc] $(#[$meta])* pub $field: $type,)*
        }
    )*};
}

mod communities;
mod open_id;
mod work;

pub use self::communities::*;
pub use self::open_id::*;
pub use self::work::*;

/// A string that may be absent.
type Text = Option<String>;
/// A flag that may be absent.
type Flag = Option<bool>;
/// A number that may be absent.
type Number = Option<i64>;
