//! A preset of another crate.

use oauth_runtime::prelude::*;
use tests::in_process::config_of;

use super::site::{Site, listen, start_provider};

/// Only the preset.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(preset = tests::company_preset)]
struct Company {
    issuer: String,
}

/// Keys of its own precede those of the preset.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "branch",
    preset = tests::company_preset,
    scopes("openid", "profile"),
    userinfo = UserInfo
)]
struct Branch {
    issuer: String,
}

oauth_runtime::oauth_preset! {
    /// A preset that builds on another.
    department { name = "department", preset = tests::company_preset, leeway = 5 }
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(preset = department, display_name = "Sales")]
struct Sales {
    issuer: String,
}

#[oauth_login(Company)]
async fn signed_in(login: Login<Company>) -> Result<impl IntoResponse, OAuthError> {
    let text = format!("employee {}", login.identity().subject());
    Ok((login.sign_in().await?, text))
}

#[test]
fn declaration_has_the_keys_of_a_shared_preset() {
    let spec = Company::SPEC;
    assert_eq!((spec.name, spec.display_name()), ("company", "Company"));
    assert_eq!((spec.scopes, spec.leeway), (&["openid", "email"][..], Some(30)));
}

#[test]
fn declared_key_replaces_that_of_the_preset() {
    let spec = Branch::SPEC;
    assert_eq!((spec.name, spec.scopes), ("branch", &["openid", "profile"][..]));
    assert_eq!(spec.leeway, Some(30));
}

#[test]
fn preset_builds_on_another_preset() {
    let spec = Sales::SPEC;
    assert_eq!((spec.name, spec.display_name(), spec.leeway), ("department", "Sales", Some(5)));
    assert_eq!(spec.scopes, ["openid", "email"]);
}

#[tokio::test]
async fn provider_with_a_shared_preset_logs_in() {
    let (listener, url) = listen().await;
    let provider = start_provider().await;
    let config = config_of::<Standalone<Company>>(&provider, &url);
    let company = Company::builder().config(config).build().expect("a configuration");
    let site = Site::serve(listener, &url, company.routes().with_state(company.clone()));
    let mut browser = site.browser();
    let started = browser.start_login("company").await;
    let callback = provider.sign_in(&started, "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.body, "employee ada");
}
