//! Sessions.

use std::sync::Arc;

use super::fixtures::{
    after, code, digest, done, family, here, id, in_session, is_live, is_open, issue, lost, open, redeem, session,
    settle, there, user,
};
use crate::code::{Code, CodeState};
use crate::family::Family;
use crate::session::Session;
use crate::store::Store;
use crate::user::User;
use crate::write::Write;

fn end(number: u8) -> Write {
    Write::EndSession { realm: here(), session: id(number), at: after(15) }
}

/// What was opened is read, by cookie, by name and by user.
pub async fn a_session_reads_back_as_it_was_opened(store: Arc<dyn Store>) {
    settle(&*store).await;
    let expected = session(&here(), 1, 1);
    assert_eq!(store.session(&here(), &expected.secret).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![expected]);
    assert_eq!(store.session(&here(), &digest("other")).await.unwrap(), None);
    assert_eq!(store.session_named(&here(), id(9)).await.unwrap(), None);
}

/// Attack: a cookie of one realm shown to another.
pub async fn a_session_of_another_realm_is_not_seen(store: Arc<dyn Store>) {
    settle(&*store).await;
    let session = Box::new(session(&here(), 3, 1));
    let secret = session.secret;
    done(&*store, Write::OpenSession { session, replaces: None }).await;
    assert_eq!(store.session(&there(), &secret).await.unwrap(), None);
    assert_eq!(store.session_named(&there(), id(3)).await.unwrap(), None);
    assert_eq!(store.sessions_of(&there(), id(1)).await.unwrap().len(), 1);
    lost(&*store, Write::EndSession { realm: there(), session: id(3), at: after(15) }).await;
    assert!(store.session_named(&here(), id(3)).await.unwrap().is_some());
}

/// The list is for its owner: the youngest first, and never endless.
pub async fn sessions_are_listed_the_youngest_first_and_at_most_a_hundred(store: Arc<dyn Store>) {
    settle(&*store).await;
    for number in 10..115 {
        let session = Box::new(session(&here(), number, 1));
        done(&*store, Write::OpenSession { session, replaces: None }).await;
    }
    let listed: Vec<_> = store.sessions_of(&here(), id(1)).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(listed, (15..115).rev().map(id).collect::<Vec<_>>());
}

/// A session needs a person.
pub async fn a_session_of_nobody_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    let write = Write::OpenSession { session: Box::new(session(&here(), 3, 9)), replaces: Some(id(1)) };
    lost(&*store, write).await;
    assert_eq!(store.session_named(&here(), id(3)).await.unwrap(), None);
    assert!(store.session_named(&here(), id(1)).await.unwrap().is_some(), "a lost write replaces nothing");
}

/// Who may not sign in has no session, though their password was right a moment ago.
pub async fn a_session_of_a_disabled_user_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    let save = |revision, enabled| Write::SaveUser {
        user: Box::new(User { revision, enabled, ..user(&here(), 1) }),
        at: after(5),
    };
    let open = |number, replaces: Option<u8>| Write::OpenSession {
        session: Box::new(session(&here(), number, 1)),
        replaces: replaces.map(id),
    };
    done(&*store, save(2, false)).await;
    lost(&*store, open(3, None)).await;
    lost(&*store, open(3, Some(2))).await;
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert!(store.session_named(&here(), id(2)).await.unwrap().is_some(), "a lost write replaces nothing");
    done(&*store, save(3, true)).await;
    done(&*store, open(3, None)).await;
    done(&*store, open(4, Some(3))).await;
}

/// Attack A12: the session that the browser had before does not survive a sign-in.
pub async fn a_new_session_replaces_the_browsers_former_one(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, Family { session: None, ..family(&here(), 2) }).await;
    let replacing =
        |number| Write::OpenSession { session: Box::new(session(&here(), number, 2)), replaces: Some(id(1)) };
    done(&*store, replacing(3)).await;
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), None);
    assert!(store.session_named(&here(), id(3)).await.unwrap().is_some());
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(is_live(&*store, &here(), 2).await);
    done(&*store, replacing(4)).await;
    assert!(store.session_named(&there(), id(1)).await.unwrap().is_some());
}

