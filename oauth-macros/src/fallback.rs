//! What is emitted beside errors, so that one mistake shows one error: the impls are there, with
//! nothing behind them, and the rest of the crate is compiled as if the declaration were right.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::keys;
use crate::provider::input::Input as ProviderInput;
use crate::registry::input::Input as RegistryInput;

/// A provider that is called what it would be called and knows nothing else.
pub(crate) fn provider(input: &ProviderInput<'_>) -> TokenStream {
    let runtime = input.declaration.runtime();
    let ident = input.ident;
    let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
    let name = input
        .declaration
        .text(&keys::NAME)
        .map_or_else(|| ident.unraw().to_string().to_lowercase(), |name| name.value());
    let type_of = |key| match input.declaration.ty(key) {
        Some(ty) => quote!(#ty),
        None => quote!(#runtime::UserInfo),
    };
    let (userinfo, claims) = (type_of(&keys::USERINFO), type_of(&keys::CLAIMS));
    // Generics are refused; where there are some, these bounds keep that the only error.
    let bounds = (!input.generics.params.is_empty()).then(|| {
        quote! {
            where #ident #ty_generics: ::core::marker::Send + ::core::marker::Sync + 'static
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #runtime::OAuthProvider for #ident #ty_generics #bounds {
            const SPEC: &'static #runtime::__private::ProviderSpec<'static> = &#runtime::__private::ProviderSpec {
                name: #name,
                ..#runtime::__private::ProviderSpec::DEFAULT
            };
            type Capabilities =
                #runtime::__private::Capabilities<#runtime::__private::AnyProtocol, true, true>;
            type UserInfo = #userinfo;
            type Claims = #claims;
            fn load(_: &mut #runtime::__private::Fields<'_>) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
            fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
                ::std::vec::Vec::new()
            }
        }
    }
}

/// A registry without providers, whose clients can be asked for.
pub(crate) fn registry(input: &RegistryInput<'_>) -> TokenStream {
    let runtime = input.declaration.runtime();
    let ident = input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let state = format_ident!("__State");
    let mut routes_generics = input.generics.clone();
    routes_generics.params.push(syn::parse_quote!(#state));
    let (routes_generics, _, _) = routes_generics.split_for_impl();
    let where_state = match where_clause {
        Some(clause) => quote!(#clause),
        None => quote!(where),
    };
    let mut seen = Vec::new();
    let clients = input.fields.iter().filter_map(|field| {
        let ty = field.provider?;
        let text = quote!(#ty).to_string();
        if seen.contains(&text) {
            return None;
        }
        seen.push(text);
        Some(quote! {
            #[automatically_derived]
            #[allow(unused_qualifications)]
            impl #impl_generics #runtime::__private::FromRef<#ident #ty_generics> for #runtime::Client<#ty> #where_clause {
                fn from_ref(_: &#ident #ty_generics) -> Self {
                    ::core::unreachable!()
                }
            }
        })
    });
    let clients: TokenStream = clients.collect();
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #runtime::OAuthRegistry for #ident #ty_generics #where_clause {
            const SPEC: &'static #runtime::__private::RegistrySpec = &#runtime::__private::RegistrySpec {
                mount: "/auth",
                providers: &[],
            };
            fn assemble(_: &mut #runtime::__private::Assembly<'_>) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
        }

        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #routes_generics #runtime::OAuthRoutes<#state> for #ident #ty_generics
        #where_state
            #state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
        {
            fn routes(&self) -> #runtime::__private::Router<#state> {
                ::core::unreachable!()
            }
        }

        #clients

        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #runtime::__private::FromRef<#ident #ty_generics> for #runtime::Sessions #where_clause {
            fn from_ref(_: &#ident #ty_generics) -> Self {
                ::core::unreachable!()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;
    use syn::{DeriveInput, Item};

    use crate::{provider, registry};

    /// The names of the traits that are implemented, whatever else is emitted.
    fn implemented(expansion: TokenStream) -> Vec<String> {
        let file: syn::File = syn::parse2(expansion).expect("the expansion is made of items");
        let traits = file.items.iter().filter_map(|item| match item {
            Item::Impl(item) => {
                item.trait_.as_ref()?.0.segments.last().map(|name| name.ident.to_string())
            }
            _ => None,
        });
        traits.collect()
    }

    /// Every beginning of `keys`, as it stands there while somebody types.
    fn beginnings(keys: TokenStream) -> Vec<TokenStream> {
        let tokens: Vec<_> = keys.into_iter().collect();
        (0..=tokens.len()).map(|end| tokens[..end].iter().cloned().collect()).collect()
    }

    #[test]
    fn a_provider_is_one_while_it_is_typed() {
        let keys = quote! {
            name = "acme", issuer = "https://{domain}", scopes("openid"), leeway = 30,
            userinfo = Envelope<User>, quirks(loopback_http), overwrite, crate = oauth
        };
        for keys in beginnings(keys) {
            let input: DeriveInput = syn::parse_quote! {
                #[oauth_provider(#keys)]
                struct Acme { domain: String }
            };
            let traits = implemented(provider::derive(&input));
            assert!(traits.contains(&"OAuthProvider".to_owned()), "{keys}: {traits:?}");
        }
    }

    #[test]
    fn a_registry_is_one_while_it_is_typed() {
        let keys = quote!(mount = "/auth", on_login = a::signed_in, state = App<State>);
        for keys in beginnings(keys) {
            let input: DeriveInput = syn::parse_quote! {
                #[oauth_registry(#keys)]
                struct Providers { #[oauth_registry(on_login =)] acme: Client<Acme> }
            };
            let traits = implemented(registry::derive(&input));
            for expected in ["OAuthRegistry", "OAuthRoutes", "FromRef"] {
                assert!(traits.contains(&expected.to_owned()), "{keys}: {traits:?}");
            }
        }
    }
}
