//! `#[derive(OAuthRegistry)]`: PARSE, CHECK, EXPAND.

mod check;
mod expand;
mod fallback;
pub(crate) mod input;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diagnostics::Errors;

use input::Input;

/// What the derive emits: the impls, beside errors where there are some.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = expand(input, &mut errors);
    let errors = errors.into_compile_errors();
    quote::quote!(#errors #expansion)
}

/// The expansion, or once there are errors, what stands in for it.
pub(crate) fn expand(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let Some(input) = Input::parse(input, errors) else { return TokenStream::new() };
    match check::check(&input, errors) {
        Some(registry) if errors.is_empty() => expand::expand(&registry),
        _ => fallback::fallback(&input),
    }
}
