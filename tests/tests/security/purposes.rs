//! Rule 5: a value sealed for one purpose opens for no other.

use oauth_runtime::OAuthError;
use oauth_runtime::error::BrowserError;
use tests::in_process::App;

#[tokio::test]
async fn a_pending_login_never_opens_as_a_session() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let (session, _) = browser.session().expect("a session");
    browser.forget(&session);
    browser.start_login("op").await;
    let (_, value) = browser.only_pending();
    browser.plant(&session, &value);
    assert_eq!(app.visitor(&mut browser).await, "nobody");
}

#[tokio::test]
async fn a_session_never_opens_as_a_pending_login() {
    let app = App::start().await;
    let mut browser = app.browser();
    app.log_in(&mut browser, "op").await;
    let (_, session) = browser.session().expect("a session");
    let callback = app.answer(&browser.start_login("op").await);
    let (name, _) = browser.only_pending();
    browser.plant(&name, &session);
    browser.finish(callback).await;
    assert_error!(app.failures.only(), OAuthError::Browser(BrowserError::ForeignPendingLogin));
}
