//! The impls that accompany errors, so that one mistake shows one error. The registry has empty
//! impls, and the rest of the crate compiles as if the declaration were right.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::input::Input;
use crate::keys::runtime;

/// A registry without providers whose clients can still be extracted.
pub(super) fn fallback(input: &Input) -> TokenStream {
    let runtime = runtime(&input.attrs.keys.runtime);
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let state = format_ident!("__State");
    let mut routes_generics = input.generics.clone();
    routes_generics.params.push(syn::parse_quote!(#state));
    let (routes_generics, _, _) = routes_generics.split_for_impl();
    let where_state = match where_clause {
        Some(clause) => quote!(#clause),
        None => quote!(where),
    };
    let clients = clients(input, &runtime);
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

/// The clients of the registry, one for each provider.
fn clients(input: &Input, runtime: &syn::Path) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let mut seen = Vec::new();
    let clients = input.data.fields().iter().filter_map(|field| {
        let ty = field.provider()?;
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
    clients.collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::DeriveInput;

    use crate::testing::{beginnings, implemented};

    #[test]
    fn half_typed_registry_still_implements_the_trait() {
        let keys = quote!(mount = "/auth", on_login = a::signed_in, state = App<State>);
        for keys in beginnings(keys) {
            let input: DeriveInput = syn::parse_quote! {
                #[oauth_registry(#keys)]
                struct Providers { #[oauth_registry(on_login =)] acme: Client<Acme> }
            };
            let traits = implemented(super::super::derive(&input));
            for expected in ["OAuthRegistry", "OAuthRoutes", "FromRef"] {
                assert!(traits.contains(&expected.to_owned()), "{keys}: {traits:?}");
            }
        }
    }
}
