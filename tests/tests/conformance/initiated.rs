//! Plan `oidcc-client-test-3rd-party-init-login-test-plan`: the provider's page starts the login.

use http::Method;
use oauth_runtime::testing::Endpoint;
use url::form_urlencoded;

use crate::party::Party;

/// The login that follows is like any other: the suite sees each of its requests once.
#[tokio::test]
async fn oidcc_client_test_3rd_party_init_login() {
    let party = Party::start("code").await;
    let mut browser = party.app.browser();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", party.app.provider.issuer())
        .append_pair("login_hint", "ada")
        .append_pair("target_link_uri", party.app.public_url.as_str())
        .finish();
    let target = format!("/auth/code/initiate?{query}");
    let click = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-user", "?1"),
    ];
    let started = browser.send(Method::GET, &target, &click).await;
    let (mut browser, page) = party.finish(browser, started).await;
    assert!(page.status.is_success(), "{page:?}: {:?}", party.app.failures.take());
    assert_eq!(party.app.visitor(&mut browser).await, "ada");
    for endpoint in [Endpoint::Authorization, Endpoint::Token, Endpoint::Userinfo] {
        assert_eq!(party.requests(endpoint), 1, "{endpoint:?}");
    }
}
