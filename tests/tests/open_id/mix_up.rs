//! Mix-up (RFC 9700 section 4.4): one of the providers is hostile. It redirects the browser to the
//! honest one, so that the honest provider's code arrives in a login with the hostile one, or it
//! responds to a login with the honest one. A code of one provider is never sent to the other.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::StatusCode;
use oauth_runtime::error::{AuthorizationResponseError, BrowserError, IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, Fault, RegisteredClient, SigningAlgorithm, TestProvider};
use serde_json::json;
use tests::in_process::{Browser, CLIENT_ID, CLIENT_SECRET, COOKIE_KEY, Failures};
use tokio::task::JoinHandle;
use url::Url;

use crate::site::failed;

macro_rules! providers {
    ($($name:ident = $key:literal, ($($more:tt)*);)+) => {
        $(
            #[derive(Debug, OAuthProvider)]
            #[oauth_provider(
                name = $key,
                issuer = "{issuer}",
                scopes("openid"),
                quirks(loopback_http),
                $($more)*
            )]
            struct $name {
                issuer: String,
            }
        )+
    };
}

providers! {
    Honest = "honest", ();
    HonestPosted = "honest_posted", (response_mode = "form_post");
    Hostile = "hostile", ();
    HostilePosted = "hostile_posted", (response_mode = "form_post");
    HostileHybrid = "hostile_hybrid", (
        response_mode = "form_post",
        response_type = "code id_token"
    );
}

#[derive(Clone, OAuthRegistry)]
#[oauth_registry(mount = "/auth", on_error = failed)]
struct Providers {
    honest: Client<Honest>,
    honest_posted: Client<HonestPosted>,
    hostile: Client<Hostile>,
    hostile_posted: Client<HostilePosted>,
    hostile_hybrid: Client<HostileHybrid>,
}

/// The client identifier at the hostile provider.
const ELSEWHERE: &str = "the-application-elsewhere";

/// A provider with valid metadata and nothing else.
struct HostileProvider {
    issuer: String,
    /// The requests to its token endpoint.
    received: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl HostileProvider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code", "code id_token"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let token = async move |body: String| {
            kept.lock().expect("no panic").push(body);
            (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })))
        };
        let app: Router = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(metadata)))
            .route("/jwks", get(async || Json(json!({ "keys": [] }))))
            .route("/token", post(token));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("to serve") });
        Self { issuer, received, task }
    }
}

/// An application with an honest and a hostile provider, and a browser.
struct World {
    honest: TestProvider,
    hostile: HostileProvider,
    failures: Failures,
    browser: Browser,
    public_url: String,
    task: JoinHandle<()>,
}

impl World {
    /// The honest provider accepts only its own redirect URIs.
    async fn start() -> Self {
        Self::with("https://app.example").await
    }

    /// The honest provider accepts every redirect URI of the application.
    async fn lax() -> Self {
        Self::with("").await
    }

    async fn with(public_url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        let public_url = match public_url {
            "" => format!("http://{server}"),
            url => url.to_owned(),
        };
        let hostile = HostileProvider::start().await;
        let mut client = RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET);
        if public_url.starts_with("https:") {
            client = client
                .redirect_uri(format!("{public_url}/auth/honest/callback"))
                .redirect_uri(format!("{public_url}/auth/honest_posted/callback"));
        }
        let honest = TestProvider::builder()
            .signing_algorithm(SigningAlgorithm::Es256)
            .client(client)
            .start()
            .await
            .expect("a provider");
        let mut config = Config::empty()
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
            .set("OAUTH_STORE_URL", "memory:")
            .set("OAUTH_PUBLIC_URL", &public_url);
        for (name, issuer, id) in [
            ("HONEST", honest.issuer(), CLIENT_ID),
            ("HONEST_POSTED", honest.issuer(), CLIENT_ID),
            ("HOSTILE", &hostile.issuer, ELSEWHERE),
            ("HOSTILE_POSTED", &hostile.issuer, ELSEWHERE),
            ("HOSTILE_HYBRID", &hostile.issuer, ELSEWHERE),
        ] {
            config = config
                .set(&format!("{name}_ISSUER"), issuer)
                .set(&format!("{name}_CLIENT_ID"), id)
                .set(&format!("{name}_CLIENT_SECRET"), CLIENT_SECRET);
        }
        let oauth = Providers::builder().config(config).build().expect("a valid configuration");
        let failures = Failures::default();
        let app = oauth.routes().layer(axum::Extension(failures.clone())).with_state(oauth);
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("to serve") });
        let browser = Browser::new(Url::parse(&public_url).expect("a URL"), server);
        Self { honest, hostile, failures, browser, public_url, task }
    }

    /// Starts a login with a hostile provider, which redirects the browser to the honest one with
    /// the honest one's client identifier and, optionally, the redirect URI of another route.
    async fn start_and_be_redirected(&mut self, name: &str, callback: Option<&str>) -> Url {
        let started = Url::parse(&self.browser.start_login(name).await).expect("a URL");
        assert!(started.as_str().starts_with(&self.hostile.issuer), "{started}");
        let mut on = Url::parse(&self.honest.url(Endpoint::Authorization)).expect("a URL");
        let pairs = started.query_pairs().map(|(name, value)| {
            let value = match (&*name, callback) {
                ("client_id", _) => CLIENT_ID.into(),
                ("redirect_uri", Some(route)) => {
                    format!("{}/auth/{route}/callback", self.public_url).into()
                }
                _ => value,
            };
            (name, value)
        });
        on.query_pairs_mut().extend_pairs(pairs);
        on
    }

    /// Checks that neither provider received a code, and returns the error.
    fn assert_no_code_left(&self) -> OAuthError {
        assert_eq!(*self.hostile.received.lock().expect("no panic"), [""; 0]);
        assert_eq!(self.honest.requests(Endpoint::Token), 0);
        assert_eq!(self.browser.session(), None);
        self.failures.only()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
        self.hostile.task.abort();
    }
}

