//! `quirks(...)`: a client without the quirk refuses the provider's deviation, and a client with
//! the quirk accepts it. No quirk skips a check.

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use oauth_runtime::error::ProviderError;
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, SigningAlgorithm, TestProvider};
use oauth_runtime::{Clock, ProviderDescription, RuntimeProvider, RuntimeProviders};
use serde_json::{Value, json};
use tests::in_process::{CLIENT_ID, COOKIE_KEY, Recorder};

use crate::site::{Cookies, PUBLIC_URL};

/// A secret that changes if it is decoded.
const SECRET: &str = "50%25+off:a";

struct Site {
    provider: TestProvider,
    clients: RuntimeProviders,
    clock: Clock,
    http: Recorder,
}

impl Site {
    async fn start(faults: &[Fault]) -> Self {
        let provider = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(RegisteredClient::confidential(CLIENT_ID, SECRET))
            .start()
            .await
            .expect("a provider");
        faults.iter().for_each(|fault| provider.fault(*fault));
        let (clock, http) = (Clock::manual(Clock::system().now()), Recorder::new());
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEY);
        let clients = RuntimeProviders::builder()
            .config(config)
            .clock(clock.clone())
            .http_client(http.clone())
            .build()
            .expect("valid settings");
        Self { provider, clients, clock, http }
    }

    /// A client with these quirks.
    fn client(&self, quirks: &[&str]) -> Client<RuntimeProvider> {
        let description = ProviderDescription::new("acme")
            .issuer(self.provider.issuer())
            .api_base_url(self.provider.api_base_url())
            .scopes(["openid", "email", "profile", "offline_access"])
            .quirks(quirks.iter().copied().chain(["loopback_http"]))
            .client_id(CLIENT_ID)
            .client_secret(SECRET);
        self.clients.insert(description).expect("a valid description")
    }

    async fn log_in(
        &self,
        client: &Client<RuntimeProvider>,
    ) -> Result<Login<RuntimeProvider>, OAuthError> {
        let mut browser = Cookies::default();
        let url = browser.follow(client.authorize_redirect().await?);
        let callback = self.provider.sign_in(&url, "ada").expect("a valid request");
        let (_, answer) = callback.split_once('?').expect("parameters");
        let request = browser.get(&format!("/?{answer}"));
        client.authorize_access_token(request).await
    }

    /// Fails if a client without the quirks accepts the provider's deviation.
    async fn refused(&self) -> OAuthError {
        let plain = self.client(&[]);
        self.log_in(&plain).await.expect_err("a deviation without a name")
    }

    async fn accepted(&self, quirks: &[&str]) -> Login<RuntimeProvider> {
        let login = self.log_in(&self.client(quirks)).await.expect("a login");
        assert_eq!(login.identity().subject(), "ada");
        login
    }
}

#[tokio::test]
async fn form_encoded_token_response_needs_its_quirk() {
    let site = Site::start(&[Fault::FormEncodedTokenResponse]).await;
    let refused = site.refused().await;
    assert!(
        matches!(refused, OAuthError::Provider { error: ProviderError::Malformed { .. }, .. }),
        "{refused:?}"
    );
    let login = site.accepted(&["form_encoded_token_response"]).await;
    assert!(login.token().has_scope("email"));
}

#[tokio::test]
async fn nested_token_is_found_only_with_its_quirk() {
    let site = Site::start(&[Fault::NestedTokenResponse]).await;
    site.refused().await;
    // The token in the specified place belongs to another user.
    let astray = site.log_in(&site.client(&["own_token_type"])).await.expect_err("no ID token");
    assert!(
        matches!(astray, OAuthError::Provider { error: ProviderError::IdTokenMissing, .. }),
        "{astray:?}"
    );
    let login = site.accepted(&["nested_token=authed_user.access_token", "own_token_type"]).await;
    let extra: Value = login.token().extra().expect("members");
    assert_eq!(extra["access_token"], "the-token-of-a-bot");
    assert_eq!(extra["authed_user"], json!({}));
    let profile = site.client(&[]).userinfo(login.token()).await.expect("Ada's token");
    assert_eq!(profile.text("sub"), Some("ada"));
}

