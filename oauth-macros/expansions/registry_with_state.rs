#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRegistry for Providers {
    const SPEC: &'static ::oauth_runtime::__private::RegistrySpec = &::oauth_runtime::__private::RegistrySpec {
        mount: "",
        providers: &[<GitHub as ::oauth_runtime::OAuthProvider>::SPEC],
    };
    fn assemble(
        assembly: &mut ::oauth_runtime::__private::Assembly<'_>,
    ) -> ::core::option::Option<Self> {
        let github = assembly.client::<GitHub>();
        ::core::option::Option::Some(Self { github: github? })
    }
}
const _: () = ::oauth_runtime::__private::check_registry(
    <Providers as ::oauth_runtime::OAuthRegistry>::SPEC,
);
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRoutes<AppState> for Providers {
    fn routes(&self) -> ::oauth_runtime::__private::Router<AppState> {
        ::oauth_runtime::__private::Routes::<
            AppState,
        >::new(<Self as ::oauth_runtime::OAuthRegistry>::SPEC)
            .provider::<
                GitHub,
            >(&self.github, ::oauth_runtime::__private::built_in_login())
            .finish()
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Client<GitHub> {
    fn from_ref(registry: &Providers) -> Self {
        ::core::clone::Clone::clone(&registry.github)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Sessions {
    fn from_ref(registry: &Providers) -> Self {
        ::oauth_runtime::Client::sessions(&registry.github)
    }
}
