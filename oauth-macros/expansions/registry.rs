const _: () = ::oauth_runtime::__private::cloneable::<Providers>();
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRegistry for Providers {
    const SPEC: &'static ::oauth_runtime::__private::RegistrySpec = &::oauth_runtime::__private::RegistrySpec {
        mount: "/auth",
        providers: &[
            <GitHub as ::oauth_runtime::__private::Member>::DECLARATION,
            <Google as ::oauth_runtime::__private::Member>::DECLARATION,
        ],
    };
    fn assemble(
        assembly: &mut ::oauth_runtime::__private::Assembly<'_>,
    ) -> ::core::option::Option<Self> {
        let assembled_0 = <GitHub as ::oauth_runtime::__private::Member>::client(
            assembly,
        );
        let assembled_1 = <Google as ::oauth_runtime::__private::Member>::client(
            assembly,
        );
        let (
            ::core::option::Option::Some(github),
            ::core::option::Option::Some(google),
        ) = (assembled_0, assembled_1) else {
            return ::core::option::Option::None;
        };
        ::core::option::Option::Some(Self { github, google })
    }
}
const _: () = {
    const SPEC: &::oauth_runtime::__private::RegistrySpec = <Providers as ::oauth_runtime::OAuthRegistry>::SPEC;
    const COLLISIONS: ::oauth_runtime::__private::Collisions = ::oauth_runtime::__private::Collisions::of(
        SPEC,
    );
    const _: () = COLLISIONS.check(SPEC, 0);
    const _: () = COLLISIONS.check(SPEC, 1);
    const _: () = ::oauth_runtime::__private::one_login_handler(
        <GitHub as ::oauth_runtime::__private::Member>::HAS_LOGIN_HANDLER,
    );
};
#[automatically_derived]
#[allow(unused_qualifications)]
impl<__State> ::oauth_runtime::OAuthRoutes<__State> for Providers
where
    __State: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
        + 'static,
{
    fn routes(&self) -> ::oauth_runtime::__private::Router<__State> {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::Routes::<
            __State,
        >::new(<Self as ::oauth_runtime::OAuthRegistry>::SPEC)
            .provider::<
                GitHub,
            >(
                &self.github,
                ::oauth_runtime::__private::LoginEnd::<GitHub>::new()
                    .or(
                        <GitHub as ::oauth_runtime::__private::Member>::on_login::<
                            __State,
                            _,
                            _,
                        >(github_signed_in),
                    ),
                ::oauth_runtime::__private::built_in_connection(),
            )
            .provider::<
                Google,
            >(
                &self.google,
                ::oauth_runtime::__private::LoginEnd::<Google>::new()
                    .or(
                        <Google as ::oauth_runtime::__private::Member>::on_login::<
                            __State,
                            _,
                            _,
                        >(signed_in),
                    ),
                ::oauth_runtime::__private::built_in_connection(),
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
