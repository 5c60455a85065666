const _: () = ::oauth_runtime::__private::cloneable::<Providers>();
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRegistry for Providers {
    const SPEC: &'static ::oauth_runtime::__private::RegistrySpec = &::oauth_runtime::__private::RegistrySpec {
        mount: "",
        providers: &[
            <Google as ::oauth_runtime::__private::Member>::DECLARATION,
            <GitHub as ::oauth_runtime::__private::Member>::DECLARATION,
        ],
    };
    fn assemble(
        assembly: &mut ::oauth_runtime::__private::Assembly<'_>,
    ) -> ::core::option::Option<Self> {
        let assembled_0 = <Google as ::oauth_runtime::__private::Member>::optional_client(
            assembly,
        );
        let assembled_1 = <GitHub as ::oauth_runtime::__private::Member>::lazy_client(
            assembly,
        );
        let (
            ::core::option::Option::Some(google),
            ::core::option::Option::Some(github),
        ) = (assembled_0, assembled_1) else {
            return ::core::option::Option::None;
        };
        ::core::option::Option::Some(Self { google, github })
    }
}
const _: () = {
    const SPEC: &::oauth_runtime::__private::RegistrySpec = <Providers as ::oauth_runtime::OAuthRegistry>::SPEC;
    const COLLISIONS: ::oauth_runtime::__private::Collisions = ::oauth_runtime::__private::Collisions::of(
        SPEC,
    );
    const _: () = COLLISIONS.check(SPEC, 0);
    const _: () = COLLISIONS.check(SPEC, 1);
};
#[automatically_derived]
#[allow(unused_qualifications)]
impl<__State> ::oauth_runtime::OAuthRoutes<__State> for Providers
where
    __State: ::oauth_runtime::__private::HasState<AppState> + ::core::clone::Clone
        + ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn routes(&self) -> ::oauth_runtime::__private::Router<__State> {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::Routes::<
            AppState,
        >::new(<Self as ::oauth_runtime::OAuthRegistry>::SPEC)
            .provider::<
                Google,
            >(
                &self.google,
                ::oauth_runtime::__private::LoginEnd::<Google>::new()
                    .or(::oauth_runtime::__private::built_in_login()),
                ::oauth_runtime::__private::built_in_connection(),
            )
            .lazy_provider::<
                GitHub,
            >(
                &self.github,
                ::oauth_runtime::__private::LoginEnd::<GitHub>::new()
                    .or(::oauth_runtime::__private::built_in_login()),
                ::oauth_runtime::__private::built_in_connection(),
            )
            .finish()
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers>
for ::core::option::Option<::oauth_runtime::Client<Google>> {
    fn from_ref(registry: &Providers) -> Self {
        ::core::clone::Clone::clone(&registry.google)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers>
for ::oauth_runtime::LazyClient<GitHub> {
    fn from_ref(registry: &Providers) -> Self {
        ::core::clone::Clone::clone(&registry.github)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Sessions {
    fn from_ref(registry: &Providers) -> Self {
        ::oauth_runtime::LazyClient::sessions(&registry.github)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<AppState>
for ::core::option::Option<::oauth_runtime::Client<Google>>
where
    for<'__state> Providers: ::oauth_runtime::__private::FromRef<AppState>,
{
    fn from_ref(state: &AppState) -> Self {
        let registry = <Providers as ::oauth_runtime::__private::FromRef<
            AppState,
        >>::from_ref(state);
        <::core::option::Option<
            ::oauth_runtime::Client<Google>,
        > as ::oauth_runtime::__private::FromRef<Providers>>::from_ref(&registry)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<AppState>
for ::oauth_runtime::LazyClient<GitHub>
where
    for<'__state> Providers: ::oauth_runtime::__private::FromRef<AppState>,
{
    fn from_ref(state: &AppState) -> Self {
        let registry = <Providers as ::oauth_runtime::__private::FromRef<
            AppState,
        >>::from_ref(state);
        <::oauth_runtime::LazyClient<
            GitHub,
        > as ::oauth_runtime::__private::FromRef<Providers>>::from_ref(&registry)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<AppState> for ::oauth_runtime::Sessions
where
    for<'__state> Providers: ::oauth_runtime::__private::FromRef<AppState>,
{
    fn from_ref(state: &AppState) -> Self {
        let registry = <Providers as ::oauth_runtime::__private::FromRef<
            AppState,
        >>::from_ref(state);
        <::oauth_runtime::Sessions as ::oauth_runtime::__private::FromRef<
            Providers,
        >>::from_ref(&registry)
    }
}
