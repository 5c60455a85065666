//! The options of an API call, and the destinations of its token.

use axum::Json;
use axum::extract::RawQuery;
use http::StatusCode;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault};
use serde_json::{Value, json};
use tests::in_process::{Op, Typed};

use crate::harness::Instance;

pub(crate) fn routes() -> Router<Typed> {
    Router::new()
        .route("/list", get(list))
        .route("/endless", get(endless))
        .route("/needs", get(needs))
        .route("/explains", get(explains))
        .route("/foreign", get(foreign))
        .route("/stream", get(stream))
        .route("/write", get(write))
        .route("/climbing", get(climbing))
        .route("/problem", get(problem))
}

/// All repositories, two on a page.
async fn list(op: Api<Op>) -> Result<Json<Value>, OAuthError> {
    let mut pages = op.get("user/repos").query([("per_page", "2")]).pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next_json::<Vec<Value>>().await? {
        sizes.push(page.len());
    }
    let first = op.get("user/repos").query([("per_page", "1")]).pages().most(2);
    let mut first = first;
    let mut most = 0;
    while first.next().await?.is_some() {
        most += 1;
    }
    Ok(Json(json!({ "sizes": sizes, "most": most })))
}

/// The number of pages of an endless list.
async fn endless(op: Api<Op>) -> Result<String, OAuthError> {
    let mut pages = op.get("endless").pages();
    let mut count = 0;
    while pages.next().await?.is_some() {
        count += 1;
        assert!(count < 5_000, "there is no end");
    }
    Ok(count.to_string())
}

async fn needs(op: Api<Op>, RawQuery(scopes): RawQuery) -> Result<String, OAuthError> {
    let scopes = scopes.unwrap_or_default();
    op.get("resource").needs_scopes(scopes.split(',')).text().await
}

/// Calls the URL of the query, with the options of the query.
async fn foreign(op: Api<Op>, RawQuery(query): RawQuery) -> Result<String, OAuthError> {
    let query = query.unwrap_or_default();
    let (how, url) = query.split_once(',').unwrap_or_default();
    let request = op.get(url);
    let request = match how {
        "withheld" => request.withhold_token(),
        "allowed" => request.with_token_at(url),
        "misspelt" => request.with_token_at("http://127.0.0.1:1"),
        _ => request,
    };
    Ok(request.send().await?.status().to_string())
}

async fn stream(op: Api<Op>) -> Result<String, OAuthError> {
    let mut answer = op.get("resource").stream().await?;
    let mut whole = Vec::new();
    while let Ok(Some(piece)) = answer.body_mut().chunk().await {
        whole.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&whole).into_owned())
}

async fn write(op: Api<Op>) -> Result<String, OAuthError> {
    Ok(op.post("resource").send().await?.status().to_string())
}

/// The outcome of the second page of a list.
async fn climbing(op: Api<Op>, RawQuery(target): RawQuery) -> String {
    let mut pages = op.get(&format!("climbing?{}", target.unwrap_or_default())).pages();
    assert!(pages.next().await.is_ok());
    let shown = format!("{pages:?}");
    let error = pages.next().await.expect_err("it leads out of the API");
    format!("{shown} {error} {error:?}")
}

/// The error for a response with this status, and its message.
async fn problem(op: Api<Op>, RawQuery(status): RawQuery) -> String {
    let path = format!("problem?{}", status.unwrap_or_default());
    let error = op.get(&path).json::<Value>().await.expect_err("no success");
    let answer = error.api_error().expect("a response");
    let kind = answer.content_type().unwrap_or_default();
    let body: Value = answer.json().expect("JSON");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("the-detail"), "{shown}");
    let of_text = op.get(&path).text().await.expect_err("no success");
    assert_eq!(of_text.api_error(), Some(answer));
    format!("{} {kind} {}", answer.status(), body["detail"])
}

