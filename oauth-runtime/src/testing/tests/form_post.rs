//! Responses that the browser posts.

use super::{Pair, REDIRECT_URI};
use crate::testing::{Fault, FormPost, SignInError};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

fn sign_in(pair: &Pair) -> FormPost {
    pair.provider.sign_in_by_form_post(pair.authorization_url(&[FORM_POST]), "ada").unwrap()
}

#[tokio::test]
async fn form_holds_code_state_and_issuer() {
    let pair = Pair::start().await;
    let form = sign_in(&pair);
    assert_eq!(form.action(), REDIRECT_URI);
    assert_eq!(form.parameter("state"), Some("a state"));
    assert_eq!(form.parameter("iss"), Some(pair.provider.issuer()));
    assert!(form.body().contains("&state=a+state&"), "{}", form.body());
    let reply = pair.redeem(form.parameter("code").unwrap(), &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn errors_are_posted_too() {
    let pair = Pair::start().await;
    let denied = pair.provider.deny_by_form_post(pair.authorization_url(&[FORM_POST])).unwrap();
    assert_eq!(denied.parameter("error"), Some("access_denied"));
    let url = pair.authorization_url(&[FORM_POST, ("prompt", "none"), ("max_age", "0")]);
    let refused = pair.provider.sign_in_by_form_post(url, "ada").unwrap();
    assert_eq!(refused.parameter("error"), Some("login_required"));
    assert_eq!((refused.parameter("state"), refused.parameter("code")), (Some("a state"), None));
}

#[tokio::test]
async fn page_posts_the_form_and_escapes_its_values() {
    let pair = Pair::start().await;
    let markup = "\"><script>alert(1)</script>";
    let url = pair.authorization_url(&[FORM_POST, ("state", markup), ("prompt", "none")]);
    let page = pair.get(url).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.text.contains(&format!("<form method=\"post\" action=\"{REDIRECT_URI}\">")));
    assert!(page.text.contains("name=\"error\" value=\"login_required\""));
    assert!(page.text.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)"));
    // The only script that runs is the page's own.
    assert_eq!(page.text.matches("<script>").count(), 1);
    assert!(page.text.contains("<script>document.forms[0].submit()</script>"));
    assert!(page.header("content-security-policy").contains("script-src 'sha256-"));
}

#[tokio::test]
async fn each_method_is_for_its_own_response_mode() {
    let pair = Pair::start().await;
    let posted = pair.authorization_url(&[FORM_POST]);
    let redirected = pair.authorization_url(&[("response_mode", "query")]);
    let provider = &pair.provider;
    assert_eq!(provider.sign_in(&posted, "ada"), Err(SignInError::ResponseMode));
    assert_eq!(provider.deny(&posted), Err(SignInError::ResponseMode));
    assert!(provider.sign_in(&redirected, "ada").is_ok());
    assert_eq!(provider.sign_in_by_form_post(&redirected, "ada"), Err(SignInError::ResponseMode));
}

#[tokio::test]
async fn faults_of_the_authorization_response_are_posted() {
    let pair = Pair::start().await;
    pair.provider.fault(Fault::WrongState);
    assert_ne!(sign_in(&pair).parameter("state"), Some("a state"));
    pair.provider.clear_faults();
    pair.provider.fault(Fault::MissingResponseIssuer);
    assert_eq!(sign_in(&pair).parameter("iss"), None);
}
