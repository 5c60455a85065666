#[automatically_derived]
#[allow(unused_qualifications)]
impl ::oauth_runtime::AnyProvider for Acme {
    const SPEC: &'static ::oauth_runtime::__private::ProviderSpec<'static> = &::oauth_runtime::__private::ProviderSpec {
        name: "acme",
        protocol: ::oauth_runtime::__private::Protocol::OpenIdConnect,
        server_metadata_url: ::core::option::Option::Some(
            "https://{domain}/{type}/.well-known/openid-configuration",
        ),
        scopes: &["openid", "email"],
        fetch_userinfo: true,
        placeholders: &["domain", "type"],
        routes: ::oauth_runtime::__private::RoutesSpec {
            login: ::core::option::Option::Some("/login"),
            callback: ::core::option::Option::Some("/authorize"),
            logout: ::core::option::Option::Some("/logout"),
            ..::oauth_runtime::__private::RoutesSpec::DEFAULT
        },
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
        true,
        false,
    >;
    type UserInfo = AcmeUser;
    type Claims = ::oauth_runtime::UserInfo;
    fn load(
        fields: &mut ::oauth_runtime::__private::Fields<'_>,
    ) -> ::core::option::Option<Self> {
        let domain = <String as ::oauth_runtime::__private::FieldValue>::load(
            fields,
            "domain",
        );
        let r#type = <u32 as ::oauth_runtime::__private::FieldValue>::load(
            fields,
            "type",
        );
        ::core::option::Option::Some(Self {
            domain: domain?,
            r#type: r#type?,
        })
    }
    fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec::Vec::from([
            <String as ::oauth_runtime::__private::FieldValue>::text(&self.domain),
            <u32 as ::oauth_runtime::__private::FieldValue>::text(&self.r#type),
        ])
    }
}
