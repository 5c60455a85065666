//! `examples/relying_party` with `oidc-provider`, a certified OpenID Provider.

use tests::browser::Browser;
use tests::programs::RelyingParty;
use tests::provider::{Registration, sign_in, sign_in_and_allow};
use tests::scenario;
use tests::scenario::Scenario;
use thirtyfour::cookie::SameSite;

#[tokio::test]
async fn user_logs_in_and_has_a_session() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;

    let stranger = browser.open(&site.url("/whoami")).await;
    assert_eq!(stranger.status, 401, "{stranger:#?}");

    let question = browser.open(&site.url("/login")).await;
    assert!(question.url.starts_with(&site.provider.issuer), "{question:#?}");
    let arrived = sign_in_and_allow(&browser, "ada").await;
    assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"));

    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "ada"));
}

#[tokio::test]
async fn the_access_token_opens_userinfo_and_the_api() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    for path in ["/userinfo", "/api"] {
        let stranger = browser.open(&site.url(path)).await;
        assert_eq!(stranger.status, 401, "{stranger:#?}");
    }

    log_in(&browser, &site, "ada").await;

    let page = browser.open(&site.url("/userinfo")).await;
    assert_eq!(page.status, 200, "{page:#?}");
    let userinfo = browser.json().await;
    assert_eq!(userinfo["sub"], "ada");
    assert_eq!(userinfo["name"], "Ada Lovelace");
    assert_eq!(userinfo["email"], "ada@example.com");

    let page = browser.open(&site.url("/api")).await;
    assert_eq!(page.status, 200, "{page:#?}");
    let resource = browser.json().await;
    assert_eq!(resource["owner"], "ada");
}

#[tokio::test]
async fn logins_in_two_tabs_at_once_both_succeed() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;

    let first = browser.tab().await;
    browser.open(&site.url("/login")).await;
    let second = browser.open_tab().await;
    browser.open(&site.url("/login")).await;

    for tab in [first, second] {
        browser.switch_to(&tab).await;
        let arrived = sign_in_and_allow(&browser, "ada").await;
        assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
        assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"));
    }
    assert_eq!(browser.open(&site.url("/whoami")).await.text, "ada");
}

#[tokio::test]
async fn denied_consent_is_shown_and_no_login() {
    let scenario = scenario!();
    let markup = "<img src=x onerror=document.title=1>";
    let registration = Registration { denial: markup, ..Registration::default() };
    let site = RelyingParty::start(&scenario, registration).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.url("/login")).await;
    sign_in(&browser, "ada").await;
    let refused = browser.press("Deny").await;
    assert!(refused.url.starts_with(&site.url("/callback")), "{refused:#?}");
    assert!((400..500).contains(&refused.status), "{refused:#?}");
    assert!(refused.text.contains("You cancelled the sign-in"), "{refused:#?}");
    // The provider's message is escaped.
    assert_eq!(browser.script("return document.images.length").await.expect("a script"), 0);

    let stranger = browser.open(&site.url("/whoami")).await;
    assert_eq!(stranger.status, 401, "{stranger:#?}");
}

#[tokio::test]
async fn login_abandoned_at_the_provider_can_be_repeated() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.url("/login")).await;
    let refused = browser.press("Cancel").await;
    assert!((400..500).contains(&refused.status), "{refused:#?}");
    log_in(&browser, &site, "ada").await;
}

#[tokio::test]
async fn reloaded_callback_leads_on_and_the_session_stays() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;

    let again = browser.reload().await;
    // The example has no page at `/`, so Chromium shows its own.
    assert!(again.text.contains(&format!("{}\n", site.url("/"))), "{again:#?}");

    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "ada"));
}

#[tokio::test]
async fn login_started_in_another_browser_is_refused() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;

    // An attacker starts a login and sends its callback to a victim, to log the victim in.
    let link = site.start_login_elsewhere().await;
    browser.open(&link).await;
    let refused = sign_in_and_allow(&browser, "ada").await;
    assert!(refused.url.starts_with(&site.url("/callback")), "{refused:#?}");
    assert!((400..500).contains(&refused.status), "{refused:#?}");

    let stranger = browser.open(&site.url("/whoami")).await;
    assert_eq!(stranger.status, 401, "{stranger:#?}");
}

