//! Faults of a value. The key knows what to write instead, so it is needed to make the message.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Error, LitStr};

use super::list::Pair;
use crate::diagnostics::{all_of, nearest, wrong_value};
use crate::key::{Key, Kind, Member};

/// A fault, with the tokens to point at.
pub(crate) enum Fault {
    /// A value of another kind, or none.
    Kind(TokenStream),
    /// A string without a visible character.
    Blank(LitStr),
    /// A list without items.
    Empty,
    /// An item of a list of strings.
    NotString(TokenStream),
    /// An item of a list of names.
    NotName(TokenStream),
    /// A name in quotes.
    Quoted(LitStr),
    /// An item of a list of names with strings.
    NotPair(TokenStream),
    /// A name that is not a member.
    NotMember(Pair),
}

impl Fault {
    /// The error to report; `at` is the key as it was typed.
    pub(super) fn error(&self, at: &Ident, key: &Key) -> Error {
        let example = key.example;
        match self {
            Self::Kind(typed) => wrong_value(at, key, typed),
            Self::Blank(text) => spanned(text, format!("`{at}` is empty: write `{example}`")),
            Self::Empty => spanned(at, format!("`{at}` is empty: write `{example}`, or remove it")),
            Self::NotString(item) => {
                let quoted = item.to_string();
                spanned(item, format!("`{at}` takes strings: write `{quoted:?}`"))
            }
            Self::NotName(item) => spanned(item, format!("`{at}` takes names")),
            Self::Quoted(name) => {
                let word = name.value();
                spanned(name, format!("`{at}` takes names without quotes: write `{word}`"))
            }
            Self::NotPair(item) => {
                spanned(item, format!("`{at}` takes named strings: write `{example}`"))
            }
            Self::NotMember(pair) => {
                let members = match key.value {
                    Kind::Members(members) => members,
                    _ => &[],
                };
                unknown_member(at, members, pair)
            }
        }
    }
}

fn spanned(tokens: impl ToTokens, message: String) -> Error {
    Error::new_spanned(tokens, message)
}

fn unknown_member(at: &Ident, members: &[Member], pair: &Pair) -> Error {
    let name = pair.name.as_str();
    let names = || members.iter().map(|member| member.name);
    let is_meant = |member: &&Member| member.misnomers.contains(&name);
    let meant = members.iter().find(is_meant).map(|member| member.name);
    let advice = match meant.or_else(|| nearest(name, names())) {
        Some(meant) => {
            let value = pair.value.to_token_stream();
            format!("write `{meant} = {value}`")
        }
        None => format!("it has {}", all_of(names())),
    };
    spanned(&pair.at, format!("`{at}` has no `{name}`: {advice}"))
}
