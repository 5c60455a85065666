//! `authorize_redirect` as it answers a browser.

use http::StatusCode;
use http::header::{LOCATION, SET_COOKIE};
use oauth_runtime::prelude::*;

use crate::scripted::{Site, parameters};

#[tokio::test]
async fn login_is_a_redirect_with_its_parameters() {
    let site = Site::start();
    let started = site.client.authorize_redirect().await.expect("a login starts").into_response();
    assert_eq!(started.status(), StatusCode::FOUND);
    let location = started.headers()[LOCATION].to_str().expect("a URL");
    assert!(location.starts_with("https://acme.example/authorize?"), "{location}");
    let sent = parameters(location);
    let names: Vec<_> = sent.keys().map(String::as_str).collect();
    let expected = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "redirect_uri",
        "response_type",
        "state",
    ];
    assert_eq!(names, expected, "and neither scope nor nonce");
    assert_eq!((&*sent["response_type"], &*sent["client_id"]), ("code", "id"));
    assert_eq!(sent["redirect_uri"], "http://127.0.0.1:3000/auth/acme/callback");
    let cookie = started.headers()[SET_COOKIE].to_str().expect("a cookie");
    assert!(!cookie.contains(&sent["state"]), "the browser cannot read it: {cookie}");
}
