//! Changes that cross each other: an end at the same moment as what it must not leave behind.

use std::sync::Arc;

use super::fixtures::{
    after, client, client_id, code, digest, done, family, here, id, in_session, issue, open, password, redeem, rotate,
    session, settle, user,
};
use super::race::{race, rounds};
use crate::code::CodeState;
use crate::family::Family;
use crate::store::Store;
use crate::user::User;
use crate::write::{Commit, Write};

/// Signing out while a code is redeemed leaves no family behind that lives on, and no open code.
pub async fn a_session_that_ends_while_a_code_is_redeemed_leaves_no_live_family(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let opened = Box::new(session(&here(), round, 1));
        done(&*store, Write::OpenSession { session: opened, replaces: None }).await;
        let end = Write::EndSession { realm: here(), session: id(round), at: after(15) };
        redeem_while(&store, round, round, end).await;
    }
}

/// Taking an agreement back while a code is redeemed leaves nothing of it behind.
pub async fn a_consent_that_is_withdrawn_while_a_code_is_redeemed_leaves_no_live_family(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let withdraw = Write::WithdrawConsent { realm: here(), user: id(1), client: client_id("web"), at: after(15) };
        redeem_while(&store, round, 1, withdraw).await;
    }
}

/// A new password while a code is redeemed leaves nothing of the time before behind.
pub async fn a_password_that_is_set_while_a_code_is_redeemed_leaves_no_live_family(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let opened = Box::new(session(&here(), round, 1));
        done(&*store, Write::OpenSession { session: opened, replaces: None }).await;
        let set = Write::SavePassword { credential: password(&here(), 1, "hash", after(15)) };
        redeem_while(&store, round, round, set).await;
    }
}

/// Redeems eight codes of the session with the number `session`, half of them for families that
/// outlive it, while `end` is made. Afterwards each code is redeemed or gone, and no family lives
/// that `end` had to end.
async fn redeem_while(store: &Arc<dyn Store>, round: u8, session: u8, end: Write) {
    let secret = |caller: u8| format!("code {round} {caller}");
    let name = |caller: u8| crate::id::FamilyId::at(i64::from(round), [caller; 10]);
    let outlives = |caller: u8| caller.is_multiple_of(2);
    let is_session_alone = matches!(end, Write::EndSession { .. });
    let mut writes = Vec::new();
    for caller in 0..8 {
        let mut issued = code(&here(), &secret(caller));
        issued.grant.session = id(session);
        issue(&**store, issued).await;
        let opened = in_session(session, Family { id: name(caller), ..family(&here(), caller) });
        let ends_with = opened.session.filter(|_| !outlives(caller));
        writes.push((redeem(&secret(caller), Family { session: ends_with, ..opened }), vec![]));
    }
    writes.insert(4, (end, vec![]));

    let mut outcomes = race(store, writes).await;

    assert_eq!(outcomes.remove(4), Commit::Done);
    for (caller, outcome) in (0..8).zip(outcomes) {
        let kept = store.code(&here(), &digest(&secret(caller))).await.unwrap();
        let found = store.family(&here(), name(caller)).await.unwrap();
        match outcome {
            Commit::Done => {
                let state = CodeState::Redeemed { family: name(caller) };
                assert_eq!(kept.map(|code| code.state), Some(state));
                let is_live = found.unwrap().is_live(after(20));
                assert_eq!(is_live, is_session_alone && outlives(caller));
            }
            Commit::Lost => assert_eq!((kept, found), (None, None)),
        }
    }
}

/// A family that is ended while it is rotated is ended.
pub async fn a_family_that_ends_while_it_is_rotated_stays_ended(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        open(&*store, family(&here(), round)).await;
        let mut writes: Vec<_> = (0..8).map(|_| (rotate(&here(), round, 0), vec![])).collect();
        let end = Write::EndFamily { realm: here(), family: id(round), at: after(15) };
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
        let remove = Write::RemoveUser { realm: here(), user: id(round), at: after(15) };
        sign_in_while(&store, round, remove).await;
    }
}

/// A person who is disabled while they sign in is not signed in.
pub async fn a_user_who_is_disabled_while_they_sign_in_has_no_session(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let disabled = Box::new(User { revision: 2, enabled: false, ..user(&here(), round) });
        sign_in_while(&store, round, Write::SaveUser { user: disabled, at: after(15) }).await;
    }
}

/// Opens eight sessions of a new user while `end` is made, each in place of another; afterwards
/// the user has none.
async fn sign_in_while(store: &Arc<dyn Store>, round: u8, end: Write) {
    done(&**store, Write::SaveUser { user: Box::new(user(&here(), round)), at: after(1) }).await;
    let mut writes: Vec<_> = (0..8_u8)
        .map(|caller| {
            let mut opened = session(&here(), round, round);
            opened.id = crate::id::SessionId::at(i64::from(round), [caller; 10]);
            opened.secret = digest(&format!("cookie {round} {caller}"));
            let replaces = caller.is_multiple_of(2).then(|| id(250));
            (Write::OpenSession { session: Box::new(opened), replaces }, vec![])
        })
        .collect();
    writes.insert(4, (end, vec![]));
    let outcomes = race(store, writes).await;
    assert_eq!(outcomes[4], Commit::Done);
    assert_eq!(store.sessions_of(&here(), id(round)).await.unwrap(), vec![]);
}

/// Writes that touch the same records from different ends wait for each other and do not fail.
pub async fn changes_that_cross_each_other_are_all_answered(store: Arc<dyn Store>) {
    settle(&*store).await;
    for round in 10..10 + rounds() {
        let opened = Box::new(session(&here(), round, 1));
        done(&*store, Write::OpenSession { session: opened, replaces: None }).await;
        open(&*store, in_session(round, family(&here(), round))).await;
        let web = client_id("web");
        let writes = vec![
            Write::EndSession { realm: here(), session: id(round), at: after(15) },
            Write::WithdrawConsent { realm: here(), user: id(1), client: web.clone(), at: after(15) },
            Write::RemoveClient { realm: here(), client: web, at: after(15) },
            Write::SavePassword { credential: password(&here(), 1, "hash", after(15)) },
            Write::EndFamily { realm: here(), family: id(round), at: after(15) },
            rotate(&here(), round, 0),
        ];
        race(&store, writes.into_iter().map(|write| (write, vec![])).collect()).await;
        assert!(!super::fixtures::is_live(&*store, &here(), round).await);
        assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
        // The next round finds things as this one did.
        let former = Box::new(session(&here(), 1, 1));
        done(&*store, Write::OpenSession { session: former, replaces: None }).await;
        done(&*store, Write::SaveClient(Box::new(client(&here(), "web")))).await;
    }
}
