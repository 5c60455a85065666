//! The macros of `oauth-runtime`. Depend on that crate instead of this one.
//!
//! A declaration is parsed, checked and expanded. The only other input is the file that
//! `metadata_file` names.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attribute;
mod debug_handler;
mod diagnostics;
mod key;
mod keys;
mod login_handler;
mod metadata_file;
mod presets;
mod protocol;
mod provider;
mod registry;
mod route;
mod shape;
mod shared_preset;
mod signature;
mod span;
mod url;

#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod expansion_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod testing;

/// Implements `OAuthProvider` for the annotated struct.
#[proc_macro_derive(OAuthProvider, attributes(oauth_provider))]
pub fn derive_oauth_provider(input: TokenStream) -> TokenStream {
    provider::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Implements `OAuthRegistry` for the annotated struct, which holds a client for each provider.
#[proc_macro_derive(OAuthRegistry, attributes(oauth_registry))]
pub fn derive_oauth_registry(input: TokenStream) -> TokenStream {
    registry::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes the compiler point at the wrong argument or the wrong response of an axum handler.
#[proc_macro_attribute]
pub fn debug_handler(options: TokenStream, function: TokenStream) -> TokenStream {
    debug_handler::expand(options.into(), &function.into()).into()
}

/// Makes the function the end of a provider's logins.
#[proc_macro_attribute]
pub fn oauth_login(options: TokenStream, function: TokenStream) -> TokenStream {
    login_handler::expand(options.into(), &function.into()).into()
}

/// Defines a preset that declarations use by its path.
#[proc_macro]
pub fn oauth_preset(preset: TokenStream) -> TokenStream {
    shared_preset::expand(preset.into()).into()
}

/// Expands a declaration with the keys of a preset. Only for the macros of presets.
#[doc(hidden)]
#[proc_macro]
pub fn provider_with_preset(tokens: TokenStream) -> TokenStream {
    provider::derive_with_preset(tokens.into()).into()
}

/// Calls a macro of the runtime with the table of all keys. Only for `oauth-runtime`.
#[doc(hidden)]
#[proc_macro]
pub fn keys(callback: TokenStream) -> TokenStream {
    keys::keys(&callback.into()).into()
}
