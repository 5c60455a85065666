//! Keys for providers that deviate from the specifications: each request is as declared, and each
//! response is read as declared. The provider is in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use oauth_runtime::RuntimeProvider;
use oauth_runtime::error::{NetworkError, TokenError, TokenFault};
use oauth_runtime::http::{BoxFuture, HttpClient, Limits};
use oauth_runtime::prelude::*;
use url::Url;

use crate::site::{Cookies, PUBLIC_URL};

const COOKIE_KEYS: &str = "4242424242424242424242424242424242424242424242424242424242424242";

/// A provider that answers each path with a fixed text, and records the requests.
#[derive(Clone, Default)]
struct Canned {
    answers: BTreeMap<&'static str, (u16, String)>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Canned {
    fn new() -> Self {
        let token = r#"{"access_token":"the-token","token_type":"Bearer","openid":"o1"}"#;
        Self::default().with("/token", token).with("/user", r#"{"id":"ada","name":"Ada"}"#)
    }

    fn with(self, path: &'static str, text: impl Into<String>) -> Self {
        self.with_status(path, 200, text)
    }

    fn with_status(mut self, path: &'static str, status: u16, text: impl Into<String>) -> Self {
        self.answers.insert(path, (status, text.into()));
        self
    }

    /// A client of this provider.
    fn client(
        &self,
        declare: impl FnOnce(ProviderDescription) -> ProviderDescription,
    ) -> Client<RuntimeProvider> {
        let config = Config::empty()
            .set("OAUTH_PUBLIC_URL", PUBLIC_URL)
            .set("OAUTH_COOKIE_KEYS", COOKIE_KEYS);
        let builder = RuntimeProviders::builder().config(config).http_client(self.clone());
        let clients = builder.build().expect("valid settings");
        let description = ProviderDescription::new("acme")
            .authorize_url("https://acme.example/authorize")
            .access_token_url("https://acme.example/token")
            .userinfo_endpoint("https://acme.example/user")
            .api_base_url("https://acme.example/api/")
            .identity("id", "id")
            .client_id("my-client")
            .client_secret("the-secret");
        clients.insert(declare(description)).expect("a valid description")
    }

    /// The last request to a path.
    fn request(&self, path: &str) -> Request<Bytes> {
        let requests = self.requests.lock().expect("no panic");
        let of_path = requests.iter().rfind(|request| request.uri().path() == path);
        of_path.cloned().unwrap_or_else(|| panic!("no request to {path}"))
    }
}

impl HttpClient for Canned {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, NetworkError>> {
        let answer = self.answers.get(request.uri().path());
        let (status, text) = answer.cloned().unwrap_or_else(|| (404, String::new()));
        self.requests.lock().expect("no panic").push(request);
        let response =
            Response::builder().status(status).header("content-type", "application/json");
        let response = response.body(Bytes::from(text)).expect("a response");
        Box::pin(async move { Ok(response) })
    }
}

/// The authorization request of a login, and the login with these parameters in the response.
async fn log_in(
    client: &Client<RuntimeProvider>,
    answer: &str,
) -> (Url, Result<Login<RuntimeProvider>, OAuthError>) {
    let mut browser = Cookies::default();
    let started = client.authorize_redirect().await.expect("a login starts");
    let url = Url::parse(&browser.follow(started)).expect("a URL");
    let state = parameter(&url, "state").expect("a state");
    let request = browser.get(&format!("/?state={state}&{answer}"));
    (url, client.authorize_access_token(request).await)
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

fn form(request: &Request<Bytes>) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name).map(|value| value.to_str().expect("a text"))
}

#[tokio::test]
async fn additions_are_on_userinfo_and_api_calls() {
    let provider = Canned::new().with("/api/posts", "[]");
    let client = provider.client(|acme| {
        acme.api_header("acme-key", "{client_id}")
            .api_param("openid", "{token.openid}")
            .userinfo_param("fields", "id,name")
            .userinfo_header("acme-view", "full")
    });
    let (_, login) = log_in(&client, "code=c").await;
    let login = login.expect("a login");
    assert_eq!(login.identity().subject(), "ada");
    let userinfo = provider.request("/user");
    assert_eq!(userinfo.uri().query(), Some("fields=id%2Cname&openid=o1"));
    assert_eq!(header(&userinfo, "acme-key"), Some("my-client"));
    assert_eq!(header(&userinfo, "acme-view"), Some("full"));

    let token = Token::from_stored(login.token().expose()).expect("a token");
    let api = client.with_token(token);
    api.get("posts").query([("openid", "mine")]).text().await.expect("a response");
    let call = provider.request("/api/posts");
    assert_eq!(call.uri().query(), Some("openid=mine"), "a call decides by itself");
    assert_eq!((header(&call, "acme-key"), header(&call, "acme-view")), (Some("my-client"), None));
    api.get("posts").withhold_token().text().await.expect("a response");
    let public = provider.request("/api/posts");
    assert_eq!((public.uri().query(), header(&public, "acme-key")), (None, None));
}

