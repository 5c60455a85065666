//! `#[derive(OAuthProvider)]`: PARSE, CHECK, EXPAND.

mod check;
mod expand;
mod fallback;
pub(crate) mod input;
pub(crate) mod model;
mod splice;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diagnostics::Errors;

use crate::attribute::PresetName;

use input::Input;

pub(crate) use input::PLACE;
pub(crate) use splice::with_preset;

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
    let item = input;
    let Some(input) = Input::parse(item, errors) else { return TokenStream::new() };
    if let (Some(PresetName::Shared(preset)), true) =
        (input.attrs.keys.preset.value(), errors.is_empty())
    {
        return splice::call(preset, &input, item);
    }
    match check::check(&input, errors) {
        Some(provider) if errors.is_empty() => expand::expand(&provider),
        _ => fallback::fallback(&input),
    }
}

/// The output of the derive for a struct that the macro of a preset passes on.
pub(crate) fn derive_with_preset(tokens: TokenStream) -> TokenStream {
    match with_preset(tokens) {
        Ok(input) => derive(&input),
        Err(error) => error.into_compile_error(),
    }
}

/// Only the description, as an expression, of a declaration known to be valid.
#[cfg(test)]
pub(crate) fn description(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::parse(input, &mut errors);
    let provider = input.as_ref().and_then(|input| check::check(input, &mut errors));
    match provider.filter(|_| errors.is_empty()) {
        Some(provider) => expand::description(&provider),
        None => errors.into_compile_errors(),
    }
}