macro_rules! response {
    ($error:pat) => {
        OAuthError::Browser(BrowserError::Response($error))
    };
}

/// Each provider has its own redirect URI, which is not registered with the others.
#[tokio::test]
async fn honest_provider_refuses_a_foreign_redirect_uri() {
    let mut world = World::start().await;
    for name in ["hostile", "hostile_posted"] {
        let sent_on = world.start_and_be_redirected(name, None).await;
        world.honest.sign_in(sent_on, "ada").expect_err("an unregistered redirect URI");
    }
    assert_eq!(*world.hostile.received.lock().expect("no panic"), [""; 0]);
}

/// So the code arrives at the honest one's redirect URI, where the hostile login does not open.
#[tokio::test]
async fn code_at_its_own_callback_finishes_no_other_login() {
    let mut world = World::start().await;
    let sent_on = world.start_and_be_redirected("hostile", Some("honest")).await;
    let callback = world.honest.sign_in(sent_on, "ada").expect("valid settings");
    world.browser.finish(callback).await;
    assert_matches!(
        world.assert_no_code_left(),
        OAuthError::Browser(BrowserError::ForeignPendingLogin)
    );

    let sent_on = world.start_and_be_redirected("hostile_posted", Some("honest_posted")).await;
    let form = world.honest.sign_in_by_form_post(sent_on, "ada").expect("valid settings");
    world.browser.post_form(&form).await;
    assert_matches!(
        world.assert_no_code_left(),
        OAuthError::Browser(BrowserError::ForeignPendingLogin)
    );
}

/// An honest provider that is lax about redirect URIs still names its issuer (RFC 9207).
#[tokio::test]
async fn code_in_a_foreign_login_is_found_by_its_issuer() {
    let mut world = World::lax().await;
    let sent_on = world.start_and_be_redirected("hostile", None).await;
    let callback = world.honest.sign_in(sent_on, "ada").expect("valid settings");
    assert!(callback.contains("/hostile/callback?"), "{callback}");
    world.browser.finish(callback).await;
    assert_matches!(
        world.assert_no_code_left(),
        response!(AuthorizationResponseError::IssuerMismatch)
    );

    for name in ["hostile_posted", "hostile_hybrid"] {
        let sent_on = world.start_and_be_redirected(name, None).await;
        let form = world.honest.sign_in_by_form_post(sent_on, "ada").expect("valid settings");
        world.browser.post_form(&form).await;
        assert_matches!(
            world.assert_no_code_left(),
            response!(AuthorizationResponseError::IssuerMismatch)
        );
    }
}

/// In the hybrid flow, the ID token next to the code names the issuer.
#[tokio::test]
async fn id_token_of_another_provider_vouches_for_no_code() {
    let mut world = World::lax().await;
    world.honest.fault(Fault::MissingResponseIssuer);
    let sent_on = world.start_and_be_redirected("hostile_hybrid", None).await;
    let form = world.honest.sign_in_by_form_post(sent_on, "ada").expect("valid settings");
    world.browser.post_form(&form).await;
    assert_matches!(
        world.assert_no_code_left(),
        OAuthError::Provider {
            error: ProviderError::IdToken(IdTokenError::Signature(_) | IdTokenError::Issuer { .. }),
            ..
        }
    );
}

/// The reverse: the hostile provider responds to a login with the honest one.
#[tokio::test]
async fn response_of_the_hostile_finishes_no_honest_login() {
    let mut world = World::start().await;
    for name in ["honest", "honest_posted"] {
        for issuer in [Some(world.hostile.issuer.clone()), None] {
            let started = Url::parse(&world.browser.start_login(name).await).expect("a URL");
            let (_, state) = started.query_pairs().find(|(name, _)| name == "state").expect("it");
            let mut answer = url::form_urlencoded::Serializer::new(String::new());
            answer.append_pair("code", "of-the-hostile").append_pair("state", &state);
            if let Some(issuer) = &issuer {
                answer.append_pair("iss", issuer);
            }
            let (path, answer) = (format!("/auth/{name}/callback"), answer.finish());
            if name == "honest" {
                world.browser.get(&format!("{path}?{answer}")).await;
            } else {
                let page = world.browser.post_from_elsewhere(&path, answer).await;
                let again = page.form_to_post().expect("a page that posts it again");
                world.browser.post_here(&path, again).await;
            }
            let error = world.assert_no_code_left();
            match issuer {
                Some(_) => {
                    assert_matches!(error, response!(AuthorizationResponseError::IssuerMismatch));
                }
                None => {
                    assert_matches!(error, response!(AuthorizationResponseError::IssuerMissing));
                }
            }
        }
    }
}

/// Without the hostile one, the same application logs in with the honest one.
#[tokio::test]
async fn login_with_only_the_honest_provider_succeeds() {
    let mut world = World::start().await;
    let started = world.browser.start_login("honest").await;
    let callback = world.honest.sign_in(started, "ada").expect("valid settings");
    world.browser.finish(callback).await.location();
    assert!(world.browser.session().is_some());
    assert_eq!(world.honest.requests(Endpoint::Token), 1);
}
