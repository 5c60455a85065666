//! The authorization endpoint.

use super::{Pair, REDIRECT_URI, parameter};
use crate::testing::{Endpoint, RegisteredClient, SignInError, TestProvider};

#[tokio::test]
async fn sign_in_leads_back_with_code_state_and_issuer() {
    let pair = Pair::start().await;
    let location = pair.provider.sign_in(pair.authorization_url(&[]), "ada").unwrap();
    assert!(location.as_str().starts_with(REDIRECT_URI));
    assert_eq!(parameter(&location, "code").unwrap().len(), 43);
    assert_eq!(parameter(&location, "state").unwrap(), "a state");
    assert_eq!(parameter(&location, "iss").unwrap(), pair.provider.issuer());
    assert_eq!(pair.provider.requests(Endpoint::Authorization), 1);
}

#[tokio::test]
async fn query_of_the_redirect_uri_is_kept() {
    let pair = Pair::start().await;
    let url = pair.authorization_url(&[("redirect_uri", "http://localhost/cb?tenant=a%20b")]);
    let location = pair.provider.sign_in(url, "ada").unwrap();
    assert!(location.as_str().starts_with("http://localhost/cb?tenant=a%20b&code="));
}

#[tokio::test]
async fn denial_gives_access_denied() {
    let pair = Pair::start().await;
    let location = pair.provider.deny(pair.authorization_url(&[])).unwrap();
    assert_eq!(parameter(&location, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&location, "state").unwrap(), "a state");
    assert_eq!(parameter(&location, "iss").unwrap(), pair.provider.issuer());
    assert_eq!(parameter(&location, "code"), None);
}

#[tokio::test]
async fn mistakes_of_the_request_are_told_to_the_client() {
    let pair = Pair::start().await;
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "magic", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "too-short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "open\"id", "invalid_scope"),
        ("max_age", "soon", "invalid_request"),
        ("prompt", "none", "login_required"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "whatever", "invalid_request"),
        ("request", "a.b.c", "request_not_supported"),
        ("request_uri", "https://a.example", "request_uri_not_supported"),
    ] {
        let location =
            pair.provider.sign_in(pair.authorization_url(&[(name, value)]), "ada").unwrap();
        assert_eq!(parameter(&location, "error").as_deref(), Some(error), "{name}={value}");
        assert_eq!(parameter(&location, "state").as_deref(), Some("a state"));
        assert_eq!(parameter(&location, "code"), None);
    }
}

#[tokio::test]
async fn unknown_client_or_redirect_uri_gets_no_redirect() {
    let pair = Pair::build(TestProvider::builder().client(
        RegisteredClient::confidential("shop", "secret").redirect_uri("https://shop.example/cb"),
    ))
    .await;
    for (name, value) in [
        ("client_id", ""),
        ("client_id", "<b>unknown</b>"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://shop.example/cb/"),
        ("redirect_uri", "https://shop.example/cb?x"),
        ("redirect_uri", "https://shop.example.evil.example/cb"),
        ("redirect_uri", REDIRECT_URI),
    ] {
        let mut changes = vec![("redirect_uri", "https://shop.example/cb"), (name, value)];
        if name == "redirect_uri" {
            changes.remove(0);
        }
        let url = pair.authorization_url(&changes);
        let refused = pair.provider.sign_in(&url, "ada");
        assert!(matches!(refused, Err(SignInError::Refused(_))), "{name}={value}: {refused:?}");

        let page = pair.get(&url).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{name}={value}");
        assert!(!page.text.contains("<b>unknown"));
        if name == "client_id" && !value.is_empty() {
            assert!(page.text.contains("Registered clients: “shop”."), "{}", page.text);
        }
    }
}

#[tokio::test]
async fn repeated_parameter_is_refused() {
    let pair = Pair::start().await;
    let url = format!("{}&state=another", pair.authorization_url(&[]));
    assert!(matches!(pair.provider.sign_in(url, "ada"), Err(SignInError::Refused(_))));
}

#[tokio::test]
async fn sign_in_knows_its_own_url_and_its_own_people() {
    let pair = Pair::start().await;
    let url = pair.authorization_url(&[]);
    assert!(matches!(pair.provider.sign_in(&url, "eve"), Err(SignInError::UnknownPerson(_))));
    for foreign in [
        "https://elsewhere.example/authorize?x=y".to_owned(),
        url.replace("/authorize?", "/authorize/decision?"),
    ] {
        assert!(matches!(pair.provider.deny(foreign), Err(SignInError::ForeignUrl(_))));
    }
}
