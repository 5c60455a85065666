//! Devices without a browser: the endpoint, the page, the grant.

use serde_json::Value;

use super::{Pair, Reply, encode};
use crate::testing::device::GRANT_TYPE;
use crate::testing::{Endpoint, Fault, SignInError};

/// The response to a device.
async fn begun(pair: &Pair) -> Value {
    let form = encode(&[("scope", "openid offline_access")], &[]);
    let reply = pair.post(Endpoint::DeviceAuthorization, form).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    reply.json()
}

/// The token request of a device, as early as it is allowed.
async fn redeem(pair: &Pair, begun: &Value) -> Reply {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    redeem_now(pair, begun).await
}

async fn redeem_now(pair: &Pair, begun: &Value) -> Reply {
    let code = begun["device_code"].as_str().unwrap();
    let form = encode(&[("grant_type", GRANT_TYPE), ("device_code", code)], &[]);
    pair.post(Endpoint::Token, form).await
}

fn user_code(begun: &Value) -> &str {
    begun["user_code"].as_str().unwrap()
}

#[tokio::test]
async fn device_waits_for_the_user_and_gets_tokens_once() {
    let pair = Pair::start().await;
    let begun = begun(&pair).await;
    assert_eq!(redeem(&pair, &begun).await.json()["error"], "authorization_pending");

    pair.provider
        .approve_device(&user_code(&begun).to_lowercase().replace('-', " "), "ada")
        .unwrap();
    let tokens = redeem(&pair, &begun).await.json();
    let (_, claims) = super::parts(&tokens["id_token"]);
    assert_eq!((&claims["sub"], claims.get("nonce")), (&Value::from("ada"), None));
    assert!(tokens["refresh_token"].is_string());

    assert_eq!(redeem(&pair, &begun).await.json()["error"], "invalid_grant");
    let again = pair.provider.approve_device(user_code(&begun), "ada");
    assert!(matches!(again, Err(SignInError::Refused(_))));
}

#[tokio::test]
async fn device_that_asks_too_often_has_to_slow_down() {
    let pair = Pair::start().await;
    let begun = begun(&pair).await;
    assert_eq!(redeem_now(&pair, &begun).await.json()["error"], "slow_down");
    pair.provider.approve_device(user_code(&begun), "ada").unwrap();
    // The interval is six seconds now.
    assert_eq!(redeem(&pair, &begun).await.json()["error"], "slow_down");
}

#[tokio::test]
async fn refusals_and_late_devices_are_told_apart() {
    let pair = Pair::start().await;
    let denied = begun(&pair).await;
    pair.provider.deny_device(user_code(&denied)).unwrap();
    assert_eq!(redeem(&pair, &denied).await.json()["error"], "access_denied");

    let late = begun(&pair).await;
    pair.provider.set_clock_offset(601);
    assert_eq!(redeem_now(&pair, &late).await.json()["error"], "expired_token");
    assert!(pair.provider.approve_device(user_code(&late), "ada").is_err());
    pair.provider.set_clock_offset(0);
    pair.provider.fault(Fault::DeviceCodeExpired);
    assert_eq!(redeem(&pair, &late).await.json()["error"], "expired_token");
}

#[tokio::test]
async fn page_shows_the_code_and_takes_the_answer_once() {
    let pair = Pair::start().await;
    let begun = begun(&pair).await;
    let empty = pair.get(begun["verification_uri"].as_str().unwrap()).await;
    assert!(empty.text.contains("name=\"user_code\""), "{}", empty.text);
    let wrong = format!("{}?user_code=<b>", begun["verification_uri"].as_str().unwrap());
    let wrong = pair.get(wrong).await.text;
    assert!(wrong.contains("No device is waiting with the code “&lt;b&gt;”"), "{wrong}");

    let page = pair.get(begun["verification_uri_complete"].as_str().unwrap()).await;
    assert!(page.text.contains(user_code(&begun)), "{}", page.text);
    let press = async || {
        let form = encode(&[("user_code", user_code(&begun)), ("person", "grace")], &[]);
        let url = format!("{}/device/decision", pair.provider.issuer());
        Reply::of(pair.http.post(url).body(form)).await
    };
    assert_eq!(press().await.status, 200);
    assert_eq!(press().await.status, 400);
    let (_, claims) = super::parts(&redeem(&pair, &begun).await.json()["id_token"]);
    assert_eq!(claims["sub"], "grace");
}
