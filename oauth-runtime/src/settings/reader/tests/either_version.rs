//! A provider of OAuth 1.0a or 2.0, as the configuration says.

use super::{ACME, CONFIGURED, endpoint, faults, settings};
use crate::declaration::spec::{Identification, Protocol, ProviderSpec};
use crate::protocol::endpoint_kind::EndpointKind;

/// A provider whose declaration leaves the protocol to the configuration.
const EITHER: ProviderSpec<'_> =
    ProviderSpec { may_be_oauth1: true, identification: Identification::Undecided, ..CONFIGURED };

#[test]
fn ten_keys_of_authlib_suffice() {
    let common = [
        ("AUTHORIZE_URL", "https://acme.example/authorize"),
        ("ACCESS_TOKEN_URL", "https://acme.example/token"),
        ("API_BASE_URL", "https://acme.example/api/"),
    ];
    let oauth2 = [
        ("AUTHORIZE_PARAMS", r#"{"audience": "api"}"#),
        ("ACCESS_TOKEN_PARAMS", r#"{"a": "b"}"#),
        ("REFRESH_TOKEN_URL", "https://acme.example/refresh"),
        ("REFRESH_TOKEN_PARAMS", r#"{"a": "b"}"#),
        (
            "CLIENT_KWARGS",
            r#"{"scope": "read", "token_endpoint_auth_method": "client_secret_post"}"#,
        ),
    ];
    let oauth1 = [
        ("REQUEST_TOKEN_URL", "https://acme.example/request"),
        ("REQUEST_TOKEN_PARAMS", r#"{"realm": "photos"}"#),
        ("CLIENT_KWARGS", r#"{"signature_method": "HMAC-SHA256", "signature_type": "QUERY"}"#),
    ];
    let own = settings(&EITHER, &[&common[..], &oauth2].concat());
    assert_eq!(own.protocol, Protocol::OAuth2);
    assert_eq!((own.scope.as_str(), own.fetch_userinfo), ("read", false));
    let own = settings(&EITHER, &[&common[..], &oauth1].concat());
    assert_eq!(own.protocol, Protocol::OAuth1);
    assert!(own.oauth1.is_some() && !own.must_identify());
    let temporary = EndpointKind::TemporaryCredentials;
    assert_eq!(endpoint(&own, temporary), Some("https://acme.example/request"));
    assert_eq!(own.metadata_url, None);
}

#[test]
fn configured_protocol_excludes_keys_of_the_other() {
    let request = ("REQUEST_TOKEN_URL", "https://acme.example/request");
    let [authorize, token] = [
        ("AUTHORIZE_URL", "https://acme.example/authorize"),
        ("ACCESS_TOKEN_URL", "https://acme.example/token"),
    ];
    assert_eq!(
        faults(&EITHER, &[request, authorize, token, ("SCOPES", "openid")]),
        [
            "ACME_SCOPES applies to OAuth 2.0 only; ACME_REQUEST_TOKEN_URL makes `acme` an OAuth 1.0a provider: remove it"
        ]
    );
    assert_eq!(faults(&EITHER, &[request, authorize]), ["ACME_ACCESS_TOKEN_URL is missing"]);
    assert_eq!(
        faults(&EITHER, &[authorize, token, ("REALM", "photos")]),
        ["ACME_REALM applies to OAuth 1.0a only; `acme` is declared without `request_token_url`"]
    );
    let [fault] = &faults(&ACME, &[request])[..] else { panic!("one fault") };
    assert!(fault.starts_with("ACME_REQUEST_TOKEN_URL applies to OAuth 1.0a only"), "{fault}");
}