#[tokio::test]
async fn scripts_and_other_sites_cannot_use_the_cookies() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;

    // A pending login with its cookie, next to the session of another login.
    browser.open(&site.url("/login")).await;
    browser.open(&site.url("/whoami")).await;
    assert!(!browser.cookies().await.is_empty(), "a pending login has a cookie");
    log_in(&browser, &site, "ada").await;

    for (name, cookie) in browser.cookies().await {
        assert_eq!(cookie.http_only, Some(true), "{name}");
        assert_eq!(cookie.same_site, Some(SameSite::Lax), "{name}");
    }
    assert_eq!(browser.script("return document.cookie").await.expect("a script"), "");
}

#[tokio::test]
async fn typed_logout_address_asks_before_it_signs_out() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 200);

    browser.open(&site.url("/auth/logout")).await;
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 200, "only asked");
    browser.open(&site.url("/auth/logout")).await;
    browser.press("Sign out").await;

    let stranger = browser.open(&site.url("/whoami")).await;
    assert_eq!(stranger.status, 401, "{stranger:#?}");
}

#[tokio::test]
async fn rp_initiated_logout_ends_both_sessions() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;

    let question = browser.open(&site.url("/logout")).await;
    assert!(question.url.starts_with(&site.provider.issuer), "{question:#?}");
    // The user is signed out here, whatever the provider does.
    let tab = browser.tab().await;
    let other = browser.open_tab().await;
    browser.switch_to(&other).await;
    assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
    browser.switch_to(&tab).await;

    let back = browser.press("Sign out").await;
    assert!(back.url.starts_with(&site.url("/logged-out?state=")), "{back:#?}");
    assert_eq!((back.status, back.text.as_str()), (200, "signed out"));
    // The session at the provider has ended too.
    let question = browser.open(&site.url("/login")).await;
    assert_eq!(question.title, "Sign in", "{question:#?}");
}

/// Conformance modules `rp-init-logout-other-state` and `rp-init-logout-no-state`.
#[tokio::test]
async fn callback_with_foreign_or_no_state_is_refused() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;
    browser.open(&site.url("/logout")).await;

    for query in ["?state=another", ""] {
        let refused = browser.open(&site.url(&format!("/logged-out{query}"))).await;
        assert_eq!(refused.status, 400, "{refused:#?}");
        assert_eq!(browser.open(&site.url("/whoami")).await.status, 401);
    }
}

#[tokio::test]
async fn link_to_the_logout_return_ends_no_session() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;
    let refused = browser.open(&site.url("/logged-out?state=x")).await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "ada"));
}

#[tokio::test]
async fn next_user_of_the_browser_gets_a_new_session() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;
    browser.open(&site.url("/whoami")).await;
    let before = browser.cookies().await;

    // The session at the provider ends.
    browser.open(&format!("{}/session/end", site.provider.issuer)).await;
    browser.press("Sign out").await;
    log_in(&browser, &site, "grace").await;

    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "grace"));
    let after = browser.cookies().await;
    for (name, cookie) in before {
        let now = after.get(&name).map(|cookie| &cookie.value);
        assert_ne!(now, Some(&cookie.value), "{name} outlived the login of another user");
    }
}

