//! The schema and the statements on it.

use chancery_store::family::FamilyState;
use chancery_store::id::PendingId;
use chancery_store::moment::Moment;
use chancery_store::pending::{AdmittedAuthorization, Pending};
use chancery_store::{Store, StoreError, Write};
use chancery_store_postgres::{PostgresOptions, PostgresStore, statements};

use crate::ground::{self, Ground};
use crate::records::{self, NOW, chance, done, realm};

#[tokio::test]
async fn every_statement_prepares_on_a_freshly_migrated_database() {
    let client = Ground::migrated().await.client().await;
    for statement in statements() {
        if let Err(cause) = client.prepare(statement.sql).await {
            panic!("{}: {:?}", statement.name, cause.as_db_error());
        }
    }
}

#[tokio::test]
async fn every_statement_has_a_name_of_its_own() {
    let mut names: Vec<_> = statements().map(|statement| statement.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Asked for a plan that avoids reading whole tables at any price, the server finds one.
#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let client = Ground::migrated().await.client().await;
    client.batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    for statement in statements() {
        let count = client.prepare(statement.sql).await.unwrap().params().len();
        let nulls = vec!["NULL"; count].join(", ");
        let nulls = if count == 0 { String::new() } else { format!("({nulls})") };
        client.batch_execute(&format!("PREPARE asked AS {}", statement.sql)).await.unwrap();
        let plan = client.query(&format!("EXPLAIN EXECUTE asked{nulls}"), &[]).await.unwrap();
        client.batch_execute("DEALLOCATE asked").await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{}\n{}", statement.name, plan.join("\n"));
    }
}

#[tokio::test]
async fn two_nodes_that_migrate_at_once_migrate_once() {
    let ground = Ground::bare().await;
    let (one, other) = (ground.node().await, ground.node().await);
    let waiting = one.pending_migrations().await.unwrap();
    assert!(!waiting.is_empty());

    let (by_one, by_other) = tokio::join!(one.migrate(), other.migrate());

    let mut made = by_one.unwrap();
    made.extend(by_other.unwrap());
    assert_eq!(made, waiting);
    assert_eq!(other.pending_migrations().await.unwrap(), Vec::<String>::new());
    assert_eq!(one.migrate().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn an_error_names_the_statement_and_the_state_and_nothing_else() {
    let store = Ground::bare().await.node().await;

    let refused = store.client(&realm(), &records::client_id()).await.unwrap_err();

    assert!(matches!(&refused, StoreError::Refused(told) if told == "CLIENT: SQLSTATE 42P01"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_its_password_is_not_told() {
    let url = "postgres://alice:hunter2@127.0.0.1:1/chancery?sslmode=disable";

    let refused = PostgresStore::connect(url, PostgresOptions::default()).await.err().unwrap();

    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
}

#[tokio::test]
async fn a_row_that_does_not_read_is_an_error_and_its_content_is_not_told() {
    let ground = Ground::migrated().await;
    let insert = r#"INSERT INTO clients VALUES ('plant', 'web', 1, true, '{"id": "hunter2"}')"#;
    ground.client().await.batch_execute(insert).await.unwrap();

    let unreadable = ground.node().await.client(&realm(), &records::client_id()).await.unwrap_err();

    assert!(matches!(&unreadable, StoreError::Unreadable(told) if told == "client: document"), "{unreadable}");
}

/// A client may send any character in `state`; jsonb would refuse this one.
#[tokio::test]
async fn what_a_client_sends_is_kept_to_the_last_character() {
    let store = ground::node().await;
    let request = serde_json::json!({
        "client": "web", "redirect_uri": "https://client.example/", "redirect_uri_was_sent": true,
        "response_type": "code", "response_mode": "query", "state": "a\u{0}b\u{ffff}\u{1f512}", "nonce": "\u{0}",
        "scope": "openid", "resources": [], "prompt": "", "claims": {"b": 1, "a": [1.0, 1e300, 18446744073709551615u64]},
    });
    let request: AdmittedAuthorization = serde_json::from_value(request).expect("a request");
    let kept = Pending {
        realm: realm(),
        id: PendingId::at(1, chance(1)),
        browser: records::digest("browser"),
        request,
        created_at: NOW,
        expires_at: NOW.plus_seconds(10),
    };
    done(&store, Write::KeepPending(Box::new(kept.clone()))).await;

    assert_eq!(store.pending(&realm(), kept.id).await.unwrap(), Some(kept));
}

#[tokio::test]
async fn a_session_that_was_used_is_swept_at_its_new_end_and_its_family_ends_with_it() {
    let store = ground::node().await;
    records::sign_in(&store).await;
    records::issue(&store, 1, 1).await;
    done(&store, records::redeem(1, records::family(1, Some(1)), None)).await;
    done(&store, records::rotate(1, 0, None)).await;
    let used_until = NOW.plus_seconds(150);
    let touch = Write::TouchSession {
        realm: realm(),
        session: records::session_id(1),
        seen_at: NOW.plus_seconds(50),
        idle_until: used_until,
    };
    done(&store, touch).await;

    assert_eq!(store.sweep(NOW.plus_seconds(100), 10).await.unwrap(), 0);
    assert!(store.session_named(&realm(), records::session_id(1)).await.unwrap().is_some());
    assert!(store.family(&realm(), records::family_id(1)).await.unwrap().unwrap().is_live(NOW.plus_seconds(100)));

    // The family lies idle from second 101 on: let it be used, so that the session decides.
    let rotation = Write::RotateRefreshToken {
        realm: realm(),
        family: records::family_id(1),
        spent: 1,
        at: NOW.plus_seconds(100),
        idle_until: NOW.plus_seconds(900),
        access: None,
    };
    done(&store, rotation).await;
    assert_eq!(store.sweep(used_until, 10).await.unwrap(), 1);
    assert!(store.session_named(&realm(), records::session_id(1)).await.unwrap().is_none());
    let family = store.family(&realm(), records::family_id(1)).await.unwrap().unwrap();
    assert_eq!(family.state, FamilyState::Ended { at: used_until });

    assert_eq!(store.sweep(Moment::from_milliseconds(i64::MAX), 10).await.unwrap(), 2);
    assert!(store.family(&realm(), records::family_id(1)).await.unwrap().is_none());
}
