//! Sessions that end because the provider has ended its own.

use super::*;
use crate::deployment::ListedSession;

fn tag(sid: &str) -> ProviderTag {
    ProviderTag::of_session("op", "https://op.example", sid)
}

/// A session that belongs to this one at the provider.
async fn begin_at(instance: &Arc<Shared>, user: &str, sid: &str) -> SessionMark {
    let at_provider = AtProvider { session: Some(tag(sid)), subject: None };
    begin(instance, user).await.at(at_provider)
}

#[tokio::test]
async fn end_at_the_provider_spares_other_sessions() {
    let world = World::new();
    let (one, other) = (world.instance(), world.instance());
    let (ended, kept) = (begin_at(&one, "ada", "1").await, begin_at(&one, "ada", "2").await);
    assert!(!is_dead(&other, &ended).await);
    one.end_sessions_at_provider(tag("1"), 0).await.unwrap();
    world.seconds_later();
    for instance in [&one, &other] {
        assert!(is_dead(instance, &ended).await && !is_dead(instance, &kept).await);
        let later = begin_at(instance, "ada", "1").await;
        assert!(!is_dead(instance, &later).await);
    }
}

#[tokio::test]
async fn session_of_an_instance_ahead_ends_too() {
    let world = World::new();
    let ahead = Clock::manual(UnixTime::from_secs(NOON + SKEW));
    let (one, fast) = (world.instance(), world.instance_with(&ahead));
    let session = begin_at(&fast, "ada", "1").await;
    let listed =
        ListedSession { id: "id".to_owned(), order: session.order, expires_at: NOON + LIFETIME };
    fast.list_session(tag("1"), &listed).await.unwrap();
    let latest = one.sessions_at_provider(tag("1")).await.unwrap()[0].order;
    one.end_sessions_at_provider(tag("1"), latest).await.unwrap();
    assert!(is_dead(&one, &session).await);
}

#[tokio::test]
async fn list_of_sessions_is_bounded() {
    let world = World::new();
    let one = world.instance();
    let listed = |number: u64, expires_at| ListedSession {
        id: number.to_string(),
        order: number,
        expires_at,
    };
    one.list_session(tag("1"), &listed(0, NOON - SKEW)).await.unwrap();
    for number in 1..=100 {
        one.list_session(tag("1"), &listed(number, NOON + LIFETIME)).await.unwrap();
    }
    let orders = |sessions: Vec<ListedSession>| -> Vec<_> {
        sessions.into_iter().map(|session| session.order).collect()
    };
    let sessions = orders(one.sessions_at_provider(tag("1")).await.unwrap());
    assert_eq!(sessions, (37..=100).collect::<Vec<_>>(), "the newest");
    assert!(one.sessions_at_provider(tag("2")).await.unwrap().is_empty());
}

#[test]
fn tag_in_a_cookie_is_read_as_written() {
    let own = tag("1");
    assert!(ProviderTag::from_text(&own.to_text()) == Some(own));
    for other in ["", "AAAA", &format!("{}A", own.to_text()), "!"] {
        assert!(ProviderTag::from_text(other).is_none(), "{other}");
    }
    let user = ProviderTag::of_user(&["op", "https://op.example", "1"]);
    let subject = ProviderTag::of_subject("op", "https://op.example", "1");
    assert!(own != user && own != subject && user != subject);
}