#[tokio::test]
async fn link_out_of_the_api_is_not_followed() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    for target in ["/admin/x", "../admin", "..%2fadmin", "https://elsewhere.example/api/x"] {
        let requests = instance.app.requests(Endpoint::Api);
        let page = ada.get(&format!("/climbing?{target}")).await;
        assert!(page.body.contains("leads out of the API"), "{target}: {page:?}");
        assert!(!page.body.contains("hunter2"), "{target}: {page:?}");
        assert_eq!(instance.app.requests(Endpoint::Api), requests);
    }
}

#[tokio::test]
async fn answer_of_an_api_is_kept_for_the_application() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    for status in [401, 403, 404, 422, 500] {
        let body = ada.get(&format!("/problem?{status}")).await.body;
        assert_eq!(body, format!("{status} application/problem+json \"the-detail\""));
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_up_to_a_bound() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    let page = ada.get("/list").await;
    let seen: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(seen, json!({"sizes": [2, 1], "most": 2}));
}

#[tokio::test]
async fn missing_scope_leads_to_a_login_for_all_scopes() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    assert_eq!(ada.get("/needs?profile").await.status, StatusCode::OK);
    let calls = instance.app.requests(Endpoint::Api);
    let page = ada.get("/needs?profile,phone,address").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(instance.app.requests(Endpoint::Api), calls, "nothing was sent");
    let (_, link) = page.body.split_once("href=\"").expect("a link");
    let link = link.split('"').next().expect("its end").replace("&amp;", "&");
    let started = ada.click(&link).await;
    let location = url::Url::parse(started.location()).expect("a URL");
    let scope = location.query_pairs().find(|(name, _)| name == "scope").expect("a scope").1;
    assert_eq!(scope, "openid email profile offline_access phone address");
    let callback = instance.app.answer(started.location());
    let back = ada.finish(callback).await;
    assert_eq!(back.location(), "/needs?profile,phone,address");
    assert_eq!(ada.get(back.location()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_site_does_not_choose_the_scopes() {
    let instance = Instance::start().await;
    let mut ada = instance.app.browser();
    for made_up in ["phone", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let started = ada.get(&format!("/auth/op/login?ask={made_up}")).await;
        let location = url::Url::parse(started.location()).expect("a URL");
        let scope = location.query_pairs().find(|(name, _)| name == "scope").expect("a scope").1;
        assert_eq!(scope, "openid email profile offline_access");
    }
}

#[tokio::test]
async fn call_is_made_while_the_granted_scope_is_unknown() {
    let instance = Instance::start().await;
    instance.app.provider.fault(Fault::ScopeMissing);
    let mut ada = instance.ada().await;
    assert_eq!(ada.get("/needs?phone").await.status, StatusCode::OK);
}

#[tokio::test]
async fn token_leaves_the_api_only_for_named_origins() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    let bystander = instance.app.provider.bystander();
    let url = bystander.url().to_string();
    for how in ["plain", "misspelt"] {
        let page = ada.get(&format!("/foreign?{how},{url}")).await;
        assert!(page.status.is_server_error(), "{how}: {page:?}");
    }
    assert_eq!(bystander.requests(), []);
    ada.get(&format!("/foreign?withheld,{url}")).await;
    let seen = bystander.requests();
    assert_eq!(seen.len(), 1);
    assert!(!format!("{seen:?}").contains("Bearer"), "{seen:?}");
    ada.get(&format!("/foreign?allowed,{url}")).await;
    assert_eq!(bystander.requests().len(), 2);
}

#[tokio::test]
async fn endless_list_is_bounded() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    assert_eq!(ada.get("/endless").await.body, "1000");
}

#[tokio::test]
async fn a_body_comes_in_pieces() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    assert!(ada.get("/stream").await.body.contains("\"sub\":\"ada\""));
}

