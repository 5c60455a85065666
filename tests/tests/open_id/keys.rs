//! The provider's keys: readable, and stated by the configuration instead of fetched.

use oauth_runtime::error::{IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use tests::in_process::{App, Op, Recorder, Typed, config};

/// The number of requests for keys.
fn key_requests(recorder: &Recorder) -> usize {
    let exchanges = recorder.exchanges();
    exchanges.iter().filter(|(request, _)| request.uri().path().ends_with("/jwks")).count()
}

async fn published_keys(app: &App) -> serde_json::Value {
    let config = config(&app.provider, app.public_url.as_str());
    let oauth = Typed::builder().config(config).build().expect("a valid configuration");
    let set = Client::<Op>::from_ref(&oauth).load_key_set().await.expect("keys");
    assert!(set.keys().all(|key| key.key_id().is_some() && key.algorithms().next().is_some()));
    set.to_json()
}

async fn with_keys(app: &App, keys: &serde_json::Value) -> (App, Recorder) {
    let (recorder, keys) = (Recorder::new(), keys.to_string());
    let http = recorder.clone();
    let app = App::builder::<Typed>()
        .beside(app)
        .configure(|builder| builder.set("OP_JWKS", keys).http_client(http))
        .start()
        .await;
    (app, recorder)
}

#[tokio::test]
async fn stated_keys_verify_logins_and_are_not_fetched() {
    let first = App::builder::<Typed>().start().await;
    let keys = published_keys(&first).await;
    for key in keys["keys"].as_array().expect("a list") {
        assert!(key["kty"].is_string() && key.get("d").is_none(), "{key}");
    }
    let (app, recorder) = with_keys(&first, &keys).await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    assert!(browser.session().is_some(), "{:?}", app.failures);
    assert_eq!(key_requests(&recorder), 0);
}

/// An unknown key is not looked up elsewhere.
#[tokio::test]
async fn rotated_key_is_refused_where_keys_are_stated() {
    let first = App::builder::<Typed>().start().await;
    let (app, recorder) = with_keys(&first, &published_keys(&first).await).await;
    app.provider.rotate_keys().expect("new keys");
    let mut browser = app.browser();
    let started = browser.start_login("op").await;
    let callback = app.provider.sign_in(&started, "ada").expect("a valid request");
    browser.finish(callback).await;
    assert_matches!(
        app.failures.only(),
        OAuthError::Provider { error: ProviderError::IdToken(IdTokenError::Signature(_)), .. }
    );
    assert!(browser.session().is_none());
    assert_eq!(key_requests(&recorder), 0);
}
