#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRegistry for Providers {
    const SPEC: &'static ::oauth_runtime::__private::RegistrySpec = &::oauth_runtime::__private::RegistrySpec {
        mount: "/auth",
        providers: &[
            <GitHub as ::oauth_runtime::OAuthProvider>::SPEC,
            <Google as ::oauth_runtime::OAuthProvider>::SPEC,
        ],
    };
    fn assemble(
        assembly: &mut ::oauth_runtime::__private::Assembly<'_>,
    ) -> ::core::option::Option<Self> {
        let github = assembly.client::<GitHub>();
        let google = assembly.client::<Google>();
        ::core::option::Option::Some(Self {
            github: github?,
            google: google?,
        })
    }
}
const _: () = ::oauth_runtime::__private::check_registry(
    <Providers as ::oauth_runtime::OAuthRegistry>::SPEC,
);
#[automatically_derived]
#[allow(unused_qualifications)]
impl<__State> ::oauth_runtime::OAuthRoutes<__State> for Providers
where
    __State: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
        + 'static,
{
    fn routes(&self) -> ::oauth_runtime::__private::Router<__State> {
        ::oauth_runtime::__private::Routes::<
            __State,
        >::new(<Self as ::oauth_runtime::OAuthRegistry>::SPEC)
            .provider::<
                GitHub,
            >(
                &self.github,
                ::oauth_runtime::__private::on_login::<
                    GitHub,
                    __State,
                    _,
                    _,
                >(github_signed_in),
            )
            .provider::<
                Google,
            >(
                &self.google,
                ::oauth_runtime::__private::on_login::<Google, __State, _, _>(signed_in),
            )
            .on_error(::oauth_runtime::__private::on_error::<__State, _, _>(failed))
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
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Client<Google> {
    fn from_ref(registry: &Providers) -> Self {
        ::core::clone::Clone::clone(&registry.google)
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Sessions {
    fn from_ref(registry: &Providers) -> Self {
        ::oauth_runtime::Client::sessions(&registry.github)
    }
}
