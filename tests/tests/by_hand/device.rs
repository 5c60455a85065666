//! The device flow: the device shows a code, the user approves it elsewhere, and the device logs
//! in.

use std::time::Duration;

use oauth_runtime::error::{BrowserError, CallError, IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, TestProvider};
use oauth_runtime::{
    Clock, DeviceAuthorization, ProviderDescription, RegistryBuilder, RuntimeProviders, UnixTime,
};
use tests::in_process::Recorder;
use tests::provider::{Provider, Registration};
use tests::scenario;
use tests::visitor::Visitor;

/// A command-line program, which cannot keep a secret. The metadata names the endpoint.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "found",
    issuer = "{issuer}",
    scopes("openid", "email", "offline_access"),
    userinfo = UserInfo,
    token_endpoint_auth_method = "none",
    quirks(loopback_http)
)]
struct Found {
    issuer: String,
}

/// OAuth 2.0 with a secret; the declaration names the endpoint.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "named",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    userinfo_endpoint = "{base}/api/user",
    api_base_url = "{base}/api/",
    device_authorization_endpoint = "{base}/device_authorization",
    scopes("email"),
    identity(id = "id", username = "login"),
    quirks(loopback_http)
)]
struct Named {
    base: String,
}

/// Requires a recent authentication.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "strict",
    issuer = "{issuer}",
    scopes("openid"),
    max_age = 60,
    token_endpoint_auth_method = "none",
    quirks(loopback_http)
)]
struct Strict {
    issuer: String,
}

#[derive(Clone, Debug, OAuthRegistry)]
struct Devices {
    found: Client<Found>,
    named: Client<Named>,
    strict: Client<Strict>,
}

/// A device and a provider whose clocks advance together.
struct Pair {
    provider: TestProvider,
    devices: Devices,
    clock: Clock,
    started_at: UnixTime,
}

/// Clients of the provider of this issuer.
fn devices(issuer: &str, clock: Clock) -> Devices {
    registry(issuer, clock).build().expect("a valid configuration")
}

fn registry(issuer: &str, clock: Clock) -> RegistryBuilder<Devices> {
    Devices::builder()
        .config(Config::empty())
        .set("FOUND_ISSUER", issuer)
        .set("FOUND_CLIENT_ID", "program")
        .set("NAMED_BASE", issuer)
        .set("NAMED_CLIENT_ID", "box")
        .set("NAMED_CLIENT_SECRET", "the secret: 100% +safe")
        .set("STRICT_ISSUER", issuer)
        .set("STRICT_CLIENT_ID", "program")
        .clock(clock)
}

impl Pair {
    async fn start() -> Self {
        let provider = TestProvider::builder()
            .client(RegisteredClient::public("program"))
            .client(RegisteredClient::confidential("box", "the secret: 100% +safe"))
            .start()
            .await
            .expect("a provider");
        let started_at = Clock::system().now();
        let clock = Clock::manual(started_at);
        let devices = devices(provider.issuer(), clock.clone());
        Self { provider, devices, clock, started_at }
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(seconds);
        let passed = i64::try_from(self.passed().as_secs()).expect("a small number");
        self.provider.set_clock_offset(passed);
    }

    fn passed(&self) -> Duration {
        self.clock.now().duration_since(self.started_at)
    }

    /// Token requests since the last call.
    fn asked(&self, before: &mut u64) -> u64 {
        let now = self.provider.requests(Endpoint::Token);
        now - std::mem::replace(before, now)
    }

    /// A device whose code Ada has entered, at the time of the next poll.
    async fn approved<P>(&self, client: &Client<P>) -> DeviceAuthorization<P>
    where
        P: oauth_runtime::DeviceProvider,
    {
        let device = client.authorize_device().await.expect("a code");
        self.provider.approve_device(device.user_code(), "ada").expect("it waits");
        self.pass(1);
        device
    }

    /// The outcome for a device whose code Ada has entered.
    async fn login<P>(&self, client: &Client<P>) -> Result<Option<Login<P>>, OAuthError>
    where
        P: oauth_runtime::DeviceProvider,
    {
        self.approved(client).await.poll().await
    }
}

fn refused<P: OAuthProvider>(result: Result<Option<Login<P>>, OAuthError>) -> ProviderError {
    match result {
        Err(OAuthError::Provider { error, .. }) => error,
        other => panic!("not refused by the provider: {other:?}"),
    }
}

#[tokio::test]
async fn approved_device_is_logged_in() {
    let pair = Pair::start().await;
    let device = pair.devices.found.authorize_device().await.expect("a code");
    let page = format!("{}/device", pair.provider.issuer());
    assert_eq!(device.verification_uri(), page);
    let complete = format!("{page}?user_code={}", device.user_code());
    assert_eq!(device.verification_uri_complete(), Some(&*complete));
    assert_eq!(device.expires_at(), pair.started_at + Duration::from_secs(600));
    let code = device.user_code().to_owned();

    let waiting = tokio::spawn(device.into_future());
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        pair.pass(1);
    }
    assert!(!waiting.is_finished());
    pair.provider.approve_device(&code, "ada").expect("it waits");
    let login = loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        pair.pass(1);
        if waiting.is_finished() {
            break waiting.await.expect("no panic").expect("a login");
        }
    };
    assert_eq!(login.identity().subject(), "ada");
    assert_eq!(login.identity().issuer(), pair.provider.issuer());
    assert!(login.identity().verified_email().is_some(), "fetched from userinfo");
    assert_eq!(login.id_token().expect("OpenID Connect").subject(), "ada");
    assert!(login.token().refresh_token().is_some());
    assert_eq!(login.return_to(), "/");
}

