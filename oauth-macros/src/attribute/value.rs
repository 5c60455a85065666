//! The kinds of values as types, so that the type of a key's field is the type of its value.

use syn::parse::Parse;
use syn::{LitInt, LitStr};

use super::entry::Rest;
use super::fault::Fault;
use super::list::{self, Pair, Word};
use crate::key::{Kind, Member};

/// A kind of value that a key takes.
pub(crate) trait Value {
    /// The parsed form of a value.
    type Parsed;

    /// The kind, for messages and for the page of all keys.
    const KIND: Kind;

    /// Reads the tokens after the key; `None` if a fault was recorded.
    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Self::Parsed>;

    /// The value if it is one string.
    fn text(_: &Self::Parsed) -> Option<&LitStr> {
        None
    }

    /// Adds the items of a preset that a declaration does not have. Default: the declaration's
    /// value replaces that of the preset.
    fn complete(_: &mut Self::Parsed, _preset: Self::Parsed) {}
}

/// `name = "acme"`: a string with a visible character.
pub(crate) enum Text {}

/// `authorize_url = "https://acme.example/authorize"`
pub(crate) enum Url {}

/// `scope_separator = " "`: a string that may be white space.
pub(crate) enum Separator {}

/// `scopes("openid", "email")`
pub(crate) enum Texts {}

/// `authorize_params(audience = "api", "x-tenant" = "7")`
pub(crate) enum Params {}

/// `quirks(loopback_http)`
pub(crate) enum Words {}

/// `leeway = 30`
pub(crate) enum Seconds {}

/// `overwrite`
pub(crate) enum Flag {}

/// `userinfo = Vec<Repo>`
pub(crate) enum Type {}

/// `on_login = signed_in`
pub(crate) enum Path {}

/// `preset = "github"`, or `preset = company::acme`
pub(crate) enum Preset {}

/// The name of a preset.
pub(crate) enum PresetName {
    /// A preset of this library.
    BuiltIn(LitStr),
    /// A preset that is defined with `oauth_preset!`.
    Shared(syn::Path),
}

impl Value for Text {
    type Parsed = LitStr;
    const KIND: Kind = Kind::Text;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<LitStr> {
        visible(rest, faults)
    }

    fn text(parsed: &LitStr) -> Option<&LitStr> {
        Some(parsed)
    }
}

impl Value for Url {
    type Parsed = LitStr;
    const KIND: Kind = Kind::Url;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<LitStr> {
        visible(rest, faults)
    }

    fn text(parsed: &LitStr) -> Option<&LitStr> {
        Some(parsed)
    }
}

impl Value for Separator {
    type Parsed = LitStr;
    const KIND: Kind = Kind::Text;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<LitStr> {
        after_equals(rest, faults)
    }

    fn text(parsed: &LitStr) -> Option<&LitStr> {
        Some(parsed)
    }
}

impl Value for Texts {
    type Parsed = Vec<LitStr>;
    const KIND: Kind = Kind::Texts;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<LitStr>> {
        list::items(rest, faults, list::string)
    }
}

impl Value for Params {
    type Parsed = Vec<Pair>;
    const KIND: Kind = Kind::Params;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Pair>> {
        list::items(rest, faults, list::pair)
    }

    fn complete(own: &mut Vec<Pair>, preset: Vec<Pair>) {
        list::add_pairs(own, preset);
    }
}

impl Value for Words {
    type Parsed = Vec<Word>;
    const KIND: Kind = Kind::Words;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<Vec<Word>> {
        list::items(rest, faults, list::word)
    }

    fn complete(own: &mut Vec<Word>, preset: Vec<Word>) {
        let is_new = |word: &Word| own.iter().all(|typed| typed.name != word.name);
        let added: Vec<_> = preset.into_iter().filter(is_new).collect();
        own.splice(0..0, added);
    }
}

impl Value for Seconds {
    type Parsed = LitInt;
    const KIND: Kind = Kind::Seconds;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<LitInt> {
        after_equals(rest, faults)
    }
}

impl Value for Flag {
    type Parsed = ();
    const KIND: Kind = Kind::Flag;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<()> {
        match rest {
            Rest::Nothing => Some(()),
            other => {
                faults.push(Fault::Kind(other.into_tokens()));
                None
            }
        }
    }
}

impl Value for Type {
    type Parsed = syn::Type;
    const KIND: Kind = Kind::Type;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<syn::Type> {
        after_equals(rest, faults)
    }
}

impl Value for Path {
    type Parsed = syn::Path;
    const KIND: Kind = Kind::Path;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<syn::Path> {
        after_equals(rest, faults)
    }
}

impl Value for Preset {
    type Parsed = PresetName;
    const KIND: Kind = Kind::Preset;

    fn read(rest: Rest, faults: &mut Vec<Fault>) -> Option<PresetName> {
        if let Rest::Value(tokens) = &rest
            && let Ok(path) = syn::parse2::<syn::Path>(tokens.clone())
        {
            return Some(PresetName::Shared(path));
        }
        visible(rest, faults).map(PresetName::BuiltIn)
    }

    fn text(parsed: &PresetName) -> Option<&LitStr> {
        match parsed {
            PresetName::BuiltIn(name) => Some(name),
            PresetName::Shared(_) => None,
        }
    }
}

/// `name = "value"` pairs whose names are `members`.
pub(crate) fn members(
    members: &[Member],
    rest: Rest,
    faults: &mut Vec<Fault>,
) -> Option<Vec<Pair>> {
    list::items(rest, faults, |item| list::member(members, item))
}

fn after_equals<T: Parse>(rest: Rest, faults: &mut Vec<Fault>) -> Option<T> {
    let tokens = match rest {
        Rest::Value(tokens) => tokens,
        other => {
            faults.push(Fault::Kind(other.into_tokens()));
            return None;
        }
    };
    syn::parse2(tokens.clone()).map_err(|_| faults.push(Fault::Kind(tokens))).ok()
}

fn visible(rest: Rest, faults: &mut Vec<Fault>) -> Option<LitStr> {
    let text: LitStr = after_equals(rest, faults)?;
    if text.value().trim().is_empty() {
        faults.push(Fault::Blank(text));
        return None;
    }
    Some(text)
}
