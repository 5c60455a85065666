#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for Acme {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "acme",
        protocol: ::oauth_runtime::__private::Protocol::OpenIdConnect,
        issuer: ::core::option::Option::Some("https://acme.example"),
        published: ::core::option::Option::Some(::oauth_runtime::__private::PublishedSpec {
            issuer: "https://acme.example",
            token_endpoint: ::core::option::Option::Some("https://acme.example/token"),
            jwks_uri: ::core::option::Option::Some("https://acme.example/keys"),
            userinfo_endpoint: ::core::option::Option::None,
        }),
        scopes: &["openid", "email"],
        token_endpoint_auth_method: ::core::option::Option::Some(
            ::oauth_runtime::__private::ClientAuthMethod::ClientSecretPost,
        ),
        ..::oauth_runtime::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use ::oauth_runtime::__private::NoLoginHandler as _;
        ::oauth_runtime::__private::LoginEnd::<Acme>::IS_HANDLED
    };
    type Capabilities = ::oauth_runtime::__private::Capabilities<
        ::oauth_runtime::__private::OpenIdConnect,
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
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", "fixtures/acme.json")
);