#[tokio::test]
async fn token_without_a_needed_member_is_not_sent() {
    let provider = Canned::new();
    let client = provider.client(|acme| acme.api_param("union", "{token.unionid}"));
    let (_, login) = log_in(&client, "code=c").await;
    let error = login.expect_err("a token response without the member");
    let OAuthError::Token { error: TokenError::Unusable(fault), .. } = error else {
        panic!("{error}")
    };
    assert_eq!(fault, TokenFault::MemberMissing("unionid".into()));
}

#[tokio::test]
async fn graphql_profile_is_posted() {
    let answer = r#"{"data":{"me":{"id":7,"name":"Ada"}}}"#;
    let provider = Canned::new().with("/user", answer);
    let client = provider
        .client(|acme| acme.userinfo_query("{ me { id name } }").identity("id", "data.me.id"));
    let (_, login) = log_in(&client, "code=c").await;
    assert_eq!(login.expect("a login").identity().subject(), "7");
    let request = provider.request("/user");
    assert_eq!(
        (request.method().as_str(), &request.body()[..]),
        ("POST", &br#"{"query":"{ me { id name } }"}"#[..])
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "authorization"), Some("Bearer the-token"));
}

#[tokio::test]
async fn token_is_sent_at_a_place_of_the_providers_own() {
    for (placement, expected) in [
        ("Authorization: OAuth {access_token}", ("authorization", "OAuth the-token")),
        ("X-Acme-Token: {access_token}", ("x-acme-token", "the-token")),
    ] {
        let provider = Canned::new();
        let client = provider.client(|acme| acme.token_placement(placement));
        log_in(&client, "code=c").await.1.expect("a login");
        let request = provider.request("/user");
        let sent = ["authorization", "x-acme-token"].map(|name| header(&request, name));
        assert_eq!(header(&request, expected.0), Some(expected.1));
        assert_eq!(sent.iter().flatten().count(), 1, "{placement}");
    }
    let provider = Canned::new();
    let client = provider.client(|acme| acme.token_placement("?oauth_token={access_token}"));
    log_in(&client, "code=c").await.1.expect("a login");
    let request = provider.request("/user");
    assert_eq!(request.uri().query(), Some("oauth_token=the-token"));
    assert_eq!(header(&request, "authorization"), None);
}

/// A description that adds `id=1` to the profile request must not name the users of one that does
/// not.
#[tokio::test]
async fn selecting_parameter_changes_the_authority() {
    let mut issuers = Vec::new();
    for id in ["", "1", "2"] {
        let provider = Canned::new();
        let client = provider.client(|acme| match id {
            "" => acme,
            id => acme.userinfo_param("id", id),
        });
        let (_, login) = log_in(&client, "code=c").await;
        issuers.push(login.expect("a login").identity().issuer().to_owned());
    }
    assert_eq!(issuers[0], "https://acme.example/user#id");
    assert!(issuers[1].starts_with("https://acme.example/user#id?"), "{issuers:?}");
    assert_ne!(issuers[1], issuers[2]);
}