#[tokio::test]
async fn oauth2_device_login_is_identified_by_userinfo() {
    let pair = Pair::start().await;
    let login = pair.login(&pair.devices.named).await.expect("a login").expect("a response");
    assert_eq!(login.identity().username(), Some("ada"));
    let api = pair.devices.named.with_token(login.into_token());
    assert!(api.get("resource").text().await.is_ok());
}

#[tokio::test]
async fn the_provider_sets_the_pace() {
    let pair = Pair::start().await;
    let mut device = pair.devices.found.authorize_device().await.expect("a code");
    let mut seen = 0;
    let mut look = async |seconds: u64, expected: u64| {
        pair.pass(seconds);
        assert!(device.poll().await.expect("nothing final").is_none());
        assert_eq!(pair.asked(&mut seen), expected, "{:?}", pair.passed());
    };
    look(0, 0).await;
    look(1, 1).await;
    look(0, 0).await;
    pair.provider.fault(Fault::DeviceSlowDown);
    look(1, 1).await;
    pair.provider.clear_faults();
    // Five seconds more, from now on.
    look(5, 0).await;
    look(1, 1).await;
    look(5, 0).await;
    look(1, 1).await;
}

/// RFC 8628 section 3.5: after a timeout, the client polls less often.
#[tokio::test]
async fn unanswered_poll_increases_the_interval() {
    let pair = Pair::start().await;
    let mut device = pair.devices.found.authorize_device().await.expect("a code");
    let mut seen = 0;
    for fault in [Fault::ServerError(Endpoint::Token), Fault::ConnectionLost(Endpoint::Token)] {
        pair.provider.fault(fault);
        let mut pause = 1;
        for _ in 0..4 {
            pair.pass(pause - 1);
            assert!(device.poll().await.expect("nothing final").is_none());
            assert_eq!(pair.asked(&mut seen), 0, "{fault:?} {pause}");
            pair.pass(1);
            assert!(device.poll().await.expect("nothing final").is_none());
            assert_eq!(pair.asked(&mut seen), 1, "{fault:?} {pause}");
            pause *= 2;
        }
        pair.provider.clear_faults();
        // The provider is back: the interval is as before.
        pair.pass(pause);
        assert!(device.poll().await.expect("nothing final").is_none());
        assert_eq!(pair.asked(&mut seen), 1);
    }
    pair.provider.approve_device(device.user_code(), "ada").expect("it waits");
    pair.pass(1);
    assert!(device.poll().await.expect("a login").is_some());
}

#[tokio::test]
async fn denial_ends_the_wait() {
    let pair = Pair::start().await;
    let device = pair.devices.found.authorize_device().await.expect("a code");
    pair.provider.deny_device(device.user_code()).expect("it waits");
    let waiting = tokio::spawn(device.into_future());
    tokio::time::sleep(Duration::from_millis(50)).await;
    pair.pass(1);
    let error = waiting.await.expect("no panic").expect_err("no");
    assert!(error.is_access_denied(), "{error}");
}

#[tokio::test]
async fn wait_ends_when_the_code_expires() {
    let pair = Pair::start().await;
    let mut device = pair.devices.found.authorize_device().await.expect("a code");
    pair.pass(600);
    let mut seen = 0;
    let error = device.poll().await.expect_err("late");
    let expected = BrowserError::Expired(Duration::from_secs(600));
    assert!(matches!(&error, OAuthError::Browser(found) if *found == expected), "{error}");
    assert_eq!(pair.asked(&mut seen), 0, "the answer is known");

    // The provider reports the same.
    pair.provider.fault(Fault::DeviceCodeExpired);
    let device = pair.devices.found.authorize_device().await.expect("a code");
    let waiting = tokio::spawn(device.into_future());
    tokio::time::sleep(Duration::from_millis(50)).await;
    pair.pass(1);
    let error = waiting.await.expect("no panic").expect_err("late");
    assert!(matches!(&error, OAuthError::Browser(found) if *found == expected), "{error}");
}

/// No nonce was sent, so a nonce in the ID token belongs to another login.
#[tokio::test]
async fn device_login_is_verified_like_any_other() {
    let pair = Pair::start().await;
    for fault in [
        Fault::WrongNonce,
        Fault::WrongIssuer,
        Fault::WrongAudience,
        Fault::Expired,
        Fault::BadSignature,
        Fault::UnsignedToken,
        Fault::WrongAccessTokenHash,
        Fault::MissingSubject,
    ] {
        pair.provider.fault(fault);
        let error = refused(pair.login(&pair.devices.found).await);
        assert!(matches!(error, ProviderError::IdToken(_)), "{fault:?}: {error}");
        pair.provider.clear_faults();
    }
    pair.provider.fault(Fault::MissingIdToken);
    let error = refused(pair.login(&pair.devices.found).await);
    assert!(matches!(error, ProviderError::IdTokenMissing), "{error}");
    pair.provider.clear_faults();
    pair.provider.fault(Fault::UserinfoSubjectSwapped);
    let error = refused(pair.login(&pair.devices.found).await);
    assert!(matches!(error, ProviderError::SubjectMismatch), "{error}");
}

