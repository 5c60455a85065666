//! The derives of `oauth-runtime`, which is the crate to depend on.
//!
//! A declaration is parsed, checked and expanded. Nothing outside of it is looked at, but for the
//! file that `metadata_file` names.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attribute;
mod catalogue;
mod debug_handler;
mod diagnostics;
mod key;
mod keys;
mod metadata_file;
mod presets;
mod protocol;
mod provider;
mod registry;
mod route;
mod shape;
mod span;
mod url;

#[cfg(test)]
mod expansion_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod testing;

/// Declares an OAuth provider: the annotated struct is one.
#[proc_macro_derive(OAuthProvider, attributes(oauth_provider))]
pub fn derive_oauth_provider(input: TokenStream) -> TokenStream {
    provider::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Declares the clients of an application: the annotated struct holds one for each provider.
#[proc_macro_derive(OAuthRegistry, attributes(oauth_registry))]
pub fn derive_oauth_registry(input: TokenStream) -> TokenStream {
    registry::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Has the compiler say which argument of an axum handler is wrong, or that its answer is.
#[proc_macro_attribute]
pub fn debug_handler(options: TokenStream, function: TokenStream) -> TokenStream {
    debug_handler::expand(options.into(), &function.into()).into()
}

/// The presets as the runtime describes them, each once in the whole project. Of no use elsewhere.
#[doc(hidden)]
#[proc_macro]
pub fn presets(_: TokenStream) -> TokenStream {
    catalogue::descriptions().into()
}

/// Calls a macro of the runtime with the table of all keys, which exists once in the whole project.
/// Not for other crates.
#[doc(hidden)]
#[proc_macro]
pub fn keys(callback: TokenStream) -> TokenStream {
    keys::keys(&callback.into()).into()
}
