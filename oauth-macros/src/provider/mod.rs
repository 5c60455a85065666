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

/// What the derive emits: an impl, beside errors where there are some.
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
        Some(provider) if errors.is_empty() => expand::expand(&provider),
        _ => fallback::fallback(&input),
    }
}

/// The description alone, as an expression, of what is known to be right.
pub(crate) fn description(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::parse(input, &mut errors);
    let provider = input.as_ref().and_then(|input| check::check(input, &mut errors));
    match provider.filter(|_| errors.is_empty()) {
        Some(provider) => expand::description(&provider),
        None => errors.into_compile_errors(),
    }
}
