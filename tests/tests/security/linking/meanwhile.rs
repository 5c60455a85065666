//! The session changes between the start and the end of a link.

use super::*;

/// Ada starts a link and leaves. The next user of the computer gets neither her account nor her
/// identity.
#[tokio::test]
async fn link_of_a_user_who_left_is_refused() {
    let site = Site::start().await;
    site.signed_in("alan").await;
    let mut shared = site.signed_in("ada").await;
    let callback = site.started(&mut shared, "op", "grace").await;
    sign_out(&mut shared).await;
    let exchanged = site.app.requests(Endpoint::Token);

    let page = shared.clone().finish(&callback).await;
    site.assert_refused(&page, other_session).await;
    // Another user, and the same user in a later session.
    for person in ["alan", "ada"] {
        site.app.log_in_as(&mut shared, "leaving", person).await;
        let before = site.app.requests(Endpoint::Token);
        let page = shared.clone().finish(&callback).await;
        site.assert_refused(&page, other_session).await;
        assert_eq!(site.app.requests(Endpoint::Token), before, "no code was exchanged");
        assert_eq!(site.app.visitor(&mut shared).await, person);
        let _ = sign_out(&mut shared).await;
    }
    assert_eq!(site.app.requests(Endpoint::Token), exchanged + 2, "the two logins");
    assert_eq!((site.table.of(1), site.table.of(2)), (vec!["alan".into()], vec!["ada".into()]));
}

#[tokio::test]
async fn link_handed_to_another_user_is_refused() {
    let site = Site::start().await;
    let (mut attacker, mut victim) = (site.signed_in("alan").await, site.signed_in("ada").await);
    let exchanged = site.app.requests(Endpoint::Token);
    let link = site.started(&mut attacker, "op", "grace").await;
    let page = victim.finish(&link).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::NoPendingLogin)).await;

    // Planting cookies does not help an attacker.
    let (name, value) = attacker.only_pending();
    victim.plant(&name, &value);
    let page = victim.finish(&link).await;
    site.assert_refused(&page, other_session).await;
    assert_eq!(site.app.requests(Endpoint::Token), exchanged, "no code was exchanged");
    assert_eq!(site.table.of(2), ["ada"]);
}

/// An application that revokes the tokens of a sign-out or not, and the browser that signs out
/// during the next token request.
async fn leaving_site(revokes: bool) -> (Site, Arc<Mutex<Option<Browser>>>) {
    let leaving = Arc::new(Mutex::new(None));
    let client =
        SignOutDuringExchange(ReqwestClient::new().expect("a client"), Arc::clone(&leaving));
    let site = Site::with(|builder| {
        builder.configure(move |registry| registry.http_client(client).revoke_on_sign_out(revokes))
    });
    (site.await, leaving)
}

#[tokio::test]
async fn sign_out_during_the_exchange_ends_the_link() {
    for (provider, revokes) in [("op", true), ("posted", true), ("hub", true), ("op", false)] {
        let (site, leaving) = leaving_site(revokes).await;
        let mut ada = site.signed_in("ada").await;
        let started = press(&mut ada, provider).await;
        *leaving.lock().expect("no panic") = Some(ada.clone());
        let page = if provider == "posted" {
            let form = site.app.provider.sign_in_by_form_post(started.location(), "alan");
            ada.post_form(&form.expect("valid input")).await
        } else {
            ada.finish(site.app.provider.sign_in(started.location(), "alan").expect("valid input"))
                .await
        };
        site.assert_refused(&page, other_session).await;
        assert!(leaving.lock().expect("no panic").is_none(), "she signed out during the exchange");
        assert_eq!(site.table.of(1), ["ada"]);
        // No session and no table has its tokens, so they are revoked in the background.
        let mut looks = 0;
        while site.app.requests(Endpoint::Revocation) < u64::from(revokes) {
            assert!(looks < 1_000, "{provider}: the tokens are not revoked");
            looks += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(site.app.requests(Endpoint::Revocation), u64::from(revokes), "{provider}");
    }
}

/// Many providers revoke all tokens of an account at once, but a job may still use those of an
/// earlier link.
#[tokio::test]
async fn lost_link_leaves_the_stored_tokens_alone() {
    let (site, leaving) = leaving_site(true).await;
    let mut ada = site.signed_in("ada").await;
    let callback = site.started(&mut ada, "hub", "alan").await;
    assert_eq!(ada.finish(callback).await.location(), "/settings");
    let callback = site.started(&mut ada, "hub", "alan").await;
    *leaving.lock().expect("no panic") = Some(ada.clone());
    let page = ada.finish(callback).await;
    site.assert_refused(&page, other_session).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(site.app.requests(Endpoint::Revocation), 0);
}

#[tokio::test]
async fn links_in_two_tabs_both_succeed() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let first = site.started(&mut ada, "op", "alan").await;
    let second = site.started(&mut ada, "plain", "grace").await;
    assert_eq!(ada.pending().len(), 2);
    for callback in [second, first] {
        assert_eq!(ada.finish(callback).await.location(), "/settings");
    }
    assert_eq!(site.table.of(1), ["ada", "alan", "grace"]);
}

/// A login in one tab replaces the session, so the link of the other tab ends.
#[tokio::test]
async fn login_in_another_tab_ends_the_link() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let link = site.started(&mut browser, "op", "grace").await;
    site.app.log_in_as(&mut browser, "leaving", "alan").await;
    let page = browser.finish(link).await;
    site.assert_refused(&page, other_session).await;
    assert_eq!(site.user(&mut browser).await, "2");
    assert_eq!(site.table.of(2), ["alan"]);
}

#[tokio::test]
async fn link_ends_on_another_instance() {
    let store = MemoryStore::new(Clock::system());
    let first = store.clone();
    let site = Site::with(|builder| builder.configure(|registry| registry.store(first))).await;
    let other = App::builder::<Linking>()
        .beside(&site.app)
        .extension(site.table.clone())
        .configure(|registry| registry.store(store))
        .start()
        .await;
    let mut ada = site.signed_in("ada").await;
    let callback = site.started(&mut ada, "op", "alan").await;
    let mut elsewhere = other.serve(&ada);
    assert_eq!(elsewhere.finish(&callback).await.location(), "/settings");
    assert_eq!(site.table.of(1), ["ada", "alan"]);

    // It is replayed at the first instance, which has not seen it.
    let page = ada.finish(callback).await;
    site.assert_refused(&page, |error| matches!(error, BrowserError::Replayed)).await;
    let callback = site.started(&mut ada, "op", "grace").await;
    sign_out(&mut ada).await;
    let page = other.serve(&ada).finish(callback).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_error!(other.failures.only(), OAuthError::Browser(BrowserError::OtherSession));
    assert_eq!(site.table.of(1), ["ada", "alan"]);
}
