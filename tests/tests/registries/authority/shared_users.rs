//! Two clients that claim the same users.

use super::*;

/// Its metadata names the issuer of its users, which does not follow from its URL.
#[derive(Debug, OAuthProvider)]
#[oauth_provider(
    name = "late",
    server_metadata_url = "https://late.example/files/provider.json",
    identity(id = "sub")
)]
struct Late;

#[derive(Clone, Debug, OAuthRegistry)]
struct LateProviders {
    late: Client<Late>,
}

const LATE: &str = "https://late.example/.well-known/oauth-authorization-server";

fn late_metadata() -> Value {
    json!({
        "issuer": "https://late.example",
        "authorization_endpoint": "https://late.example/authorize",
        "token_endpoint": "https://late.example/token",
        "userinfo_endpoint": "https://late.example/userinfo",
    })
}

fn taken<T: std::fmt::Debug>(result: Result<T, OAuthError>) -> (String, String) {
    match result {
        Err(OAuthError::Provider {
            error: ProviderError::AuthorityTaken { authority, holder },
            ..
        }) => (authority, holder),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn declared_provider_takes_its_users_back() {
    let mut own = late_metadata();
    own["issuer"] = json!("https://late.example/");
    let network = Network::default()
        .with("https://late.example/files/provider.json", own)
        .with(LATE, late_metadata())
        .with("https://late.example/token", token("of-late"))
        .with("https://late.example/userinfo", json!({ "sub": VICTIM }));
    let config = Config::empty()
        .set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
        .set("LATE_CLIENT_ID", "the-application")
        .set("LATE_CLIENT_SECRET", "secret");
    let oauth = LateProviders::builder().config(config).http_client(network);
    let oauth = oauth.build().expect("valid settings");
    let tenants = RuntimeProviders::beside(&oauth);
    let acme = || described("acme").server_metadata_url(LATE).identity("id", "sub");
    let client = tenants.insert(acme()).expect("no other provider has these users yet");
    let first = log_in(&client).await.expect("a login");
    assert_eq!(first.identity().issuer(), "https://late.example");
    let response = (first.sign_in().await.expect("a session"), "").into_response();
    let cookie = response.headers()[SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let user = async || {
        let request = http::Request::builder().header(COOKIE, &cookie).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        User::from_request_parts(&mut parts, &tenants).await.ok()
    };
    assert!(user().await.is_some());
    let started = client.authorize_redirect().into_url().await.expect("a pending login");

    let own = log_in(&oauth.late).await.expect("a login");
    assert_eq!(own.identity().issuer(), "https://late.example/");
    let expected = || ("https://late.example".to_owned(), "late".to_owned());
    let url = Url::parse(started.url()).expect("a URL");
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let parameters = format!("code=a-code&state={state}");
    assert_eq!(taken(client.resume_login(started.into_pending(), &parameters).await), expected());
    assert_eq!(taken(client.authorize_redirect().into_url().await), expected());
    assert!(user().await.is_none(), "its session has ended");
    for description in [acme(), acme().scopes(["read"])] {
        assert_eq!(refused(&tenants, description).0, FaultKind::AuthorityTaken);
    }
    assert!(log_in(&oauth.late).await.is_ok());
}

/// The application may still hold the client of a replaced description.
#[tokio::test]
async fn replaced_client_yields_no_users_of_its_successor() {
    let network = Network::default()
        .with(LATE, late_metadata())
        .with("https://late.example/token", token("of-late"))
        .with("https://late.example/userinfo", json!({ "sub": VICTIM }));
    let (_, tenants) = world(&network);
    let at = |name: &str| described(name).server_metadata_url(LATE).identity("id", "sub");
    let first = tenants.insert(at("first")).expect("the first");
    log_in(&first).await.expect("a login");
    let moved = LATE.replace("late", "moved");
    tenants.insert(at("first").server_metadata_url(moved)).expect("valid settings");
    let second = tenants.insert(at("second").client_id("another")).expect("the issuer is free");
    let expected = |holder: &str| ("https://late.example".to_owned(), holder.to_owned());
    assert_eq!(taken(log_in(&first).await), expected("second"));
    log_in(&second).await.expect("a login");
    tenants.remove("second");
    let third = tenants.insert(at("third")).expect("the issuer is free");
    assert_eq!(taken(log_in(&second).await), expected("third"));
    log_in(&third).await.expect("a login");
}

/// The application may allow it if the issuer itself identifies its users. A table row may not.
#[tokio::test]
async fn only_the_application_lets_two_clients_share_users() {
    let (oauth, tenants) = world(&Network::honest(VICTIM));
    let row = r#"{"name": "acme", "issuer": "https://accounts.example", "shares_issuer": true}"#;
    assert!(serde_json::from_str::<ProviderDescription>(row).is_err());
    let acme = described("acme").issuer("https://accounts.example").scopes(["openid"]);
    tenants.insert(acme.shares_issuer(true)).expect("the application's word");
    let user = |name: &str| {
        plain(
            name,
            "https://git.example/authorize",
            "https://git.example/token",
            "https://git.example/api/user",
        )
        .client_id(name)
    };
    tenants.insert(user("one")).expect("the first");
    let two = user("two").shares_issuer(true);
    assert_eq!(refused(&tenants, two).0, FaultKind::AuthorityTaken);

    // One account with two token owners.
    let hub = ProviderDescription::preset("github").named("hub").shares_issuer(true);
    let hub = tenants.insert(hub.client_id("hub").client_secret("secret")).expect("the same users");
    let (declared, other) = (log_in(&oauth.github).await, log_in(&hub).await);
    let (declared, other) = (declared.expect("a login"), other.expect("a login"));
    let (own, shared) = (declared.identity(), other.identity());
    assert_eq!((own.issuer(), own.subject()), (shared.issuer(), shared.subject()));
    assert_ne!(own, shared);
    declared.keep_tokens(own).await.expect("a store");
    let error = oauth.github.api_for(shared).await.expect_err("another client's login");
    assert!(matches!(error, OAuthError::Token { error: TokenError::Missing, .. }), "{error:?}");
    let person = oauth.github.person(own.issuer(), own.subject());
    assert!(oauth.github.api_for(person).await.is_ok());
}

/// A session belongs to the client of its login, declared or not.
#[tokio::test]
async fn session_of_another_client_is_not_accepted() {
    let network = Network::honest(VICTIM);
    let store = MemoryStore::new(Clock::system());
    let with = |key: &str, value: &str| {
        let builder = builder(&network).store(store.clone());
        builder.set(key, value).build().expect("valid settings")
    };
    let first = with("GITHUB_CLIENT_ID", "one");
    let login = log_in(&first.github).await.expect("a login");
    let response = (login.sign_in().await.expect("a session"), "").into_response();
    let cookie = response.headers()[SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let user = async |oauth: &Providers| {
        let request = http::Request::builder().header(COOKIE, &cookie).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        User::from_request_parts(&mut parts, oauth).await.ok()
    };
    assert!(user(&first).await.is_some());
    assert!(user(&with("GITHUB_CLIENT_ID", "one")).await.is_some(), "the same client");
    assert!(user(&with("GITHUB_CLIENT_SECRET", "new")).await.is_none(), "another identifier");
    assert!(user(&with("GITHUB_CLIENT_ID", "two")).await.is_none());
}
