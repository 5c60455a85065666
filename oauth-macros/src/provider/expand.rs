//! EXPAND: turns a checked provider into one impl with one constant. Nothing here can fail.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::model::{Identification, Provider};
use crate::key::{Key, Kind};
use crate::keys::{IDENTITY, ROUTES};
use crate::protocol::Protocol;
use crate::span;

pub(super) fn expand(provider: &Provider<'_>) -> TokenStream {
    let Provider { runtime, ident, .. } = provider;
    let description = description(provider);
    let default = quote!(#runtime::UserInfo);
    let userinfo = provider.userinfo.as_ref().map_or_else(|| default.clone(), |ty| quote!(#ty));
    let claims = provider.claims.as_ref().map_or(default, |ty| quote!(#ty));
    let load = load(provider);
    let placeholder_values = placeholder_values(provider);
    let capabilities = capabilities(provider);
    // The constant is unused: naming the file makes cargo recompile when it changes.
    let metadata_file = provider.metadata_file.as_ref().map(|file| {
        let path = &file.path;
        quote! {
            const _: &[::core::primitive::u8] = ::core::include_bytes!(
                ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path)
            );
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::AnyProvider for #ident {
            const SPEC: &'static #runtime::__private::ProviderSpec<'static> = &#description;
            const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
                #[allow(unused_imports)]
                use #runtime::__private::NoLoginHandler as _;
                #runtime::__private::LoginEnd::<#ident>::IS_HANDLED
            };
            type Capabilities = #capabilities;
            type UserInfo = #userinfo;
            type Claims = #claims;
            #load
            #placeholder_values
        }
        #metadata_file
    }
}

/// The description as an expression.
pub(super) fn description(provider: &Provider<'_>) -> TokenStream {
    let runtime = &provider.runtime;
    let fields = spec(provider);
    quote! {
        #runtime::__private::ProviderSpec {
            #fields
            ..#runtime::__private::ProviderSpec::DEFAULT
        }
    }
}

/// The fields of the description that differ from their default.
fn spec(provider: &Provider<'_>) -> TokenStream {
    let mut fields = Fields::default();
    set_provider(&mut fields, provider);
    set_requests(&mut fields, provider);
    set_identity(&mut fields, provider);
    set_quirks(&mut fields, provider);
    set_routes(&mut fields, provider);
    fields.0
}

/// The name and the URLs of the provider.
fn set_provider(fields: &mut Fields, provider: &Provider<'_>) {
    let runtime = &provider.runtime;
    let name = &provider.name;
    fields.set("name", &quote!(#name));
    if let Some(display_name) = &provider.label.display_name {
        fields.set("display_name", &quote!(#display_name));
    }
    fields.set_some("brand_color", provider.label.brand_color);
    if let Some(protocol) = protocol(provider.protocol) {
        fields.set("protocol", &quote!(#runtime::__private::Protocol::#protocol));
    }
    fields.set_some("registration_page", provider.registration_page.as_ref());
    for (term, url) in &provider.urls {
        fields.set_some(term, Some(url));
    }
    fields.set_some("published", published(provider));
}

/// The parameters of requests, and the requirements on their responses.
fn set_requests(fields: &mut Fields, provider: &Provider<'_>) {
    let Provider { client_authentication, requests, id_token, oauth1, .. } = provider;
    let variant = |of, name| variant(&provider.runtime, of, name);
    for (term, params) in &provider.params {
        let params = params.iter().map(|(name, value)| quote!((#name, #value)));
        fields.set(term, &quote!(&[#(#params),*]));
    }
    fields.set_list("login_params", &requests.login_params);
    fields.set_list("tenants", &provider.tenants);
    fields.set_list("scopes", &provider.scopes);
    if let Some(separator) = &provider.scope_separator {
        fields.set("scope_separator", &quote!(#separator));
    }
    let method = client_authentication.method.map(|name| variant("ClientAuthMethod", name));
    fields.set_some("token_endpoint_auth_method", method);
    let algorithm = client_authentication.signing_algorithm.as_ref();
    fields.set_some("token_endpoint_auth_signing_alg", algorithm);
    fields.set_some("response_type", requests.response_type.as_ref());
    fields.set_some("response_mode", requests.response_mode.as_ref());
    fields.set_some("id_token_signed_response_alg", id_token.signed_response_alg.as_ref());
    for (term, algorithm) in &provider.encryption {
        fields.set_some(term, Some(algorithm));
    }
    fields.set_some("leeway", id_token.leeway.map(Literal::u32_unsuffixed));
    fields.set_some("max_age", id_token.max_age.map(Literal::u32_unsuffixed));
    fields.set_some("prompt", requests.prompt.as_ref());
    fields.set_some("token_placement", requests.token_placement.as_ref());
    fields.set_some("userinfo_query", requests.userinfo_query.as_ref());
    fields.set_some("redirect_id", requests.redirect_id.as_ref());
    fields.set_list("callback_params", &requests.callback_params);
    let method = oauth1.method.map(|name| variant("SignatureMethod", name));
    fields.set_some("signature_method", method);
    let transmission = oauth1.transmission.map(|name| variant("ParameterTransmission", name));
    fields.set_some("parameter_transmission", transmission);
    fields.set_some("realm", oauth1.realm.as_ref());
}

/// The paths of the user's identity, and the fields that URLs need.
fn set_identity(fields: &mut Fields, provider: &Provider<'_>) {
    let runtime = &provider.runtime;
    fields.set_flag("fetch_userinfo", provider.userinfo.is_some());
    if provider.identification != Identification::Identified {
        let identification = identification(provider.identification);
        let value = quote!(#runtime::__private::Identification::#identification);
        fields.set("identification", &value);
    }
    if !provider.identity.is_empty() {
        let members = members(&provider.identity, |path| quote!(#path));
        let spec = quote!(#runtime::__private::IdentitySpec);
        let others = others(&IDENTITY, &provider.identity, &spec);
        fields.set("identity", &quote!(#spec { #members #others }));
    }
    let placeholders: Vec<_> = provider.fields.iter().map(|field| field.name.clone()).collect();
    fields.set_list("placeholders", &placeholders);
}

fn set_quirks(fields: &mut Fields, provider: &Provider<'_>) {
    let runtime = &provider.runtime;
    if !provider.quirks.is_empty() {
        let quirks = provider.quirks.iter().map(|name| variant(runtime, "Quirk", name));
        fields.set("quirks", &quote!(&[#(#quirks),*]));
    }
    if let Some(path) = &provider.nested_token {
        fields.set("nested_token", &quote!(#path));
    }
    if let Some(fix) = &provider.compliance_fix {
        let value = quote_spanned!(span::of(fix)=> #runtime::__private::Fix(&#fix));
        fields.set("compliance_fix", &quote!(::core::option::Option::Some(#value)));
    }
}

fn set_routes(fields: &mut Fields, provider: &Provider<'_>) {
    let Provider { runtime, routes, flags, .. } = provider;
    if !routes.is_empty() {
        let members = members(routes, |path| quote!(::core::option::Option::Some(#path)));
        let spec = quote!(#runtime::__private::RoutesSpec);
        let others = others(&ROUTES, routes, &spec);
        fields.set("routes", &quote!(#spec { #members #others }));
    }
    fields.set_flag("rp_initiated_logout", flags.rp_initiated_logout);
    fields.set_flag("backchannel_logout", flags.backchannel_logout);
    fields.set_flag("keep_tokens", flags.keep_tokens);
    fields.set_flag("no_login", flags.no_login);
    fields.set_flag("configured", flags.configured);
    fields.set_flag("may_be_oauth1", flags.may_be_oauth1);
    fields.set_flag("overwrite", flags.overwrite);
}

/// A variant of an enum of the runtime.
fn variant(runtime: &syn::Path, of: &str, name: &str) -> TokenStream {
    let (of, name) = (format_ident!("{of}"), format_ident!("{name}"));
    quote!(#runtime::__private::#of::#name)
}

/// The published metadata that the declaration was compared with.
fn published(provider: &Provider<'_>) -> Option<TokenStream> {
    let (runtime, file) = (&provider.runtime, provider.metadata_file.as_ref()?);
    let issuer = &file.issuer;
    let endpoint = |name: &str| {
        let url = file.endpoints.iter().find(|(own, _)| *own == name).map(|(_, url)| url);
        url.map_or_else(
            || quote!(::core::option::Option::None),
            |url| quote!(::core::option::Option::Some(#url)),
        )
    };
    let [token, keys, userinfo] = ["token_endpoint", "jwks_uri", "userinfo_endpoint"].map(endpoint);
    Some(quote! {
        #runtime::__private::PublishedSpec {
            issuer: #issuer,
            token_endpoint: #token,
            jwks_uri: #keys,
            userinfo_endpoint: #userinfo,
        }
    })
}

/// The capabilities of the provider as a type, which bounds of the runtime require.
fn capabilities(provider: &Provider<'_>) -> TokenStream {
    let Provider { runtime, authorizes_devices, .. } = provider;
    let keep_tokens = provider.flags.keep_tokens;
    let identification = match provider.flags.no_login {
        true => quote!(NoLogin),
        false => identification(provider.identification),
    };
    let protocol = match provider.protocol {
        Protocol::OAuth1 => quote!(OAuth1),
        Protocol::OAuth2 if provider.flags.may_be_oauth1 => quote!(OAuth1Or2),
        Protocol::OAuth2 => quote!(OAuth2),
        Protocol::OpenIdConnect => quote!(OpenIdConnect),
    };
    quote! {
        #runtime::__private::Capabilities<
            #runtime::__private::#protocol, #runtime::__private::#identification,
            #authorizes_devices, #keep_tokens
        >
    }
}

/// The runtime's type and variant of this name.
fn identification(identification: Identification) -> TokenStream {
    match identification {
        Identification::Identified => quote!(Identified),
        Identification::Unidentified => quote!(Unidentified),
        Identification::Undecided => quote!(Undecided),
    }
}

/// The variant of the runtime's `Protocol`; `None` for the default.
fn protocol(protocol: Protocol) -> Option<TokenStream> {
    match protocol {
        Protocol::OAuth1 => Some(quote!(OAuth1)),
        Protocol::OAuth2 => None,
        Protocol::OpenIdConnect => Some(quote!(OpenIdConnect)),
    }
}

/// Fields of a struct expression.
#[derive(Default)]
struct Fields(TokenStream);

impl Fields {
    fn set(&mut self, name: &str, value: &TokenStream) {
        let name = format_ident!("{name}");
        self.0.extend(quote!(#name: #value,));
    }

    fn set_some(&mut self, name: &str, value: Option<impl quote::ToTokens>) {
        if let Some(value) = value {
            self.set(name, &quote!(::core::option::Option::Some(#value)));
        }
    }

    fn set_flag(&mut self, name: &str, is_set: bool) {
        if is_set {
            self.set(name, &quote!(true));
        }
    }

    fn set_list(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.set(name, &quote!(&[#(#values),*]));
        }
    }
}

/// The defaults of the members that are not stated. Clippy warns if all are.
fn others(key: &Key, stated: &[(String, String)], spec: &TokenStream) -> Option<TokenStream> {
    let Kind::Members(all) = key.value else { return None };
    (stated.len() < all.len()).then(|| quote!(..#spec::DEFAULT))
}

fn members(members: &[(String, String)], value: impl Fn(&str) -> TokenStream) -> TokenStream {
    members
        .iter()
        .map(|(name, path)| {
            let (name, value) = (format_ident!("{name}"), value(path));
            quote!(#name: #value,)
        })
        .collect()
}

/// Every field is loaded before a missing one ends the function, so that all are reported.
fn load(provider: &Provider<'_>) -> TokenStream {
    let runtime = &provider.runtime;
    // A field may have the same name, which must not shadow the parameter.
    let source = Ident::new("fields", Span::mixed_site());
    let idents: Vec<_> = provider.fields.iter().map(|field| field.ident).collect();
    let loads = provider.fields.iter().map(|field| {
        let (name, ty) = (&field.name, field.ty);
        quote_spanned!(span::of(ty)=> <#ty as #runtime::__private::FieldValue>::load(#source, #name))
    });
    let (parameter, value) = if idents.is_empty() {
        // Right for `struct Acme;` and for `struct Acme {}`.
        (quote!(_), quote!(Self {}))
    } else {
        (quote!(#source), quote!(Self { #(#idents: #idents?),* }))
    };
    quote! {
        fn load(#parameter: &mut #runtime::__private::Fields<'_>) -> ::core::option::Option<Self> {
            #(let #idents = #loads;)*
            ::core::option::Option::Some(#value)
        }
    }
}

fn placeholder_values(provider: &Provider<'_>) -> TokenStream {
    let runtime = &provider.runtime;
    let values = provider.fields.iter().map(|field| {
        let (ident, ty) = (field.ident, field.ty);
        quote_spanned!(span::of(ty)=> <#ty as #runtime::__private::FieldValue>::text(&self.#ident))
    });
    let values = if provider.fields.is_empty() {
        quote!(::std::vec::Vec::new())
    } else {
        quote!(::std::vec::Vec::from([#(#values),*]))
    };
    quote! {
        fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
            #values
        }
    }
}
