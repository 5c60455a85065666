::core::compile_error! {
    "unknown key `scope`: write `scopes(\"openid\")`"
}
::core::compile_error! {
    "a provider cannot be generic: write `struct Acme`, with a separate struct for each provider"
}
::core::compile_error! {
    "the fields of a provider need names, which URLs use as placeholders: write `struct Acme;`, or `struct Acme { domain: String }` where a URL needs `{domain}`"
}
::core::compile_error! {
    "not an absolute URL: write \"https://acme.example\""
}
#[automatically_derived]
#[allow(unused_qualifications)]
impl<T> ::oauth_runtime::AnyProvider for Acme<T>
where
    Acme<T>: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "acme",
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::AnyProtocol,
        ::oauth_runtime::__private::Identified,
        true,
        true,
    >;
    type UserInfo = ::oauth_runtime::UserInfo;
    type Claims = ::oauth_runtime::UserInfo;
    fn load(
        _: &mut ::oauth_runtime::__private::Fields<'_>,
    ) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
    fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec::Vec::new()
    }
}