/// The device flow must not bypass the requirements of the declaration.
#[tokio::test]
async fn max_age_holds_for_devices_too() {
    let pair = Pair::start().await;
    let strict = &pair.devices.strict;
    assert!(pair.login(strict).await.expect("a login").is_some());
    for fault in [Fault::AuthenticatedYesterday, Fault::MissingAuthenticationTime] {
        pair.provider.fault(fault);
        let error = refused(pair.login(strict).await);
        let ProviderError::IdToken(error) = error else { panic!("{fault:?}: {error}") };
        assert!(matches!(error, IdTokenError::AuthenticationTooOld { max_age: 60 }), "{error}");
        pair.provider.clear_faults();
    }
}

#[tokio::test]
async fn no_script_is_shown_as_the_place_to_go() {
    let pair = Pair::start().await;
    pair.provider.fault(Fault::ScriptAsVerificationUri);
    let error = pair.devices.found.authorize_device().await.expect_err("a script");
    assert!(error.to_string().contains("verification_uri"), "{error}");
}

#[tokio::test]
async fn a_call_asks_for_scopes_and_parameters_of_its_own() {
    let pair = Pair::start().await;
    let found = &pair.devices.found;
    let mut device =
        found.authorize_device().scopes(["openid"]).param("audience", "x").await.expect("a code");
    pair.provider.approve_device(device.user_code(), "ada").expect("it waits");
    pair.pass(1);
    let login = device.poll().await.expect("a login").expect("a response");
    assert_eq!(login.token().scopes().expect("granted"), ["openid"]);

    let refused = found.authorize_device().param("client_id", "other").await.expect_err("reserved");
    let expected = CallError::ReservedParameter("client_id".to_owned());
    assert!(matches!(refused, OAuthError::Call(found) if found == expected));
}

/// The endpoints of a run-time provider are known only at run time.
#[tokio::test]
async fn missing_device_endpoint_is_a_run_time_error() {
    let providers = RuntimeProviders::builder().config(Config::empty()).build().expect("nothing");
    let plain = ProviderDescription::new("plain")
        .authorize_url("https://acme.example/authorize")
        .access_token_url("https://acme.example/token")
        .userinfo_endpoint("https://acme.example/user")
        .client_id("id")
        .client_secret("secret");
    let client = providers.insert(plain).expect("valid settings");
    let error = client.authorize_device().await.expect_err("no endpoint");
    assert_eq!(
        error.to_string(),
        "provider plain: neither its declaration nor its metadata names the device authorization endpoint"
    );
}

#[tokio::test]
async fn the_codes_are_not_shown() {
    let pair = Pair::start().await;
    let recorder = Recorder::new();
    let devices =
        registry(pair.provider.issuer(), pair.clock.clone()).http_client(recorder.clone());
    let devices = devices.build().expect("a valid configuration");
    let device = devices.found.authorize_device().await.expect("a code");
    let shown = format!("{device:?} {device:#?}");
    assert!(shown.contains("found") && !shown.contains(device.user_code()), "{shown}");
    let exchanges = recorder.exchanges();
    let answer = exchanges.last().and_then(|(_, answer)| answer.as_ref()).expect("a response");
    let answer: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_eq!(answer["user_code"], device.user_code());
    assert!(!shown.contains(answer["device_code"].as_str().expect("a string")), "{shown}");
}

/// With a certified provider, whose pages the user visits.
#[tokio::test]
async fn a_device_logs_in_with_oidc_provider() {
    let scenario = scenario!();
    let clients = serde_json::json!([{
        "client_id": "program",
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "grant_types": [
            "urn:ietf:params:oauth:grant-type:device_code",
            "refresh_token",
        ],
        "response_types": [],
        "redirect_uris": [],
    }]);
    let variables = [("OP_CLIENTS", &*clients.to_string()), ("OP_HOST", "127.0.0.1")];
    let registration = Registration::default();
    let provider =
        Provider::start_with(&scenario, &registration, "http://127.0.0.1", "/callback", &variables)
            .await;
    let devices = devices(&provider.issuer, Clock::system());
    let device = devices.found.authorize_device().await.expect("a code");
    let page = device.verification_uri_complete().expect("a page with the code").to_owned();
    let (login, last) = tokio::join!(device.into_future(), Visitor::new().answer(&page, "ada"));
    assert!(last.contains("Go back to your device"), "{last}");
    let login = login.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    assert_eq!(login.identity().issuer(), provider.issuer);
    assert_eq!(login.id_token().expect("OpenID Connect").subject(), "ada");
    assert!(login.identity().verified_email().is_some(), "fetched from userinfo");
}
