//! Callbacks that do not complete a login.

use super::*;

#[tokio::test]
async fn a_wrong_verifier_is_refused_by_the_provider() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await;
    let (before, _) = callback.split_once("oauth_verifier=").expect("a verifier");
    let refused = site.refused(&format!("{before}oauth_verifier=guessed")).await;
    let OAuthError::Provider {
        error: ProviderError::Declined { endpoint: EndpointKind::Token, response },
        ..
    } = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(response.error(), "invalid_request");
}

#[tokio::test]
async fn callback_without_verifier_makes_no_request() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await;
    let (before, _) = callback.split_once("&oauth_verifier=").expect("a verifier");
    let refused = site.refused(before).await;
    let expected = AuthorizationResponseError::VerifierMissing;
    assert!(
        matches!(&refused, OAuthError::Browser(BrowserError::Response(why)) if *why == expected),
        "{refused:?}"
    );
    assert!(site.seen().await.iter().all(|one| one["path"] != "/token"));
}

#[tokio::test]
async fn callback_with_unknown_token_makes_no_request() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await;
    let (before, query) = callback.split_once("oauth_token=").expect("a token");
    let (_, verifier) = query.split_once('&').expect("a verifier");
    let refused = site.refused(&format!("{before}oauth_token=unknown&{verifier}")).await;
    assert!(matches!(refused, OAuthError::Browser(BrowserError::NoPendingLogin)), "{refused:?}");
    assert!(site.seen().await.iter().all(|one| one["path"] != "/token"));
}

/// Otherwise an attacker could sign a victim in as the attacker by a link to their own callback.
#[tokio::test]
async fn a_callback_in_another_browser_is_refused() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await;
    let mut attacker = site.browser.clone();
    site.browser = site.browser.fresh();
    site.browser.start_login("photos").await;
    let refused = site.refused(&callback).await;
    assert!(matches!(refused, OAuthError::Browser(BrowserError::NoPendingLogin)), "{refused:?}");

    // The sealed login of the victim does not open under the attacker's name.
    let (name, _) = attacker.only_pending();
    let (_, own) = site.browser.only_pending();
    site.browser.plant(&name, &own);
    let refused = site.refused(&callback).await;
    let is_foreign = matches!(refused, OAuthError::Browser(BrowserError::ForeignPendingLogin));
    assert!(is_foreign, "{refused:?}");

    // The attacker's own browser may finish it.
    let page = attacker.finish(&callback).await;
    assert_eq!(page.status, StatusCode::OK, "{:?}", site.failures.take());
}

#[tokio::test]
async fn login_is_not_finished_with_another_provider() {
    let mut site = usual(&scenario!()).await;
    let callback = site.answer("photos", "").await.replace("/photos/", "/bird/");
    let refused = site.refused(&callback).await;
    let is_foreign = matches!(refused, OAuthError::Browser(BrowserError::ForeignPendingLogin));
    assert!(is_foreign, "{refused:?}");
}

#[tokio::test]
async fn denial_worded_otherwise_is_still_a_denial() {
    let mut site = usual(&scenario!()).await;
    for words in ["denied={}", "oauth_token={}&oauth_problem=user_refused"] {
        let callback = site.answer("photos", "").await;
        let (path, query) = callback.split_once('?').expect("a query");
        let token = query.strip_prefix("oauth_token=").expect("a token").split('&').next();
        let query = words.replace("{}", token.expect("a token"));
        let refused = site.refused(&format!("{path}?{query}")).await;
        assert!(refused.is_access_denied(), "{words}: {refused:?}");
        assert_eq!(site.browser.pending(), [], "the cookie of the attempt is gone");
    }
}
