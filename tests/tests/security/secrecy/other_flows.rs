//! No trace of OAuth 1.0a or of a login on a device holds a secret.

use super::*;

/// An OAuth 1.0a provider. Its responses are secret, except for the name of the user.
struct Old;

impl HttpClient for Old {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, NetworkError>> {
        let body = match request.uri().path() {
            "/request_token" => {
                "oauth_token=temporary-t0ken&oauth_token_secret=temporary-s3cret\
                 &oauth_callback_confirmed=true"
            }
            "/access_token" => "oauth_token=granted-t0ken&oauth_token_secret=granted-s3cret",
            "/profile" => r#"{"id":"ada"}"#,
            _ => "not found",
        };
        let status = if body == "not found" { 404 } else { 200 };
        let answer = http::Response::builder().status(status).body(Bytes::from(body));
        Box::pin(std::future::ready(Ok(answer.expect("a response"))))
    }
}

#[tokio::test]
async fn traces_of_oauth1_login_and_call_hold_no_secret() {
    let (traces, _collecting) = Traces::collect();
    let builder = RuntimeProviders::builder().config(Config::empty()).http_client(Old);
    let tenants = builder.build().expect("nothing to configure");
    let old = ProviderDescription::new("old")
        .request_token_url("https://old.example/request_token")
        .authorize_url("https://old.example/authorize")
        .access_token_url("https://old.example/access_token")
        .userinfo_endpoint("https://old.example/profile")
        .api_base_url("https://old.example/api/")
        .identity("id", "id")
        .client_id("the-application")
        .client_secret(CLIENT_SECRET);
    let old = tenants.insert(old).expect("a valid description");
    let mut text = String::new();
    for verifier in ["the-v3rifier", ""] {
        let started = old.authorize_redirect().into_url().await.expect("a URL");
        let answer = format!("oauth_token=temporary-t0ken&oauth_verifier={verifier}");
        match old.resume_login(started.into_pending(), &answer).await {
            Ok(login) => {
                write!(text, "{login:?} {:?}", login.token()).expect("to write");
                let stored = login.token().expose();
                let api = old.with_token(Token::from_stored(stored).expect("its own"));
                let error = api.get("nothing").text().await.expect_err("there is nothing");
                write!(text, "{api:?} {error:?} {error}").expect("to write");
            }
            Err(error) => write!(text, "{error:?} {error}").expect("to write"),
        }
    }
    assert!(text.contains("ada") && text.contains("404"), "{text}");
    text.push_str(&traces.heard());
    let mut secrets = Secrets::new();
    for secret in ["temporary-t0ken", "temporary-s3cret", "granted-t0ken", "granted-s3cret"] {
        secrets.add("of OAuth 1.0a", secret);
    }
    secrets.add("verifier", "the-v3rifier");
    secrets.assert_absent(&text, "the log");
}

/// All its secrets are in the query of a URL, which errors and logs of HTTP clients like to show.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "by_get",
    authorize_url = "{base}/authorize",
    access_token_url = "{base}/token",
    token_endpoint_auth_method = "client_secret_post",
    quirks(get_token_request, loopback_http)
)]
struct ByGet {
    base: String,
}

#[tokio::test]
async fn token_request_by_get_shows_no_secret() {
    let provider = TestProvider::builder().start().await.expect("a provider");
    let (traces, _collecting) = Traces::collect();
    let mut text = String::new();
    // A provider that refuses the request, and an address without a server.
    for base in [provider.issuer(), "http://127.0.0.1:1"] {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", "http://127.0.0.1:3000")
            .set("BY_GET_BASE", base)
            .set("BY_GET_CLIENT_ID", "the-application")
            .set("BY_GET_CLIENT_SECRET", CLIENT_SECRET);
        let recorder = Recorder::new();
        let http = recorder.clone();
        let by_get = ByGet::builder().config(config).http_client(http).build().expect("settings");
        let code = oauth_runtime::StateCheckedCode::new("the-secret-c0de", "the-secret-v3rifier");
        let error = by_get.client().exchange_code(code).await.expect_err("no tokens");
        write!(text, "{error} {error:?}").expect("to write");
        let sent = recorder.exchanges().pop().expect("a request").0;
        assert!(sent.uri().query().is_some_and(|query| query.contains("the-secret-v3rifier")));
    }
    text.push_str(&traces.heard());
    let mut secrets = Secrets::new();
    secrets.add("code", "the-secret-c0de");
    secrets.add("verifier", "the-secret-v3rifier");
    assert!(text.contains("by_get"), "{text}");
    secrets.assert_absent(&text, "the log");
}

#[tokio::test]
async fn no_trace_of_a_login_on_a_device_holds_a_secret() {
    let (traces, _collecting) = Traces::collect();
    let registered = RegisteredClient::confidential(CLIENT_ID, CLIENT_SECRET);
    let provider = TestProvider::builder().client(registered).start().await.expect("a provider");
    let recorder = Recorder::new();
    let builder = RuntimeProviders::builder().config(Config::empty());
    let begun_at = Clock::system().now();
    let clock = Clock::manual(begun_at);
    let builder = builder.http_client(recorder.clone()).clock(clock.clone());
    let tenants = builder.build().expect("nothing to configure");
    let acme = ProviderDescription::new("acme")
        .issuer(provider.issuer())
        .scopes(["openid"])
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
        .quirks(["loopback_http"]);
    let acme = tenants.insert(acme).expect("a valid description");
    let device = acme.authorize_device().await.expect("a code");
    let user_code = device.user_code().to_owned();
    let mut secrets = Secrets::new();
    secrets.add("user code", &user_code);
    provider.fault(Fault::ServerError(Endpoint::Token));
    let asked = async |times: u64| {
        while provider.requests(Endpoint::Token) < times {
            clock.advance(5);
            let passed = clock.now().duration_since(begun_at).as_secs();
            provider.set_clock_offset(passed.try_into().expect("not so far"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let answered = async {
        asked(1).await;
        provider.clear_faults();
        provider.approve_device(&user_code, "ada").expect("it waits");
        asked(2).await;
    };
    let (login, ()) = tokio::join!(device.into_future(), answered);
    let shown = format!("{:?}", login.expect("a login"));
    secrets.add("device code", &device_code(&recorder));
    secrets.of_exchanges(&recorder);
    assert!(secrets.count("device code") + secrets.count("access_token") == 2);
    let text = format!("{shown} {}", traces.heard());
    assert!(text.contains("slowing down the polling of a device login"), "{text}");
    secrets.assert_absent(&text, "the trace");
}

fn device_code(recorder: &Recorder) -> String {
    let exchanges = recorder.exchanges();
    let answers = exchanges.iter().filter_map(|(_, answer)| answer.as_ref());
    let mut documents = answers.filter_map(|answer| serde_json::from_slice(answer.body()).ok());
    let code = |document: Value| Some(document.get("device_code")?.as_str()?.to_owned());
    documents.find_map(code).expect("a code")
}
