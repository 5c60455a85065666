//! Where generated code lies in the user's file: what the compiler says about it is said there.

use proc_macro2::Span;
use syn::spanned::Spanned;

/// Where `tokens` were typed, for code that the user has not typed. An expression lies there if all
/// its tokens do, and at the derive if they do not agree.
pub(crate) fn of(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}
