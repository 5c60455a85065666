//! Splits the tokens of an attribute into entries for darling.
//!
//! darling's own reader parses the whole list at once, so one broken entry hides all others. It
//! also ends a type such as `Envelope<User, Meta>` at the first comma.

use darling::ast::NestedMeta;
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, LitInt, LitStr, Meta, Path, Token, Type};

use super::entry::item;
use super::place::{Meaning, Place};
use crate::diagnostics::{Errors, duplicate_key};
use crate::key::{Key, Kind};

/// The entries of all attributes of one place.
pub(super) struct Split {
    place: &'static Place,
    /// The entries, each key once.
    pub(super) items: Vec<NestedMeta>,
    /// The keys that were typed, under their own or another name, in source order.
    pub(super) mentioned: Vec<&'static Key>,
    /// Whether an unrecognized entry could be any key.
    pub(super) is_uncertain: bool,
    pub(super) errors: Errors,
}

impl Split {
    pub(super) fn new(place: &'static Place) -> Self {
        Self {
            place,
            items: Vec::new(),
            mentioned: Vec::new(),
            is_uncertain: false,
            errors: Errors::default(),
        }
    }

    pub(super) fn read(&mut self, attribute: Attribute) {
        match attribute.meta {
            Meta::List(list) => {
                let read = |input: ParseStream<'_>| {
                    self.read_entries(input);
                    Ok(())
                };
                if let Err(error) = read.parse2(list.tokens) {
                    self.errors.add(error);
                }
            }
            meta @ (Meta::Path(_) | Meta::NameValue(_)) => {
                let (name, example) = (self.place.attribute, self.place.example());
                self.errors
                    .push(meta, format!("keys go in parentheses: write `#[{name}({example})]`"));
                self.is_uncertain = true;
            }
        }
    }

    fn read_entries(&mut self, input: ParseStream<'_>) {
        while !input.is_empty() {
            self.read_entry(input);
            expect_comma(input, &mut self.errors);
        }
    }

    fn read_entry(&mut self, input: ParseStream<'_>) {
        let Ok(at) = input.call(Ident::parse_any) else {
            let found = skip_entry(input);
            let example = self.place.example();
            self.errors.push(found, format!("expected a key such as `{example}`"));
            self.is_uncertain = true;
            return;
        };
        let typed = match self.place.meaning(&at) {
            Meaning::Key(key) | Meaning::Setting(key) if self.mentioned.contains(&key) => {
                skip_entry(input);
                self.errors.add(duplicate_key(&at));
                return;
            }
            Meaning::Key(key) | Meaning::Setting(key) => {
                self.mentioned.push(key);
                take_value(key.value, input)
            }
            Meaning::Misspelt(key) => {
                self.mentioned.push(key);
                skip_entry(input)
            }
            Meaning::Elsewhere(..) => skip_entry(input),
            Meaning::Advised(_) | Meaning::Unknown => {
                self.is_uncertain = true;
                skip_entry(input)
            }
        };
        self.items.push(item(&at, typed));
    }
}

/// An entry as it was typed.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    /// Everything after the key.
    typed: TokenStream,
}

impl Entry {
    /// Whether its key is one of `keys`.
    pub(crate) fn is_any_of(&self, keys: &[&Key]) -> bool {
        keys.iter().any(|key| self.key.unraw() == key.name)
    }
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        self.typed.to_tokens(tokens);
    }
}

/// Only splits: `typed` is part of a declaration that is read, and its mistakes reported, elsewhere.
pub(crate) fn entries(
    place: &'static Place,
    typed: TokenStream,
    errors: &mut Errors,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let Ok(key) = input.call(Ident::parse_any) else {
                skip_entry(input);
                expect_comma(input, errors);
                continue;
            };
            let typed = match place.meaning(&key) {
                Meaning::Key(known) => take_value(known.value, input),
                _ => skip_entry(input),
            };
            entries.push(Entry { key, typed });
            expect_comma(input, errors);
        }
        Ok(())
    };
    if let Err(error) = read.parse2(typed) {
        errors.add(error);
    }
    entries
}

/// Takes the tokens after a key: a value of its kind, or everything up to the next entry.
fn take_value(kind: Kind, input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    if let Some(tokens) = value(kind, &ahead) {
        input.advance_to(&ahead);
        return tokens;
    }
    let typed = skip_entry(&input.fork());
    // A comma inside a half-typed type, such as `Envelope<User, Meta`, starts no entry.
    let tokens_left = |input: ParseStream<'_>| input.cursor().token_stream().into_iter().count();
    let left = tokens_left(&ahead);
    while tokens_left(input) > left && input.parse::<TokenTree>().is_ok() {}
    skip_entry(input);
    typed
}

/// A value of this kind, if the input starts with one and the entry ends after it.
fn value(kind: Kind, input: ParseStream<'_>) -> Option<TokenStream> {
    let tokens = match kind {
        // After a list comes another entry, or a separate mistake.
        Kind::Texts | Kind::Params | Kind::Members(_) | Kind::Words => return list(input),
        Kind::Refused => None,
        Kind::Flag => Some(TokenStream::new()),
        Kind::Text | Kind::Url => after_equals::<LitStr>(input),
        Kind::Seconds => after_equals::<LitInt>(input),
        Kind::Type => after_equals::<Type>(input),
        Kind::Path => after_equals::<Path>(input),
        Kind::Preset if input.peek2(LitStr) => after_equals::<LitStr>(input),
        Kind::Preset => after_equals::<Path>(input),
    };
    let ends = input.is_empty() || input.peek(Token![,]) || starts_entry(input);
    tokens.filter(|_| ends)
}

fn after_equals<T: Parse + ToTokens>(input: ParseStream<'_>) -> Option<TokenStream> {
    let equals: Token![=] = input.parse().ok()?;
    let value: T = input.parse().ok()?;
    Some(quote!(#equals #value))
}

fn list(input: ParseStream<'_>) -> Option<TokenStream> {
    if !input.peek(syn::token::Paren) {
        return None;
    }
    input.parse::<Group>().ok().map(ToTokens::into_token_stream)
}

/// Takes the comma between two entries. A missing comma hides neither of them.
fn expect_comma(input: ParseStream<'_>, errors: &mut Errors) {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return;
    }
    if starts_entry(input) {
        if let Ok(next) = input.fork().call(Ident::parse_any) {
            errors.push(&next, format!("expected `,` before `{next}`"));
        }
    } else {
        let found = skip_entry(input);
        errors.push(&found, format!("expected `,`, found `{found}`"));
        expect_comma(input, errors);
    }
}

/// Whether the next tokens are a key: a word with or without a value.
fn starts_entry(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Ident::parse_any).is_ok()
        && (ahead.is_empty()
            || ahead.peek(Token![,])
            || ahead.peek(syn::token::Paren)
            || (ahead.peek(Token![=]) && !ahead.peek(Token![==])))
}

/// Takes everything up to the comma before the next key.
fn skip_entry(input: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() {
        if input.peek(Token![,]) {
            let ahead = input.fork();
            if ahead.parse::<Token![,]>().is_ok() && (ahead.is_empty() || starts_entry(&ahead)) {
                break;
            }
        }
        match input.parse::<TokenTree>() {
            Ok(token) => skipped.extend([token]),
            Err(_) => break,
        }
    }
    skipped
}
