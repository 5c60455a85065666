//! The tokens of one entry, as darling passes them on: the key and everything after it.

use darling::ast::{MetaNameValueInvalidExpr, NestedMeta};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::token::Paren;
use syn::{Expr, MacroDelimiter, Meta, MetaList, MetaNameValue, Path, Token};

/// The tokens after a key.
pub(crate) enum Rest {
    /// Nothing: the key has no value.
    Nothing,
    /// `(…)`
    List(Group),
    /// `= …`, without the equals sign; empty if the value is not typed yet.
    Value(TokenStream),
    /// Anything else, such as a string without an equals sign.
    Other(TokenStream),
}

impl Rest {
    /// The key and the tokens after it. `None` for items that the splitter never produces.
    pub(super) fn of(item: &NestedMeta) -> Option<(Ident, Self)> {
        let (path, rest) = match item {
            NestedMeta::Meta(meta) => (meta.path(), Self::of_meta(meta)),
            NestedMeta::NameValueInvalidExpr(meta) => (&meta.path, Self::Other(meta.value.clone())),
            NestedMeta::Lit(_) => return None,
        };
        Some((path.get_ident()?.clone(), rest))
    }

    pub(super) fn of_meta(meta: &Meta) -> Self {
        match meta {
            Meta::Path(_) => Self::Nothing,
            Meta::List(list) => {
                let mut group = Group::new(Delimiter::Parenthesis, list.tokens.clone());
                group.set_span(list.delimiter.span().join());
                Self::List(group)
            }
            Meta::NameValue(meta) => Self::Value(meta.value.to_token_stream()),
        }
    }

    /// The tokens without an equals sign.
    pub(super) fn into_tokens(self) -> TokenStream {
        match self {
            Self::Nothing => TokenStream::new(),
            Self::List(group) => group.into_token_stream(),
            Self::Value(tokens) | Self::Other(tokens) => tokens,
        }
    }

    /// The tokens with the equals sign, if there is one.
    pub(super) fn into_whole(self) -> TokenStream {
        match self {
            Self::Value(tokens) => quote!(= #tokens),
            rest => rest.into_tokens(),
        }
    }
}

/// The entry as darling reads it; `typed` is everything after the key.
///
/// A value is kept as tokens, because most of them are types, or half of one.
pub(super) fn item(key: &Ident, typed: TokenStream) -> NestedMeta {
    let path = Path::from(key.unraw());
    let mut tokens = typed.clone().into_iter();
    match (tokens.next(), tokens.clone().next()) {
        (None, _) => NestedMeta::Meta(Meta::Path(path)),
        (Some(TokenTree::Group(list)), None) if list.delimiter() == Delimiter::Parenthesis => {
            let delimiter = MacroDelimiter::Paren(Paren { span: list.delim_span() });
            NestedMeta::Meta(Meta::List(MetaList { path, delimiter, tokens: list.stream() }))
        }
        (Some(TokenTree::Punct(equals)), _) if equals.as_char() == '=' => {
            let eq_token = Token![=](equals.span());
            let value = Expr::Verbatim(tokens.collect());
            NestedMeta::Meta(Meta::NameValue(MetaNameValue { path, eq_token, value }))
        }
        _ => neither(path, typed),
    }
}

/// Wraps an entry that is not `key`, `key(…)` or `key = …` in the only node that darling has for
/// it.
fn neither(path: Path, value: TokenStream) -> NestedMeta {
    let error = darling::Error::unsupported_format("tokens");
    let eq_token = <Token![=]>::default();
    NestedMeta::NameValueInvalidExpr(MetaNameValueInvalidExpr { path, eq_token, value, error })
}
