//! The items of a list. A list is read to its end even if an item is wrong.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use super::entry::Rest;
use super::fault::Fault;
use crate::key::Member;

/// `name = "value"` inside a list.
pub(crate) struct Pair {
    pub(crate) name: String,
    /// The name as it was typed: an identifier or a string.
    pub(crate) at: TokenTree,
    pub(crate) value: LitStr,
}

/// A name inside a list, with its value if it takes one.
pub(crate) struct Word {
    pub(crate) name: Ident,
    pub(crate) value: Option<LitStr>,
}

/// The items that could be read; `None` if there is no list or it is empty.
pub(super) fn items<T>(
    rest: Rest,
    faults: &mut Vec<Fault>,
    read: impl Fn(TokenStream) -> Result<T, Fault>,
) -> Option<Vec<T>> {
    let list = match rest {
        Rest::List(list) => list,
        other => {
            faults.push(Fault::Kind(other.into_tokens()));
            return None;
        }
    };
    let items = split_at_commas(list.stream());
    if items.is_empty() {
        faults.push(Fault::Empty);
        return None;
    }
    let read = |item| read(item).map_err(|fault| faults.push(fault)).ok();
    Some(items.into_iter().filter_map(read).collect())
}

pub(super) fn string(item: TokenStream) -> Result<LitStr, Fault> {
    syn::parse2(item.clone()).map_err(|_| Fault::NotString(item))
}

pub(super) fn word(item: TokenStream) -> Result<Word, Fault> {
    if let Ok(text) = syn::parse2::<LitStr>(item.clone()) {
        return Err(Fault::Quoted(text));
    }
    let word = |input: ParseStream<'_>| {
        let name = input.parse()?;
        let has_value = input.parse::<Option<Token![=]>>()?.is_some();
        let value = has_value.then(|| input.parse()).transpose()?;
        Ok(Word { name, value })
    };
    word.parse2(item.clone()).map_err(|_| Fault::NotName(item))
}

pub(super) fn pair(item: TokenStream) -> Result<Pair, Fault> {
    let pair = |input: ParseStream<'_>| {
        let (name, at) = if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            (name.value(), TokenTree::Literal(name.token()))
        } else {
            let name = input.call(Ident::parse_any)?;
            (name.unraw().to_string(), TokenTree::Ident(name))
        };
        input.parse::<Token![=]>()?;
        Ok(Pair { name, at, value: input.parse()? })
    };
    pair.parse2(item.clone()).map_err(|_| Fault::NotPair(item))
}

pub(super) fn member(members: &[Member], item: TokenStream) -> Result<Pair, Fault> {
    let pair = pair(item)?;
    if members.iter().any(|member| member.name == pair.name) {
        Ok(pair)
    } else {
        Err(Fault::NotMember(pair))
    }
}

/// Adds the pairs with other names, before the ones that are there.
pub(crate) fn add_pairs(own: &mut Vec<Pair>, preset: Vec<Pair>) {
    let is_new = |pair: &Pair| own.iter().all(|typed| typed.name != pair.name);
    let added: Vec<_> = preset.into_iter().filter(is_new).collect();
    own.splice(0..0, added);
}

fn split_at_commas(list: TokenStream) -> Vec<TokenStream> {
    let mut items = vec![TokenStream::new()];
    for token in list {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => items.push(TokenStream::new()),
            token => {
                if let Some(item) = items.last_mut() {
                    item.extend([token]);
                }
            }
        }
    }
    items.retain(|item| !item.is_empty());
    items
}
