#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for GitHub {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "github",
        display_name: "GitHub",
        brand_color: ::core::option::Option::Some(2040616u32),
        registration_page: ::core::option::Option::Some(
            "https://github.com/settings/developers",
        ),
        authorization_endpoint: ::core::option::Option::Some(
            "https://github.com/login/oauth/authorize",
        ),
        token_endpoint: ::core::option::Option::Some(
            "https://github.com/login/oauth/access_token",
        ),
        userinfo_endpoint: ::core::option::Option::Some("https://api.github.com/user"),
        emails_endpoint: ::core::option::Option::Some(
            "https://api.github.com/user/emails",
        ),
        device_authorization_endpoint: ::core::option::Option::Some(
            "https://github.com/login/device/code",
        ),
        api_base_url: ::core::option::Option::Some("https://api.github.com/"),
        scopes: &["read:user"],
        token_endpoint_auth_method: ::core::option::Option::Some(
            ::oauth_runtime::__private::ClientAuthMethod::ClientSecretPost,
        ),
        identity: ::oauth_runtime::__private::IdentitySpec {
            id: "id",
            username: "login",
            email_verified: "",
            picture: "avatar_url",
            ..::oauth_runtime::__private::IdentitySpec::DEFAULT
        },
        quirks: &[::oauth_runtime::__private::Quirk::CommaSeparatedScopes],
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::LoginEnd::<GitHub>::IS_HANDLED
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::OAuth2,
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
