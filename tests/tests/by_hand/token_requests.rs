//! Token requests by hand: a code of the application's own, further parameters, and their hook.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use oauth_runtime::error::{CallError, IdTokenError, ProviderError};
use oauth_runtime::prelude::*;
use oauth_runtime::{
    BearerAssertion, Clock, ComplianceFix, StateCheckedCode, StoredToken, TokenRequestPart,
    UnixTime,
};
use url::{Url, form_urlencoded};

use crate::scripted::{Provider, Scripted};
use crate::site::{Cookies, PUBLIC_URL, Site};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
const NONCE: &str = "0123456789abcdef0123456789abcdef";

/// Adds parameters and headers to token requests. The parameter `spoil` of a request says what it
/// must not do.
struct Fix;

impl ComplianceFix for Fix {
    fn access_token_request(&self, request: &mut TokenRequestPart<'_>) {
        let seen: Vec<_> = request.params().map(|(name, _)| name.to_owned()).collect();
        let seen = format!("{} {}", request.grant_type(), seen.join(","));
        let spoil = request.params().find(|(name, _)| *name == "spoil");
        let spoil = spoil.map(|(_, value)| value.to_owned());
        match spoil.as_deref() {
            Some("authorization" | "content-type" | "host") => {
                let name = HeaderName::try_from(spoil.unwrap_or_default()).expect("a name");
                request.set_header(name, HeaderValue::from_static("evil"));
            }
            Some(name) => request.set_param(name, "evil"),
            None => request.set_param("seen", seen),
        }
        request.remove_param("declared");
        request.set_header(HeaderName::from_static("x-fix"), HeaderValue::from_static("1"));
    }
}

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "fixed",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token",
    access_token_params(declared = "1"),
    compliance_fix = Fix
)]
struct Fixed;

#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "by_get",
    authorize_url = "https://acme.example/authorize",
    access_token_url = "https://acme.example/token?version=2",
    refresh_token_url = "https://acme.example/token",
    api_base_url = "https://acme.example/api/",
    token_endpoint_auth_method = "client_secret_post",
    quirks(get_token_request)
)]
struct ByGet;

#[derive(Clone, Debug, OAuthRegistry)]
struct Providers {
    fixed: Client<Fixed>,
    by_get: Client<ByGet>,
}

fn providers() -> (Providers, Provider, Clock) {
    let (provider, clock) = (Provider::default(), Clock::manual(Clock::system().now()));
    let config = Config::empty()
        .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
        .set("FIXED_CLIENT_ID", "id")
        .set("FIXED_CLIENT_SECRET", "secret")
        .set("BY_GET_CLIENT_ID", "id")
        .set("BY_GET_CLIENT_SECRET", "the secret");
    let builder = Providers::builder().config(config).clock(clock.clone());
    let oauth = builder.http_client(provider.clone()).build().expect("a valid configuration");
    (oauth, provider, clock)
}

fn code() -> StateCheckedCode {
    StateCheckedCode::new("the-code", VERIFIER)
}

fn last(provider: &Provider) -> Request<Bytes> {
    provider.requests().pop().expect("a request").0
}

fn parameters(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

fn parameter(form: &[u8], name: &str) -> Option<String> {
    let mut all = parameters(form).into_iter().filter(|(own, _)| own == name);
    let first = all.next();
    assert!(all.next().is_none(), "{name} comes once");
    first.map(|(_, value)| value)
}

#[tokio::test]
async fn own_code_is_exchanged_with_the_stated_values() {
    let site = Scripted::start();
    let stated = code().redirect_uri("postmessage").param("shop", "12");
    let login = site.acme.exchange_code(stated).await.expect("tokens");
    assert_eq!(login.token().access_token().expose(), "a1");
    let body = last(&site.provider).into_body();
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "postmessage"),
        ("shop", "12"),
    ] {
        assert_eq!(parameter(&body, name).as_deref(), Some(value), "{name}");
    }
    let plain = StateCheckedCode::without_code_verifier("the-code");
    site.acme.exchange_code(plain).await.expect("tokens");
    let body = last(&site.provider).into_body();
    assert_eq!(parameter(&body, "code_verifier"), None);
    let own = format!("{PUBLIC_URL}/auth/acme/callback");
    assert_eq!(parameter(&body, "redirect_uri"), Some(own));
    site.acme.exchange_code(code().redirect_uri("/popup")).await.expect("tokens");
    let body = last(&site.provider).into_body();
    assert_eq!(parameter(&body, "redirect_uri"), Some(format!("{PUBLIC_URL}/popup")));
}

#[tokio::test]
async fn own_code_with_unused_values_is_not_sent() {
    let site = Scripted::start();
    let error = site.acme.exchange_code(code().nonce(NONCE)).await.expect_err("no OpenID Connect");
    assert!(matches!(error, OAuthError::Call(CallError::UnusedValue("nonce"))), "{error:?}");
    let error = site.acme.exchange_code(code().param("code", "other")).await.expect_err("reserved");
    assert!(matches!(error, OAuthError::Call(CallError::ReservedParameter(_))), "{error:?}");
    assert!(site.provider.requests().is_empty());
    assert!(!format!("{:?}", code().nonce(NONCE)).contains(NONCE));
}

/// The application's own authorization request: its callback has the code.
async fn code_at(site: &Site) -> String {
    let redirect = site.oauth.op.authorize_redirect().nonce(NONCE).code_verifier(VERIFIER);
    let url = redirect.into_url().await.expect("a URL").url().to_owned();
    let callback = site.provider.sign_in(&url, "ada").expect("a valid request");
    let callback = Url::parse(&callback).expect("a URL");
    let code = callback.query_pairs().find(|(name, _)| name == "code").expect("a code");
    code.1.into_owned()
}