#[tokio::test]
async fn id_tokens_signed_with_es256_are_accepted() {
    let registration = Registration { id_token_alg: "ES256", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

#[tokio::test]
async fn id_tokens_signed_with_ps256_are_accepted() {
    let registration = Registration { id_token_alg: "PS256", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

#[tokio::test]
async fn id_tokens_signed_with_eddsa_are_accepted() {
    let registration = Registration { id_token_alg: "EdDSA", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

/// Signed with the client secret, which the declaration must allow.
#[tokio::test]
async fn hs256_id_token_is_accepted_where_registered() {
    let registration = Registration { id_token_alg: "HS256", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

#[tokio::test]
async fn userinfo_signed_as_it_is_registered_is_accepted() {
    let scenario = scenario!();
    let registration = Registration { userinfo_alg: "ES256", ..Registration::default() };
    let site = RelyingParty::start(&scenario, registration).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;
    browser.open(&site.url("/userinfo")).await;
    assert_eq!(browser.json().await["name"], "Ada Lovelace");
}

#[tokio::test]
async fn login_ends_at_the_requested_page() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    browser.open(&site.url("/login?next=/whoami")).await;
    let arrived = sign_in_and_allow(&browser, "ada").await;
    assert_eq!((arrived.url, arrived.text.as_str()), (site.url("/whoami"), "ada"));

    // A link cannot choose another site.
    browser.open(&site.url("/login?next=//evil.example/")).await;
    let arrived = browser.open(&site.url("/login?next=https://evil.example/")).await;
    assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
}

/// From a page of another site, such as a provider's portal.
#[tokio::test]
async fn third_party_login_asks_a_signed_in_user() {
    let scenario = scenario!();
    let site = RelyingParty::start(&scenario, Registration::default()).await;
    let browser = Browser::start(&scenario).await;
    let (issuer, base) = (&site.provider.issuer, &site.base);
    let portal = format!("{issuer}/.well-known/openid-configuration");
    let query = format!("iss={issuer}&login_hint=ada&target_link_uri={base}/whoami");
    let tile = format!(
        "document.body.innerHTML = '<a href=\"{base}/initiate?{query}\">Tile</a>\
         <form method=\"post\" action=\"{base}/initiate\"><input name=\"iss\" value=\"{issuer}\">\
         <button>Form</button></form>'"
    );
    browser.open(&portal).await;
    browser.script(&tile).await.expect("a script");
    let question = browser.press("Tile").await;
    assert!(question.url.starts_with(issuer), "{question:#?}");
    let arrived = sign_in_and_allow(&browser, "ada").await;
    assert_eq!((arrived.url, arrived.text.as_str()), (site.url("/whoami"), "ada"));

    browser.open(&portal).await;
    browser.script(&tile).await.expect("a script");
    let asked = browser.press("Form").await;
    assert_eq!((asked.status, asked.title.as_str()), (200, "Sign in?"), "{asked:#?}");
    browser.assert_page_is_sound().await;
    let arrived = browser.press("Sign in").await;
    assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"));

    // A script of another page cannot do it: a frame stays empty, and a navigation without a click
    // asks first.
    browser.open(&portal).await;
    let frame = format!(
        "document.body.innerHTML = '<iframe src=\"{base}/initiate?{query}\"></iframe>'; \
         return window.frames.length"
    );
    browser.script(&frame).await.expect("a script");
    assert_eq!(browser.open(&site.url("/whoami")).await.text, "ada");
}

#[tokio::test]
async fn one_application_has_two_providers() {
    let scenario = scenario!();
    let second = Registration { client_id: "known-by-another-name", ..Registration::default() };
    let site = RelyingParty::start_with_two(&scenario, second).await;
    let browser = Browser::start(&scenario).await;
    log_in(&browser, &site, "ada").await;

    let issuer = &site.second.as_ref().expect("a second provider").issuer;
    let question = browser.open(&site.url("/login?op=2&next=/whoami")).await;
    assert!(question.url.starts_with(issuer), "{question:#?}");
    let arrived = sign_in_and_allow(&browser, "grace").await;
    assert_eq!((arrived.url, arrived.text.as_str()), (site.url("/whoami"), "grace"));
}

#[tokio::test]
async fn client_secret_post_is_accepted() {
    let registration =
        Registration { auth_method: "client_secret_post", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

#[tokio::test]
async fn a_public_client_is_accepted() {
    let registration = Registration { auth_method: "none", ..Registration::default() };
    user_can_log_in(&scenario!(), registration).await;
}

/// RFC 6749 section 2.3.1: both are form-encoded in a Basic credential.
#[tokio::test]
async fn client_secret_may_have_reserved_characters() {
    let registration = Registration {
        client_id: "https://rp.example/?a=b c",
        client_secret: "p%ss:w+rd&=\u{7e} /",
        ..Registration::default()
    };
    user_can_log_in(&scenario!(), registration).await;
}

async fn user_can_log_in(scenario: &Scenario, registration: Registration) {
    let site = RelyingParty::start(scenario, registration).await;
    let browser = Browser::start(scenario).await;
    log_in(&browser, &site, "ada").await;
    let known = browser.open(&site.url("/whoami")).await;
    assert_eq!((known.status, known.text.as_str()), (200, "ada"));
}

async fn log_in(browser: &Browser, site: &RelyingParty, person: &str) {
    browser.open(&site.url("/login")).await;
    let arrived = sign_in_and_allow(browser, person).await;
    assert!(arrived.url.starts_with(&site.url("/callback")), "{arrived:#?}");
    assert_eq!((arrived.status, arrived.text.as_str()), (200, person), "{arrived:#?}");
}
