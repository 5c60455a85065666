//! The impls that accompany errors, so that one mistake shows one error. The provider has an empty
//! impl, and the rest of the crate compiles as if the declaration were right.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;
use syn::ext::IdentExt;

use super::input::Input;
use crate::attribute::{KeyValue, Type};
use crate::keys::runtime;

/// A provider with its name and an empty description.
pub(super) fn fallback(input: &Input) -> TokenStream {
    let keys = &input.attrs.keys;
    let runtime = runtime(&keys.runtime);
    let ident = &input.ident;
    let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
    let name = keys.name.value();
    let name = name.map_or_else(|| ident.unraw().to_string().to_lowercase(), LitStr::value);
    let type_of = |key: &KeyValue<Type>| match key.value() {
        Some(ty) => quote!(#ty),
        None => quote!(#runtime::UserInfo),
    };
    let (userinfo, claims) = (type_of(&keys.userinfo), type_of(&keys.claims));
    // Generics are refused: these bounds keep that the only error.
    let bounds = (!input.generics.params.is_empty()).then(|| {
        quote! {
            where #ident #ty_generics: ::core::marker::Send + ::core::marker::Sync + 'static
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #runtime::AnyProvider for #ident #ty_generics #bounds {
            const SPEC: &'static #runtime::__private::ProviderSpec<'static> = &#runtime::__private::ProviderSpec {
                name: #name,
                ..#runtime::__private::ProviderSpec::DEFAULT
            };
            type Capabilities = #runtime::__private::Capabilities<
                #runtime::__private::AnyProtocol, #runtime::__private::Identified, true, true
            >;
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

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::DeriveInput;

    use crate::testing::{beginnings, implemented};

    #[test]
    fn half_typed_provider_still_implements_the_trait() {
        let keys = quote! {
            name = "acme", issuer = "https://{domain}", scopes("openid"), leeway = 30,
            userinfo = Envelope<User>, quirks(loopback_http), overwrite, crate = oauth
        };
        for keys in beginnings(keys) {
            let input: DeriveInput = syn::parse_quote! {
                #[oauth_provider(#keys)]
                struct Acme { domain: String }
            };
            let traits = implemented(super::super::derive(&input));
            assert!(traits.contains(&"AnyProvider".to_owned()), "{keys}: {traits:?}");
        }
    }
}
