//! Metadata: its issuer, its location, and when it is fetched.

use std::time::Duration;

use oauth_runtime::OAuthError;
use oauth_runtime::error::{NetworkError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, TestProvider};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET};

use crate::party::Party;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "first", issuer = "{issuer}", scopes("openid"), quirks(loopback_http))]
struct First {
    issuer: String,
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "second",
    server_metadata_url = "{url}",
    scopes("openid"),
    quirks(loopback_http)
)]
struct Second {
    url: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Two {
    first: Client<First>,
    second: Client<Second>,
}

fn two(issuer: &str, url: &str) -> Two {
    let mut config = Config::empty().set("FIRST_ISSUER", issuer).set("SECOND_URL", url);
    for name in ["FIRST", "SECOND"] {
        config = config
            .set(&format!("{name}_CLIENT_ID"), CLIENT_ID)
            .set(&format!("{name}_CLIENT_SECRET"), CLIENT_SECRET);
    }
    Two::builder().config(config).build().expect("a valid configuration")
}

async fn provider() -> TestProvider {
    TestProvider::start().await.expect("a provider")
}

#[tokio::test]
async fn issuer_with_another_trailing_slash_is_refused() {
    let provider = provider().await;
    let oauth = two(&format!("{}/", provider.issuer()), &provider.url(Endpoint::Metadata));
    let error = oauth.first.load_server_metadata().await.expect_err("another issuer");
    assert_error!(&error, OAuthError::Provider { error: ProviderError::MetadataIssuer { .. }, .. });
    let shown = error.to_string();
    assert!(shown.contains("differ only by a slash at the end"), "{shown}");
    assert!(shown.contains(&format!("`{}/`", provider.issuer())), "{shown}");
    assert!(!error.is_temporary(), "a retry would fail too");
}

/// RFC 8414 section 3.1 puts the well-known part before the path of the issuer, OpenID Connect
/// Discovery 1.0 section 4 after it.
#[tokio::test]
async fn metadata_of_an_issuer_path_has_two_locations() {
    let builder = TestProvider::builder().issuer_path("/realms/demo");
    let provider = builder.start().await.expect("a provider");
    let origin = format!("http://{}", provider.address());
    for url in [
        format!("{origin}/realms/demo/.well-known/openid-configuration"),
        format!("{origin}/.well-known/oauth-authorization-server/realms/demo"),
    ] {
        let oauth = two(provider.issuer(), &url);
        oauth.load_server_metadata().await.expect(&url);
    }
}

#[tokio::test]
async fn unknown_members_and_algorithms_are_tolerated() {
    let party = Party::start("code").await;
    party.app.provider.fault(Fault::UnknownMetadata);
    party.accepts().await;
}

#[tokio::test]
async fn a_script_as_authorization_endpoint_is_refused() {
    let party = Party::start("code").await;
    let fault = Fault::ScriptAsAuthorizationEndpoint;
    let error = party.rejects_before_with(fault, Endpoint::Token).await;
    assert_error!(error, OAuthError::Provider { error: ProviderError::BadEndpoint { .. }, .. });
    party.wait_out_the_pause();
    party.accepts().await;
}

/// Moved endpoints are found without a restart, and the cache lifetime is respected.
#[tokio::test]
async fn metadata_is_refreshed_in_the_background() {
    let party = Party::with("code", |provider| provider.cache_control("max-age=7200")).await;
    party.accepts().await;
    party.app.clock.advance(7300);
    party.app.provider.set_clock_offset(7300);
    party.accepts().await;
    while party.requests(Endpoint::Metadata) < 2 {
        tokio::task::yield_now().await;
    }
    party.accepts().await;
    assert_eq!(party.requests(Endpoint::Metadata), 2);
}

#[tokio::test]
async fn metadata_is_fetched_at_the_first_login() {
    let party = Party::start("code").await;
    assert_eq!(party.requests(Endpoint::Metadata), 0);
    party.accepts().await;
    assert_eq!(party.requests(Endpoint::Metadata), 1);
}

#[tokio::test]
async fn metadata_and_keys_can_be_loaded_at_the_start() {
    let provider = provider().await;
    let oauth = two(provider.issuer(), &provider.url(Endpoint::Metadata));
    oauth.load_server_metadata().await.expect("two working providers");
    let asked = || (provider.requests(Endpoint::Metadata), provider.requests(Endpoint::Jwks));
    assert_eq!(asked(), (2, 2));
    oauth.load_server_metadata().await.expect("cached metadata");
    oauth.first.load_server_metadata().await.expect("cached metadata");
    assert_eq!(asked(), (2, 2));
}

#[tokio::test]
async fn unreachable_providers_are_named_in_one_error() {
    let provider = provider().await;
    let gone = TestProvider::start().await.expect("a provider").url(Endpoint::Metadata);
    provider.fault(Fault::DiscoveryIssuerMismatch);
    let error = two(provider.issuer(), &gone).load_server_metadata().await.expect_err("neither");
    assert_eq!(error.failures().len(), 2);
    assert_error!(
        &error.failures()[0],
        OAuthError::Provider { error: ProviderError::MetadataIssuer { .. }, .. }
    );
    assert_error!(
        &error.failures()[1],
        OAuthError::Network { error: NetworkError::Connect { .. }, .. }
    );
    let shown = error.to_string();
    assert!(shown.contains("2 providers") && !error.is_temporary(), "{shown}");
    assert!(shown.contains("provider first") && shown.contains("provider second"), "{shown}");
}

/// The keys are included, because a login needs them too.
#[tokio::test]
async fn unreachable_key_set_fails_loading_at_the_start() {
    let provider = provider().await;
    provider.fault(Fault::ServerError(Endpoint::Jwks));
    let oauth = two(provider.issuer(), &provider.url(Endpoint::Metadata));
    let error = oauth.load_server_metadata().await.expect_err("no keys");
    assert_eq!((error.failures().len(), error.is_temporary()), (2, true));
    provider.clear_faults();
    // A failed provider gets no request for a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    oauth.load_server_metadata().await.expect("a second try");
}
