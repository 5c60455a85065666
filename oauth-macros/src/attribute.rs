//! PARSE: an attribute's tokens become keys and values, each with the span it was typed at.
//!
//! What the values mean is left to CHECK; here a key is known, given once, in its place, and has a
//! value of the right kind. A list is read to its end whatever is wrong with one item.
//!
//! Written on syn alone: a `syn::Meta`, on which attribute libraries such as darling build, can hold
//! neither a type such as `Vec<Repo>` nor a half-typed entry beside whole ones.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitInt, LitStr, Meta, Path, Token, Type};

use crate::diagnostics::{self, Errors, all_of, nearest};
use crate::keys::{CONFIGURATION, CRATE, Key, Kind, Member, NO_KEYS, SCOPE_SEPARATOR};

/// Where an attribute stands, and with it which keys it understands.
pub(crate) struct Place {
    /// Name of the attribute.
    pub(crate) attribute: &'static str,
    /// The keys that it understands.
    pub(crate) keys: &'static [&'static Key],
    /// The keys of other places, and how a sentence names the place.
    pub(crate) elsewhere: &'static [(&'static [&'static Key], &'static str)],
}

/// The keys that were given.
#[derive(Default)]
pub(crate) struct Declaration {
    entries: Vec<Entry>,
    /// Keys that were meant but came out wrong, in whole or in part; an error is recorded for each.
    attempted: Vec<&'static Key>,
    /// Whether anything was given of which nobody can tell what it was meant to be.
    is_uncertain: bool,
}

/// A key with its value.
pub(crate) struct Entry {
    pub(crate) key: &'static Key,
    /// The key as it was typed.
    pub(crate) at: Ident,
    pub(crate) value: Value,
}

/// What was typed behind a key.
pub(crate) enum Value {
    Text(LitStr),
    Texts(Vec<LitStr>),
    Pairs(Vec<Pair>),
    Words(Vec<Word>),
    Seconds(LitInt),
    Type(Box<Type>),
    Path(Path),
    /// A flag, or a value that nothing looks at.
    Nothing,
}

/// `name = "value"` inside a list.
pub(crate) struct Pair {
    pub(crate) name: String,
    /// The name as it was typed: an identifier or a string.
    pub(crate) at: TokenTree,
    pub(crate) value: LitStr,
}

/// A name inside a list, with the value that a few names take.
pub(crate) struct Word {
    pub(crate) name: Ident,
    pub(crate) value: Option<LitStr>,
}