#[tokio::test]
async fn nested_token_is_read_in_a_refresh_too() {
    let site = Site::start(&[Fault::NestedTokenResponse]).await;
    let client = site.client(&["nested_token=authed_user.access_token", "own_token_type"]);
    let mut browser = Cookies::default();
    let url = browser.follow(client.authorize_redirect().await.expect("a login starts"));
    let callback = site.provider.sign_in(&url, "ada").expect("a valid request");
    let (_, answer) = callback.split_once('?').expect("parameters");
    let request = browser.get(&format!("/?{answer}"));
    let login = client.authorize_access_token(request).await.expect("a login");
    browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
    site.clock.advance(3590);
    let (mut parts, _) = browser.get("/").into_parts();
    let user = User::from_request_parts(&mut parts, &site.clients).await.expect("a user");
    let before = site.provider.requests(Endpoint::Token);
    let api = site.clients.api(&user).await.expect("a token");
    site.clock.advance(20);
    assert!(api.get("resource").text().await.expect("a response").contains("ada"));
    assert_eq!(site.provider.requests(Endpoint::Token), before + 1);
    let token = api.refresh().await.expect("a token that is still good is refreshed too");
    assert_eq!(site.provider.requests(Endpoint::Token), before + 2);
    let current = api.token().await.expect("a token");
    assert_eq!(current.access_token(), token.access_token());
}

#[tokio::test]
async fn a_token_type_of_the_providers_own_needs_a_quirk() {
    let site = Site::start(&[Fault::TokenTypeOfItsOwn]).await;
    site.refused().await;
    site.accepted(&["own_token_type"]).await;
}

#[tokio::test]
async fn nonce_that_never_returns_needs_a_quirk() {
    let site = Site::start(&[Fault::MissingNonce]).await;
    let text = site.refused().await.to_string();
    assert!(text.contains("`quirks(missing_nonce)`"), "{text}");
    site.accepted(&["missing_nonce"]).await;
    site.provider.fault(Fault::WrongNonce);
    let client = site.client(&["missing_nonce"]);
    site.log_in(&client).await.expect_err("the nonce of another login");
}

#[tokio::test]
async fn a_missing_token_type_needs_a_quirk() {
    let site = Site::start(&[Fault::MissingTokenType]).await;
    site.refused().await;
    site.accepted(&["missing_token_type"]).await;
}

#[tokio::test]
async fn granted_scopes_are_read_as_the_quirk_says() {
    let asked = ["openid", "email", "profile", "offline_access"];
    for (fault, quirk, without) in [
        (Fault::ScopeWithCommas, "comma_separated_scopes", Some(asked.join(","))),
        (Fault::ScopeAsList, "scopes_as_list", None),
    ] {
        let site = Site::start(&[fault]).await;
        let granted =
            |login: &Login<RuntimeProvider>| login.token().scopes().map(<[String]>::to_vec);
        let plain = site.accepted(&[]).await;
        assert_eq!(granted(&plain), without.map(|one| vec![one]), "{fault:?}");
        assert_eq!(granted(&site.accepted(&[quirk]).await).expect("scopes"), asked, "{fault:?}");
    }
}

#[tokio::test]
async fn all_requests_of_a_client_are_json_with_the_quirk() {
    let site = Site::start(&[Fault::JsonRequestsOnly]).await;
    let refused = site.refused().await;
    assert_eq!(refused.error_response().map(|said| said.error()), Some("invalid_request"));
    let client = site.client(&["json_token_request"]);
    let login = site.log_in(&client).await.expect("a login");
    let token = login.token();
    assert!(client.introspect(token.access_token()).await.expect("a response").is_active());
    client.revoke(token).await.expect("an end");
    assert!(!client.introspect(token.access_token()).await.expect("a response").is_active());
    for (request, _) in site.http.exchanges() {
        if request.method() == http::Method::POST && request.uri().path() != "/token" {
            assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        }
    }
}

