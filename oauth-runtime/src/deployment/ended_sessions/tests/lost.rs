//! A store that loses or restores records revives no session.

use super::*;

#[tokio::test]
async fn lost_list_is_written_again_by_whoever_knows_it() {
    for count in [1, 50, 200, 3_000] {
        let world = World::new();
        let (one, other) = (world.instance(), world.instance());
        let sessions = begin_all(&one, count + 1).await;
        let (gone, stays) = sessions.split_at(count);
        end_at_once(std::slice::from_ref(&one), gone).await;
        world.seconds_later();
        assert_eq!(count_alive(&other, gone).await, 0);

        world.lose_all().await;
        world.seconds_later();
        assert_eq!(count_alive(&other, gone).await, 0);
        let late = world.instance();
        assert_eq!(count_alive(&late, gone).await, 0, "{count}");
        assert_eq!(
            count_alive(&late, stays).await,
            1,
            "{count}: sessions that were not signed out stay"
        );
        let largest = world.store.counts.largest.load(Ordering::SeqCst);
        assert!(largest < 256 * 1024, "{largest}");
    }
}

#[tokio::test]
async fn instance_without_memory_trusts_no_earlier_session() {
    let world = World::new();
    let one = world.instance();
    let sessions = begin_all(&one, 2).await;
    end(&one, &sessions[0]).await;
    drop(one);
    world.lose_all().await;
    let late = world.instance();
    assert_eq!(count_alive(&late, &sessions).await, 0);
    let new = begin(&late, "ada").await;
    assert!(!is_dead(&late, &new).await);
    assert!(!is_dead(&world.instance(), &new).await);
}

#[tokio::test]
async fn lost_segment_is_rewritten_or_ends_all_sessions() {
    let world = World::new();
    let one = world.instance();
    let sessions = begin_all(&one, 201).await;
    let (gone, stays) = sessions.split_at(200);
    end_at_once(std::slice::from_ref(&one), gone).await;
    for segment in world.segments().await {
        world.store.take(&segment).await.unwrap();
    }
    let late = world.instance();
    assert_eq!(count_alive(&late, &sessions).await, 0, "it cannot know");

    let world = World::new();
    let one = world.instance();
    let sessions = begin_all(&one, 201).await;
    end_at_once(std::slice::from_ref(&one), &sessions[..200]).await;
    for segment in world.segments().await {
        world.store.take(&segment).await.unwrap();
    }
    for _ in 0..=LOOKS_PER_CHECK * 5 {
        world.seconds_later();
        assert!(!is_dead(&one, &sessions[200]).await);
    }
    one.save_ended().await.unwrap();
    let late = world.instance();
    assert_eq!(count_alive(&late, &sessions[..200]).await, 0);
    assert_eq!(count_alive(&late, &sessions[200..]).await, 1, "it was found in time");
    assert_eq!(stays.len(), 1);
}

/// A replica takes over that lacks the last writes.
#[tokio::test]
async fn store_restored_from_backup_gets_newer_sign_outs() {
    for ended_before in [0, 10, 63, 64, 65, 700] {
        let world = World::new();
        let (one, other) = (world.instance(), world.instance());
        let sessions = begin_all(&one, 1_000).await;
        for session in &sessions[..ended_before] {
            end(&one, session).await;
        }
        let head = world.head().await;
        let earlier = world.store.get(&head).await.unwrap().unwrap();
        for session in &sessions[ended_before..999] {
            end(&one, session).await;
        }
        world.seconds_later();
        assert_eq!(count_alive(&other, &sessions).await, 1);
        world.store.put(&head, earlier, Duration::from_secs(LIFETIME)).await.unwrap();
        world.seconds_later();
        // One more sign-out overwrites the earlier state before any instance reads it.
        end(&world.instance(), &begin(&world.instance(), "bea").await).await;
        assert_eq!(count_alive(&other, &sessions).await, 1);
        other.save_ended().await.unwrap();
        let late = world.instance();
        assert_eq!(count_alive(&late, &sessions).await, 1, "{ended_before}");
    }
}

#[tokio::test]
async fn unreadable_head_is_rewritten_or_ends_sessions() {
    let world = World::new();
    let one = world.instance();
    let sessions = begin_all(&one, 2).await;
    end(&one, &sessions[0]).await;
    let head = world.head().await;
    let mut damaged = world.store.get(&head).await.unwrap().unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    world.store.put(&head, damaged.clone(), Duration::from_secs(LIFETIME)).await.unwrap();
    world.seconds_later();
    assert_eq!(count_alive(&one, &sessions).await, 1);
    assert_eq!(count_alive(&world.instance(), &sessions).await, 1);

    world.store.put(&head, damaged, Duration::from_secs(LIFETIME)).await.unwrap();
    assert_eq!(count_alive(&world.instance(), &sessions).await, 0, "without memory");

    let keys = CookieKeys::parse(&"02".repeat(32)).unwrap();
    let foreign = SealedStore::new(Arc::new(world.store.clone()), &keys, world.clock.clone());
    let key = one.head_key();
    let session = begin(&one, "ada").await;
    foreign.unwrap().put(&key, &[b"?"], Duration::from_secs(LIFETIME)).await.unwrap();
    world.seconds_later();
    assert!(is_dead(&one, &session).await, "sign-outs there are unknown here");
    assert!(!is_dead(&one, &begin(&one, "ada").await).await);
}
