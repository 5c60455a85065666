//! Rule 11: what a provider says is shown as text, and errors say nothing to visitors that helps
//! nobody but an attacker.

use oauth_runtime::testing::{Endpoint, Fault};
use tests::in_process::{App, Browser, CLIENT_SECRET, Page, Paged};

async fn failed(fault: Fault) -> Page {
    let app = App::builder::<Paged>().start().await;
    app.provider.fault(fault);
    let mut browser = app.browser();
    let begun = browser.get("/auth/op/login").await;
    let page = match begun.status.is_redirection() {
        true => browser.finish(app.answer(begun.location())).await,
        false => begun,
    };
    assert_eq!(browser.session(), None);
    page
}

#[tokio::test]
async fn markup_and_control_characters_of_the_provider_are_shown_as_text() {
    for fault in [Fault::AuthorizationErrorWithMarkup, Fault::TokenErrorWithMarkup] {
        let page = failed(fault).await;
        assert!(page.status.is_client_error() || page.status.is_server_error());
        assert!(page.body.contains("&lt;script&gt;alert(1)"), "its words are there: {}", page.body);
        for evil in ["<script", "<img", "javascript:", "\r", "\u{1b}", "\u{202e}"] {
            assert!(!page.body.contains(evil), "{fault:?}: {evil:?} in {}", page.body);
        }
        let quote = page.body.split("<blockquote>").nth(1).expect("a quote");
        assert!(!quote.contains('\n'), "{quote}");
        assert!(page.cookies().iter().all(|cookie| cookie.name.starts_with("oauth-")), "{page:?}");
    }
}

#[tokio::test]
async fn a_page_can_run_nothing_and_be_framed_by_nobody() {
    let pages = [
        failed(Fault::AuthorizationErrorWithMarkup).await,
        failed(Fault::ServerError(Endpoint::Metadata)).await,
        failed(Fault::WrongState).await,
    ];
    for page in pages {
        let policy = page.header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("script-src"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
}

/// The URL of a callback holds a code: no cache keeps its page and no other site learns of it.
#[tokio::test]
async fn the_answer_to_a_callback_is_kept_by_nobody() {
    let app = App::builder::<Paged>().start().await;
    let page = app.log_in(&mut app.browser(), "op").await;
    assert_eq!(page.location(), "/");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let begun = app.browser().get("/auth/op/login").await;
    assert_eq!(begun.header("cache-control"), "no-store");
}

/// A visitor learns that it did not work; the operator learns why, from the log.
#[tokio::test]
async fn a_page_tells_no_inner_reasons() {
    for fault in [
        Fault::WrongNonce,
        Fault::BadSignature,
        Fault::UnknownKeyId,
        Fault::Hs256WithPublicKey,
        Fault::ServerError(Endpoint::Token),
        Fault::NotJson(Endpoint::Token),
    ] {
        let page = failed(fault).await;
        for inner in ["nonce", "signature", "HS256", "kid", "127.0.0.1", CLIENT_SECRET, "JSON"] {
            assert!(!page.body.contains(inner), "{fault:?}: {inner} in {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_visitor_can_try_again() {
    let app = App::builder::<Paged>().start().await;
    let mut browser: Browser = app.browser();
    let denied = app.provider.deny(browser.begin_login("op").await).expect("a response");
    let page = browser.finish(denied).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("href=\"/auth/op/login\""), "{}", page.body);
    app.log_in(&mut browser, "op").await.location();
}
