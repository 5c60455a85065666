//! Plan `oidcc-client-refreshtoken-test-plan`: a refresh keeps the user.

use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::Browser;

use crate::party::Party;

/// Ada, whose access token has expired since she logged in.
async fn with_expired_token() -> (Party, Browser) {
    let party = Party::start("op").await;
    let (browser, page) = party.log_in().await;
    assert!(page.status.is_success(), "{page:?}: {:?}", party.app.failures.take());
    party.app.clock.advance(3700);
    party.app.provider.set_clock_offset(3700);
    (party, browser)
}

/// The refresh token is used, and the resource is called with the new access token.
#[tokio::test]
async fn oidcc_client_test_refresh_token() {
    let (party, mut browser) = with_expired_token().await;
    let page = browser.get("/resource").await;
    assert!(page.status.is_success(), "{page:?}: {:?}", party.app.failures.take());
    assert!(page.body.contains("\"sub\":\"ada\""), "{}", page.body);
    assert_eq!((party.requests(Endpoint::Token), party.requests(Endpoint::Api)), (2, 1));
    let form = party.exchanged(Endpoint::Token).into_body();
    let form = String::from_utf8(form.to_vec()).expect("a form");
    assert!(form.contains("grant_type=refresh_token"), "{form}");
}

/// The resource is not called with a token from a response with a foreign ID token.
async fn refuses(fault: Fault) {
    let (party, mut browser) = with_expired_token().await;
    party.app.provider.fault(fault);
    let page = browser.get("/resource").await;
    assert!(page.status.is_server_error(), "{page:?}");
    assert_eq!((party.requests(Endpoint::Token), party.requests(Endpoint::Api)), (2, 0));
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    refuses(Fault::WrongIssuer).await;
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    refuses(Fault::SwappedSubject).await;
}
