//! Helpers of the unit tests: a declaration as a string, its errors and its expansion as strings.

use proc_macro2::TokenStream;
use syn::{DeriveInput, Item};

use crate::diagnostics::Errors;
use crate::{provider, registry};

/// The errors of a provider, each as ``offending tokens` message`.
pub(crate) fn provider_errors(source: &str) -> Vec<String> {
    errors_of(source, |input, errors| drop(provider::expand(input, errors)))
}

/// The errors of a provider with these keys, on a unit struct.
pub(crate) fn errors_with(keys: &str) -> Vec<String> {
    provider_errors(&format!("#[oauth_provider({keys})] struct Acme;"))
}

/// The errors of an OAuth 2.0 provider with these keys in addition to the required ones.
pub(crate) fn oauth2_errors_with(keys: &str) -> Vec<String> {
    errors_with(&format!(
        r#"name = "acme",
        authorize_url = "https://acme.example/authorize",
        access_token_url = "https://acme.example/token",
        userinfo_endpoint = "https://acme.example/user",
        {keys}"#
    ))
}

/// The errors of an OAuth 1.0a provider with these keys in addition to the required ones.
pub(crate) fn oauth1_errors_with(keys: &str) -> Vec<String> {
    errors_with(&format!(
        r#"name = "acme",
        request_token_url = "https://acme.example/request_token",
        authorize_url = "https://acme.example/authorize",
        access_token_url = "https://acme.example/token",
        identity(id = "user_id"),
        {keys}"#
    ))
}

/// The errors of an OpenID Connect provider with these keys in addition to the required ones.
pub(crate) fn open_id_errors_with(keys: &str) -> Vec<String> {
    errors_with(&format!(
        r#"name = "acme", issuer = "https://acme.example", scopes("openid"), {keys}"#
    ))
}

/// The errors of a registry.
pub(crate) fn registry_errors(source: &str) -> Vec<String> {
    errors_of(source, |input, errors| drop(registry::expand(input, errors)))
}

fn errors_of(source: &str, derive: impl Fn(&DeriveInput, &mut Errors)) -> Vec<String> {
    let mut errors = Errors::default();
    match syn::parse_str(source) {
        Ok(input) => derive(&input, &mut errors),
        Err(error) => errors.add(error),
    }
    let mut errors: Vec<_> = errors.into_vec();
    errors.sort_by_key(|error| (error.span().start().line, error.span().start().column));
    errors.iter().map(describe).collect()
}

fn describe(error: &syn::Error) -> String {
    let offending = error.span().source_text().unwrap_or_default();
    format!("`{offending}` {error}")
}

/// The capabilities of a valid provider with these keys: protocol, devices, stored tokens.
pub(crate) fn capabilities(keys: &str) -> (String, bool, bool) {
    let [protocol, _, devices, tokens] = stated_capabilities(keys);
    (protocol, devices == "true", tokens == "true")
}

/// Whether the logins of a provider with these keys, which is in order, identify a user.
pub(crate) fn identification(keys: &str) -> String {
    let [_, identification, ..] = stated_capabilities(keys);
    identification
}

fn stated_capabilities(keys: &str) -> [String; 4] {
    let source = format!("#[oauth_provider({keys})] struct Acme;");
    assert_eq!(provider_errors(&source), [""; 0], "{keys}");
    let input = syn::parse_str(&source).expect("a struct");
    let expansion = provider::derive(&input).to_string().replace(' ', "");
    let (_, stated) = expansion.split_once("Capabilities<").expect("a type");
    let (stated, _) = stated.split_once('>').expect("its end");
    let names =
        stated.split(',').map(|name| name.rsplit("::").next().unwrap_or_default().to_owned());
    names.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{stated}"))
}

/// The tokens as a formatted file, or the parse error.
pub(crate) fn formatted(tokens: &TokenStream) -> String {
    match syn::parse2(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => format!("not a file: {error}\n{tokens}"),
    }
}

/// The names of the implemented traits, ignoring everything else.
pub(crate) fn implemented(expansion: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expansion).expect("the expansion is made of items");
    let traits = file.items.iter().filter_map(|item| match item {
        Item::Impl(item) => {
            item.trait_.as_ref()?.0.segments.last().map(|name| name.ident.to_string())
        }
        _ => None,
    });
    traits.collect()
}

/// Every prefix of `keys`, as an editor sees it while the user types.
pub(crate) fn beginnings(keys: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<_> = keys.into_iter().collect();
    (0..=tokens.len()).map(|end| tokens[..end].iter().cloned().collect()).collect()
}
