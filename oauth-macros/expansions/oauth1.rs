#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for Acme {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "acme",
        protocol: ::oauth_runtime::__private::Protocol::OAuth1,
        authorization_endpoint: ::core::option::Option::Some(
            "https://acme.example/authorize",
        ),
        token_endpoint: ::core::option::Option::Some("https://acme.example/token"),
        temporary_credential_endpoint: ::core::option::Option::Some(
            "https://acme.example/request_token",
        ),
        temporary_credential_params: &[("realm", "login")],
        signature_method: ::core::option::Option::Some(
            ::oauth_runtime::__private::SignatureMethod::HmacSha256,
        ),
        parameter_transmission: ::core::option::Option::Some(
            ::oauth_runtime::__private::ParameterTransmission::RequestUri,
        ),
        realm: ::core::option::Option::Some("api"),
        identity: ::oauth_runtime::__private::IdentitySpec {
            id: "user_id",
            username: "screen_name",
            ..::oauth_runtime::__private::IdentitySpec::DEFAULT
        },
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::LoginEnd::<Acme>::IS_HANDLED
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::OAuth1,
        ::oauth_runtime::__private::Identified,
        false,
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
