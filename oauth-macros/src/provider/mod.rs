//! `#[derive(OAuthProvider)]`: PARSE, CHECK, EXPAND.

mod check;
mod expand;
mod fallback;
pub(crate) mod input;
pub(crate) mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diagnostics::Errors;

use input::Input;

#[cfg(test)]
pub(crate) use check::quirk_names;

/// The output of the derive: an impl, and the errors if there are any.
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
        Some(provider) if errors.is_empty() => expand::expand(&provider),
        _ => fallback::fallback(&input),
    }
}

/// Only the description, as an expression, of a declaration known to be valid.
pub(crate) fn description(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::parse(input, &mut errors);
    let provider = input.as_ref().and_then(|input| check::check(input, &mut errors));
    match provider.filter(|_| errors.is_empty()) {
        Some(provider) => expand::description(&provider),
        None => errors.into_compile_errors(),
    }
}
