//! OAuth 1.0a with a provider that is described at run time.

use axum::Json;
use http::StatusCode;
use oauth_runtime::prelude::*;
use oauth_runtime::{ProviderDescription, RuntimeProviders};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tests::authlib::OAuth1Server;
use tests::in_process::Browser;
use tests::scenario;
use url::Url;

use super::oauth1::{CLIENT_ID, CLIENT_SECRET};

async fn home(user: User) -> String {
    format!("{} of {}", user.subject(), user.provider())
}

async fn call(
    State(providers): State<RuntimeProviders>,
    user: User,
) -> Result<Json<Value>, OAuthError> {
    providers.api(&user).await?.get("echo?a=1").json().await.map(Json)
}

fn described(base: &str) -> ProviderDescription {
    ProviderDescription::new("photos")
        .request_token_url(format!("{base}/initiate"))
        .authorize_url(format!("{base}/authorize"))
        .access_token_url(format!("{base}/token"))
        .userinfo_endpoint(format!("{base}/me"))
        .api_base_url(format!("{base}/api/"))
        .identity("id", "id")
        .identity("name", "name")
        .signature_method("HMAC-SHA256")
        .quirks(["loopback_http"])
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
}

#[tokio::test]
async fn run_time_provider_serves_login_and_api() {
    let server = OAuth1Server::start(&scenario!(), "HMAC-SHA256", "").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let public_url = format!("http://{address}");
    let config = Config::empty().set("OAUTH_PUBLIC_URL", &public_url);
    let providers = RuntimeProviders::builder().config(config).build().expect("valid settings");
    providers.insert(described(&server.base)).expect("a valid description");
    let app = Router::new()
        .route("/", get(home))
        .route("/call", get(call))
        .merge(providers.routes())
        .with_state(providers);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut browser = Browser::new(Url::parse(&public_url).expect("a URL"), address);

    let location = browser.start_login("photos").await;
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
    let answer = http.expect("a client").get(location.as_str()).send().await;
    let answer = answer.expect("an answer of the provider");
    let callback = answer.headers()["location"].to_str().expect("a URL").to_owned();
    let page = browser.finish(callback).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    assert_eq!(browser.get("/").await.body, "815 of photos");
    let page = browser.get("/call").await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!((&seen["method"], &seen["parameters"]), (&json!("GET"), &json!([["a", "1"]])));
}
