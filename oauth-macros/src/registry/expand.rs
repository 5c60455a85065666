//! EXPAND: a checked registry becomes its impls. Nothing here can fail.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::check::{Client, Registry};

pub(super) fn expand(registry: &Registry<'_>) -> TokenStream {
    let description = description(registry);
    let routes = routes(registry);
    let from_refs = registry.clients.iter().map(|client| client_from_ref(registry, client));
    let sessions = sessions_from_ref(registry);
    quote! {
        #description
        #routes
        #(#from_refs)*
        #sessions
    }
}

/// The registry's own impl, and the check of what its providers have in common.
fn description(registry: &Registry<'_>) -> TokenStream {
    let Registry { runtime, ident, mount, .. } = registry;
    let specs = registry.clients.iter().map(|client| {
        let provider = client.provider;
        quote_spanned!(provider.span()=> <#provider as #runtime::OAuthProvider>::SPEC)
    });
    // A client may have the same name: the parameter must not be the user's to shadow.
    let assembly = Ident::new("assembly", Span::mixed_site());
    let idents: Vec<_> = registry.clients.iter().map(|client| client.ident).collect();
    let clients = registry.clients.iter().map(|client| {
        let provider = client.provider;
        let method = if client.is_optional { quote!(optional_client) } else { quote!(client) };
        quote_spanned!(provider.span()=> #assembly.#method::<#provider>())
    });
    let check = quote_spanned! {ident.span()=>
        const _: () = #runtime::__private::check_registry(<#ident as #runtime::OAuthRegistry>::SPEC);
    };
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::OAuthRegistry for #ident {
            const SPEC: &'static #runtime::__private::RegistrySpec = &#runtime::__private::RegistrySpec {
                mount: #mount,
                providers: &[#(#specs),*],
            };
            fn assemble(#assembly: &mut #runtime::__private::Assembly<'_>) -> ::core::option::Option<Self> {
                #(let #idents = #clients;)*
                ::core::option::Option::Some(Self { #(#idents: #idents?),* })
            }
        }
        #check
    }
}

/// The routes, for the application's own state where it is declared and for any where it is not.
fn routes(registry: &Registry<'_>) -> TokenStream {
    let Registry { runtime, ident, .. } = registry;
    let any = format_ident!("__State");
    let (generics, state, bounds) = match registry.state {
        Some(state) => (quote!(), quote!(#state), quote!()),
        None => (
            quote!(<#any>),
            quote!(#any),
            quote! {
                where #any: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
            },
        ),
    };
    let providers = registry.clients.iter().map(|client| {
        let (field, provider) = (client.ident, client.provider);
        let answer = match client.on_login {
            Some(handler) => quote_spanned! {handler.span()=>
                #runtime::__private::on_login::<#provider, #state, _, _>(#handler)
            },
            None => quote!(#runtime::__private::built_in_login()),
        };
        quote!(.provider::<#provider>(&self.#field, #answer))
    });
    let on_error = registry.on_error.map(|handler| {
        quote_spanned! {handler.span()=>
            .on_error(#runtime::__private::on_error::<#state, _, _>(#handler))
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #generics #runtime::OAuthRoutes<#state> for #ident #bounds {
            fn routes(&self) -> #runtime::__private::Router<#state> {
                #runtime::__private::Routes::<#state>::new(<Self as #runtime::OAuthRegistry>::SPEC)
                    #(#providers)*
                    #on_error
                    .finish()
            }
        }
    }
}

fn client_from_ref(registry: &Registry<'_>, client: &Client<'_>) -> TokenStream {
    let Registry { runtime, ident, .. } = registry;
    let (field, provider) = (client.ident, client.provider);
    let ty = quote!(#runtime::Client<#provider>);
    let ty = if client.is_optional { quote!(::core::option::Option<#ty>) } else { ty };
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::__private::FromRef<#ident> for #ty {
            fn from_ref(registry: &#ident) -> Self {
                ::core::clone::Clone::clone(&registry.#field)
            }
        }
    }
}

/// All clients share their sessions; the first that is always there has them at hand.
fn sessions_from_ref(registry: &Registry<'_>) -> Option<TokenStream> {
    let Registry { runtime, ident, .. } = registry;
    let field = registry.clients.iter().find(|client| !client.is_optional)?.ident;
    Some(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::__private::FromRef<#ident> for #runtime::Sessions {
            fn from_ref(registry: &#ident) -> Self {
                #runtime::Client::sessions(&registry.#field)
            }
        }
    })
}
