//! `compliance_fix` for the providers that Authlib's documentation repairs.

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::ComplianceFix;
use oauth_runtime::prelude::*;
use serde_json::Value;

use crate::scripted::Site;

/// Stack Exchange calls the lifetime `expires`, leaves out `token_type`, and needs `site` in each
/// call.
struct StackFix;

impl ComplianceFix for StackFix {
    fn access_token_response(&self, response: &mut Response<Bytes>) {
        repair(response);
    }

    fn refresh_token_response(&self, response: &mut Response<Bytes>) {
        repair(response);
    }

    fn protected_request(&self, request: &mut Request<Bytes>) {
        let url = format!("{}?site=stackoverflow", request.uri());
        *request.uri_mut() = url.parse().expect("a URI");
    }
}

fn repair(response: &mut Response<Bytes>) {
    let mut token: Value = serde_json::from_slice(response.body()).expect("JSON");
    token["token_type"] = "Bearer".into();
    token["expires_in"] = token["expires"].take();
    *response.body_mut() = token.to_string().into();
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "stack", configured, compliance_fix = StackFix)]
struct Stack;

#[tokio::test]
async fn fix_repairs_responses_and_adds_a_parameter() {
    let site = Site::<Stack>::with(&[]);
    site.network.respond("/token", 200, r#"{"access_token":"a","refresh_token":"b","expires":60}"#);
    let login = site.log_in().await.expect("a login");
    let expires_at = login.token().expires_at().expect("a time");
    assert_eq!(expires_at.as_secs(), site.clock.now().as_secs() + 60);
    login.api().get("me").send().await.expect("a response");
    assert_eq!(site.network.last("/api/me").uri().query(), Some("site=stackoverflow"));

    site.network.respond("/token", 200, r#"{"access_token":"a2","expires":120}"#);
    let new = site.client.refresh_token(login.token()).await.expect("a new token");
    let expires_at = new.expires_at().expect("a time");
    assert_eq!(expires_at.as_secs(), site.clock.now().as_secs() + 120);
}
