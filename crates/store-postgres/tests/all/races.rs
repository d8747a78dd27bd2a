//! Races between connections: the gates of one-statement writes, and the order of locks.

use std::sync::Arc;

use chancery_store::family::FamilyState;
use chancery_store::id::Username;
use chancery_store::moment::Moment;
use chancery_store::{Commit, Store, StoreError, Write};
use chancery_store_postgres::PostgresStore;
use futures_util::future::join_all;

use crate::ground::{self, Ground};
use crate::records::{self, NOW, client_id, done, event, family, family_id, realm, session_id, user_id};

async fn all(nodes: &[Arc<PostgresStore>], writes: Vec<Write>) -> Vec<Result<Commit, StoreError>> {
    let tasks = writes.into_iter().enumerate().map(|(number, write)| {
        let node = nodes[number % nodes.len()].clone();
        let event = event(1000 + number as u64, "raced");
        tokio::spawn(async move { node.commit(write, vec![event]).await })
    });
    join_all(tasks).await.into_iter().map(|outcome| outcome.expect("no task panics")).collect()
}

fn times_done(outcomes: &[Result<Commit, StoreError>]) -> usize {
    for outcome in outcomes {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    outcomes.iter().filter(|outcome| matches!(outcome, Ok(Commit::Done))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_sixty_four_redeem_on_two_nodes_is_redeemed_once() {
    let ground = Ground::migrated().await;
    let nodes = [ground.node().await, ground.node().await];
    records::sign_in(&nodes[0]).await;
    for round in 0..10 {
        records::issue(&nodes[0], round, 1).await;
        let first = round * 100;
        let redemptions = (first..first + 64)
            .map(|number| {
                let token = records::token(number, Some(number));
                records::redeem(round, family(number, Some(1)), Some(token))
            })
            .collect();

        assert_eq!(times_done(&all(&nodes, redemptions).await), 1);

        let mut opened = 0;
        for number in first..first + 64 {
            let family = nodes[0].family(&realm(), family_id(number)).await.unwrap();
            let token = nodes[0].opaque_token(&realm(), &records::token(number, None).digest).await.unwrap();
            assert_eq!(family.is_some(), token.is_some());
            opened += usize::from(family.is_some());
        }
        assert_eq!(opened, 1);
        assert_eq!(nodes[1].audit_events(&realm(), None, 100).await.unwrap().len(), 1);
        clear_audit(&ground).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_that_sixty_four_rotate_is_rotated_once() {
    let ground = Ground::migrated().await;
    let nodes = [ground.node().await, ground.node().await];
    records::sign_in(&nodes[0]).await;
    records::issue(&nodes[0], 1, 1).await;
    done(&nodes[0], records::redeem(1, family(1, Some(1)), None)).await;
    for spent in 0..10 {
        let rotations = (0..64).map(|_| records::rotate(1, spent, None)).collect();
        assert_eq!(times_done(&all(&nodes, rotations).await), 1);
        clear_audit(&ground).await;
    }
    let family = nodes[1].family(&realm(), family_id(1)).await.unwrap().unwrap();
    assert!(matches!(family.state, FamilyState::Live { generation: 10, .. }), "{:?}", family.state);
}

/// The redemption and the end of the session meet in every order; no family outlives its session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_never_outlives_the_session_that_it_ends_with() {
    let node = ground::node().await;
    records::sign_in(&node).await;
    let (mut opened, mut refused) = (0, 0);
    for round in 2..60 {
        records::open_session(&node, round).await;
        for number in 0..4 {
            records::issue(&node, round * 10 + number, round).await;
        }
        let end = Write::EndSession { realm: realm(), session: session_id(round), at: NOW };
        let mut writes: Vec<_> = (0..4)
            .map(|number| round * 10 + number)
            .map(|number| records::redeem(number, family(number, Some(round)), None))
            .collect();
        writes.insert((round % 5) as usize, end);
        let nodes = [node.clone()];
        let outcomes: Vec<_> = join_all(writes.into_iter().map(|write| {
            let node = nodes[0].clone();
            tokio::spawn(async move { node.commit(write, Vec::new()).await })
        }))
        .await;
        for outcome in outcomes {
            let _done_or_lost = outcome.unwrap().unwrap();
        }
        assert!(node.session_named(&realm(), session_id(round)).await.unwrap().is_none());
        for number in 0..4 {
            match node.family(&realm(), family_id(round * 10 + number)).await.unwrap() {
                Some(family) => {
                    assert!(matches!(family.state, FamilyState::Ended { .. }), "{:?}", family.state);
                    opened += 1;
                }
                None => refused += 1,
            }
        }
    }
    // Both orders were seen, or the test has shown nothing.
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_that_thirty_two_present_is_spent_once() {
    let ground = Ground::migrated().await;
    let nodes = [ground.node().await, ground.node().await];
    let spend = Write::SpendAssertion {
        realm: realm(),
        client: client_id(),
        jti: records::digest("jti"),
        until: NOW.plus_seconds(60),
    };
    assert_eq!(times_done(&all(&nodes, vec![spend; 32]).await), 1);
    assert_eq!(nodes[0].audit_events(&realm(), None, 100).await.unwrap().len(), 1);
}

/// Everything at once on the same few rows. Whatever is lost is lost; nothing fails, and the
/// server never has to break a deadlock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_writes_wait_for_each_other() {
    let ground = Ground::migrated().await;
    let nodes = [ground.node().await, ground.node().await];
    done(&nodes[0], Write::SaveUser { user: Box::new(records::user(1)), at: NOW }).await;
    for round in 0..20_u64 {
        for number in 0..4 {
            let _ = nodes[0].commit(Write::SaveUser { user: Box::new(records::user(1)), at: NOW }, Vec::new()).await;
            records::open_session(&nodes[0], round * 10 + number).await;
            records::issue(&nodes[0], round * 10 + number, round * 10 + number).await;
        }
        let mut writes = Vec::new();
        for number in 0..4 {
            let number = round * 10 + number;
            writes.push(records::redeem(
                number,
                family(number, Some(number)),
                Some(records::token(number, Some(number))),
            ));
            writes.push(records::rotate(number, 0, None));
            writes.push(Write::EndFamily { realm: realm(), family: family_id(number), at: NOW });
            writes.push(Write::EndSession { realm: realm(), session: session_id(number), at: NOW });
            let replacement = Box::new(records::session(100_000 + number));
            writes.push(Write::OpenSession { session: replacement, replaces: Some(session_id(number)) });
        }
        let password = chancery_store::credential::PasswordCredential {
            realm: realm(),
            user: user_id(),
            hash: "$argon2id$".to_owned(),
            changed_at: NOW,
        };
        writes.push(Write::SavePassword { credential: password });
        writes.push(Write::WithdrawConsent { realm: realm(), user: user_id(), client: client_id(), at: NOW });
        writes.push(Write::RemoveClient { realm: realm(), client: client_id(), at: NOW });
        let mut disabled = records::user(2);
        disabled.enabled = false;
        disabled.username = Username::parse("bob").unwrap();
        writes.push(Write::SaveUser { user: Box::new(disabled), at: NOW });
        writes.push(Write::RemoveUser { realm: realm(), user: user_id(), at: NOW });

        let rotated = (round as usize * 7) % writes.len();
        writes.rotate_left(rotated);
        let sweeping = nodes[1].sweep(NOW.plus_seconds(100), 10);
        let (outcomes, swept) = tokio::join!(all(&nodes, writes), sweeping);
        times_done(&outcomes);
        swept.unwrap();
        clear_audit(&ground).await;
        nodes[0].sweep(Moment::from_milliseconds(i64::MAX), 1000).await.unwrap();
    }
    let client = ground.client().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let count: i64 = client.query_one(deadlocks, &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

async fn clear_audit(ground: &Ground) {
    ground.client().await.batch_execute("DELETE FROM audit_events").await.unwrap();
}
