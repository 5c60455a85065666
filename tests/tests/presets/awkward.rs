//! The providers that deviate most, each with a test of its own.

use oauth_runtime::prelude::*;
use oauth_runtime::{Email, ProviderDescription, RuntimeProviders, Standalone};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET};
use url::Url;

use super::dialect::Dialect;
use super::fixture::Fixture;
use super::table::{settings, visit};

/// A login at a declared provider.
pub(crate) struct Visit<P: LoginProvider> {
    pub(crate) url: Url,
    pub(crate) login: Result<Login<P>, OAuthError>,
    pub(crate) dialect: Dialect,
}

pub(crate) async fn log_in<P: LoginProvider>(fixture: Fixture) -> Visit<P> {
    let name = P::SPEC.name;
    let redirect_uri = format!("https://app.example/auth/{name}/callback");
    let dialect = Dialect::start(fixture.clone(), &redirect_uri).await;
    let key = |key: &str| format!("{}_{key}", name.to_uppercase());
    let mut config =
        settings().set(&key("CLIENT_ID"), CLIENT_ID).set(&key("CLIENT_SECRET"), CLIENT_SECRET);
    for (field, value) in &fixture.fields {
        config = config.set(&key(&field.to_uppercase()), value);
    }
    let registry = Standalone::<P>::builder().config(config).http_client(dialect.clone());
    let registry = registry.build().expect("valid settings");
    let (url, login) = visit(registry.client(), &dialect).await;
    Visit { url: url.expect("an authorization request"), login, dialect }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

// The client secret that is a JWT has tests of its own.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "apple",
    preset = "apple",
    token_endpoint_auth_method = "client_secret_post"
)]
struct Apple;

/// The name comes once, by a form post, in an unsigned parameter.
#[tokio::test]
async fn apple_sends_the_name_in_its_first_response() {
    let mut fixture = Fixture::of("apple");
    let user =
        r#"{"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "x@example.com"}"#;
    fixture.callback.insert("user".to_owned(), user.to_owned());
    let visit = log_in::<Apple>(fixture).await;
    let login = visit.login.expect("a login");
    assert_eq!(parameter(&visit.url, "response_mode").as_deref(), Some("form_post"));
    assert_eq!(login.identity().name(), Some("Ada Lovelace"));
    // Only the address of the ID token is verified; `email_verified` is a string.
    let email = login.identity().verified_email().map(|email| email.as_str());
    assert_eq!(email, Some("ada@example.com"));
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "microsoft", preset = "microsoft", tenants("any"))]
struct Microsoft;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "microsoft",
    preset = "microsoft",
    tenants("72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad")
)]
struct TwoTenants;

fn of_tenant(tenant: &str) -> Fixture {
    let mut fixture = Fixture::of("microsoft");
    fixture.issuer = Some("https://login.microsoftonline.com/{tenantid}/v2.0".to_owned());
    fixture.claims.insert("tid".to_owned(), tenant.into());
    fixture
}

/// Personal accounts have a tenant of their own.
#[tokio::test]
async fn microsoft_users_come_from_the_allowed_tenants() {
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let other = "00000000-0000-4000-8000-000000000042";
    let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let login = log_in::<Microsoft>(of_tenant(other)).await.login.expect("a login");
    assert_eq!(login.identity().issuer(), issuer(other));
    let login = log_in::<TwoTenants>(of_tenant(personal)).await.login.expect("a login");
    assert_eq!(login.identity().issuer(), issuer(personal));
    // Any administrator can write any address.
    assert!(login.identity().email().is_some() && login.identity().verified_email().is_none());
    assert!(log_in::<TwoTenants>(of_tenant(other)).await.login.is_err());
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "b2c", preset = "azure-ad-b2c")]
struct B2c {
    tenant: String,
    tenant_id: String,
    policy: String,
}

/// The metadata are of a user flow and not below the issuer, and addresses are a list.
#[tokio::test]
async fn b2c_user_flow_has_its_own_metadata() {
    let visit = log_in::<B2c>(Fixture::of("azure-ad-b2c")).await;
    let login = visit.login.expect("a login");
    let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let issuer = format!("https://contoso.b2clogin.com/{tenant}/v2.0");
    assert_eq!(login.identity().issuer(), issuer);
    let Some(Email::Unverified(email)) = login.identity().email() else { panic!("unverified") };
    assert_eq!(email.as_str(), "ada@example.com");
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "line", preset = "line")]
struct Line;

#[tokio::test]
async fn line_signs_with_the_secret_of_the_client() {
    assert!(log_in::<Line>(Fixture::of("line")).await.login.is_ok());
    let mut forged = Fixture::of("line");
    forged.signs_with = Some("another secret".to_owned());
    assert!(log_in::<Line>(forged).await.login.is_err());
    let mut with_key = Fixture::of("line");
    with_key.signs_with = None;
    assert!(log_in::<Line>(with_key).await.login.is_err());
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "slack", preset = "slack-v2")]
struct Slack;

