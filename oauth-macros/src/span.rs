//! The spans of generated code, which decide where the compiler reports errors about it.

use proc_macro2::Span;
use syn::spanned::Spanned;

/// The place where `tokens` were typed, as a span for generated code. An expression needs this span
/// on all its tokens: if they differ, the compiler points at the derive.
pub(crate) fn of(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}
