//! Sessions.

use std::sync::Arc;

use super::fixtures::{
    after, code, digest, done, family, here, id, is_live, issue, lost, open, redeem, session,
    settle, there,
};
use crate::family::Family;
use crate::session::Session;
use crate::store::Store;
use crate::write::Write;

fn end(number: u8) -> Write {
    Write::EndSession {
        realm: here(),
        session: id(number),
        at: after(15),
    }
}

/// What was opened is read, by cookie, by name and by user.
pub async fn a_session_reads_back_as_it_was_opened(store: Arc<dyn Store>) {
    settle(&*store).await;
    let expected = session(&here(), 1, 1);
    assert_eq!(
        store.session(&here(), &expected.secret).await.unwrap(),
        Some(expected.clone())
    );
    assert_eq!(
        store.session_named(&here(), id(1)).await.unwrap(),
        Some(expected.clone())
    );
    assert_eq!(
        store.sessions_of(&here(), id(1)).await.unwrap(),
        vec![expected]
    );
    assert_eq!(
        store.session(&here(), &digest("other")).await.unwrap(),
        None
    );
    assert_eq!(store.session_named(&here(), id(9)).await.unwrap(), None);
}

/// Attack: a cookie of one realm shown to another.
pub async fn a_session_of_another_realm_is_not_seen(store: Arc<dyn Store>) {
    settle(&*store).await;
    let session = Box::new(session(&here(), 3, 1));
    let secret = session.secret;
    done(
        &*store,
        Write::OpenSession {
            session,
            replaces: None,
        },
    )
    .await;
    assert_eq!(store.session(&there(), &secret).await.unwrap(), None);
    assert_eq!(store.session_named(&there(), id(3)).await.unwrap(), None);
    assert_eq!(store.sessions_of(&there(), id(1)).await.unwrap().len(), 1);
    lost(
        &*store,
        Write::EndSession {
            realm: there(),
            session: id(3),
            at: after(15),
        },
    )
    .await;
    assert!(store.session_named(&here(), id(3)).await.unwrap().is_some());
}

/// The list is for its owner: the youngest first, and never endless.
pub async fn sessions_are_listed_the_youngest_first_and_at_most_a_hundred(store: Arc<dyn Store>) {
    settle(&*store).await;
    for number in 10..115 {
        let session = Box::new(session(&here(), number, 1));
        done(
            &*store,
            Write::OpenSession {
                session,
                replaces: None,
            },
        )
        .await;
    }
    let listed: Vec<_> = store
        .sessions_of(&here(), id(1))
        .await
        .unwrap()
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(listed, (15..115).rev().map(id).collect::<Vec<_>>());
}

/// A session needs a person.
pub async fn a_session_of_nobody_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    let write = Write::OpenSession {
        session: Box::new(session(&here(), 3, 9)),
        replaces: Some(id(1)),
    };
    lost(&*store, write).await;
    assert_eq!(store.session_named(&here(), id(3)).await.unwrap(), None);
    assert!(
        store.session_named(&here(), id(1)).await.unwrap().is_some(),
        "a lost write replaces nothing"
    );
}

/// Attack A12: the session that the browser had before does not survive a sign-in.
pub async fn a_new_session_replaces_the_browsers_former_one(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(
        &*store,
        Family {
            session: None,
            ..family(&here(), 2)
        },
    )
    .await;
    let replacing = |number| Write::OpenSession {
        session: Box::new(session(&here(), number, 2)),
        replaces: Some(id(1)),
    };
    done(&*store, replacing(3)).await;
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), None);
    assert!(store.session_named(&here(), id(3)).await.unwrap().is_some());
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(is_live(&*store, &here(), 2).await);
    done(&*store, replacing(4)).await;
    assert!(
        store
            .session_named(&there(), id(1))
            .await
            .unwrap()
            .is_some()
    );
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
    let expected = Session {
        seen_at: after(60),
        idle_until: after(160),
        ..session(&here(), 1, 1)
    };
    assert_eq!(
        store.session_named(&here(), id(1)).await.unwrap(),
        Some(expected)
    );
    assert_eq!(
        store.session_named(&here(), id(2)).await.unwrap(),
        Some(session(&here(), 2, 2))
    );
    assert_eq!(
        store.session_named(&there(), id(1)).await.unwrap(),
        Some(session(&there(), 1, 1))
    );
}

/// A use that is noted late brings no session back.
pub async fn a_touch_does_not_revive_a_session(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, end(1)).await;
    let touch = Write::TouchSession {
        realm: here(),
        session: id(1),
        seen_at: after(60),
        idle_until: after(160),
    };
    done(&*store, touch).await;
    assert_eq!(store.session_named(&here(), id(1)).await.unwrap(), None);
}

/// Signing out ends what depends on the session, and nothing else.
pub async fn an_ended_session_ends_the_families_that_end_with_it(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(
        &*store,
        Family {
            session: None,
            ..family(&here(), 2)
        },
    )
    .await;
    open(
        &*store,
        Family {
            user: id(2),
            session: Some(id(2)),
            ..family(&here(), 3)
        },
    )
    .await;
    open(&*store, family(&there(), 1)).await;
    done(&*store, end(1)).await;
    assert_eq!(
        store
            .session(&here(), &session(&here(), 1, 1).secret)
            .await
            .unwrap(),
        None
    );
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(is_live(&*store, &here(), 2).await);
    assert!(is_live(&*store, &here(), 3).await);
    assert!(is_live(&*store, &there(), 1).await);
    lost(&*store, end(1)).await;
    lost(&*store, end(9)).await;
}

/// No code of a session that ended opens a family that would end with it.
pub async fn a_code_of_an_ended_session_opens_no_family_that_ends_with_it(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    done(&*store, end(1)).await;
    lost(&*store, redeem("a", family(&here(), 1))).await;
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), None);
    done(
        &*store,
        redeem(
            "a",
            Family {
                session: None,
                ..family(&here(), 2)
            },
        ),
    )
    .await;
}

/// A session that nobody used is over without anybody ending it.
pub async fn a_session_that_is_over_is_swept_with_its_families(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    let touch = Write::TouchSession {
        realm: here(),
        session: id(2),
        seen_at: after(90),
        idle_until: after(5000),
    };
    done(&*store, touch).await;
    store.sweep(after(99), 10).await.unwrap();
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
    store.sweep(after(100), 10).await.unwrap();
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert!(!is_live(&*store, &here(), 1).await);
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap().len(), 1);
    store.sweep(after(1000), 10).await.unwrap();
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap(), vec![]);
}
