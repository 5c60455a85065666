#[automatically_derived]
#[allow(unused_qualifications)]
impl my_oauth::AnyProvider for Acme {
    const SPEC: &'static my_oauth::__private::ProviderSpec<'static> = &my_oauth::__private::ProviderSpec {
        name: "acme",
        display_name: "Acme",
        protocol: my_oauth::__private::Protocol::OpenIdConnect,
        issuer: ::core::option::Option::Some("http://localhost:9000"),
        authorization_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/authorize",
        ),
        token_endpoint: ::core::option::Option::Some("http://localhost:9000/token"),
        refresh_token_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/refresh",
        ),
        userinfo_endpoint: ::core::option::Option::Some("http://localhost:9000/api/me"),
        jwks_uri: ::core::option::Option::Some("http://localhost:9000/keys"),
        end_session_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/logout",
        ),
        revocation_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/revoke",
        ),
        introspection_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/introspect",
        ),
        device_authorization_endpoint: ::core::option::Option::Some(
            "http://localhost:9000/device",
        ),
        api_base_url: ::core::option::Option::Some("http://localhost:9000/api/"),
        authorization_params: &[("audience", "api"), ("access_type", "offline")],
        token_params: &[("audience", "api")],
        refresh_token_params: &[("scope", "openid")],
        scopes: &["openid", "email"],
        scope_separator: ",",
        token_endpoint_auth_method: ::core::option::Option::Some(
            my_oauth::__private::ClientAuthMethod::PrivateKeyJwt,
        ),
        token_endpoint_auth_signing_alg: ::core::option::Option::Some("ES256"),
        response_type: ::core::option::Option::Some("code id_token"),
        response_mode: ::core::option::Option::Some("form_post"),
        id_token_signed_response_alg: ::core::option::Option::Some("ES256"),
        id_token_encrypted_response_alg: ::core::option::Option::Some("ECDH-ES"),
        userinfo_signed_response_alg: ::core::option::Option::Some("ES256"),
        leeway: ::core::option::Option::Some(30),
        max_age: ::core::option::Option::Some(3600),
        prompt: ::core::option::Option::Some("login consent"),
        token_placement: ::core::option::Option::Some("body"),
        fetch_userinfo: true,
        identity: my_oauth::__private::IdentitySpec {
            id: "data.id",
            name: "data.name",
            email: "",
            ..my_oauth::__private::IdentitySpec::DEFAULT
        },
        quirks: &[
            my_oauth::__private::Quirk::LoopbackHttp,
            my_oauth::__private::Quirk::MissingTokenType,
            my_oauth::__private::Quirk::NestedToken,
        ],
        nested_token: "data.access_token",
        compliance_fix: ::core::option::Option::Some(
            my_oauth::__private::Fix(&fixes::AcmeFix),
        ),
        routes: my_oauth::__private::RoutesSpec {
            callback: ::core::option::Option::Some("/callback"),
            logged_out: ::core::option::Option::Some("/logged-out"),
            initiate: ::core::option::Option::Some("/initiate"),
            backchannel_logout: ::core::option::Option::Some("/backchannel-logout"),
            ..my_oauth::__private::RoutesSpec::DEFAULT
        },
        rp_initiated_logout: true,
        backchannel_logout: true,
        keep_tokens: true,
        configured: true,
        overwrite: true,
        ..my_oauth::__private::ProviderSpec::DEFAULT
    };
    const HAS_LOGIN_HANDLER: ::core::primitive::bool = {
        #[allow(unused_imports)]
        use my_oauth::__private::NoLoginHandler as _;
        my_oauth::__private::LoginEnd::<Acme>::IS_HANDLED
    };
    type Capabilities = my_oauth::__private::Capabilities<
        my_oauth::__private::OpenIdConnect,
        my_oauth::__private::Identified,
        true,
        true,
    >;
    type UserInfo = Envelope<User>;
    type Claims = AcmeClaims;
    fn load(_: &mut my_oauth::__private::Fields<'_>) -> ::core::option::Option<Self> {
        ::core::option::Option::Some(Self {})
    }
    fn placeholder_values(&self) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec::Vec::new()
    }
}