#[tokio::test]
async fn error_with_status_200_needs_its_quirk() {
    // Every request here has the wrong encoding, so each ends in an error.
    let site = Site::start(&[
        Fault::ErrorsWithStatus200(Endpoint::Revocation),
        Fault::ErrorsWithStatus200(Endpoint::Introspection),
    ])
    .await;
    let login = site.accepted(&[]).await;
    let token = login.token();
    site.provider.fault(Fault::JsonRequestsOnly);
    let plain = site.client(&[]);
    plain.revoke(token).await.expect("RFC 7009 requires only status 200");
    let client = site.client(&["errors_with_status_200"]);
    for error in [
        client.revoke(token).await.expect_err("an error"),
        client.introspect(token.access_token()).await.expect_err("an error"),
    ] {
        let said = error.error_response().map(|said| said.error());
        assert_eq!(said, Some("invalid_request"), "{error:?}");
    }
    // The token endpoint needs no quirk.
    site.provider.fault(Fault::ErrorsWithStatus200(Endpoint::Token));
    let refused = site.refused().await;
    assert_eq!(refused.error_response().map(|said| said.error()), Some("invalid_request"));
}

#[tokio::test]
async fn userinfo_error_with_status_200_is_not_a_profile() {
    let site = Site::start(&[Fault::ErrorsWithStatus200(Endpoint::Userinfo)]).await;
    let described = |quirks: &[&str]| {
        let quirks = quirks.iter().copied().chain(["loopback_http"]);
        let description = ProviderDescription::new("plain")
            .authorize_url(site.provider.url(Endpoint::Authorization))
            .access_token_url(site.provider.url(Endpoint::Token))
            .userinfo_endpoint(site.provider.url(Endpoint::Userinfo))
            .identity("id", "error")
            .scopes(["profile"])
            .quirks(quirks)
            .client_id(CLIENT_ID)
            .client_secret(SECRET);
        site.clients.insert(description).expect("a valid description")
    };
    // Without the scope `openid` the endpoint refuses; here the refusal looks like a profile.
    let fooled = site.log_in(&described(&[])).await.expect("a profile that is an error");
    assert_eq!(fooled.identity().subject(), "insufficient_scope");
    let error = site.log_in(&described(&["errors_with_status_200"])).await.expect_err("an error");
    let said = error.error_response().map(|said| said.error());
    assert_eq!(said, Some("insufficient_scope"), "{error:?}");
}

#[tokio::test]
async fn userinfo_is_asked_with_post_by_quirk() {
    let site = Site::start(&[Fault::UserinfoByPostOnly]).await;
    let userinfo = async |quirks: &[&str]| {
        let client = site.client(quirks);
        let login = site.log_in(&client).await.expect("a login");
        client.userinfo(login.token()).await
    };
    let refused = userinfo(&[]).await.expect_err("no GET");
    assert!(
        matches!(
            refused,
            OAuthError::Provider { error: ProviderError::Status { status: 405, .. }, .. }
        ),
        "{refused:?}"
    );
    let profile = userinfo(&["userinfo_by_post"]).await.expect("a profile");
    assert_eq!(profile.text("sub"), Some("ada"));
}

#[tokio::test]
async fn a_basic_header_is_unencoded_by_quirk() {
    let site = Site::start(&[Fault::BasicWithoutDecoding]).await;
    let refused = site.refused().await;
    assert_eq!(refused.error_response().map(|said| said.error()), Some("invalid_client"));
    site.accepted(&["unencoded_basic"]).await;
    site.provider.clear_faults();
    let error = site.log_in(&site.client(&["unencoded_basic"])).await.expect_err("another secret");
    assert_eq!(error.error_response().map(|said| said.error()), Some("invalid_client"));
}

