//! The page to choose a user.

use super::{Pair, REDIRECT_URI};
use crate::testing::{Endpoint, Person, TestProvider};

/// Presses a button of the page.
async fn press(pair: &Pair, page: &str, button: &str) -> super::Reply {
    let form = format!("request={}&{button}", request_id(page));
    let url = format!("{}/authorize/decision", pair.provider.issuer());
    let request =
        pair.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
    super::Reply::of(request).await
}

fn request_id(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

#[tokio::test]
async fn button_leads_back_to_the_client_once() {
    let pair = Pair::start().await;
    let page = pair.get(pair.authorization_url(&[])).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");

    let reply = press(&pair, &page.text, "person=grace").await;
    assert_eq!(reply.status, 303);
    assert!(reply.header("location").starts_with(&format!("{REDIRECT_URI}?code=")));

    let again = press(&pair, &page.text, "person=grace").await;
    assert_eq!((again.status, again.header("location")), (400, ""));
}

#[tokio::test]
async fn deny_button_gives_access_denied() {
    let pair = Pair::start().await;
    let page = pair.get(pair.authorization_url(&[])).await;
    let reply = press(&pair, &page.text, "deny=yes").await;
    assert!(reply.header("location").contains("error=access_denied"));
}

#[tokio::test]
async fn request_may_be_posted() {
    let pair = Pair::start().await;
    let url = pair.authorization_url(&[]);
    let (_, query) = url.split_once('?').unwrap();
    let page = pair.post_as(Endpoint::Authorization, query.to_owned(), "").await;
    assert_eq!(page.status, 200);
    assert!(!request_id(&page.text).is_empty());
}

#[tokio::test]
async fn forged_request_id_leads_nowhere() {
    let pair = Pair::start().await;
    let reply = press(&pair, "name=\"request\" value=\"guessed\"", "person=ada").await;
    assert_eq!((reply.status, reply.header("location")), (400, ""));
}

#[tokio::test]
async fn page_expires_after_ten_minutes() {
    let pair = Pair::start().await;
    let page = pair.get(pair.authorization_url(&[])).await;
    pair.provider.set_clock_offset(601);
    assert_eq!(press(&pair, &page.text, "person=ada").await.status, 400);
}

#[tokio::test]
async fn hinted_person_comes_first() {
    let pair = Pair::start().await;
    let url = pair.authorization_url(&[("login_hint", "grace@example.org")]);
    let page = pair.get(url).await.text;
    let position = |sub: &str| page.find(&format!("name=\"person\" value=\"{sub}\"")).unwrap();
    assert!(position("grace") < position("ada"));
    assert!(page.contains("value=\"grace\" autofocus"));
    assert_eq!(page.matches("autofocus").count(), 1);
}

#[tokio::test]
async fn names_and_scope_are_escaped() {
    let markup = "<script>alert(1)</script>";
    let pair = Pair::build(TestProvider::builder().person(Person::new(markup).name(markup))).await;
    let page = pair.get(pair.authorization_url(&[("scope", markup)])).await;
    assert!(page.text.contains("&lt;script&gt;alert(1)"));
    assert!(!page.text.contains("<script"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
}