#[tokio::test]
async fn retry_after_repeats_only_safe_calls() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    instance.network.be_busy(2, 0);
    assert_eq!(ada.get("/calls").await.status, StatusCode::OK);
    instance.network.be_busy(1, 0);
    assert_eq!(ada.get("/write").await.body, "503 Service Unavailable");
    instance.network.be_busy(10, 0);
    assert_eq!(ada.get("/calls").await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(instance.network.busy_calls_left(), 6, "once, and three retries");
    instance.network.be_busy(10, 31);
    assert_eq!(ada.get("/calls").await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(instance.network.busy_calls_left(), 9, "the delay is too long to wait");
}

#[tokio::test]
async fn broken_connection_repeats_only_safe_calls() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    instance.network.break_calls(1);
    assert_eq!(ada.get("/calls").await.status, StatusCode::OK);
    instance.network.break_calls(10);
    assert_ne!(ada.get("/calls").await.status, StatusCode::OK);
    assert_eq!(instance.network.broken_calls_left(), 8, "once, and one retry");
    assert_ne!(ada.get("/write").await.status, StatusCode::OK);
    assert_eq!(instance.network.broken_calls_left(), 7);
}

fn link_of(page: &tests::in_process::Page) -> String {
    let (_, link) = page.body.split_once("href=\"").expect("a link");
    link.split('"').next().expect("its end").replace("&amp;", "&")
}

/// The provider separates scopes by commas, but the declaration lacks the quirk.
#[tokio::test]
async fn scope_question_is_asked_once_and_then_explained() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    instance.app.provider.fault(Fault::ScopeWithCommas);

    // After an abandoned question, it is asked again.
    for _ in 0..2 {
        let asked = ada.get("/needs?phone").await;
        assert!(asked.body.contains("<li><bdi>phone</bdi></li>"), "{}", asked.body);
        ada.click(&link_of(&asked)).await.location();
    }
    let link = link_of(&ada.get("/needs?phone").await);
    let started = ada.click(&link).await;
    let back = ada.finish(instance.app.answer(started.location())).await;
    assert_eq!(back.location(), "/needs?phone");

    let explained = ada.get("/needs?phone").await;
    assert_eq!(explained.status, StatusCode::FORBIDDEN);
    assert!(explained.body.contains("More access was not granted"), "{}", explained.body);
    assert!(!explained.body.contains("ask="), "no question: {}", explained.body);
    let json = ada.send(http::Method::GET, "/needs?phone", &[("accept", "application/json")]).await;
    let json: Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!((&json["error"], &json["url"]), (&json!("scopes_required"), &Value::Null));

    // A new scope is requested, and a refused one is requested again after ten minutes.
    let other = ada.get("/needs?address").await;
    assert!(other.body.contains("ask="), "{}", other.body);
    instance.advance(601);
    let later = ada.get("/needs?phone").await;
    assert!(later.body.contains("ask="), "{}", later.body);
}

#[tokio::test]
async fn refused_scopes_name_the_quirk_in_the_error() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    instance.app.provider.fault(Fault::ScopeWithCommas);
    let started = ada.click(&link_of(&ada.clone().get("/needs?phone").await)).await;
    ada.finish(instance.app.answer(started.location())).await;
    let page = ada.get("/explains?phone").await;
    assert!(page.body.contains("`quirks(comma_separated_scopes)`"), "{}", page.body);
    assert!(page.body.contains("the user was asked for them"), "{}", page.body);
}

/// The error message, as in the log.
async fn explains(op: Api<Op>, RawQuery(scopes): RawQuery) -> String {
    let scopes = scopes.unwrap_or_default();
    let call = op.get("resource").needs_scopes(scopes.split(',')).text().await;
    call.expect_err("a refusal").to_string()
}

/// A script gets the URL of the question, which returns to the script's page.
#[tokio::test]
async fn scope_question_of_a_script_is_json_with_a_url() {
    let instance = Instance::start().await;
    let mut ada = instance.ada().await;
    let referer = format!("{}app?tab=1", instance.app.public_url);
    let headers = [("accept", "*/*"), ("sec-fetch-mode", "cors"), ("referer", referer.as_str())];
    let answer = ada.send(http::Method::GET, "/needs?phone", &headers).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.header("content-type"), "application/json");
    let json: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((&json["error"], &json["scopes"]), (&json!("scopes_required"), &json!(["phone"])));
    let url = json["url"].as_str().expect("a URL");
    assert!(url.starts_with("/auth/op/login?ask="), "{url}");
    assert!(url.ends_with("&return_to=%2Fapp%3Ftab%3D1"), "{url}");
}