/// A use is noted, and nothing else changes.
pub async fn a_touched_session_lives_longer(store: Arc<dyn Store>) {
    settle(&*store).await;
    let touch = |number, at| Write::TouchSession {
        realm: here(),
        session: id(number),
        seen_at: after(at),
        idle_until: after(at + 100),
    };
    done(&*store, touch(1, 60)).await;
    let expected = Session { seen_at: after(60), idle_until: after(160), ..session(&here(), 1, 1) };
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), Some(expected));
    assert_eq!(store.session_named(&here(), id(2)).await.unwrap(), Some(session(&here(), 2, 2)));
    assert_eq!(store.session_named(&there(), id(1)).await.unwrap(), Some(session(&there(), 1, 1)));
}

/// A use that is noted late brings no session back.
pub async fn a_touch_does_not_revive_a_session(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, end(1)).await;
    let touch = Write::TouchSession { realm: here(), session: id(1), seen_at: after(60), idle_until: after(160) };
    done(&*store, touch).await;
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), None);
}

/// Signing out ends what depends on the session, and nothing else.
pub async fn an_ended_session_ends_the_families_that_end_with_it(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, Family { session: None, ..family(&here(), 2) }).await;
    open(&*store, in_session(2, Family { user: id(2), ..family(&here(), 3) })).await;
    open(&*store, family(&there(), 1)).await;
    done(&*store, end(1)).await;
    assert_eq!(store.session(&here(), &session(&here(), 1, 1).secret).await.unwrap(), None);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(is_live(&*store, &here(), 2).await);
    assert!(is_live(&*store, &here(), 3).await);
    assert!(is_live(&*store, &there(), 1).await);
    lost(&*store, end(1)).await;
    lost(&*store, end(9)).await;
}

/// A code of a session that ended opens no family, nor one that would outlive the session.
pub async fn a_code_of_an_ended_session_opens_no_family(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    done(&*store, end(1)).await;
    lost(&*store, redeem("a", family(&here(), 1))).await;
    lost(&*store, redeem("a", Family { session: None, ..family(&here(), 1) })).await;
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), None);
}

/// Ended or replaced, a session takes its open codes along, and no others.
pub async fn an_ended_session_leaves_no_open_code(store: Arc<dyn Store>) {
    settle(&*store).await;
    for realm in [here(), there()] {
        issue(&*store, code(&realm, "open")).await;
    }
    issue(&*store, code(&here(), "redeemed")).await;
    done(&*store, redeem("redeemed", family(&here(), 1))).await;
    let mut of_another = code(&here(), "of another session");
    (of_another.grant.user, of_another.grant.session) = (id(2), id(2));
    issue(&*store, of_another).await;

    done(&*store, end(1)).await;

    assert_eq!(store.code(&here(), &digest("open")).await.unwrap(), None);
    let redeemed = Code { state: CodeState::Redeemed { family: id(1) }, ..code(&here(), "redeemed") };
    assert_eq!(store.code(&here(), &digest("redeemed")).await.unwrap(), Some(redeemed));
    assert!(is_open(&*store, &there(), "open").await);
    assert!(is_open(&*store, &here(), "of another session").await);

    let replacing = Write::OpenSession { session: Box::new(session(&here(), 3, 1)), replaces: Some(id(2)) };
    done(&*store, replacing).await;
    assert_eq!(store.code(&here(), &digest("of another session")).await.unwrap(), None);
    assert!(is_open(&*store, &there(), "open").await);
}

/// A session that nobody used is over without anybody ending it.
pub async fn a_session_that_is_over_is_swept_with_its_open_codes_and_families(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    issue(&*store, code(&here(), "a")).await;
    let mut of_another = code(&here(), "b");
    (of_another.grant.user, of_another.grant.session) = (id(2), id(2));
    issue(&*store, of_another).await;
    let touch = Write::TouchSession { realm: here(), session: id(2), seen_at: after(90), idle_until: after(5000) };
    done(&*store, touch).await;
    store.sweep(after(99), 10).await.unwrap();
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
    assert!(is_open(&*store, &here(), "a").await);
    store.sweep(after(100), 10).await.unwrap();
    assert!(!is_open(&*store, &here(), "a").await);
    assert!(is_open(&*store, &here(), "b").await);
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert!(!is_live(&*store, &here(), 1).await);
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap().len(), 1);
    store.sweep(after(1000), 10).await.unwrap();
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap(), vec![]);
}
