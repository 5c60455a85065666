use serde::Deserialize;

use super::*;
use crate::protocol::token_response;

/// Tokens with every member.
pub(crate) fn data() -> TokenData {
    TokenData {
        access_token: Secret::from("the-access"),
        token_secret: Some(Secret::from("the-token-secret")),
        token_type: "Bearer".to_owned(),
        refresh_token: Some(Secret::from("the-refresh")),
        expires_at: Some(2_000),
        scopes: Some(vec!["openid".to_owned(), "\"quoted\"".to_owned()]),
        id_token: Some(Secret::from("the-id")),
        newer_id_token: Some(Secret::from("the-newer-id")),
        extra: Some(Secret::from(r#"{"team_name":"the-team","count":2}"#)),
        obtained_at: 1_000,
        generation: 3,
        kept_until: 9_000,
        whose: None,
        ended: None,
    }
}

fn answer(body: &str) -> TokenResponse {
    let response = ::http::Response::new(bytes::Bytes::from(body.to_owned()));
    token_response::read(&response, token_response::Quirks::default()).unwrap()
}

#[test]
fn a_refresh_keeps_what_it_does_not_name() {
    let bare = answer(r#"{"access_token":"new","token_type":"Bearer"}"#);
    let refreshed = data().refreshed(bare, None, 1_500);
    assert_eq!(refreshed.access_token.expose(), "new");
    assert_eq!(refreshed.refresh_token, data().refresh_token);
    assert_eq!(refreshed.scopes, data().scopes);
    assert_eq!(refreshed.extra, data().extra);
    assert_eq!(refreshed.id_token, data().id_token);
    assert_eq!(refreshed.newer_id_token, data().newer_id_token);
    assert_eq!(refreshed.expires_at, None, "the lifetime of another token says nothing");
    assert_eq!((refreshed.obtained_at, refreshed.generation), (1_500, 4));
    assert_eq!(refreshed.kept_until, 9_000);

    let full = answer(
        r#"{"access_token":"new","token_type":"Bearer","refresh_token":"newer","expires_in":60,
            "scope":"openid","id_token":"another","count":3,"added":true}"#,
    );
    let refreshed = data().refreshed(full, Some(Secret::from("another")), 1_500);
    assert_eq!(refreshed.newest_id_token().unwrap().expose(), "another");
    assert_eq!(refreshed.refresh_token.unwrap().expose(), "newer");
    assert_eq!(refreshed.scopes.unwrap(), ["openid"]);
    assert_eq!(refreshed.expires_at, Some(1_560));
    assert_eq!(refreshed.id_token.unwrap().expose(), "the-id", "that of the login");
    let extra: Value = serde_json::from_str(refreshed.extra.unwrap().expose()).unwrap();
    assert_eq!(extra, serde_json::json!({"team_name": "the-team", "count": 3, "added": true}));
}

/// A login without a refresh token keeps the earlier one, and with it the ID token that the tokens
/// of refreshes are compared with.
#[test]
fn newest_id_token_is_that_of_the_latest_login() {
    let later = TokenData {
        refresh_token: None,
        id_token: Some(Secret::from("of-the-later-login")),
        newer_id_token: None,
        ..data()
    };
    let joined = later.in_place_of(&data());
    assert_eq!(joined.id_token.as_ref().unwrap().expose(), "the-id");
    assert_eq!(joined.newest_id_token().unwrap().expose(), "of-the-later-login");
    assert_eq!(data().signed_out(9_000).newest_id_token(), None);
}

#[test]
fn token_is_due_a_minute_or_a_tenth_before_expiry() {
    let token = |lifetime: u64| TokenData { expires_at: Some(1_000 + lifetime), ..data() };
    for (lifetime, due_at) in [(3_600, 4_540), (300, 1_270), (9, 1_009)] {
        assert!(!token(lifetime).is_due(due_at - 1), "{lifetime}");
        assert!(token(lifetime).is_due(due_at), "{lifetime}");
    }
    assert!(!TokenData { expires_at: None, ..data() }.is_due(u64::MAX));
}

#[test]
fn token_from_the_future_is_due() {
    let token = TokenData { obtained_at: 10_000, expires_at: Some(13_600), ..data() };
    assert!(token.is_due(10_000 - SKEW - 1), "the clock was set back");
    assert!(!token.is_due(10_000 - SKEW), "clocks differ");
}

#[test]
fn nothing_that_opens_an_api_is_shown() {
    let shown = format!("{:?} {:#?}", data(), Token::<()>::new(data()));
    for secret in
        ["the-access", "the-token-secret", "the-refresh", "the-id", "the-newer-id", "the-team"]
    {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn extra_members_are_typed_when_they_are_asked_for() {
    #[derive(Deserialize)]
    struct Extra {
        team_name: String,
    }
    let token = Token::<()>::new(data());
    assert_eq!(token.extra::<Extra>().unwrap().team_name, "the-team");
    let none = Token::<()>::new(TokenData { extra: None, ..data() });
    let error = none.extra::<Extra>().err().unwrap();
    assert!(error.to_string().contains("missing field `team_name`"), "{error}");
}

#[test]
fn absolute_expiry_of_a_response_is_read() {
    let expiry = |members: &str| {
        let body = format!(r#"{{"access_token":"a","token_type":"Bearer",{members}}}"#);
        TokenData::of_response(answer(&body), None, 1_000).expires_at
    };
    assert_eq!(expiry(r#""expires_at":4600"#), Some(4_600));
    assert_eq!(expiry(r#""expires_at":"4600.5""#), Some(4_600));
    // The local clock counts, where the provider allows it.
    assert_eq!(expiry(r#""expires_in":60,"expires_at":4600"#), Some(1_060));
    // In the past, in milliseconds, a date, and no time at all.
    for other in ["1000", "4600000000000", r#""2026-11-29T00:00:00Z""#, "-1", "null"] {
        assert_eq!(expiry(&format!(r#""expires_at":{other}"#)), None, "{other}");
    }
}

#[test]
fn expiry_is_known_before_it_comes() {
    let token = TokenData { expires_at: Some(1_000), ..data() };
    let leeway = Duration::from_secs;
    for (now, seconds, expected) in
        [(999, 0, false), (1_000, 0, true), (900, 99, false), (900, 100, true), (0, u64::MAX, true)]
    {
        assert_eq!(token.expires_within(now, leeway(seconds)), expected, "{now} {seconds}");
    }
    let unknown = TokenData { expires_at: None, ..data() };
    assert!(!unknown.expires_within(u64::MAX, leeway(u64::MAX)));
}