/// With any quirk, the state, PKCE and the ID token are checked.
#[tokio::test]
async fn no_quirk_skips_a_check() {
    let deviating = [
        Fault::FormEncodedTokenResponse,
        Fault::NestedTokenResponse,
        Fault::ScopeAsList,
        Fault::JsonRequestsOnly,
        Fault::UserinfoByPostOnly,
        Fault::BasicWithoutDecoding,
    ];
    // A form cannot contain an object, so these two are tested separately.
    for with_form in [true, false] {
        let left_out =
            if with_form { Fault::NestedTokenResponse } else { Fault::FormEncodedTokenResponse };
        let faults: Vec<_> = deviating.into_iter().filter(|one| *one != left_out).collect();
        let site = Site::start(&faults).await;
        let all = [
            "form_encoded_token_response",
            "own_token_type",
            "missing_token_type",
            "comma_separated_scopes",
            "scopes_as_list",
            "json_token_request",
            "errors_with_status_200",
            "userinfo_by_post",
            "unencoded_basic",
        ];
        let nested = (!with_form).then_some("nested_token=authed_user.access_token");
        let quirks: Vec<_> = all.into_iter().chain(nested).collect();
        let client = site.client(&quirks);
        site.log_in(&client).await.expect("a login");
        for (fault, expected) in [
            (Fault::WrongNonce, "nonce"),
            (Fault::BadSignature, "signature"),
            (Fault::UnsignedToken, "ID token"),
            (Fault::WrongAudience, "aud"),
            (Fault::WrongIssuer, "iss"),
            (Fault::Expired, "expired"),
            (Fault::WrongAccessTokenHash, "at_hash"),
            (Fault::MissingIdToken, "no ID token"),
            (Fault::WrongState, "no login is pending"),
        ] {
            // First the encoding, then the place of the token.
            site.provider.clear_faults();
            [fault].iter().chain(&faults).for_each(|one| site.provider.fault(*one));
            let error = site.log_in(&client).await.expect_err("a check");
            assert!(error.to_string().contains(expected), "{fault:?}: {error}");
        }
        let sent = site.http.exchanges();
        let codes = sent.iter().filter_map(|(request, _)| {
            let text = String::from_utf8_lossy(request.body()).into_owned();
            text.contains("authorization_code").then_some(text)
        });
        assert!(codes.into_iter().all(|text| text.contains("code_verifier")));
    }
}

#[tokio::test]
async fn hint_of_a_logout_depends_on_the_quirk() {
    for (quirk, while_valid, once_expired) in [
        ("additional_audiences", true, true),
        ("no_expired_id_token_hint", true, false),
        ("no_id_token_hint", false, false),
    ] {
        assert_eq!(has_hint(quirk, 3_500).await, while_valid, "{quirk}");
        assert_eq!(has_hint(quirk, 3_601).await, once_expired, "{quirk}, expired");
    }
}

/// Whether a logout some seconds after the login sends a hint.
async fn has_hint(quirk: &str, seconds: u64) -> bool {
    let site = Site::start(&[]).await;
    let client = site.client(&[quirk]);
    let login = site.log_in(&client).await.expect("a login");
    let mut browser = Cookies::default();
    browser.keep(&(login.sign_in().await.expect("a session"), "").into_response());
    site.clock.advance(seconds);
    let (mut parts, _) = browser.get("/").into_parts();
    let user = User::from_request_parts(&mut parts, &site.clients).await.expect("a user");
    let logout = client.logout_redirect().sign_out(&user).into_url().await.expect("a logout");
    crate::site::parameters(logout.url()).contains_key("id_token_hint")
}

/// A declaration with a quirk, checked by the compiler.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "slack",
    issuer = "{issuer}",
    scopes("openid"),
    quirks(loopback_http, own_token_type, nested_token = "authed_user.access_token")
)]
struct Slack {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    slack: Client<Slack>,
}

#[tokio::test]
async fn declared_path_finds_the_nested_token() {
    let site = Site::start(&[Fault::NestedTokenResponse]).await;
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
        .set("SLACK_ISSUER", site.provider.issuer())
        .set("SLACK_CLIENT_ID", CLIENT_ID)
        .set("SLACK_CLIENT_SECRET", SECRET);
    let oauth = Providers::builder().config(config).build().expect("valid settings");
    let mut browser = Cookies::default();
    let url = browser.follow(oauth.slack.authorize_redirect().await.expect("a login starts"));
    let callback = site.provider.sign_in(&url, "ada").expect("a valid request");
    let (_, answer) = callback.split_once('?').expect("parameters");
    let request = browser.get(&format!("/?{answer}"));
    let login = oauth.slack.authorize_access_token(request).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    let extra: Value = login.token().extra().expect("members");
    assert_eq!(extra["token_type"], "bot");
}
