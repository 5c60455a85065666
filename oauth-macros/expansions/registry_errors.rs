::core::compile_error! {
    "unknown key `on_logn`: write `on_login`"
}
::core::compile_error! {
    "`Pool` is not a client: write `pool: Client<Pool>`; anything else belongs in your own state"
}
::core::compile_error! {
    "two fields of type `Client<GitHub>`: keep `github`, or declare a second provider struct for `again`"
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::OAuthRegistry for Providers {
    const SPEC: &'static ::oauth_runtime::__private::RegistrySpec = &::oauth_runtime::__private::RegistrySpec {
        mount: "/auth",
        providers: &[],
    };
    fn assemble(
        _: &mut ::oauth_runtime::__private::Assembly<'_>,
    ) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl<__State> ::oauth_runtime::OAuthRoutes<__State> for Providers
where
    __State: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
        + 'static,
{
    fn routes(&self) -> ::oauth_runtime::__private::Router<__State> {
        ::core::unreachable!()
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Client<GitHub> {
    fn from_ref(_: &Providers) -> Self {
        ::core::unreachable!()
    }
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::__private::FromRef<Providers> for ::oauth_runtime::Sessions {
    fn from_ref(_: &Providers) -> Self {
        ::core::unreachable!()
    }
}
