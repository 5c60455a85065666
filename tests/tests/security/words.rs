//! Error messages of a provider reach the log, but tokens do not.

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::error::NetworkError;
use oauth_runtime::http::{BoxFuture, HttpClient, Limits, ReqwestClient};
use oauth_runtime::testing::Endpoint;
use tests::in_process::{App, Paged};
use url::Url;

use crate::traces::Traces;

/// Responds itself to requests whose path ends like this, and passes all others to the provider.
struct Scripted {
    client: ReqwestClient,
    path: &'static str,
    status: u16,
    kind: &'static str,
    body: &'static [u8],
}

impl HttpClient for Scripted {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        if !request.uri().path().ends_with(self.path) {
            return self.client.send(request, limits);
        }
        let answer = Response::builder().status(self.status).header("content-type", self.kind);
        let answer = answer.body(Bytes::from_static(self.body)).expect("a response");
        Box::pin(async move { Ok(answer) })
    }
}

/// The log of a login with the provider `name`.
async fn log_of(
    name: &str,
    path: &'static str,
    (status, kind, body): (u16, &'static str, &'static [u8]),
) -> String {
    let (traces, _collecting) = Traces::collect();
    let client = ReqwestClient::new().expect("a client");
    let scripted = Scripted { client, path, status, kind, body };
    let app = App::builder::<Paged>().configure(|builder| builder.http_client(scripted));
    let app = app.start().await;
    let mut browser = app.browser();
    let started = browser.get(&format!("/auth/{name}/login")).await;
    let page = match started.status.is_redirection() {
        true => browser.finish(app.answer(started.location())).await,
        false => started,
    };
    assert!(!page.status.is_success() && !page.status.is_redirection(), "{page:?}");
    assert_eq!(browser.session(), None);
    let failures = traces.heard();
    let failures: Vec<_> = failures.lines().filter(|line| line.contains("OAuth request")).collect();
    assert_eq!(failures.len(), 1, "logged once: {failures:?}");
    failures.concat()
}

const JSON: &str = "application/json";

#[tokio::test]
async fn words_of_the_token_endpoint_reach_the_log() {
    for (answer, words) in [
        (
            (
                400,
                JSON,
                &br#"{"error":{"message":"The code is malformed.","type":"OAuthException"}}"#[..],
            ),
            &["The code is malformed.", "OAuthException"][..],
        ),
        (
            (200, "text/plain", br#"{"errcode":40029,"errmsg":"invalid code"}"#),
            &["40029", "invalid code"],
        ),
        (
            (200, "text/html", b"<!DOCTYPE html><title>Attention Required!</title>"),
            &["text/html", "<!DOCTYPE html><title>Attention Required!"],
        ),
        (
            (
                400,
                "application/json; charset=iso-8859-1",
                b"{\"error\":\"x\",\"error_description\":\"Ung\xfcltig\"}",
            ),
            &["Ungültig"],
        ),
        (
            (200, JSON, br#"{"access_token":"hunter2","expires_in":3600}"#),
            &["`quirks(missing_token_type)`"],
        ),
        (
            (200, JSON, br#"{"data":{"accessToken":"hunter2"}}"#),
            &["`nested_token = \"data.accessToken\"`"],
        ),
        (
            (200, "text/plain", b"access_token=hunter2&token_type=bearer"),
            &["`quirks(form_encoded_token_response)`"],
        ),
    ] {
        let log = log_of("op", "/token", answer).await;
        for words in words {
            assert!(log.contains(words), "{words}: {log}");
        }
        assert!(!log.contains("hunter2"), "{log}");
    }
}

#[tokio::test]
async fn words_of_other_endpoints_reach_the_log() {
    for (name, path, answer, words) in [
        (
            "op",
            "/.well-known/openid-configuration",
            (200, "text/html", &b"<h1>Maintenance tonight</h1>"[..]),
            "text/html: `<h1>Maintenance tonight</h1>`",
        ),
        (
            "op",
            "/.well-known/openid-configuration",
            (403, JSON, br#"{"errors":[{"code":"E7","message":"Tenant is blocked"}]}"#),
            "E7 (Tenant is blocked)",
        ),
        ("op", "/jwks", (500, "text/plain", b"Key server is down"), "`Key server is down`"),
        ("op", "/jwks", (200, "text/html", b"<h1>Sign in</h1>"), "`<h1>Sign in</h1>`"),
        (
            "plain",
            "/userinfo",
            (400, JSON, br#"{"error":{"message":"App is in review"}}"#),
            "App is in review",
        ),
        (
            "plain",
            "/userinfo",
            (200, JSON, br#"{"ok":false,"error":"account_inactive"}"#),
            "`quirks(errors_with_status_200)`",
        ),
    ] {
        let log = log_of(name, path, answer).await;
        assert!(log.contains(words), "{words}: {log}");
    }
}

#[tokio::test]
async fn error_without_state_is_logged_as_unverified() {
    let (traces, _collecting) = Traces::collect();
    let app = App::builder::<Paged>().start().await;
    let query = "error=server_error&error_description=Down%0D%0Afor%20now";
    for callback in [query.to_owned(), format!("{query}&state=0123456789abcdef0123456789abcdef")] {
        let page = app.browser().get(&format!("/auth/op/callback?{callback}")).await;
        assert_eq!(page.status, 400);
        assert!(!page.body.contains("Down"), "a page shows no unverified text: {}", page.body);
    }
    let heard = traces.heard();
    let unverified: Vec<_> = heard.lines().filter(|line| line.contains("unverified")).collect();
    assert_eq!(unverified.len(), 2, "{heard}");
    for line in unverified {
        assert!(line.contains("server_error (Downfor now)"), "{line}");
    }
    assert!(!heard.contains("ERROR"), "{heard}");
    assert_eq!(app.requests(Endpoint::Token), 0);
}

/// A refusal by a user or a policy is neither a fault of the provider nor an error in the log.
#[tokio::test]
async fn refusal_in_the_words_of_a_provider_is_no_error() {
    let (traces, _collecting) = Traces::collect();
    let app = App::builder::<Paged>().start().await;
    for word in [
        "access_denied",
        "user_cancelled_login",
        "user_cancelled_authorize",
        "user_denied",
        "consent_required",
        "login_required",
        "interaction_required",
        "account_selection_required",
    ] {
        let mut browser = app.browser();
        let denied = app.provider.deny(browser.start_login("op").await).expect("a response");
        let mut url = Url::parse(&denied).expect("a URL");
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let pairs = pairs.into_iter().map(|(name, value)| match name.as_str() {
            "error" => (name, word.to_owned()),
            _ => (name, value),
        });
        let query: Vec<_> = pairs.collect();
        url.query_pairs_mut().clear().extend_pairs(query);
        let page = browser.finish(url).await;
        assert_eq!(page.status, 403, "{word}");
        assert!(page.body.contains("href=\"/auth/op/login\""), "{word}: {}", page.body);
        assert!(!page.body.contains(word), "no codes for visitors: {}", page.body);
    }
    let heard = traces.heard();
    assert!(!heard.contains("ERROR"), "{heard}");
    assert!(heard.contains("consent_required"), "{heard}");
}
