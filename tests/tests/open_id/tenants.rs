//! One provider for many tenants: the tenants whose users may log in, and the separation of
//! tenants.

use std::sync::Arc;

use axum::Json;
use oauth_runtime::error::{IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Fault, Person, TestProvider};
use serde_json::{Value, json};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, COOKIE_KEY};

use crate::site::{Site, failed, provider};

const CONTOSO: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const FABRIKAM: &str = "5f6a1b7e-08d1-4c33-9c1c-0b1e6e0f2a11";

/// The users of two tenants. A single tenant would be an ordinary issuer with its own metadata.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "listed",
    issuer = "{base}/{tenantid}/v2.0",
    server_metadata_url = "{base}/common/v2.0/.well-known/openid-configuration",
    tenants("72f988bf-86f1-41af-91ab-2d7cd011db47", "0d4f5a2e-6b1c-4c0a-8f59-3f6f4a2f9a10"),
    scopes("openid"),
    quirks(loopback_http)
)]
struct Listed {
    base: String,
}

/// The users of every tenant.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "open",
    issuer = "{base}/{tenantid}/v2.0",
    server_metadata_url = "{base}/common/v2.0/.well-known/openid-configuration",
    tenants("any"),
    scopes("openid"),
    quirks(loopback_http)
)]
struct Open {
    base: String,
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(on_login = signed_in, on_error = failed)]
struct Providers {
    listed: Client<Listed>,
    open: Client<Open>,
}

async fn signed_in<P: OAuthProvider>(login: Login<P>) -> Result<impl IntoResponse, OAuthError> {
    let identity = login.identity();
    let seen = json!({ "issuer": identity.issuer(), "subject": identity.subject() });
    Ok((login.sign_in().await?, Json(seen)))
}

/// Ada belongs to one tenant, and Eve to another.
async fn site() -> Site {
    let provider = provider()
        .many_tenants()
        .person(Person::new("ada").tenant_id(CONTOSO))
        .person(Person::new("eve").tenant_id(FABRIKAM));
    let provider = Arc::new(provider.start().await.expect("a provider"));
    let origin = origin(&provider);
    let mut config = Config::empty().set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
    for name in ["LISTED", "OPEN"] {
        config = config
            .set(&format!("{name}_BASE"), origin.as_str())
            .set(&format!("{name}_CLIENT_ID"), CLIENT_ID)
            .set(&format!("{name}_CLIENT_SECRET"), CLIENT_SECRET);
    }
    Site::start::<Providers>(provider, config, Router::new()).await
}

fn origin(provider: &TestProvider) -> String {
    format!("http://{}", provider.address())
}

/// The application's data about the user.
async fn log_in(site: &mut Site, name: &str, person: &str) -> Value {
    let started = site.browser.click(&format!("/auth/{name}/login")).await;
    assert!(started.status.is_redirection(), "{:?}", site.failures.take());
    let page = site.finish(started.location(), person).await;
    assert!(page.status.is_success(), "{page:?}: {:?}", site.failures.take());
    serde_json::from_str(&page.body).expect("JSON")
}

async fn refused(site: &mut Site, name: &str, person: &str) -> OAuthError {
    site.browser = site.browser.fresh();
    let url = site.browser.start_login(name).await;
    let page = site.finish(&url, person).await;
    assert!(page.status.is_server_error(), "{page:?}");
    assert_eq!(site.browser.session(), None);
    site.failures.only()
}

#[tokio::test]
async fn identity_has_the_issuer_of_the_users_tenant() {
    let mut site = site().await;
    let origin = origin(&site.provider);
    for (name, person, tenant) in
        [("listed", "ada", CONTOSO), ("open", "ada", CONTOSO), ("open", "eve", FABRIKAM)]
    {
        let seen = log_in(&mut site, name, person).await;
        let issuer = format!("{origin}/{tenant}/v2.0");
        assert_eq!(seen, json!({ "issuer": issuer, "subject": person }), "{name}");
    }
}

#[tokio::test]
async fn users_of_an_unlisted_tenant_are_refused() {
    let mut site = site().await;
    let error = refused(&mut site, "listed", "eve").await;
    let OAuthError::Provider {
        error: ProviderError::IdToken(IdTokenError::Tenant { found }), ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(found, FABRIKAM);
    log_in(&mut site, "listed", "ada").await;
}

/// Even with `any`: the comparison cannot be turned off.
#[tokio::test]
async fn id_token_must_name_its_own_tenant() {
    let mut site = site().await;
    for name in ["listed", "open"] {
        for fault in [Fault::TenantMismatch, Fault::MissingTenant, Fault::WrongIssuer] {
            site.provider.fault(fault);
            let error = refused(&mut site, name, "ada").await;
            assert_matches!(
                error,
                OAuthError::Provider {
                    error: ProviderError::IdToken(
                        IdTokenError::Issuer { .. } | IdTokenError::Tenant { .. }
                    ),
                    ..
                }
            );
            site.provider.clear_faults();
        }
        log_in(&mut site, name, "ada").await;
    }
}
