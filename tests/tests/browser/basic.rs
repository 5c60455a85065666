//! Client authentication with Basic where form-encoding makes a difference (RFC 6749 section 2.3.1), at
//! two providers in a browser: LemonLDAP::NG uses the credentials as they are, `oidc-provider`
//! decodes them as specified.

use axum::serve;
use oauth_runtime::prelude::*;
use oauth_runtime::{ProviderDescription, RuntimeProviders};
use tests::browser::Browser;
use tests::lemonldap::sign_in_and_accept;
use tests::provider::{Make, Provider, Registration, sign_in_and_allow};
use tests::scenario;
use tests::scenario::Scenario;

/// Each of these characters changes if it is form-encoded, or if it is decoded without being
/// encoded. LemonLDAP::NG stops reading at a colon, and at a `+` or `/` in the Base64 string, so
/// this secret has none of them.
const SECRET: &str = "p+a %20/&=x";

/// An application with one provider, whose description is replaced.
struct Site {
    base: String,
    providers: RuntimeProviders,
    provider: Provider,
}

async fn visitor(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

impl Site {
    async fn start(scenario: &Scenario, make: Make) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let registration = Registration { make, client_secret: SECRET, ..Registration::default() };
        let provider = Provider::start(scenario, &registration, &base, "/auth/op/callback").await;
        let config = Config::empty().set("OAUTH_PUBLIC_URL", &base);
        let providers = RuntimeProviders::builder().config(config).build().expect("valid settings");
        let app = Router::new()
            .route("/", get(visitor))
            .merge(providers.routes())
            .with_state(providers.clone());
        tokio::spawn(async move { serve(listener, app).await });
        Self { base, providers, provider }
    }

    /// Replaces the provider by one with this quirk or none, and returns its login URL.
    fn login(&self, quirk: Option<&str>) -> String {
        let description = ProviderDescription::new("op")
            .issuer(&self.provider.issuer)
            .scopes(["openid"])
            .token_endpoint_auth_method("client_secret_basic")
            .client_id(Registration::default().client_id)
            .client_secret(SECRET)
            .quirks(quirk.into_iter().chain(["loopback_http"]));
        self.providers.insert(description).expect("a valid description");
        format!("{}/auth/op/login", self.base)
    }
}

#[tokio::test]
async fn lemonldap_expects_an_unencoded_basic_secret() {
    let scenario = scenario!();
    let site = Site::start(&scenario, Make::LemonLdap).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.login(None)).await;
    let refused = sign_in_and_accept(&browser, "ada").await;
    assert_eq!(refused.status, 502, "{refused:#?}");
    assert!(refused.text.contains("sent an invalid response"), "{refused:#?}");
    assert_eq!(browser.open(&site.base).await.text, "nobody");

    let arrived = browser.open(&site.login(Some("unencoded_basic"))).await;
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"), "{arrived:#?}");
}

#[tokio::test]
async fn oidc_provider_expects_an_encoded_basic_secret() {
    let scenario = scenario!();
    let site = Site::start(&scenario, Make::OidcProvider).await;
    let browser = Browser::start(&scenario).await;

    browser.open(&site.login(Some("unencoded_basic"))).await;
    let refused = sign_in_and_allow(&browser, "ada").await;
    assert_eq!(refused.status, 502, "{refused:#?}");
    assert!(refused.text.contains("client authentication failed"), "{refused:#?}");
    assert_eq!(browser.open(&site.base).await.text, "nobody");

    let arrived = browser.open(&site.login(None)).await;
    assert_eq!((arrived.status, arrived.text.as_str()), (200, "ada"), "{arrived:#?}");
}
