//! The two whole applications of the guide: logins with them, and their text.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::prelude::*;
use oauth_runtime::testing::{Endpoint, SigningAlgorithm, TestProvider};
use tests::in_process::Browser;
use url::Url;

use crate::scripted::{Network, header, parameters};

#[expect(dead_code, reason = "`main` serves it on a fixed port")]
mod google {
    include!("demos/google.rs");

    pub(super) fn configured(
        config: Config,
        http: impl oauth_runtime::http::HttpClient,
    ) -> Result<Router, ConfigError> {
        Google::builder().config(config).http_client(http).build().map(app)
    }
}

#[expect(dead_code, reason = "`main` serves it on a fixed port")]
mod twitter {
    include!("demos/twitter.rs");

    pub(super) fn configured(
        config: Config,
        http: impl oauth_runtime::http::HttpClient,
    ) -> Result<Router, ConfigError> {
        Providers::builder().config(config).http_client(http).build().map(app)
    }
}

const GUIDE: &str = include_str!("../../../oauth-runtime/src/docs/coming_from_authlib.md");

/// Sends each request to the test provider, regardless of its host.
struct ToTestProvider {
    client: ReqwestClient,
    address: SocketAddr,
}

impl HttpClient for ToTestProvider {
    fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("http://{}{path}", self.address).parse().expect("a URI");
        self.client.send(request, limits)
    }
}

/// A port for an application, its public URL, and a browser.
async fn site() -> (TcpListener, String, Browser) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("http://{address}");
    let browser = Browser::new(Url::parse(&url).expect("a URL"), address);
    (listener, url, browser)
}

#[tokio::test]
async fn google_application_logs_in_and_out() {
    let (listener, url, mut browser) = site().await;
    let provider = TestProvider::builder()
        .issuer("https://accounts.google.com")
        .signing_algorithm(SigningAlgorithm::Es256)
        .start()
        .await
        .expect("a provider");
    let client = ReqwestClient::new().expect("a client");
    let http = ToTestProvider { client, address: provider.address() };
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", &url)
        .set("GOOGLE_CLIENT_ID", provider.client_id())
        .set("GOOGLE_CLIENT_SECRET", provider.client_secret());
    let app = google::configured(config, http).expect("a valid configuration");
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    assert_eq!(browser.get("/").await.body, "Please sign in.");
    let started = browser.click("/login").await;
    assert!(started.location().starts_with("https://accounts.google.com/"), "{started:?}");
    let sent = parameters(started.location());
    assert_eq!(sent["redirect_uri"], format!("{url}/auth"));
    assert_eq!(sent["scope"], "openid email profile");
    let callback = provider.sign_in(started.location(), "ada").expect("a valid request");
    assert_eq!(browser.finish(callback).await.location(), "/");
    assert_eq!(browser.get("/").await.body, "Hello, Ada Lovelace");
    assert_eq!(provider.requests(Endpoint::Userinfo), 0, "the claims are in the ID token");
    browser.click("/logout").await;
    assert_eq!(browser.get("/").await.body, "Please sign in.");
    server.abort();
}

/// Twitter in memory.
fn network() -> Network {
    let network = Network::default();
    let temporary = "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true";
    network.respond("/oauth/request_token", 200, temporary);
    let token = "oauth_token=a&oauth_token_secret=b&user_id=815&screen_name=ada";
    network.respond("/oauth/access_token", 200, token);
    let profile = r#"{"id_str":"815","name":"Ada Lovelace","screen_name":"ada"}"#;
    network.respond("/1.1/account/verify_credentials.json", 200, profile);
    let tweets = r#"[{"id":7,"text":"A loom weaves flowers."},{"id":6,"text":"Hello"}]"#;
    network.respond("/1.1/statuses/user_timeline.json", 200, tweets);
    network
}

#[tokio::test]
async fn twitter_application_shows_tweets() {
    let (listener, url, mut browser) = site().await;
    let network = network();
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", &url)
        .set("TWITTER_CLIENT_ID", "id")
        .set("TWITTER_CLIENT_SECRET", "secret");
    let app = twitter::configured(config, network.clone()).expect("a valid configuration");
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let refused = browser.get("/tweets").await;
    assert_eq!(
        (refused.status, &*refused.body),
        (StatusCode::UNAUTHORIZED, "Error: please try again")
    );
    let started = browser.click("/login").await;
    assert_eq!(started.location(), "https://api.twitter.com/oauth/authenticate?oauth_token=t");
    let page = browser.finish("/auth?oauth_token=t&oauth_verifier=v").await;
    assert_eq!(page.location(), "/", "{page:?}");
    assert_eq!(browser.get("/").await.body, "Hello, Ada Lovelace");
    let profile = network.last("/1.1/account/verify_credentials.json");
    assert_eq!(profile.uri().query(), Some("skip_status=true"));

    assert_eq!(browser.get("/tweets?prev=7").await.body, "A loom weaves flowers.\nHello");
    let call = network.last("/1.1/statuses/user_timeline.json");
    assert_eq!(call.uri().query(), Some("include_rts=1&count=200&max_id=7"));
    assert!(header(&call, "authorization").contains("oauth_token=\"a\""), "{call:?}");
    browser.click("/logout").await;
    assert_eq!(browser.get("/tweets").await.status, StatusCode::UNAUTHORIZED);

    let started = browser.click("/login").await;
    assert!(started.status.is_redirection());
    let denied = browser.finish("/auth?denied=t").await;
    assert_eq!((denied.status, &*denied.body), (StatusCode::FORBIDDEN, "Error: please try again"));
    server.abort();
}

/// The code blocks of a section of the guide, with the text after their three backticks.
fn blocks(heading: &str) -> Vec<(&'static str, String)> {
    let (_, section) = GUIDE.split_once(&format!("\n{heading}\n")).expect(heading);
    let section = section.split("\n### ").next().and_then(|text| text.split("\n## ").next());
    let fences = section.expect("a section").split("\n```").skip(1).step_by(2);
    let blocks = fences.map(|block| block.split_once('\n').expect("code"));
    blocks.map(|(language, code)| (language, format!("{code}\n"))).collect()
}

/// The numbers in comments at the ends of lines.
fn numbers(code: &str, comment: &str) -> BTreeSet<u32> {
    let comments = code.lines().filter_map(|line| Some(line.rsplit_once(comment)?.1));
    comments.flat_map(|text| text.split(", ").filter_map(|number| number.parse().ok())).collect()
}

#[test]
fn applications_of_the_guide_are_those_of_this_test() {
    for (heading, source) in [
        ("### Google, with OpenID Connect", include_str!("demos/google.rs")),
        ("### Twitter, with OAuth 1.0a", include_str!("demos/twitter.rs")),
    ] {
        let [(python, theirs), (rust, ours)] = &blocks(heading)[..] else { panic!("{heading}") };
        assert_eq!((*python, *rust), ("python", "no_run"), "{heading}");
        assert_eq!(ours, source, "{heading}");
        let counted = numbers(theirs, " # ");
        assert_eq!(counted, numbers(ours, " // "), "{heading}: each line has its counterpart");
        assert!(counted.iter().copied().eq(1..=counted.len() as u32), "{counted:?}");
    }
}
