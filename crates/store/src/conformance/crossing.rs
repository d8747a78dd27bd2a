//! Changes that cross each other: an end at the same moment as what it must not leave behind.

use std::sync::Arc;

use super::fixtures::{
    after, client, client_id, code, digest, done, family, here, id, issue, open, password, redeem,
    rotate, session, settle, user,
};
use super::race::{race, rounds};
use crate::family::Family;
use crate::store::Store;
use crate::write::{Commit, Write};

/// Signing out while a code is redeemed leaves no family behind that lives on.
pub async fn a_session_that_ends_while_a_code_is_redeemed_leaves_no_live_family(
    store: Arc<dyn Store>,
) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let opened = Box::new(session(&here(), round, 1));
        done(
            &*store,
            Write::OpenSession {
                session: opened,
                replaces: None,
            },
        )
        .await;
        let mut writes = Vec::new();
        for caller in 0..8 {
            let secret = format!("code {round} {caller}");
            let mut issued = code(&here(), &secret);
            issued.grant.session = id(round);
            issue(&*store, issued).await;
            let name = crate::id::FamilyId::at(i64::from(round), [caller; 10]);
            let opens = Family {
                id: name,
                session: Some(id(round)),
                ..family(&here(), caller)
            };
            writes.push((redeem(&secret, opens), vec![]));
        }
        let end = Write::EndSession {
            realm: here(),
            session: id(round),
            at: after(15),
        };
        writes.insert(4, (end, vec![]));

        let outcomes = race(&store, writes).await;

        assert_eq!(outcomes[4], Commit::Done);
        for caller in 0..8 {
            let name = crate::id::FamilyId::at(i64::from(round), [caller; 10]);
            let found = store.family(&here(), name).await.unwrap();
            assert!(!found.is_some_and(|found| found.is_live(after(20))));
        }
    }
}

/// A family that is ended while it is rotated is ended.
pub async fn a_family_that_ends_while_it_is_rotated_stays_ended(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        open(&*store, family(&here(), round)).await;
        let mut writes: Vec<_> = (0..8)
            .map(|_| (rotate(&here(), round, 0), vec![]))
            .collect();
        let end = Write::EndFamily {
            realm: here(),
            family: id(round),
            at: after(15),
        };
        writes.insert(4, (end, vec![]));
        let outcomes = race(&store, writes).await;
        assert_eq!(outcomes[4], Commit::Done);
        assert!(!super::fixtures::is_live(&*store, &here(), round).await);
    }
}

/// A person who is removed while they sign in is not signed in.
pub async fn a_user_who_is_removed_while_they_sign_in_has_no_session(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        done(
            &*store,
            Write::SaveUser {
                user: Box::new(user(&here(), round)),
                at: after(1),
            },
        )
        .await;
        let mut writes: Vec<_> = (0..8)
            .map(|caller| {
                let mut opened = session(&here(), round, round);
                opened.id = crate::id::SessionId::at(i64::from(round), [caller; 10]);
                opened.secret = digest(&format!("cookie {round} {caller}"));
                (
                    Write::OpenSession {
                        session: Box::new(opened),
                        replaces: None,
                    },
                    vec![],
                )
            })
            .collect();
        writes.insert(
            4,
            (
                Write::RemoveUser {
                    realm: here(),
                    user: id(round),
                    at: after(15),
                },
                vec![],
            ),
        );
        let outcomes = race(&store, writes).await;
        assert_eq!(outcomes[4], Commit::Done);
        assert_eq!(store.sessions_of(&here(), id(round)).await.unwrap(), vec![]);
    }
}

/// Writes that touch the same records from different ends wait for each other and do not fail.
pub async fn changes_that_cross_each_other_are_all_answered(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let opened = Box::new(session(&here(), round, 1));
        done(
            &*store,
            Write::OpenSession {
                session: opened,
                replaces: None,
            },
        )
        .await;
        open(
            &*store,
            Family {
                session: Some(id(round)),
                ..family(&here(), round)
            },
        )
        .await;
        let web = client_id("web");
        let writes = vec![
            Write::EndSession {
                realm: here(),
                session: id(round),
                at: after(15),
            },
            Write::WithdrawConsent {
                realm: here(),
                user: id(1),
                client: web.clone(),
                at: after(15),
            },
            Write::RemoveClient {
                realm: here(),
                client: web,
                at: after(15),
            },
            Write::SavePassword {
                credential: password(&here(), 1, "hash", after(15)),
            },
            Write::EndFamily {
                realm: here(),
                family: id(round),
                at: after(15),
            },
            rotate(&here(), round, 0),
        ];
        race(
            &store,
            writes.into_iter().map(|write| (write, vec![])).collect(),
        )
        .await;
        assert!(!super::fixtures::is_live(&*store, &here(), round).await);
        assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
        // The next round finds things as this one did.
        let former = Box::new(session(&here(), 1, 1));
        done(
            &*store,
            Write::OpenSession {
                session: former,
                replaces: None,
            },
        )
        .await;
        done(&*store, Write::SaveClient(Box::new(client(&here(), "web")))).await;
    }
}
