use crate::keys::PROVIDER;
use crate::protocol::Protocol;
use crate::testing::{
    capabilities, errors_with, oauth1_errors_with, oauth2_errors_with, open_id_errors_with,
};

/// Configuration and descriptions use the same table. The runtime has a similar test.
#[test]
fn key_of_another_protocol_is_refused() {
    type ErrorsWith = fn(&str) -> Vec<String>;
    let protocols: [(Protocol, ErrorsWith); 3] = [
        (Protocol::OAuth1, oauth1_errors_with),
        (Protocol::OAuth2, oauth2_errors_with),
        (Protocol::OpenIdConnect, open_id_errors_with),
    ];
    // This key would change the protocol.
    let keys = || PROVIDER.iter().filter(|key| key.name != "request_token_url");
    for (protocol, errors_with) in protocols {
        for key in keys() {
            let errors = errors_with(key.example);
            let is_said = |error: &String| {
                error.starts_with(&format!("`{0}` `{0}` applies to O", key.name))
                    || error.contains("which this version does not support")
                    || error.contains("`jwks_uri` makes this an OpenID Connect provider")
            };
            let expected = !key.protocols.include(protocol) || key.awaits.is_some();
            assert_eq!(
                errors.iter().any(is_said),
                expected,
                "{protocol:?} {}: {errors:?}",
                key.name
            );
        }
    }
}