impl Declaration {
    /// Reads all attributes of `place` among `attributes`.
    pub(crate) fn parse(attributes: &[Attribute], place: &Place, errors: &mut Errors) -> Self {
        let mut declaration = Self::default();
        for attribute in attributes {
            if !attribute.path().is_ident(place.attribute) {
                continue;
            }
            match &attribute.meta {
                Meta::List(list) => {
                    let read = |input: ParseStream<'_>| {
                        declaration.read(input, place, errors);
                        Ok(())
                    };
                    if let Err(error) = read.parse2(list.tokens.clone()) {
                        errors.add(error);
                    }
                }
                Meta::Path(_) | Meta::NameValue(_) => {
                    let example = place.keys.first().map_or("", |key| key.example);
                    let name = place.attribute;
                    errors.push(
                        &attribute.meta,
                        format!("the keys stand in parentheses: write `#[{name}({example})]`"),
                    );
                    declaration.is_uncertain = true;
                }
            }
        }
        declaration
    }

    fn read(&mut self, input: ParseStream<'_>, place: &Place, errors: &mut Errors) {
        while !input.is_empty() {
            self.read_entry(input, place, errors);
            expect_comma(input, errors);
        }
    }

    fn read_entry(&mut self, input: ParseStream<'_>, place: &Place, errors: &mut Errors) {
        let Ok(at) = input.call(Ident::parse_any) else {
            let found = skip_entry(input);
            let example = place.keys.first().map_or("", |key| key.example);
            errors.push(found, format!("expected a key such as `{example}`"));
            self.is_uncertain = true;
            return;
        };
        let key = match place.find(&at) {
            Some(key) => key,
            None => {
                let typed = skip_entry(input);
                let unknown = place.unknown(&at, &typed);
                errors.add(unknown.error);
                match unknown.meant {
                    Some(key) => self.attempted.push(key),
                    None => self.is_uncertain |= !unknown.is_elsewhere,
                }
                return;
            }
        };
        if self.mentions(key) {
            skip_entry(input);
            errors.add(diagnostics::duplicate_key(&at));
            return;
        }
        let before = errors.len();
        if let Some(value) = Value::parse(key, &at, input, errors) {
            self.entries.push(Entry { key, at, value });
        }
        if errors.len() > before {
            self.attempted.push(key);
        }
    }

    /// The entries in the order in which they were typed.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether something that seems to be missing may be there, unrecognised.
    pub(crate) fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// Whether the key came out wrong, so that its value is not all that was meant.
    pub(crate) fn is_attempted(&self, key: &Key) -> bool {
        self.attempted.contains(&key)
    }

    /// Whether any URL came out wrong.
    pub(crate) fn attempts_url(&self) -> bool {
        self.attempted.iter().any(|key| matches!(key.value, Kind::Url))
    }

    /// Whether the key is there, be it with a wrong value or under a wrong name.
    pub(crate) fn mentions(&self, key: &Key) -> bool {
        self.entry(key).is_some() || self.is_attempted(key)
    }

    pub(crate) fn entry(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn text(&self, key: &Key) -> Option<&LitStr> {
        match &self.entry(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn texts(&self, key: &Key) -> Option<&[LitStr]> {
        match &self.entry(key)?.value {
            Value::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    pub(crate) fn pairs(&self, key: &Key) -> Option<&[Pair]> {
        match &self.entry(key)?.value {
            Value::Pairs(pairs) => Some(pairs),
            _ => None,
        }
    }

    pub(crate) fn words(&self, key: &Key) -> &[Word] {
        match self.entry(key).map(|entry| &entry.value) {
            Some(Value::Words(words)) => words,
            _ => &[],
        }
    }

    pub(crate) fn seconds(&self, key: &Key) -> Option<&LitInt> {
        match &self.entry(key)?.value {
            Value::Seconds(seconds) => Some(seconds),
            _ => None,
        }
    }

    pub(crate) fn ty(&self, key: &Key) -> Option<&Type> {
        match &self.entry(key)?.value {
            Value::Type(ty) => Some(ty),
            _ => None,
        }
    }

    /// The runtime crate, as generated code names it.
    pub(crate) fn runtime(&self) -> Path {
        let stated = self.path(&CRATE).cloned();
        stated.unwrap_or_else(|| syn::parse_quote!(::oauth_runtime))
    }

    pub(crate) fn path(&self, key: &Key) -> Option<&Path> {
        match &self.entry(key)?.value {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// A key that is none here.
struct Unknown {
    error: syn::Error,
    /// The key that was meant.
    meant: Option<&'static Key>,
    /// Whether it is a key of another place, and so nothing that is missing here.
    is_elsewhere: bool,
}

impl Place {
    fn find(&self, at: &Ident) -> Option<&'static Key> {
        let name = at.unraw().to_string();
        let mut known = self.keys.iter().chain(CONFIGURATION);
        known.find(|key| key.name == name).copied()
    }

    /// The best that can be said about a name that is no key here: that it belongs elsewhere, what
    /// it is called here, which key looks like it, or which keys there are.
    fn unknown(&self, at: &Ident, typed: &TokenStream) -> Unknown {
        let name = at.unraw().to_string();
        let name = name.as_str();
        for (keys, place) in self.elsewhere {
            if let Some(key) = keys.iter().find(|key| key.name == name) {
                return Unknown {
                    error: diagnostics::misplaced_key(at, key, place),
                    meant: None,
                    is_elsewhere: true,
                };
            }
        }
        let advice = NO_KEYS.iter().find(|(no_key, _)| *no_key == name);
        let meant = self.meant_by(name).filter(|_| advice.is_none());
        let error = match (meant, advice) {
            (Some(key), _) => diagnostics::misspelt_key(at, key, typed),
            (None, Some((_, advice))) => diagnostics::unknown_key(at, advice),
            (None, None) => diagnostics::unknown_key(at, &self.keys_there_are()),
        };
        Unknown { error, meant, is_elsewhere: false }
    }

    /// All keys, unless they are too many to read in an error.
    fn keys_there_are(&self) -> String {
        let names = self.keys.iter().map(|key| key.name);
        if self.keys.len() <= 8 {
            format!("the keys are {}", all_of(names))
        } else {
            "the documentation of `oauth_runtime::guide::keys` has all there are".to_owned()
        }
    }

    /// The key that has this name elsewhere, or one that looks like it.
    fn meant_by(&self, name: &str) -> Option<&'static Key> {
        let mut keys = self.keys.iter().copied();
        if let Some(key) = keys.clone().find(|key| key.misnomers.contains(&name)) {
            return Some(key);
        }
        let similar = nearest(name, keys.clone().map(|key| key.name))?;
        keys.find(|key| key.name == similar)
    }
}

impl Value {
    /// Reads what stands between the key and the next entry. `None` once an error is recorded.
    fn parse(
        key: &'static Key,
        at: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let ahead = input.fork();
        let value = match key.value {
            Kind::Refused => {
                skip_entry(input);
                return Some(Self::Nothing);
            }
            Kind::Flag => Some(Self::Nothing),
            Kind::Texts | Kind::Params | Kind::Members(_) | Kind::Words => {
                return Self::parse_list(key, at, input, errors);
            }
            Kind::Text | Kind::Url => after_equals(input).map(Self::Text),
            Kind::Seconds => after_equals(input).map(Self::Seconds),
            Kind::Type => after_equals(input).map(|ty| Self::Type(Box::new(ty))),
            Kind::Path => after_equals(input).map(Self::Path),
        };
        if let Some(Self::Text(text)) = &value
            && text.value().trim().is_empty()
            && *key != SCOPE_SEPARATOR
        {
            errors.push(text, format!("`{at}` is empty: write `{}`", key.example));
            return None;
        }
        if value.is_some() && (input.is_empty() || input.peek(Token![,]) || starts_entry(input)) {
            return value;
        }
        skip_entry(input);
        errors.add(diagnostics::wrong_value(at, key, &typed_value(&ahead)));
        None
    }

    fn parse_list(
        key: &'static Key,
        at: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let Some(list) = parenthesized(input) else {
            let typed = typed_value(&input.fork());
            skip_entry(input);
            errors.add(diagnostics::wrong_value(at, key, &typed));
            return None;
        };
        let items = split_at_commas(list.clone());
        if items.is_empty() {
            let example = key.example;
            errors.push(at, format!("`{at}` is empty: write `{example}`, or leave it out"));
            return None;
        }
        let value = match key.value {
            Kind::Texts => Self::Texts(each(items, errors, |item| text_item(at, item))),
            Kind::Words => Self::Words(each(items, errors, |item| word_item(at, item))),
            Kind::Members(members) => {
                Self::Pairs(each(items, errors, |item| pair_item(at, key, Some(members), item)))
            }
            _ => Self::Pairs(each(items, errors, |item| pair_item(at, key, None, item))),
        };
        Some(value)
    }
}

/// Reads every item, whatever is wrong with one of them.
fn each<T>(
    items: Vec<TokenStream>,
    errors: &mut Errors,
    read: impl Fn(TokenStream) -> syn::Result<T>,
) -> Vec<T> {
    let read = |item| read(item).map_err(|error| errors.add(error)).ok();
    items.into_iter().filter_map(read).collect()
}

fn text_item(at: &Ident, item: TokenStream) -> syn::Result<LitStr> {
    syn::parse2(item.clone()).map_err(|_| {
        let quoted = item.to_string();
        syn::Error::new_spanned(item, format!("`{at}` takes strings: write `{quoted:?}`"))
    })
}

fn word_item(at: &Ident, item: TokenStream) -> syn::Result<Word> {
    if let Ok(text) = syn::parse2::<LitStr>(item.clone()) {
        let word = text.value();
        let message = format!("`{at}` takes names without quotes: write `{word}`");
        return Err(syn::Error::new_spanned(item, message));
    }
    let word = |input: ParseStream<'_>| {
        let name = input.parse()?;
        let has_value = input.parse::<Option<Token![=]>>()?.is_some();
        let value = has_value.then(|| input.parse()).transpose()?;
        Ok(Word { name, value })
    };
    word.parse2(item.clone())
        .map_err(|_| syn::Error::new_spanned(item, format!("`{at}` takes names")))
}

fn pair_item(
    at: &Ident,
    key: &Key,
    members: Option<&[Member]>,
    item: TokenStream,
) -> syn::Result<Pair> {
    let parts = |input: ParseStream<'_>| {
        let (name, at) = if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            (name.value(), TokenTree::Literal(name.token()))
        } else {
            let name = input.call(Ident::parse_any)?;
            (name.unraw().to_string(), TokenTree::Ident(name))
        };
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        Ok(Pair { name, at, value })
    };
    let pair = parts.parse2(item.clone()).map_err(|_| {
        let message = format!("`{at}` takes names with strings: write `{}`", key.example);
        syn::Error::new_spanned(item, message)
    })?;
    if let Some(members) = members {
        known_member(at, members, &pair)?;
    }
    Ok(pair)
}

fn known_member(at: &Ident, members: &[Member], pair: &Pair) -> syn::Result<()> {
    let name = pair.name.as_str();
    if members.iter().any(|member| member.name == name) {
        return Ok(());
    }
    let meant = members
        .iter()
        .find(|member| member.misnomers.contains(&name))
        .map(|member| member.name)
        .or_else(|| nearest(name, members.iter().map(|member| member.name)));
    let advice = match meant {
        Some(meant) => {
            let value = pair.value.to_token_stream();
            format!("write `{meant} = {value}`")
        }
        None => format!("it has {}", all_of(members.iter().map(|member| member.name))),
    };
    let message = format!("`{at}` has no `{name}`: {advice}");
    Err(syn::Error::new_spanned(&pair.at, message))
}

fn after_equals<T: syn::parse::Parse>(input: ParseStream<'_>) -> Option<T> {
    input.parse::<Token![=]>().ok()?;
    input.parse().ok()
}

fn parenthesized(input: ParseStream<'_>) -> Option<TokenStream> {
    if !input.peek(syn::token::Paren) {
        return None;
    }
    let group: proc_macro2::Group = input.parse().ok()?;
    Some(group.stream())
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

/// Takes the comma between two entries. One that is missing hides neither of them.
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

/// Whether the next tokens are a key: a word with a value, or one that stands alone.
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

/// What stands behind the key, without the equals sign.
fn typed_value(ahead: ParseStream<'_>) -> TokenStream {
    let _ = ahead.parse::<Token![=]>();
    skip_entry(ahead)
}

#[cfg(test)]
mod tests {
    use crate::testing::{errors_with, oauth2_errors_with, registry_errors};

    #[test]
    fn synonym_of_a_key_is_answered_with_the_key() {
        assert_eq!(
            errors_with(
                r#"name = "acme", authorization_endpoint = "https://acme.example/a",
                token_url = "https://acme.example/t", userinfo_url = "https://acme.example/u",
                scope = "read write""#
            ),
            [
                "`authorization_endpoint` unknown key `authorization_endpoint`: write `authorize_url`",
                "`token_url` unknown key `token_url`: write `access_token_url`",
                "`userinfo_url` unknown key `userinfo_url`: write `userinfo_endpoint`",
                "`scope` unknown key `scope`: write `scopes(\"read\", \"write\")`",
            ]
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_told_the_nearest_key() {
        assert_eq!(
            oauth2_errors_with(r#"scoeps("read")"#),
            ["`scoeps` unknown key `scoeps`: write `scopes`"]
        );
    }

    #[test]
    fn what_looks_like_no_key_is_told_where_the_keys_are() {
        assert_eq!(
            oauth2_errors_with("fancy = Vec<A, B>"),
            ["`fancy` unknown key `fancy`: \
                 the documentation of `oauth_runtime::guide::keys` has all there are"]
        );
        assert_eq!(
            registry_errors("#[oauth_registry(fancy)] struct Providers { a: Client<A> }"),
            ["`fancy` unknown key `fancy`: \
                 the keys are `mount`, `on_login`, `on_connect`, `on_error`, `state` and `crate`"]
        );
    }

    #[test]
    fn a_key_of_the_registry_is_sent_there() {
        assert_eq!(
            oauth2_errors_with("on_login = signed_in"),
            [
                "`on_login` `on_login` belongs in `#[oauth_registry(...)]` on the struct of clients: \
                 write `on_login = signed_in` there"
            ]
        );
    }

    #[test]
    fn client_kwargs_are_keys_of_their_own() {
        assert_eq!(
            oauth2_errors_with("client_kwargs()"),
            ["`client_kwargs` unknown key `client_kwargs`: its members are keys of their own: \
                 scopes(\"…\"), token_endpoint_auth_method = \"…\""]
        );
    }

    #[test]
    fn a_key_whose_feature_is_to_come_says_so() {
        assert_eq!(
            oauth2_errors_with(r#"security_profile = "fapi2""#),
            ["`security_profile` `security_profile` needs FAPI 2.0, \
                 which this version does not have: leave it out"]
        );
    }

    #[test]
    fn a_second_one_is_the_duplicate() {
        assert_eq!(
            oauth2_errors_with(r#"overwrite, leeway = "x", overwrite"#),
            [
                "`\"x\"` `leeway` takes a number of seconds: write `leeway = 30`",
                "`overwrite` `overwrite` is given twice: keep one",
            ]
        );
    }

    #[test]
    fn value_of_another_kind_is_answered_with_the_right() {
        for (keys, expected) in [
            (
                "display_name = Acme",
                r#"`Acme` `display_name` takes a string: write `display_name = "Acme"`"#,
            ),
            (
                "display_name(Acme)",
                r#"`(Acme)` `display_name` takes a string: write `display_name = "Acme"`"#,
            ),
            (
                "display_name",
                r#"`display_name` `display_name` takes a string: write `display_name = "Acme"`"#,
            ),
            (
                "display_name =",
                r#"`display_name` `display_name` takes a string: write `display_name = "Acme"`"#,
            ),
            (
                r#"display_name = """#,
                r#"`""` `display_name` is empty: write `display_name = "Acme"`"#,
            ),
            (
                r#"scopes = ["a", "b"]"#,
                r#"`["a", "b"]` `scopes` takes a list of strings: write `scopes("a", "b")`"#,
            ),
            (
                r#"scopes = "a b""#,
                r#"`"a b"` `scopes` takes a list of strings: write `scopes("a", "b")`"#,
            ),
            ("scopes(read)", r#"`read` `scopes` takes strings: write `"read"`"#),
            (
                "scopes()",
                r#"`scopes` `scopes` is empty: write `scopes("openid", "email")`, or leave it out"#,
            ),
            (
                "quirks = no_pkce",
                "`no_pkce` `quirks` takes a list of names: write `quirks(no_pkce)`",
            ),
            (
                r#"quirks("no_pkce")"#,
                r#"`"no_pkce"` `quirks` takes names without quotes: write `no_pkce`"#,
            ),
            ("overwrite = true", "`true` `overwrite` stands alone: write `overwrite`"),
            (
                r#"userinfo = "User""#,
                r#"`"User"` `userinfo` takes a type: write `userinfo = User`"#,
            ),
            (
                "authorize_params(a)",
                "`a` `authorize_params` takes names with strings: write `authorize_params(audience = \"api\")`",
            ),
        ] {
            assert_eq!(oauth2_errors_with(keys), [expected], "{keys}");
        }
    }

    #[test]
    fn a_type_with_generics_is_a_value() {
        assert_eq!(oauth2_errors_with("userinfo = Envelope<User, Meta>, overwrite"), [""; 0]);
    }

    #[test]
    fn a_missing_comma_hides_nothing() {
        assert_eq!(
            errors_with(r#"name = "acme" preset = "githb""#),
            [
                "`preset` expected `,` before `preset`",
                "`\"githb\"` unknown preset \"githb\": write `preset = \"github\"`",
            ]
        );
    }

    #[test]
    fn members_of_a_list_have_names_too() {
        assert_eq!(
            oauth2_errors_with(r#"routes(redirect_uri = "/a"), identity(nmae = "b", zzz = "c")"#),
            [
                "`redirect_uri` `routes` has no `redirect_uri`: write `callback = \"/a\"`",
                "`nmae` `identity` has no `nmae`: write `name = \"b\"`",
                "`zzz` `identity` has no `zzz`: it has `id`, `name`, `username`, `email`, \
                 `email_verified` and `picture`",
            ]
        );
    }
}
