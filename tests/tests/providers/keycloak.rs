//! Keycloak, in every situation in which users meet it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::browser::Browser;
use tests::keycloak::{Realm, log_in, sign_in};
use tests::process::Scratch;
use tests::scenario;
use tests::scenario::Scenario;
use tests::visitor::{Seen, Visitor};

use crate::site::{Bound, Encrypting, SECRET, Site};

/// A realm and an application that is its client.
async fn start(scenario: &Scenario, client: Value, settings: &[(&str, &str)]) -> (Realm, Site) {
    let bound = Bound::new().await;
    let realm = Realm::create(scenario, &bound.base, json!({}), client).await;
    let site = bound.serve(&realm.issuer(), &[&[SECRET], settings].concat());
    (realm, site)
}

/// A login of `ada` without a browser window, and its page.
async fn visit(site: &Site) -> (Visitor, Seen) {
    let mut visitor = Visitor::new();
    let page = log_in(&mut visitor, &site.url("/login"), "ada").await;
    (visitor, page)
}

fn json_of(page: &Seen) -> Value {
    assert_eq!(page.status, 200, "{}: {}", page.url, page.body);
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("no JSON: {}", page.body))
}

#[tokio::test]
async fn keycloak_serves_login_with_consent_and_logout() {
    let scenario = scenario!();
    let (realm, site) = start(&scenario, json!({"consentRequired": true}), &[]).await;
    let browser = Browser::start(&scenario).await;

    let question = browser.open(&site.url("/login")).await;
    assert!(question.url.starts_with(&realm.issuer()), "{question:#?}");
    sign_in(&browser, "ada").await;
    let refused = browser.press("No").await;
    assert_eq!(refused.status, 403, "{refused:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);

    browser.open(&site.url("/login")).await;
    sign_in(&browser, "ada").await;
    let arrived = browser.press("Yes").await;
    assert_eq!(arrived.status, 200, "{arrived:#?}");
    let login = browser.json().await;
    assert_eq!(login["name"], "Ada Lovelace", "{login:#}");
    assert_eq!(login["verified_email"], "ada@example.com", "{login:#}");
    assert_eq!(browser.open(&site.url("/whoami")).await.text, login["subject"]);
    browser.open(&site.url("/userinfo")).await;
    assert_eq!(browser.json().await["preferred_username"], "ada");

    let left = browser.open(&site.url("/logout")).await;
    assert_eq!((left.status, left.text.as_str()), (200, "signed out"), "{left:#?}");
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
    browser.open(&site.url("/login")).await;
    sign_in(&browser, "grace").await;
    let arrived = browser.press("Yes").await;
    assert_eq!(arrived.status, 200, "{arrived:#?}");
    let other = browser.json().await;
    assert_ne!(other["subject"], login["subject"]);
    assert_eq!(other["verified_email"], Value::Null, "{other:#}");
}

/// Ten calls with an expired token share one refresh. When the first refresh token comes back, as
/// from a thief, Keycloak ends the grant, and the user is asked to log in.
#[tokio::test]
async fn keycloak_rotates_refresh_tokens_and_detects_reuse() {
    let scenario = scenario!();
    let (realm, site) = start(&scenario, json!({}), &[]).await;
    let (visitor, page) = visit(&site).await;
    let spent = json_of(&page)["refresh_token"].as_str().expect("a refresh token").to_owned();

    // Access tokens live five minutes.
    site.clock.advance(300);
    let calls = (0..10).map(|_| {
        let mut visitor = visitor.clone();
        let url = site.url("/userinfo");
        tokio::spawn(async move { visitor.open(&url).await })
    });
    for call in calls.collect::<Vec<_>>() {
        let page = call.await.expect("a call");
        assert_eq!(json_of(&page)["email"], "ada@example.com");
    }

    let answer = realm.refresh(&spent).await;
    assert_eq!(answer["error"], "invalid_grant", "{answer}");
    site.clock.advance(300);
    let page = visitor.clone().open(&site.url("/userinfo")).await;
    assert_eq!(page.status, 401, "{}", page.body);
}

#[tokio::test]
async fn keycloak_signs_id_tokens_with_every_algorithm() {
    let scenario = scenario!();
    let (realm, site) = start(&scenario, json!({}), &[]).await;
    visit(&site).await;
    let algorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
    for algorithm in algorithms {
        realm.sign_with(algorithm).await;
        // New keys are fetched every few seconds at most, and this clock moves only by hand.
        site.clock.advance(10);
        let (_, page) = visit(&site).await;
        assert_eq!(page.status, 200, "{algorithm}: {}", page.body);
    }
}

#[tokio::test]
async fn keycloak_accepts_every_client_authentication() {
    let scenario = scenario!();
    let files = Scratch::create();
    let key = private_key(files.path());
    let bound = Bound::new().await;
    let realm = Realm::create(&scenario, &bound.base, json!({}), json!({})).await;
    let mut bound = Some(bound);
    for (method, authenticator, credentials) in [
        ("client_secret_basic", "client-secret", Some(SECRET)),
        ("client_secret_post", "client-secret", Some(SECRET)),
        ("client_secret_jwt", "client-secret-jwt", Some(SECRET)),
        ("private_key_jwt", "client-jwt", Some(("PRIVATE_KEY", key.as_str()))),
        ("none", "client-secret", None),
    ] {
        let here = match bound.take() {
            Some(bound) => bound,
            None => Bound::new().await,
        };
        realm.change_client(json!({"redirectUris": [format!("{}/callback", here.base)]})).await;
        let kwargs = json!({"token_endpoint_auth_method": method}).to_string();
        let mut settings = vec![("CLIENT_KWARGS", kwargs.as_str())];
        settings.extend(credentials);
        let site = here.serve(&realm.issuer(), &settings);
        let mut client = json!({
            "clientAuthenticatorType": authenticator,
            "publicClient": method == "none",
        });
        if method == "private_key_jwt" {
            client["attributes"] =
                json!({"use.jwks.string": "true", "jwks.string": site.jwks.to_string()});
        }
        realm.change_client(client).await;
        let (_, page) = visit(&site).await;
        assert_eq!(page.status, 200, "{method}: {}", page.body);
    }
}

#[tokio::test]
async fn keycloak_posts_the_response_as_a_form() {
    let scenario = scenario!();
    let (_realm, site) = start(&scenario, json!({}), &[("RESPONSE_MODE", "form_post")]).await;
    let browser = Browser::start(&scenario).await;
    browser.open(&site.url("/login")).await;
    let arrived = sign_in(&browser, "ada").await;
    assert_eq!(arrived.status, 200, "{arrived:#?}");
    let login = browser.json().await;
    assert_eq!(browser.open(&site.url("/whoami")).await.text, login["subject"]);
}

#[tokio::test]
async fn keycloak_signs_userinfo() {
    let scenario = scenario!();
    let client = json!({"attributes": {"user.info.response.signature.alg": "RS256"}});
    let settings = [("USERINFO_SIGNED_RESPONSE_ALG", "RS256")];
    let (_realm, site) = start(&scenario, client, &settings).await;
    let (mut visitor, _) = visit(&site).await;
    let userinfo = visitor.open(&site.url("/userinfo")).await;
    assert_eq!(json_of(&userinfo)["email"], "ada@example.com");
}

#[tokio::test]
async fn keycloak_encrypts_id_token_and_userinfo() {
    let scenario = scenario!();
    let files = Scratch::create();
    let key = private_key(files.path());
    let bound = Bound::new().await;
    let realm = Realm::create(&scenario, &bound.base, json!({}), json!({})).await;
    let settings = [("ISSUER", &*realm.issuer()), SECRET, ("DECRYPTION_KEY", key.as_str())];
    let site = bound.serve_with::<Encrypting>(&settings);
    let client = json!({"attributes": {
        "use.jwks.string": "true",
        "jwks.string": site.jwks.to_string(),
        "id.token.encrypted.response.alg": "RSA-OAEP",
        "id.token.encrypted.response.enc": "A256GCM",
        "user.info.response.signature.alg": "RS256",
        "user.info.encrypted.response.alg": "RSA-OAEP",
        "user.info.encrypted.response.enc": "A128CBC-HS256",
    }});
    realm.change_client(client).await;
    let (mut visitor, page) = visit(&site).await;
    assert_eq!(json_of(&page)["name"], "Ada Lovelace");
    let userinfo = visitor.open(&site.url("/userinfo")).await;
    assert_eq!(json_of(&userinfo)["email"], "ada@example.com");
}

/// The second level is a second question for the password. A session at Keycloak of the first level
/// does not satisfy a login that requires the second.
#[tokio::test]
async fn keycloak_steps_up_to_a_required_acr() {
    let scenario = scenario!();
    let bound = Bound::new().await;
    let realm = Realm::create(&scenario, &bound.base, two_levels(), json!({})).await;
    let site = bound.serve(&realm.issuer(), &[SECRET]);
    let (mut visitor, page) = visit(&site).await;
    assert_eq!(json_of(&page)["acr"], "silver");

    let question = visitor.open(&site.url("/login?acr=gold")).await;
    assert!(question.url.as_str().starts_with(&realm.issuer()), "{question:?}");
    let page = visitor.submit(&question, &[("password", "ada")]).await;
    assert_eq!(json_of(&page)["acr"], "gold");

    // A level that Keycloak does not know.
    let refused = visitor.open(&site.url("/login?acr=platinum")).await;
    assert_ne!(refused.status, 200, "{}", refused.body);
    assert!(!refused.body.contains("platinum"), "{}", refused.body);
}

/// A browser flow with two levels of authentication.
fn two_levels() -> Value {
    let flow = |alias: &str, is_top: bool, executions: Vec<Value>| {
        json!({
            "alias": alias,
            "providerId": "basic-flow",
            "topLevel": is_top,
            "builtIn": false,
            "authenticationExecutions": executions,
        })
    };
    let step = |name: &str, requirement: &str| json!({"authenticator": name, "requirement": requirement, "priority": 2});
    let part = |alias: &str, requirement: &str, priority: u8| {
        json!({
            "authenticatorFlow": true,
            "flowAlias": alias,
            "requirement": requirement,
            "priority": priority,
        })
    };
    let level = |config: &str| {
        json!({
            "authenticator": "conditional-level-of-authentication",
            "authenticatorConfig": config,
            "requirement": "REQUIRED",
            "priority": 1,
        })
    };
    let condition = |alias: &str, level: &str, max_age: &str| {
        let config = json!({"loa-condition-level": level, "loa-max-age": max_age});
        json!({"alias": alias, "config": config})
    };
    json!({
        "attributes": {"acr.loa.map": json!({"silver": 1, "gold": 2}).to_string()},
        "browserFlow": "stepped",
        "authenticationFlows": [
            flow("stepped", true, vec![
                json!({"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "priority": 1}),
                part("levels", "ALTERNATIVE", 2),
            ]),
            flow("levels", false, vec![
                part("silver", "CONDITIONAL", 1),
                part("gold", "CONDITIONAL", 2),
            ]),
            flow("silver", false, vec![
                level("silver"),
                step("auth-username-password-form", "REQUIRED"),
            ]),
            flow("gold", false, vec![level("gold"), step("auth-password-form", "REQUIRED")]),
        ],
        "authenticatorConfig": [
            condition("silver", "1", "36000"),
            condition("gold", "2", "0"),
        ],
    })
}

#[tokio::test]
async fn keycloak_refuses_a_wrong_client_secret() {
    let scenario = scenario!();
    let (_realm, site) = start(&scenario, json!({}), &[("CLIENT_SECRET", "wrong")]).await;
    let (mut visitor, page) = visit(&site).await;
    assert_eq!(page.status, 502, "{}", page.body);
    assert!(!page.body.contains("wrong"), "{}", page.body);
    assert_eq!(visitor.open(&site.url("/whoami")).await.status, 401);
}

#[tokio::test]
async fn keycloak_has_no_metadata_for_an_unknown_realm() {
    let scenario = scenario!();
    let bound = Bound::new().await;
    let realm = Realm::create(&scenario, &bound.base, json!({}), json!({})).await;
    let site = bound.serve(&format!("{}/realms/nowhere", realm.server), &[SECRET]);
    let page = Visitor::new().open(&site.url("/login")).await;
    assert_eq!(page.status, 502, "{}", page.body);
}

/// A new RSA key in PEM.
fn private_key(folder: &Path) -> String {
    let arguments = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let openssl = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = openssl.expect("openssl is installed: run tests/setup");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("PEM is text")
}