#[test]
fn each_complete_set_of_keys_is_accepted() {
    for keys in [
        r#"preset = "github""#,
        r#"preset = "google""#,
        r#"issuer = "https://acme.example", scopes("openid")"#,
        r#"server_metadata_url = "https://acme.example/.well-known/openid-configuration", scopes("openid")"#,
        r#"server_metadata_url = "https://acme.example/.well-known/oauth-authorization-server""#,
        r#"authorize_url = "https://acme.example/a", access_token_url = "https://acme.example/t",
           userinfo_endpoint = "https://acme.example/u""#,
        r#"authorize_url = "https://acme.example/a", access_token_url = "https://acme.example/t""#,
        r#"request_token_url = "https://acme.example/r", authorize_url = "https://acme.example/a",
           access_token_url = "https://acme.example/t""#,
        r#"issuer = "https://acme.example", authorize_url = "https://acme.example/a",
           access_token_url = "https://acme.example/t", userinfo_endpoint = "https://acme.example/u""#,
    ] {
        assert_eq!(errors_with(&format!(r#"name = "acme", {keys}"#)), [""; 0], "{keys}");
    }
}

#[test]
fn missing_keys_error_lists_sufficient_sets() {
    assert_eq!(
        errors_with(r#"name = "acme", authorize_url = "https://acme.example/a""#),
        ["`Acme` missing `access_token_url`: write one of\n\
             - access_token_url = \"https://acme.example/token\"\n\
             - server_metadata_url = \"https://acme.example/.well-known/oauth-authorization-server\"\n\
             - issuer = \"https://acme.example\", scopes(\"openid\")\n\
             - configured, and the rest in the environment"]
    );
    for described in [r#"identity(id = "id")"#, "userinfo = AcmeUser"] {
        let errors = errors_with(&format!(
            r#"name = "acme", authorize_url = "https://acme.example/a",
            access_token_url = "https://acme.example/t", {described}"#
        ));
        let begins = "`Acme` missing `userinfo_endpoint`: write one of\n\
                      - userinfo_endpoint = \"https://acme.example/userinfo\"\n";
        assert!(errors.len() == 1 && errors[0].starts_with(begins), "{described}: {errors:?}");
    }
}

/// One mistake is one error.
#[test]
fn misspelled_userinfo_endpoint_is_one_error() {
    assert_eq!(
        errors_with(
            r#"name = "acme", authorize_url = "https://acme.example/a",
            access_token_url = "https://acme.example/t", userinfo_url = "https://acme.example/u""#
        ),
        ["`userinfo_url` unknown key `userinfo_url`: write `userinfo_endpoint`"]
    );
}

#[test]
fn configured_provider_may_omit_keys() {
    for keys in [
        "",
        r#"scopes("openid")"#,
        r#"scopes("read"), authorize_url = "https://acme.example/a""#,
        r#"issuer = "https://acme.example""#,
        "max_age = 60",
        r#"preset = "github""#,
    ] {
        assert_eq!(
            errors_with(&format!(r#"name = "acme", configured, {keys}"#)),
            [""; 0],
            "{keys}"
        );
    }
    assert_eq!(
        errors_with(r#"name = "acme", configured, authorise_url = "https://acme.example/a""#),
        ["`authorise_url` unknown key `authorise_url`: write `authorize_url`"]
    );
}

#[test]
fn configuration_chooses_between_both_oauth_versions() {
    for (keys, protocol) in [
        ("", "OAuth1Or2"),
        (r#"identity(id = "id"), keep_tokens"#, "OAuth1Or2"),
        (r#"authorize_url = "https://acme.example/a""#, "OAuth1Or2"),
        (r#"scopes("read")"#, "OAuth2"),
        ("max_age = 60", "OAuth2"),
        (r#"preset = "github""#, "OAuth2"),
        (r#"scopes("openid")"#, "OpenIdConnect"),
        (r#"request_token_url = "https://acme.example/r""#, "OAuth1"),
    ] {
        let keys = format!(r#"name = "acme", configured, {keys}"#);
        assert_eq!(capabilities(&keys).0, protocol, "{keys}");
    }
}

#[test]
fn openid_needs_an_issuer() {
    let errors = oauth2_errors_with(r#"scopes("openid")"#);
    let begins = "`\"openid\"` `openid` asks for an ID token, which needs an issuer to verify it against: \
                  write one of\n- issuer = \"https://acme.example\"\n";
    assert!(errors.len() == 1 && errors[0].starts_with(begins), "{errors:?}");
}

#[test]
fn an_openid_connect_provider_needs_openid() {
    for (keys, why) in [
        (r#"issuer = "https://acme.example""#, "`issuer` makes this an OpenID Connect provider"),
        (
            r#"server_metadata_url = "https://acme.example/.well-known/openid-configuration""#,
            "`server_metadata_url` makes this an OpenID Connect provider",
        ),
        (r#"preset = "google""#, "Google is an OpenID Connect provider"),
    ] {
        assert_eq!(
            errors_with(&format!(r#"name = "acme", {keys}, scopes("email")"#)),
            [format!(
                "`scopes` {why}, which needs the scope `openid`: write `scopes(\"openid\", \"email\")`"
            )]
        );
    }
}

#[test]
fn openid_connect_key_is_refused_in_oauth2() {
    assert_eq!(
        oauth2_errors_with("max_age = 60"),
        [
            "`max_age` `max_age` applies to OpenID Connect only, but `Acme` is declared as OAuth 2.0: remove it, \
             or declare `issuer = \"https://acme.example\"` and the scope `openid`"
        ]
    );
    assert_eq!(open_id_errors_with("max_age = 60"), [""; 0]);
}

#[test]
fn a_provider_speaks_one_protocol() {
    let oauth1 = r#"request_token_url = "https://acme.example/r""#;
    assert_eq!(
        oauth2_errors_with(&format!(
            r#"{oauth1}, signature_method = "HMAC-SHA256", leeway = 5, scopes("read")"#
        )),
        [
            "`leeway` `leeway` applies to OAuth 2.0 only, but `request_token_url` makes `Acme` an OAuth 1.0a provider: \
             remove one of them",
            "`scopes` `scopes` applies to OAuth 2.0 only, but `request_token_url` makes `Acme` an OAuth 1.0a provider: \
             remove one of them",
        ]
    );
    assert_eq!(
        errors_with(&format!(r#"name = "acme", {oauth1}"#)),
        ["`Acme` missing `authorize_url` and `access_token_url`: \
             write authorize_url = \"https://acme.example/authorize\", \
             access_token_url = \"https://acme.example/token\""]
    );
    assert_eq!(oauth1_errors_with(r#"request_token_params(realm = "x")"#), [""; 0]);
    assert_eq!(
        oauth1_errors_with(r#"request_token_params(oauth_nonce = "x")"#),
        ["`oauth_nonce` `oauth_nonce` is set by the library: remove it"]
    );
    assert_eq!(
        errors_with(&format!(r#"name = "acme", preset = "github", {oauth1}"#)),
        [
            "`request_token_url` `request_token_url` applies to OAuth 1.0a only, but `Acme` is declared as OAuth 2.0: \
             remove it"
        ]
    );
}
