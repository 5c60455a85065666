//! One login for each preset.

use std::sync::Arc;

use oauth_runtime::prelude::*;
use oauth_runtime::{Email, Preset, ProviderDescription, RuntimeProviders};
use tests::in_process::{CLIENT_ID, CLIENT_SECRET, COOKIE_KEY};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use super::declared;
use super::dialect::Dialect;
use super::fixture::{Expected, Fixture};

#[test]
fn every_preset_has_a_fixture() {
    let presets: Vec<_> = Preset::all().map(|preset| preset.name().to_owned()).collect();
    assert_eq!(Fixture::names(), presets);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_preset_logs_in_at_its_provider() {
    let mut logins = JoinSet::new();
    // The deadlines of requests are those of an application.
    let turns = Arc::new(Semaphore::new(8));
    for preset in Preset::all().filter(|preset| !declared::NAMES.contains(&preset.name())) {
        let turns = Arc::clone(&turns);
        logins.spawn(async move {
            let _turn = turns.acquire_owned().await.expect("it is open");
            (preset.name(), log_in(preset).await)
        });
    }
    let mut wrong = Vec::new();
    while let Some(login) = logins.join_next().await {
        let (name, faults) = login.expect("no panic");
        wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Logs in, and returns everything that differs from the fixture.
async fn log_in(preset: &Preset) -> Vec<String> {
    let name = preset.name();
    let fixture = Fixture::of(name);
    let redirect_uri = format!("https://app.example/auth/{name}/callback");
    let dialect = Dialect::start(fixture.clone(), &redirect_uri).await;
    let providers = RuntimeProviders::builder().config(settings()).http_client(dialect.clone());
    let providers = providers.build().expect("valid settings");
    let client = match providers.insert(description(name, &fixture)) {
        Ok(client) => client,
        Err(error) => return vec![error.to_string()],
    };
    let (url, login) = visit(&client, &dialect).await;
    let mut faults = url.map_or(Vec::new(), |url| wrong_authorization(&fixture, &url));
    faults.extend(dialect.wrong_requests());
    match (login, &fixture.identity) {
        (Ok(login), Some(expected)) => {
            faults.extend(wrong_identity(expected, login.identity()));
        }
        (Ok(_), None) => faults.push("a user is identified".to_owned()),
        (Err(error), _) => faults.push(report(&error)),
    }
    faults
}

/// The settings of the application, which has no others in the environment.
pub(crate) fn settings() -> Config {
    let settings = Config::empty().set("OAUTH_PUBLIC_URL", "https://app.example");
    settings.set("OAUTH_COOKIE_KEYS", COOKIE_KEY)
}

/// The URL of the authorization request, if there was one, and the login.
pub(crate) async fn visit<P: LoginProvider>(
    client: &Client<P>,
    dialect: &Dialect,
) -> (Option<Url>, Result<Login<P>, OAuthError>) {
    let started = match client.authorize_redirect().into_url().await {
        Ok(started) => started,
        Err(error) => return (None, Err(error)),
    };
    let url = Url::parse(started.url()).expect("a URL");
    let answer = dialect.agree(&url);
    (Some(url), client.resume_login(started.into_pending(), &answer).await)
}

fn description(preset: &str, fixture: &Fixture) -> ProviderDescription {
    let mut description = ProviderDescription::preset(preset).client_id(CLIENT_ID);
    description = match fixture.is_public {
        true => description,
        false => description.client_secret(CLIENT_SECRET),
    };
    // The keys of a client have tests of their own.
    if ["apple", "logingov"].contains(&preset) {
        description = description.token_endpoint_auth_method("client_secret_post");
    }
    if preset == "microsoft" {
        description = description.tenants(["72f988bf-86f1-41af-91ab-2d7cd011db47"]);
    }
    let fields = fixture.fields.iter();
    fields.fold(description, |description, (name, value)| description.field(name, value))
}

pub(crate) fn wrong_authorization(fixture: &Fixture, url: &Url) -> Vec<String> {
    let mut wrong = Vec::new();
    let place = |url: &Url| url.as_str().split('?').next().unwrap_or_default().to_owned();
    let expected = fixture.authorize.as_ref().map(|url| place(&Url::parse(url).expect("a URL")));
    if expected.is_some_and(|expected| expected != place(url)) {
        wrong.push(format!("the authorization endpoint is {}", place(url)));
    }
    let sent = |name: &str| {
        let pair = url.query_pairs().find(|(own, _)| own == name);
        pair.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let scope = ("scope".to_owned(), fixture.scope.clone());
    let others = fixture.authorize_params.clone();
    for (name, value) in others.into_iter().chain(fixture.request_token.is_none().then_some(scope))
    {
        if sent(&name) != value {
            wrong.push(format!("`{name}` is {:?} instead of {value:?}", sent(&name)));
        }
    }
    wrong
}

pub(crate) fn wrong_identity(
    expected: &Expected,
    identity: &oauth_runtime::Identity,
) -> Vec<String> {
    let email = match identity.email() {
        Some(Email::Verified(email)) => (Some(email.as_str()), true),
        Some(Email::Unverified(email)) => (Some(email.as_str()), false),
        None => (None, false),
    };
    let found = [
        ("id", Some(identity.subject()), Some(expected.id.as_str())),
        ("name", identity.name(), expected.name.as_deref()),
        ("username", identity.username(), expected.username.as_deref()),
        ("email", email.0, expected.email.as_deref()),
        ("picture", identity.picture(), expected.picture.as_deref()),
    ];
    let wrong = found.into_iter().filter(|(_, found, expected)| found != expected);
    let mut wrong: Vec<_> = wrong
        .map(|(what, found, expected)| format!("{what} is {found:?}, not {expected:?}"))
        .collect();
    if email.1 != expected.is_verified {
        wrong.push(format!("the address is verified: {}", email.1));
    }
    wrong
}

pub(crate) fn report(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
