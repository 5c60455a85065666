//! Calls to an API with a token in hand: URLs, methods, bodies and errors.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use oauth_runtime::error::CallError;
use oauth_runtime::http::{HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use serde_json::{Value, json};

use crate::scripted::{Acme, Site, header};

#[tokio::test]
async fn each_method_calls_the_api_with_the_token() {
    let site = Site::start();
    let api = site.api();
    for (method, request) in [
        ("GET", api.get("user")),
        ("POST", api.post("user")),
        ("PUT", api.put("user")),
        ("PATCH", api.patch("user")),
        ("DELETE", api.delete("user")),
        ("OPTIONS", api.request(Method::OPTIONS, "user")),
    ] {
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        let sent = site.network.last("/api/user");
        assert_eq!(
            (sent.method().as_str(), header(&sent, "authorization")),
            (method, "Bearer mine")
        );
    }
}

/// The guide states the rule, because Authlib resolves `/user` to the root of the host.
#[tokio::test]
async fn path_is_appended_to_the_base() {
    for base in ["https://acme.example/api", "https://acme.example/api/"] {
        let site = Site::<Acme>::with(&[("API_BASE_URL", base)]);
        for (path, query) in [
            ("user", None),
            ("/user", None),
            ("user?page=2", Some("page=2")),
            ("https://acme.example/api/user", None),
        ] {
            site.api().get(path).send().await.expect("a response");
            let sent = site.network.last("/api/user");
            assert_eq!((sent.uri().host(), sent.uri().query()), (Some("acme.example"), query));
        }
        assert_eq!(site.network.requests("/api/user").len(), 4, "{base}");
    }
}

#[tokio::test]
async fn path_needs_a_base() {
    let site = Site::<Acme>::with(&[("API_BASE_URL", "")]);
    let error = site.api().get("user").send().await.expect_err("no base");
    assert!(matches!(error, OAuthError::Call(CallError::NoApiBase(_))), "{error:?}");
    assert!(site.client.get("https://acme.example/user").send().await.is_ok(), "public");
}

#[tokio::test]
async fn call_has_headers_query_and_body() {
    let site = Site::start();
    let api = site.api();
    let version = HeaderName::from_static("x-version");
    let call =
        api.post("notes").query([("a", "1 &")]).header(version, HeaderValue::from_static("2"));
    call.body_json(&json!({"note": "hi"})).send().await.expect("a response");
    let sent = site.network.last("/api/notes");
    assert_eq!((sent.uri().query(), header(&sent, "x-version")), (Some("a=1+%26"), "2"));
    assert_eq!(header(&sent, "content-type"), "application/json");
    assert_eq!(sent.body().as_ref(), br#"{"note":"hi"}"#);

    api.post("notes").body_form([("note", "a b")]).send().await.expect("a response");
    let sent = site.network.last("/api/notes");
    assert_eq!(header(&sent, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(sent.body().as_ref(), b"note=a+b");
    let own = api.get("notes").header(http::header::AUTHORIZATION, HeaderValue::from_static("x"));
    let error = own.send().await.expect_err("the header of the token");
    assert!(matches!(error, OAuthError::Call(CallError::ReservedHeader(_))), "{error:?}");
}

/// `raise_for_status` is part of `json`, `text` and `bytes`, and not of `send`.
#[tokio::test]
async fn status_of_an_api_is_an_error_unless_sent() {
    let site = Site::start();
    site.network.respond("/api/user", 404, r#"{"message":"no such user"}"#);
    let error = site.api().get("user").json::<Value>().await.expect_err("status 404");
    let answer = error.api_error().expect("the response of the API");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let body: Value = answer.json().expect("JSON");
    assert_eq!(body["message"], "no such user");
    assert!(site.api().get("user").text().await.is_err());
    let response = site.api().get("user").send().await.expect("a response");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

/// A client serves many users, whose cookies must not mix.
#[tokio::test]
async fn cookies_of_an_api_are_not_kept() {
    async fn answer(headers: HeaderMap) -> impl IntoResponse {
        ([("set-cookie", "user=ada")], headers.contains_key("cookie").to_string())
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let app = Router::new().route("/", get(answer));
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let client = ReqwestClient::new().expect("a client");
    for _ in 0..2 {
        let request = Request::get(&url).body(bytes::Bytes::new()).expect("a request");
        let response = client.send(request, Limits::API).await.expect("a response");
        assert_eq!(response.headers()["set-cookie"], "user=ada");
        assert_eq!(response.body().as_ref(), b"false");
    }
    server.abort();
}
