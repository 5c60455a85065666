//! Where generated code lies in the user's file: what the compiler says about it is said there.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;

/// Where `tokens` were typed, for code that the user has not typed.
pub(crate) fn of(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// The same tokens at another place. An expression lies where all its tokens do, and at the derive
/// where they do not agree.
pub(crate) fn moved(tokens: impl ToTokens, span: Span) -> TokenStream {
    tokens.into_token_stream().into_iter().map(|token| moved_token(token, span)).collect()
}

fn moved_token(token: TokenTree, span: Span) -> TokenTree {
    let mut token = match token {
        TokenTree::Group(group) => {
            TokenTree::Group(Group::new(group.delimiter(), moved(group.stream(), span)))
        }
        token => token,
    };
    token.set_span(span);
    token
}
