#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for Acme {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "acme",
        identification: ::oauth_runtime::__private::Identification::Undecided,
        configured: true,
        may_be_oauth1: true,
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::LoginEnd::<Acme>::IS_HANDLED
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::OAuth1Or2,
        ::oauth_runtime::__private::Undecided,
        true,
        false,
    >;
    type UserInfo = ::oauth_runtime::UserInfo;
    type Claims = ::oauth_runtime::UserInfo;
    fn load(
        _: &mut ::oauth_runtime::__private::Fields<'_>,
    ) -> ::core::option::Option<Self> {
        ::core::option::Option::Some(Self {})
    }
    fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec::Vec::new()
    }
}