#[tokio::test]
async fn own_code_identifies_the_user_by_all_rules() {
    let site = Site::start().await;
    let op = &site.oauth.op;
    let given = StateCheckedCode::new(code_at(&site).await, VERIFIER).nonce(NONCE);
    let login = op.exchange_code(given).await.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    let other = "ffffffffffffffffffffffffffffffff";
    let wrong = StateCheckedCode::new(code_at(&site).await, VERIFIER).nonce(other);
    let without = StateCheckedCode::new(code_at(&site).await, VERIFIER);
    for refused in [wrong, without] {
        let error = op.exchange_code(refused).await.expect_err("another nonce");
        assert!(
            matches!(
                error,
                OAuthError::Provider { error: ProviderError::IdToken(IdTokenError::Nonce), .. }
            ),
            "{error:?}"
        );
    }
    let stolen = StateCheckedCode::new(code_at(&site).await, VERIFIER.to_uppercase()).nonce(NONCE);
    let error = op.exchange_code(stolen).await.expect_err("another verifier");
    assert_eq!(error.error_response().map(|response| response.error()), Some("invalid_grant"));
}

#[tokio::test]
async fn login_sends_its_own_token_parameters() {
    let (oauth, provider, _) = providers();
    let mut browser = Cookies::default();
    let redirect = oauth.fixed.authorize_redirect().access_token_param("shop", "12");
    let url = browser.follow(redirect.access_token_param("declared", "2").await.expect("a URL"));
    let url = Url::parse(&url).expect("a URL");
    assert!(url.query_pairs().all(|(name, _)| name != "shop"), "{url}");
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let request = browser.get(&format!("/?code=the-code&state={state}"));
    oauth.fixed.authorize_access_token(request).await.expect("a login");
    let request = last(&provider);
    assert_eq!(parameter(request.body(), "shop").as_deref(), Some("12"));
    assert_eq!(parameter(request.body(), "code").as_deref(), Some("the-code"));
    let seen = "authorization_code declared,shop";
    let sent = parameter(request.body(), "seen").expect("the fix");
    assert!(sent.split([' ', ',']).all(|word| seen.contains(word)), "no secret in {sent}");
    assert_eq!(parameter(request.body(), "declared"), None, "the fix removed it");
    assert_eq!(request.headers()["x-fix"], "1");
    let reserved = oauth.fixed.authorize_redirect().access_token_param("code_verifier", "x").await;
    let error = reserved.expect_err("a reserved parameter");
    assert!(matches!(error, OAuthError::Call(CallError::ReservedParameter(_))), "{error:?}");
}

#[tokio::test]
async fn fix_of_token_requests_keeps_the_proof_of_grant() {
    let (oauth, provider, _) = providers();
    for name in [
        "grant_type",
        "code",
        "code_verifier",
        "redirect_uri",
        "client_id",
        "client_secret",
        "client_assertion",
        "assertion",
        "password",
        "authorization",
        "content-type",
        "host",
    ] {
        let error = oauth.fixed.exchange_code(code().param("spoil", name)).await.expect_err(name);
        let is_refused = matches!(
            error,
            OAuthError::Call(CallError::ReservedParameter(_) | CallError::ReservedHeader(_))
        );
        assert!(is_refused, "{name}: {error:?}");
    }
    assert!(provider.requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn token_request_by_get_has_a_query() {
    let (oauth, provider, clock) = providers();
    let login = oauth.by_get.exchange_code(code()).await.expect("tokens");
    let request = last(&provider);
    assert_eq!(request.method(), Method::GET);
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
    assert_eq!(request.headers()["cache-control"], "no-store");
    let query = request.uri().query().expect("a query").as_bytes();
    for (name, value) in [("version", "2"), ("code", "the-code"), ("client_secret", "the secret")] {
        assert_eq!(parameter(query, name).as_deref(), Some(value), "{name}");
    }
    let row = StoredToken::new("by_get", "old")
        .with_refresh_token(login.token().refresh_token().expect("one").expose())
        .with_expires_at(UnixTime::from_secs(clock.now().as_secs() - 1));
    let old = Token::from_stored(row).expect("a token");
    let api = oauth.by_get.with_renewed_token(old, |_| async { Ok::<(), String>(()) });
    api.get("user").send().await.expect("a response");
    let refresh = provider.requests().into_iter().map(|(request, _)| request);
    let refresh: Vec<_> = refresh.filter(|request| request.uri().path() == "/token").collect();
    let query = refresh[1].uri().query().expect("a query").as_bytes();
    assert_eq!(refresh[1].method(), Method::GET);
    assert_eq!(parameter(query, "refresh_token").as_deref(), Some("r1"));
}

#[tokio::test]
async fn assertion_needs_no_subject_and_no_key() {
    let site = Scripted::start();
    let assertion = BearerAssertion::without_subject().signed_with_client_secret();
    site.acme.jwt_bearer(assertion).await.expect("a token");
    let jwt = parameter(last(&site.provider).body(), "assertion").expect("an assertion");
    let parts: Vec<_> = jwt.split('.').collect();
    let read = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
    };
    assert_eq!(read(parts[0])["alg"], "HS256");
    let claims = read(parts[1]);
    assert_eq!((&claims["iss"], claims.get("sub")), (&"id".into(), None));
    let forged = BearerAssertion::without_subject().claim("sub", "ada").signed_with_client_secret();
    let error = site.acme.jwt_bearer(forged).await.expect_err("a reserved claim");
    assert!(matches!(error, OAuthError::Call(CallError::ReservedClaim(_))), "{error:?}");
}
