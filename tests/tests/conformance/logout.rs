//! Plan `oidcc-client-rp-initiated-logout-rp-basic`: the user logs out here and at the provider,
//! and returns. Plan `oidcc-client-back-channel-logout-rp-basic`: the provider reports it.

use oauth_runtime::testing::{Endpoint, Fault};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tests::in_process::{App, Browser, Page};
use url::Url;

use crate::party::Parties;

/// Ada logs in and out, and follows the provider's redirect back.
async fn left(fault: Option<Fault>) -> (App, Browser, Url, Page) {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "leaving").await;
    assert_eq!(app.visitor(&mut browser).await, "ada");
    fault.into_iter().for_each(|fault| app.provider.fault(fault));

    let own = app.public_url.origin().ascii_serialization();
    let headers = [("sec-fetch-site", "same-origin"), ("origin", own.as_str())];
    let sent = browser.post("/auth/logout", &headers).await;
    let url = Url::parse(sent.location()).expect("a URL");
    assert!(url.as_str().starts_with(&app.provider.url(Endpoint::EndSession)), "{url}");
    assert!(url.query_pairs().any(|(name, value)| name == "state" && !value.is_empty()), "{url}");

    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build();
    let answer = client.expect("a client").get(url.clone()).send().await.expect("a response");
    let back = answer.headers()["location"].to_str().expect("text").to_owned();
    let page = browser.get(&back).await;
    assert_eq!(app.visitor(&mut browser).await, "nobody");
    assert_eq!(app.requests(Endpoint::EndSession), 1);
    (app, browser, Url::parse(&back).expect("a URL"), page)
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let (_, browser, back, page) = left(None).await;
    assert!(back.query_pairs().any(|(name, _)| name == "state"), "{back}");
    assert_eq!((page.location(), browser.states()), ("/auth/logout", Vec::new()));
}

/// It is not the expected return: it signs no user in and redirects to the home page.
#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    let (_, _, back, page) = left(Some(Fault::LogoutWithAnotherState)).await;
    assert_eq!(back.query(), Some("state=a-state-that-nobody-sent"));
    assert_eq!(page.location(), "/");
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    let (_, _, back, page) = left(Some(Fault::LogoutWithoutState)).await;
    assert_eq!((back.query(), page.location()), (None, "/"));
}

/// The plan `oidcc-client-back-channel-logout-rp-basic`: Ada logs in and out here and at the
/// provider, which reports it with a logout token. Its session in another browser shows whether the
/// token had an effect.
struct Reported {
    app: App,
    elsewhere: Browser,
}

impl Reported {
    async fn start() -> Self {
        let app = App::builder::<Parties>().start().await;
        let mut browsers = [app.browser(), app.browser()];
        for browser in &mut browsers {
            app.log_in(browser, "told").await;
        }
        let [mut browser, elsewhere] = browsers;
        let own = app.public_url.origin().ascii_serialization();
        let headers = [("sec-fetch-site", "same-origin"), ("origin", own.as_str())];
        let sent = browser.post("/auth/logout", &headers).await;
        assert!(sent.location().starts_with(&app.provider.url(Endpoint::EndSession)));
        Self { app, elsewhere }
    }

    /// The response to a logout token about the session in the other browser, with these claims.
    async fn send(&self, claims: &Value) -> Page {
        let sid = self.app.provider.session_ids("ada").pop().expect("a session");
        let mut all = json!({"sub": "ada", "sid": sid});
        for (name, value) in claims.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let token = self.app.provider.logout_token(&all).expect("a token");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("logout_token={token}&ignored_parameter=x");
        let page = self.app.browser().post_body("/backchannel-logout", &form, body).await;
        assert!(page.header("cache-control").contains("no-store"), "{page:?}");
        page
    }

    async fn accepts(mut self) {
        assert_eq!(self.send(&json!({"ignored_claim": "x"})).await.status, 200);
        assert_eq!(self.app.visitor(&mut self.elsewhere).await, "nobody");
    }

    async fn refuses(mut self, claims: &Value) {
        assert_eq!(self.send(claims).await.status, 400);
        assert_eq!(self.app.visitor(&mut self.elsewhere).await, "ada");
    }

    async fn refuses_with(self, fault: Fault) {
        self.app.provider.fault(fault);
        self.refuses(&json!({})).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout() {
    Reported::start().await.accepts().await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_alg_none() {
    Reported::start().await.refuses_with(Fault::UnsignedToken).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_no_event() {
    Reported::start().await.refuses(&json!({"events": null})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce() {
    Reported::start().await.refuses(&json!({"nonce": "n-0S6_WzA2Mj"})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg() {
    Reported::start().await.refuses_with(Fault::UnannouncedAlgorithm).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud() {
    Reported::start().await.refuses(&json!({"aud": "another-client"})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event() {
    let events = json!({"http://schemas.openid.net/event/foobar": {}});
    Reported::start().await.refuses(&json!({"events": events})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss() {
    let issuer = "https://elsewhere.example";
    Reported::start().await.refuses(&json!({"iss": issuer})).await;
}