#[tokio::test]
async fn request_and_response_have_the_providers_names() {
    let answer = r#"{"accessToken":"the-token","refreshToken":"r","expireIn":600,"scopes":"a b"}"#;
    let provider = Canned::new().with("/token", answer);
    let client = provider.client(|acme| {
        acme.request_name("client_id", "appid")
            .request_name("client_secret", "secret")
            .request_name("scope", "perms")
            .request_name("grant_type", "grantType")
            .response_name("code", "authCode")
            .response_name("refresh_token", "refreshToken")
            .response_name("expires_in", "expireIn")
            .response_name("scope", "scopes")
            .token_endpoint_auth_method("client_secret_post")
            .quirks(["nested_token=accessToken", "missing_token_type"])
            .scopes(["a", "b"])
    });
    let (url, login) = log_in(&client, "authCode=c%2F1").await;
    assert_eq!(parameter(&url, "appid").as_deref(), Some("my-client"));
    assert_eq!(parameter(&url, "perms").as_deref(), Some("a b"));
    assert!(parameter(&url, "client_id").is_none() && parameter(&url, "scope").is_none());
    let form = form(&provider.request("/token"));
    for (name, value) in [
        ("appid", "my-client"),
        ("secret", "the-secret"),
        ("grantType", "authorization_code"),
        ("code", "c/1"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{form:?}");
    }
    assert!(!form.contains_key("client_secret") && !form.contains_key("client_id"), "{form:?}");
    let login = login.expect("a login");
    let token = login.token();
    assert_eq!(token.refresh_token().map(|token| token.expose()), Some("r"));
    assert!(token.expires_at().is_some() && token.has_scope("b"));
}

/// WeChat.
#[tokio::test]
async fn token_request_by_get_has_the_providers_names() {
    let provider = Canned::new();
    let client = provider.client(|acme| {
        acme.request_name("client_id", "appid")
            .request_name("client_secret", "secret")
            .token_endpoint_auth_method("client_secret_post")
            .quirks(["get_token_request"])
    });
    log_in(&client, "code=c").await.1.expect("a login");
    let request = provider.request("/token");
    let query = request.uri().query().unwrap_or_default();
    assert!(query.contains("appid=my-client") && query.contains("secret=the-secret"), "{query}");
    assert!(!query.contains("client_"), "{query}");
}

#[tokio::test]
async fn other_name_never_reaches_state() {
    let config =
        Config::empty().set("OAUTH_PUBLIC_URL", PUBLIC_URL).set("OAUTH_COOKIE_KEYS", COOKIE_KEYS);
    let clients = RuntimeProviders::builder().config(config).build().expect("valid settings");
    let description = ProviderDescription::new("acme")
        .authorize_url("https://acme.example/authorize")
        .access_token_url("https://acme.example/token")
        .userinfo_endpoint("https://acme.example/user")
        .client_id("id")
        .client_secret("secret");
    for (name, own) in [("client_id", "state"), ("redirect_uri", "nonce"), ("code", "a&b")] {
        let refused = clients.insert(description.clone().request_name(name, own));
        let text = refused.expect_err("a name of the protocol").to_string();
        assert!(text.contains(&format!("another name for `{name}`")), "{text}");
    }
    let refused = clients.insert(description.callback_params(["state"]));
    assert!(refused.expect_err("a parameter of the library").to_string().contains("`state`"));
}

#[tokio::test]
async fn user_of_the_token_response_needs_no_userinfo() {
    let answer = r#"{"access_token":"t","token_type":"Bearer","user":{"uid":42,"name":"Ada"}}"#;
    let provider = Canned::new().with("/token", answer);
    let config =
        Config::empty().set("OAUTH_PUBLIC_URL", PUBLIC_URL).set("OAUTH_COOKIE_KEYS", COOKIE_KEYS);
    let builder = RuntimeProviders::builder().config(config).http_client(provider.clone());
    let clients = builder.build().expect("valid settings");
    let description = ProviderDescription::new("acme")
        .authorize_url("https://acme.example/authorize")
        .access_token_url("https://acme.example/token")
        .identity("id", "token.user.uid")
        .identity("name", "token.user.name")
        .client_id("id")
        .client_secret("secret");
    let client = clients.insert(description).expect("a valid description");
    let (_, login) = log_in(&client, "code=c").await;
    let login = login.expect("a login");
    let user = login.identity();
    assert_eq!((user.subject(), user.name()), ("42", Some("Ada")));
    assert_eq!(user.issuer(), "https://acme.example/token#token.user.uid");
}

/// Otherwise a token endpoint could name the users of any profile endpoint at its origin.
#[tokio::test]
async fn user_of_the_token_response_has_its_authority() {
    let answer = r#"{"access_token":"t","token_type":"Bearer","uid":"1"}"#;
    let provider = Canned::new().with("/token", answer).with("/user", r#"{"id":"2","name":"Bo"}"#);
    let client = provider.client(|acme| acme.identity("id", "token.uid"));
    let (_, login) = log_in(&client, "code=c").await;
    let login = login.expect("a login");
    assert_eq!((login.identity().subject(), login.identity().name()), ("1", Some("Bo")));
    assert_eq!(login.identity().issuer(), "https://acme.example/token#token.uid");
    // A member `token` of the profile does not count.
    let answer = r#"{"access_token":"t","token_type":"Bearer"}"#;
    let provider = Canned::new().with("/token", answer).with("/user", r#"{"token":{"uid":"1"}}"#);
    let client = provider.client(|acme| acme.identity("id", "token.uid"));
    log_in(&client, "code=c").await.1.expect_err("no user in the token response");
}

#[tokio::test]
async fn picture_is_built_from_the_profile() {
    for (profile, expected) in [
        (r#"{"id":"7","avatar":"a1"}"#, Some("https://cdn.example/7/a1.png")),
        (r#"{"id":"7","avatar":null}"#, None),
        (r#"{"id":"7","avatar":"x?y"}"#, None),
        (r#"{"id":"7","avatar":"../../x"}"#, None),
    ] {
        let provider = Canned::new().with("/user", profile);
        let client = provider
            .client(|acme| acme.identity("picture", "https://cdn.example/{id}/{avatar}.png"));
        let (_, login) = log_in(&client, "code=c").await;
        assert_eq!(login.expect("a login").identity().picture(), expected, "{profile}");
    }
}

#[tokio::test]
async fn address_is_found_where_the_declaration_says() {
    let list = r#"{"values":[
        {"contact":{"email":"old@acme.example"},"is_confirmed":true,"is_primary":false},
        {"contact":{"email":"ada@acme.example"},"is_confirmed":true,"is_primary":true}]}"#;
    let provider = Canned::new().with("/emails", list);
    let declare = |acme: ProviderDescription| {
        acme.emails_endpoint("https://acme.example/emails").scopes(["email"])
    };
    let client = provider.client(|acme| {
        declare(acme)
            .email("list", "values")
            .email("email", "contact.email")
            .email("verified", "is_confirmed")
            .email("primary", "is_primary")
    });
    let login = log_in(&client, "code=c").await.1.expect("a login");
    assert_eq!(
        login.identity().verified_email().map(|email| email.as_str()),
        Some("ada@acme.example")
    );

    let provider = Canned::new().with("/emails", r#"{"email":"ada@acme.example"}"#);
    let login = log_in(&provider.client(declare), "code=c").await.1.expect("a login");
    let identity = login.identity();
    assert!(identity.email().is_some() && identity.verified_email().is_none(), "nothing says so");
}

#[tokio::test]
async fn registered_identifier_replaces_the_redirect_uri() {
    let provider = Canned::new();
    let client = provider.client(|acme| acme.redirect_id("Acme-Shop-PRD-1"));
    let (url, login) = log_in(&client, "code=c").await;
    login.expect("a login");
    assert_eq!(parameter(&url, "redirect_uri").as_deref(), Some("Acme-Shop-PRD-1"));
    let form = form(&provider.request("/token"));
    assert_eq!(form.get("redirect_uri").map(String::as_str), Some("Acme-Shop-PRD-1"));
}

#[tokio::test]
async fn callback_parameter_stays_with_the_token() {
    let provider = Canned::new().with("/api/company", "{}");
    let client = provider.client(|acme| {
        acme.callback_params(["realmId", "device_id"])
            .access_token_param("device", "{callback.device_id}")
            .access_token_param("shop", "{callback.shop}")
            .api_header("acme-realm", "{callback.realmId}")
    });
    let (_, login) = log_in(&client, "code=c&realmId=r%201&device_id=d&other=x").await;
    let login = login.expect("a login");
    let form = form(&provider.request("/token"));
    assert_eq!(form.get("device").map(String::as_str), Some("d"));
    assert_eq!(form.get("shop"), None, "it did not come");
    let extra: serde_json::Value = login.token().extra().expect("members");
    assert_eq!(extra["callback"], serde_json::json!({"realmId": "r 1", "device_id": "d"}));
    assert_eq!(extra["openid"], "o1");
    assert_eq!(header(&provider.request("/user"), "acme-realm"), Some("r 1"));
    let (_, twice) = log_in(&client, "code=c&realmId=1&realmId=2").await;
    twice.expect_err("an ambiguous parameter is not kept, and a request needs it");
}

#[tokio::test]
async fn scope_of_the_callback_needs_its_quirk() {
    let provider = Canned::new();
    for (quirks, expected) in [(&[][..], false), (&["scope_in_callback"], true)] {
        let client = provider.client(|acme| acme.quirks(quirks.iter().copied()));
        let (_, login) = log_in(&client, "code=c&scope=read,activity:read").await;
        assert_eq!(login.expect("a login").token().has_scope("activity:read"), expected);
    }
}

#[tokio::test]
async fn text_around_the_json_needs_its_quirk() {
    let token = r#"&&&START&&&{"access_token":"t","token_type":"Bearer"}"#;
    let provider = Canned::new().with("/token", token).with("/user", r#"cb({"id":"ada"});"#);
    let (_, refused) = log_in(&provider.client(|acme| acme), "code=c").await;
    let text = refused.expect_err("not JSON").to_string();
    assert!(text.contains("`quirks(wrapped_json)`"), "{text}");
    let client = provider.client(|acme| acme.quirks(["wrapped_json"]));
    let (_, login) = log_in(&client, "code=c").await;
    assert_eq!(login.expect("a login").identity().subject(), "ada");
}