/// The token response has a token of the bot and one of the user.
#[tokio::test]
async fn slack_token_is_that_of_the_user() {
    let visit = log_in::<Slack>(Fixture::of("slack-v2")).await;
    let login = visit.login.expect("a login");
    assert_eq!(visit.dialect.wrong_requests(), [""; 0]);
    assert_ne!(login.token().access_token().expose(), "xoxb-of-the-bot");
    let scopes = parameter(&visit.url, "user_scope");
    assert_eq!(scopes.as_deref(), Some("identity.basic,identity.email,identity.avatar"));
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "x", preset = "x")]
struct X;

#[tokio::test]
async fn x_needs_a_code_challenge() {
    let visit = log_in::<X>(Fixture::of("x")).await;
    assert_eq!(parameter(&visit.url, "code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(visit.login.expect("a login").identity().username(), Some("ada"));
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "facebook", preset = "facebook")]
struct Facebook;

/// The address is missing if the user declines it.
#[tokio::test]
async fn facebook_user_may_have_no_address() {
    let mut fixture = Fixture::of("facebook");
    let profile = fixture.profile.as_mut().expect("a profile");
    profile.answer.as_object_mut().expect("an object").remove("email");
    let visit = log_in::<Facebook>(fixture).await;
    assert!(visit.login.expect("a login").identity().email().is_none());
    assert_eq!(parameter(&visit.url, "scope").as_deref(), Some("email,public_profile"));
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "stripe", preset = "stripe")]
struct Stripe;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "quickbooks", preset = "quickbooks")]
struct QuickBooks;

/// `Login::identity` does not compile for them.
#[tokio::test]
async fn stripe_and_quickbooks_identify_no_user() {
    let stripe = log_in::<Stripe>(Fixture::of("stripe")).await;
    let login = stripe.login.expect("a login");
    assert!(!login.token().access_token().expose().is_empty());
    let quickbooks = log_in::<QuickBooks>(Fixture::of("quickbooks")).await;
    assert!(quickbooks.login.is_ok());
    assert_eq!(
        parameter(&quickbooks.url, "scope").as_deref(),
        Some("com.intuit.quickbooks.accounting")
    );
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "strava", preset = "strava")]
struct Strava;

/// The address has been withdrawn from the profile, and names are not the user name.
#[tokio::test]
async fn strava_profile_has_no_address() {
    let visit = log_in::<Strava>(Fixture::of("strava")).await;
    let login = visit.login.expect("a login");
    assert!(login.identity().email().is_none());
    assert_eq!(login.identity().subject(), "1815");
}

/// A user of one instance is another user than that of the same number on another.
#[tokio::test]
async fn instance_at_run_time_is_part_of_the_issuer() {
    for (preset, host) in [
        ("mastodon", "social.acme.example"),
        ("gitea", "git.acme.example"),
        ("gitlab", "git.acme.example"),
    ] {
        let mut fixture = Fixture::of(preset);
        let of_host = |text: &str| {
            let mut url = Url::parse(text).expect("a URL");
            url.set_host(Some(host)).expect("a host");
            url.to_string().trim_end_matches('/').to_owned()
        };
        fixture.authorize = fixture.authorize.map(|url| of_host(&url));
        fixture.issuer = fixture.issuer.map(|url| of_host(&url));
        for exchange in [&mut fixture.token, &mut fixture.profile].into_iter().flatten() {
            exchange.url = of_host(&exchange.url);
        }
        let redirect_uri = format!("https://app.example/auth/{preset}/callback");
        let dialect = Dialect::start(fixture, &redirect_uri).await;
        let providers = RuntimeProviders::builder().config(settings());
        let providers = providers.http_client(dialect.clone()).build().expect("valid settings");
        let description = ProviderDescription::preset(preset).field("host", host);
        let description = description.client_id(CLIENT_ID).client_secret(CLIENT_SECRET);
        let client = providers.insert(description).expect("a valid description");
        let login = visit(&client, &dialect).await.1.expect("a login");
        let issuer = login.identity().issuer();
        assert!(issuer.starts_with(&format!("https://{host}")), "{issuer}");
    }
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "trello", preset = "trello")]
struct Trello;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "flickr", preset = "flickr")]
struct Flickr;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(name = "tumblr", preset = "tumblr1a")]
struct Tumblr;

/// Their parameters go on the authorization URL, next to the temporary credentials.
#[tokio::test]
async fn oauth1_providers_log_in() {
    let trello = log_in::<Trello>(Fixture::of("trello")).await;
    assert_eq!(parameter(&trello.url, "oauth_token").as_deref(), Some("temporary"));
    assert_eq!(parameter(&trello.url, "expiration").as_deref(), Some("never"));
    assert_eq!(trello.login.expect("a login").identity().username(), Some("ada"));
    let flickr = log_in::<Flickr>(Fixture::of("flickr")).await;
    assert_eq!(parameter(&flickr.url, "perms").as_deref(), Some("read"));
    assert_eq!(flickr.login.expect("a login").identity().username(), Some("ada"));
    // The name of a blog can change, so it identifies no user.
    assert!(log_in::<Tumblr>(Fixture::of("tumblr1a")).await.login.is_ok());
}
