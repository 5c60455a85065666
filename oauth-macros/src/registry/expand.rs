//! EXPAND: turns a checked registry into its impls. Nothing here can fail.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type};

use super::check::{Client, Registry};
use super::input::Presence;
use crate::span;

/// Number of clients that one pattern unwraps.
const CLIENTS_PER_PATTERN: usize = 8;

pub(super) fn expand(registry: &Registry<'_>) -> TokenStream {
    let description = description(registry);
    let routes = routes(registry);
    let from_refs = registry.clients.iter().map(|client| client_from_ref(registry, client));
    let sessions = sessions_from_ref(registry);
    let of_state = state_from_refs(registry);
    quote! {
        #description
        #routes
        #(#from_refs)*
        #sessions
        #of_state
    }
}

/// The registry's own impl, and the check for collisions between its providers.
fn description(registry: &Registry<'_>) -> TokenStream {
    let Registry { runtime, ident, mount, .. } = registry;
    let specs = registry.clients.iter().map(|client| {
        let provider = client.provider;
        quote_spanned!(span::of(provider)=> <#provider as #runtime::__private::Member>::DECLARATION)
    });
    // A client may have the same name, which must not shadow the parameter.
    let assembly = Ident::new("assembly", Span::mixed_site());
    let idents: Vec<_> = registry.clients.iter().map(|client| client.ident).collect();
    let clients = registry.clients.iter().map(|client| {
        let provider = client.provider;
        let method = match client.presence {
            Presence::Always => quote!(client),
            Presence::IfConfigured => quote!(optional_client),
            Presence::Lazy => quote!(lazy_client),
        };
        quote_spanned!(span::of(provider)=> <#provider as #runtime::__private::Member>::#method(#assembly))
    });
    // Each early return drops all clients, so a few share one. A pattern of all clients would
    // compile slowly.
    let assembled: Vec<_> = (0..idents.len())
        .map(|index| format_ident!("assembled_{index}", span = Span::mixed_site()))
        .collect();
    let groups = idents.chunks(CLIENTS_PER_PATTERN).zip(assembled.chunks(CLIENTS_PER_PATTERN));
    let present = groups.map(|(idents, assembled)| {
        quote! {
            let (#(::core::option::Option::Some(#idents),)*) = (#(#assembled,)*) else {
                return ::core::option::Option::None;
            };
        }
    });
    // One check per field, so that one collision hides no other.
    let checks = registry.clients.iter().enumerate().map(|(index, client)| {
        let index = Literal::usize_unsuffixed(index);
        quote_spanned!(span::of(client.provider)=> const _: () = COLLISIONS.check(SPEC, #index);)
    });
    let handlers = single_handlers(registry);
    let clones = quote_spanned!(span::of(ident)=>
        const _: () = #runtime::__private::cloneable::<#ident>();
    );
    quote! {
        #clones
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::OAuthRegistry for #ident {
            const SPEC: &'static #runtime::__private::RegistrySpec = &#runtime::__private::RegistrySpec {
                mount: #mount,
                providers: &[#(#specs),*],
            };
            fn assemble(#assembly: &mut #runtime::__private::Assembly<'_>) -> ::core::option::Option<Self> {
                #(let #assembled = #clients;)*
                #(#present)*
                ::core::option::Option::Some(Self { #(#idents),* })
            }
        }
        const _: () = {
            const SPEC: &#runtime::__private::RegistrySpec = <#ident as #runtime::OAuthRegistry>::SPEC;
            const COLLISIONS: #runtime::__private::Collisions = #runtime::__private::Collisions::of(SPEC);
            #(#checks)*
            #handlers
        };
    }
}

/// The check that a field with an `on_login` of its own has no function with `#[oauth_login]`.
fn single_handlers(registry: &Registry<'_>) -> TokenStream {
    let runtime = &registry.runtime;
    let named = registry.clients.iter().filter(|client| client.names_on_login);
    let checks = named.filter_map(|client| {
        let (provider, at) = (client.provider, span::of(client.on_login?));
        Some(quote_spanned! {at=>
            const _: () = #runtime::__private::one_login_handler(
                <#provider as #runtime::__private::Member>::HAS_LOGIN_HANDLER
            );
        })
    });
    checks.collect()
}

/// The routes, for any state of the application. If the registry declares the state of its
/// handlers, the application's state must provide it.
fn routes(registry: &Registry<'_>) -> TokenStream {
    let Registry { runtime, ident, .. } = registry;
    let outer = format_ident!("__State");
    let (state, gives_state) = match registry.state {
        Some(state) => (quote!(#state), Some(quote!(#runtime::__private::HasState<#state> +))),
        None => (quote!(#outer), None),
    };
    let providers = registry.clients.iter().map(|client| {
        let (field, provider) = (client.ident, client.provider);
        let on_login = match client.on_login {
            Some(handler) => quote_spanned! {span::of(handler)=>
                <#provider as #runtime::__private::Member>::on_login::<#state, _, _>(#handler)
            },
            None => quote!(#runtime::__private::built_in_login()),
        };
        let on_login =
            quote_spanned!(span::of(provider)=> #runtime::__private::LoginEnd::<#provider>::new().or(#on_login));
        let on_connect = match client.on_connect {
            Some(handler) => quote_spanned! {span::of(handler)=>
                <#provider as #runtime::__private::Member>::on_connect::<#state, _, _>(#handler)
            },
            None => quote!(#runtime::__private::built_in_connection()),
        };
        let method = match client.presence {
            Presence::Always | Presence::IfConfigured => quote!(provider),
            Presence::Lazy => quote!(lazy_provider),
        };
        quote!(.#method::<#provider>(&self.#field, #on_login, #on_connect))
    });
    let on_error = registry.on_error.map(|handler| {
        quote_spanned! {span::of(handler)=>
            .on_error(#runtime::__private::on_error::<#state, _, _>(#handler))
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl<#outer> #runtime::OAuthRoutes<#outer> for #ident
        where
            #outer: #gives_state ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
        {
            fn routes(&self) -> #runtime::__private::Router<#outer> {
                #[allow(unused_imports)]
                use #runtime::__private::NoLoginHandler as _;
                #runtime::__private::Routes::<#state>::new(<Self as #runtime::OAuthRegistry>::SPEC)
                    #(#providers)*
                    #on_error
                    .finish()
            }
        }
    }
}

/// Lets the application's state provide the clients and sessions if it provides the registry.
fn state_from_refs(registry: &Registry<'_>) -> TokenStream {
    let Registry { runtime, ident, .. } = registry;
    let Some(state) = registry.state.filter(|state| is_own_type(state, ident)) else {
        return TokenStream::new();
    };
    let clients = registry.clients.iter().map(|client| client_type(registry, client));
    let has_sessions =
        registry.clients.iter().any(|client| client.presence != Presence::IfConfigured);
    let sessions = has_sessions.then(|| quote!(#runtime::Sessions));
    let parts = clients.chain(sessions).map(|part| {
        // With a lifetime, a false bound only disables the impl.
        quote_spanned! {span::of(state)=>
            #[automatically_derived]
            #[allow(unused_qualifications)]
            impl #runtime::__private::FromRef<#state> for #part
            where
                for<'__state> #ident: #runtime::__private::FromRef<#state>,
            {
                fn from_ref(state: &#state) -> Self {
                    let registry = <#ident as #runtime::__private::FromRef<#state>>::from_ref(state);
                    <#part as #runtime::__private::FromRef<#ident>>::from_ref(&registry)
                }
            }
        }
    });
    parts.collect()
}

/// Whether the state is a type of the application and not the registry: only such a type may have
/// these impls. A path that begins with `::` belongs to another crate, as do most generic types.
fn is_own_type(state: &Type, registry: &Ident) -> bool {
    let Type::Path(path) = state else { return false };
    let is_plain = path.path.segments.iter().all(|segment| segment.arguments.is_none());
    path.qself.is_none()
        && path.path.leading_colon.is_none()
        && is_plain
        && path.path.segments.last().is_some_and(|last| last.ident != *registry)
}

fn client_type(registry: &Registry<'_>, client: &Client<'_>) -> TokenStream {
    let Registry { runtime, .. } = registry;
    let provider = client.provider;
    match client.presence {
        Presence::Always => quote!(#runtime::Client<#provider>),
        Presence::IfConfigured => quote!(::core::option::Option<#runtime::Client<#provider>>),
        Presence::Lazy => quote!(#runtime::LazyClient<#provider>),
    }
}

fn client_from_ref(registry: &Registry<'_>, client: &Client<'_>) -> TokenStream {
    let Registry { runtime, ident, .. } = registry;
    let field = client.ident;
    let ty = client_type(registry, client);
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

/// All clients share their sessions, so the first client that always exists provides them.
fn sessions_from_ref(registry: &Registry<'_>) -> Option<TokenStream> {
    let Registry { runtime, ident, .. } = registry;
    let mut clients = registry.clients.iter();
    let client = clients.find(|client| client.presence != Presence::IfConfigured)?;
    let field = client.ident;
    let ty = match client.presence {
        Presence::Lazy => quote!(LazyClient),
        Presence::Always | Presence::IfConfigured => quote!(Client),
    };
    Some(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #runtime::__private::FromRef<#ident> for #runtime::Sessions {
            fn from_ref(registry: &#ident) -> Self {
                #runtime::#ty::sessions(&registry.#field)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    /// The number of `FromRef` impls for a state of this type.
    fn parts(state: &str) -> usize {
        let registry = format!(
            "#[oauth_registry(state = {state})] struct Providers {{ a: Client<A>, b: Option<Client<B>> }}"
        );
        let input = syn::parse_str(&registry).expect("a struct");
        crate::registry::derive(&input).to_string().matches("'__state").count()
    }

    /// Two clients and the sessions.
    #[test]
    fn application_state_gives_clients_and_sessions() {
        for state in ["AppState", "app::State", "crate::State"] {
            assert_eq!(parts(state), 3, "{state}");
        }
        // These types cannot have such impls, or already have them.
        for state in ["Providers", "()", "::sqlx::PgPool", "Arc<App>", "(A, B)"] {
            assert_eq!(parts(state), 0, "{state}");
        }
    }
}
