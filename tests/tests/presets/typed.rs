//! The typed profiles read what the fixtures record.

use std::fmt::Debug;

use oauth_runtime::user_info;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::fixture::Fixture;

type Read = fn(Value) -> Result<String, String>;

fn read<T: DeserializeOwned + Debug>(profile: Value) -> Result<String, String> {
    let profile: Result<T, _> = serde_json::from_value(profile);
    profile.map(|profile| format!("{profile:?}")).map_err(|error| error.to_string())
}

/// The preset, the path of the profile in its answer, and its type.
static PROFILES: &[(&str, &str, Read)] = &[
    ("amazon", "", read::<user_info::Amazon>),
    ("apple", "", read::<user_info::Apple>),
    ("auth0", "", read::<user_info::Auth0>),
    ("azure-ad", "", read::<user_info::Microsoft>),
    ("discord", "", read::<user_info::Discord>),
    ("dropbox", "", read::<user_info::Dropbox>),
    ("facebook", "", read::<user_info::Facebook>),
    ("github", "", read::<user_info::GitHub>),
    ("gitlab", "", read::<user_info::GitLab>),
    ("google", "", read::<user_info::Google>),
    ("kakao", "", read::<user_info::Kakao>),
    ("keycloak", "", read::<user_info::Keycloak>),
    ("line", "", read::<user_info::Line>),
    ("microsoft", "", read::<user_info::Microsoft>),
    ("naver", "/response", read::<user_info::Naver>),
    ("okta", "", read::<user_info::Okta>),
    ("reddit", "", read::<user_info::Reddit>),
    ("salesforce", "", read::<user_info::Salesforce>),
    ("slack", "", read::<user_info::Slack>),
    ("spotify", "", read::<user_info::Spotify>),
    ("strava", "", read::<user_info::Strava>),
    ("twitch", "", read::<user_info::Twitch>),
    ("x", "/data", read::<user_info::X>),
    ("yahoo", "", read::<user_info::Yahoo>),
    ("zoom", "", read::<user_info::Zoom>),
];

/// The profile of the fixture: the answer of the endpoint, or the claims.
fn profile(preset: &str, path: &str) -> Value {
    let fixture = Fixture::of(preset);
    let Some(profile) = fixture.profile else {
        let subject = fixture.identity.expect("a user").id;
        let mut claims: Map<_, _> = fixture.claims.into_iter().collect();
        claims.insert("sub".to_owned(), subject.into());
        return claims.into();
    };
    profile.answer.pointer(path).expect("the profile").clone()
}

#[test]
fn typed_profile_reads_the_recorded_answer() {
    for (preset, path, read) in PROFILES {
        let read = read(profile(preset, path)).unwrap_or_else(|error| panic!("{preset}: {error}"));
        let expected = Fixture::of(preset).identity.expect("a user");
        let email = expected.email.filter(|_| *preset != "github");
        for part in [Some(expected.id), email].into_iter().flatten() {
            assert!(read.contains(&part), "{preset}: {part} is not in {read}");
        }
    }
}

/// Providers without a preset yet, and objects of other calls.
#[test]
fn typed_profile_reads_a_documented_answer() {
    let id = "1815";
    for (read, profile) in [
        (
            read::<user_info::Bitbucket> as Read,
            json!({"uuid": id, "display_name": "Ada", "links": {"avatar": {"href": "https://x"}}}),
        ),
        (read::<user_info::LinkedIn>, json!({"sub": id, "locale": {"country": "GB"}})),
        (read::<user_info::Notion>, json!({"id": id, "person": {"email": "ada@example.com"}})),
        (read::<user_info::TikTok>, json!({"open_id": id, "display_name": "Ada"})),
        (read::<user_info::Vk>, json!({"user_id": id, "sex": 1, "verified": false})),
        (read::<user_info::WeChat>, json!({"openid": id, "sex": 0, "privilege": []})),
    ] {
        assert!(read(profile).expect("a profile").contains(id));
    }
}

#[test]
fn typed_profile_needs_only_the_identifier() {
    assert!(read::<user_info::GitHub>(json!({"id": 1})).is_ok());
    assert!(read::<user_info::GitHub>(json!({"login": "ada"})).is_err());
    assert!(read::<user_info::GitHub>(json!({"id": 1, "new": "member"})).is_ok());
}
