#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for Apple {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "apple",
        display_name: "Apple",
        brand_color: ::core::option::Option::Some(0u32),
        protocol: ::oauth_runtime::__private::Protocol::OpenIdConnect,
        registration_page: ::core::option::Option::Some(
            "https://developer.apple.com/account/resources/identifiers/list/serviceId",
        ),
        issuer: ::core::option::Option::Some("https://appleid.apple.com"),
        revocation_endpoint: ::core::option::Option::Some(
            "https://appleid.apple.com/auth/revoke",
        ),
        scopes: &["openid", "name", "email"],
        token_endpoint_auth_method: ::core::option::Option::Some(
            ::oauth_runtime::__private::ClientAuthMethod::AppleJwt,
        ),
        response_mode: ::core::option::Option::Some("form_post"),
        quirks: &[::oauth_runtime::__private::Quirk::UserInResponse],
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::LoginEnd::<Apple>::IS_HANDLED
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::OpenIdConnect,
        ::oauth_runtime::__private::Identified,
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
