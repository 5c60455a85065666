//! `#[oauth_login(GitHub)]`: makes a function the end of a provider's logins.
//!
//! The function is emitted unchanged, with one impl that names it. The impl compiles only if the
//! function is a handler of this provider's logins.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Token, Type};

use crate::attribute::{Declaration, Place};
use crate::diagnostics::Errors;
use crate::keys::{self, LoginHandlerKeys};
use crate::signature::Signature;
use crate::span;

static PLACE: Place = Place {
    attribute: "oauth_login",
    keys: keys::LOGIN_HANDLER,
    settings: &[],
    elsewhere: &[
        (keys::REGISTRY, "in `#[oauth_registry(...)]` on the struct of clients"),
        (keys::PROVIDER, "in `#[oauth_provider(...)]` on the provider"),
    ],
    advice: keys::NO_KEYS,
};

/// The attribute as it was typed.
struct Options {
    provider: Type,
    keys: LoginHandlerKeys,
}

/// The function and the impl that names it.
pub(crate) fn expand(options: TokenStream, function: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let handler = handler(options, function.clone(), &mut errors);
    let errors = errors.into_compile_errors();
    quote!(#function #errors #handler)
}

fn handler(
    options: TokenStream,
    function: TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let options = Options::read(options, errors);
    let signature = Signature::read("oauth_login(…)", function, errors)?;
    let Options { provider, keys } = options?;
    let provider_text = provider.to_token_stream().to_string().replace(' ', "");
    let state = match keys.state.value() {
        Some(state) => Some(state),
        None => {
            let write = format!("#[oauth_login({provider_text}, state = AppState)]");
            signature.state(&write, errors).ok()?
        }
    };
    let runtime = keys::runtime(&keys.runtime);
    let name = &signature.name;
    let state = state.map_or_else(|| quote!(__Outer), ToTokens::to_token_stream);
    let bounds = quote! {
        ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
    };
    let end = quote_spanned! {span::of(name)=>
        <#provider as #runtime::__private::Member>::on_login::<#state, _, _>(#name)
    };
    let header = quote_spanned! {span::of(&provider)=>
        impl #runtime::__private::LoginHandler for #provider
    };
    Some(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        #header {
            type State<__Outer: #bounds> = #state;
            fn on_login<__Outer: #bounds>() -> #runtime::__private::OnLogin<#state> {
                #end
            }
        }
    })
}

impl Options {
    /// `GitHub, state = AppState`
    fn read(options: TokenStream, errors: &mut Errors) -> Option<Self> {
        let (provider, rest) =
            Self::provider.parse2(options).map_err(|error| errors.add(error)).ok()?;
        let attribute = syn::parse_quote!(#[oauth_login(#rest)]);
        let declaration: Declaration<LoginHandlerKeys> = Declaration::read(vec![attribute], &PLACE)
            .map_err(|error| errors.add(error.into()))
            .ok()?;
        declaration.report(errors);
        Some(Self { provider, keys: declaration.keys })
    }

    /// The provider, and the entries after it.
    fn provider(input: ParseStream<'_>) -> syn::Result<(Type, TokenStream)> {
        const FIRST: &str = "name the provider first: write `#[oauth_login(GitHub)]`, with the struct that is declared with `#[derive(OAuthProvider)]`";
        let ahead = input.fork();
        let is_key = ahead.parse::<syn::Ident>().is_ok() && ahead.peek(Token![=]);
        if input.is_empty() || is_key {
            return Err(input.error(FIRST));
        }
        let provider =
            input.parse::<Type>().map_err(|error| syn::Error::new(error.span(), FIRST))?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok((provider, input.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;
    use crate::testing::formatted;

    #[test]
    fn handler_is_mounted_by_one_impl() {
        let function = quote!(
            async fn signed_in(login: Login<GitHub>) {}
        );
        let expansion = formatted(&expand(quote!(GitHub), &function));
        assert_eq!(expansion.matches("impl ").count(), 1, "{expansion}");
        assert!(expansion.contains("= __Outer;"), "{expansion}");
    }

    #[test]
    fn state_is_that_of_the_arguments_or_named() {
        let function = quote!(
            async fn signed_in(State(app): State<App>, login: Login<GitHub>) {}
        );
        let expansion = formatted(&expand(quote!(GitHub), &function));
        assert!(expansion.contains("= App;"), "{expansion}");
        let expansion = formatted(&expand(quote!(GitHub, state = Whole), &function));
        assert!(expansion.contains("= Whole;"), "{expansion}");
    }

    #[test]
    fn provider_comes_first() {
        for options in [quote!(), quote!("github"), quote!(state = App)] {
            let expansion = expand(
                options.clone(),
                &quote!(
                    async fn signed_in() {}
                ),
            )
            .to_string();
            assert!(expansion.contains("name the provider first"), "{options}: {expansion}");
            assert!(!expansion.contains("LoginHandler for"), "{options}: {expansion}");
        }
    }
}
