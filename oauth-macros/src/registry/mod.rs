//! `#[derive(OAuthRegistry)]`: PARSE, CHECK, EXPAND.

mod check;
mod expand;
mod fallback;
pub(crate) mod input;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diagnostics::Errors;

use input::Input;

/// The output of the derive: the impls, and the errors if there are any.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = expand(input, &mut errors);
    let errors = errors.into_compile_errors();
    quote::quote!(#errors #expansion)
}

/// The expansion, or the fallback if there are errors.
pub(crate) fn expand(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let Some(input) = Input::parse(input, errors) else { return TokenStream::new() };
    match check::check(&input, errors) {
        Some(registry) if errors.is_empty() => expand::expand(&registry),
        _ => fallback::fallback(&input),
    }
}
