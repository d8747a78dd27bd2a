//! Races, staged: many callers at once, and exactly one comes first.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Barrier;

use super::fixtures::{
    after, client, client_id, code, consent, digest, done, event, family, here, id, issue, key, link, open, password,
    pending, redeem, rotate, settle, user,
};
use crate::attempt::{AttemptKey, Attempts, CountedAttempt};
use crate::audit::AuditEvent;
use crate::client::Client;
use crate::family::{Family, FamilyState};
use crate::id::RealmName;
use crate::key::{Key, KeyPurpose};
use crate::store::Store;
use crate::user::User;
use crate::write::{Commit, Write};

/// Callers at once.
const CALLERS: u8 = 64;

/// How often each race is run.
#[expect(clippy::disallowed_methods, reason = "the test command, not a configuration, asks for long tests")]
pub(super) fn rounds() -> u8 {
    if std::env::var("CHANCERY_LONG_TESTS").is_ok_and(|asked| !asked.is_empty()) { 200 } else { 8 }
}

/// Commits `writes` at once; answers what became of each.
pub(super) async fn race(store: &Arc<dyn Store>, writes: Vec<(Write, Vec<AuditEvent>)>) -> Vec<Commit> {
    let start = Arc::new(Barrier::new(writes.len()));
    let running: Vec<_> = writes
        .into_iter()
        .map(|(write, audit)| {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                store.commit(write, audit).await.unwrap()
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for one in running {
        outcomes.push(one.await.unwrap());
    }
    outcomes
}

async fn assert_one_is_done(store: &Arc<dyn Store>, writes: impl Iterator<Item = Write>) {
    let outcomes = race(store, writes.map(|write| (write, vec![])).collect()).await;
    let done = outcomes.iter().filter(|outcome| **outcome == Commit::Done).count();
    assert_eq!(done, 1, "of {} callers", outcomes.len());
}

/// Attack B2.
pub async fn of_many_redemptions_of_one_code_one_is_done(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 0..rounds() {
        let secret = format!("code {round}");
        issue(&*store, code(&here(), &secret)).await;
        let family_of =
            |caller| Family { id: crate::id::FamilyId::at(i64::from(round), [caller; 10]), ..family(&here(), caller) };
        assert_one_is_done(&store, (0..CALLERS).map(|caller| redeem(&secret, family_of(caller)))).await;
        let mut opened = 0;
        for caller in 0..CALLERS {
            opened += usize::from(store.family(&here(), family_of(caller).id).await.unwrap().is_some());
        }
        assert_eq!(opened, 1);
    }
}

/// Attack B4.
pub async fn of_many_rotations_of_one_generation_one_is_done(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    for round in 0..rounds() {
        assert_one_is_done(&store, (0..CALLERS).map(|_| rotate(&here(), 1, u32::from(round)))).await;
    }
    let state = FamilyState::Live { generation: u32::from(rounds()), rotated_at: after(20), idle_until: after(400) };
    assert_eq!(store.family(&here(), id(1)).await.unwrap().map(|kept| kept.state), Some(state));
}

/// Attempts made at once are not all judged under the count of the first.
pub async fn of_many_attempts_with_one_count_one_is_counted(store: Arc<dyn Store>) {
    let key = AttemptKey::account(&here(), "zoe");
    let address = AttemptKey::address(&here(), "192.0.2.7");
    for round in 0..u32::from(rounds()) {
        let counted = |key: &AttemptKey| CountedAttempt {
            key: key.clone(),
            seen: round,
            becomes: Attempts { count: round + 1, retry_at: None },
            forget_at: after(500),
        };
        // Half of the callers name the two in the other order: that is no reason for a deadlock.
        let write = |caller: u8| {
            let mut both = vec![counted(&key), counted(&address)];
            if caller.is_multiple_of(2) {
                both.reverse();
            }
            Write::CountAttempts(both)
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
        assert_eq!(store.attempts(&key).await.unwrap().count, round + 1);
        assert_eq!(store.attempts(&address).await.unwrap().count, round + 1);
    }
}

/// Attack B10, and the record of it is kept once.
pub async fn of_many_uses_of_one_assertion_one_is_done_and_recorded(store: Arc<dyn Store>) {
    for round in 0..rounds() {
        let write = |caller| {
            let spend = Write::SpendAssertion {
                realm: here(),
                client: client_id("web"),
                jti: digest(&format!("jti {round}")),
                until: after(50),
            };
            let at = i64::from(round);
            (spend, vec![AuditEvent { id: crate::id::AuditId::at(at, [caller; 10]), ..event(&here(), caller) }])
        };
        let outcomes = race(&store, (0..CALLERS).map(write).collect()).await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::Done).count(), 1);
        assert_eq!(store.audit_events(&here(), None, 1000).await.unwrap().len(), usize::from(round) + 1);
    }
}

/// Two administrators do not overwrite each other.
pub async fn of_many_changes_of_one_client_one_is_done(store: Arc<dyn Store>) {
    for round in 0..rounds() {
        let write = |_| {
            let revision = u64::from(round) + 1;
            Write::SaveClient(Box::new(Client { revision, ..client(&here(), "web") }))
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
    }
}

/// A username goes to one person.
pub async fn of_many_users_who_want_one_name_one_gets_it(store: Arc<dyn Store>) {
    for round in 0..rounds() {
        let write = |caller: u8| {
            let wanted = User {
                id: crate::id::UserId::at(i64::from(round), [caller; 10]),
                username: super::fixtures::username(&format!("wanted-{round}")),
                ..user(&here(), caller)
            };
            Write::SaveUser { user: Box::new(wanted), at: after(1) }
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
    }
}

/// A person who clicks twice gets one code.
pub async fn of_many_codes_for_one_request_one_is_issued(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 0..rounds() {
        done(&*store, Write::KeepPending(Box::new(pending(&here(), round)))).await;
        let write = |caller| Write::IssueCode {
            code: Box::new(code(&here(), &format!("code {round} {caller}"))),
            consent: Some(consent(&here(), 1, "web")),
            pending: Some(id(round)),
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
    }
}

/// A link sets one password.
pub async fn of_many_uses_of_one_link_one_is_done(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 0..rounds() {
        let secret = format!("link {round}");
        done(&*store, Write::KeepPasswordLink(link(&here(), &secret, 1))).await;
        let write = |caller| Write::RedeemPasswordLink {
            digest: digest(&secret),
            credential: password(&here(), 1, &format!("hash {caller}"), after(15)),
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
    }
}

/// Two nodes that start on an empty realm give it one set of keys, and not each its own.
pub async fn of_many_first_furnishings_of_a_realm_one_is_done(store: Arc<dyn Store>) {
    for round in 0..rounds() {
        let realm = RealmName::parse(&format!("realm-{round}")).unwrap();
        let write = |caller: u8| {
            let signing = key(&realm, &format!("sign {caller}"));
            let deriving = Key { purpose: KeyPurpose::Derive, ..key(&realm, &format!("derive {caller}")) };
            let mut both = vec![signing, deriving];
            // Half of the callers name the two in the other order: that is no reason for a deadlock.
            if caller.is_multiple_of(2) {
                both.reverse();
            }
            Write::SaveKeys(both)
        };
        assert_one_is_done(&store, (0..CALLERS).map(write)).await;
        let kept = store.keys(&realm).await.unwrap();
        let of: BTreeSet<_> = kept.iter().filter_map(|key| key.kid.split(' ').nth(1)).collect();
        assert_eq!((kept.len(), of.len()), (2, 1));
    }
}
