//! What one writer and inline reads achieve on this machine's disk.
//!
//! `cargo run --release -p chancery-store-sqlite --example writer_throughput [FOLDER]` prints
//! durable single-row writes per second for one caller and for 64, rotations of refresh tokens
//! for 64, and what a point read costs.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery_spec::scope::Scope;
use chancery_store::code::{Code, CodeGrant, CodeState};
use chancery_store::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use chancery_store::id::{ClientId, FamilyId, RealmName, SessionId, UserId, Username};
use chancery_store::secret::SecretDigest;
use chancery_store::session::{Authentication, Session};
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Store as _, Write};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

const MEASURED: Duration = Duration::from_secs(3);
const CALLERS: u8 = 64;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
async fn main() -> Outcome<()> {
    let parent = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let folder = tempfile::tempdir_in(parent)?;
    let store = SqliteStore::open(&folder.path().join("store.sqlite"), SqliteOptions::default())?;
    store.migrate()?;

    let inserted = AtomicU64::new(0);
    let inserted = Arc::new(inserted);
    println!("1 caller:   {:.0} durable inserts/s", inserts(&store, 1, &inserted).await?);
    println!("{CALLERS} callers: {:.0} durable inserts/s", inserts(&store, CALLERS, &inserted).await?);
    for caller in 0..CALLERS {
        open_family(&store, caller).await?;
    }
    println!("{CALLERS} callers: {:.0} durable rotations/s", rotations(&store).await?);
    println!("point read: {:.1} µs", point_read(&store).await?);
    Ok(())
}

async fn inserts(store: &Arc<SqliteStore>, callers: u8, next: &Arc<AtomicU64>) -> Outcome<f64> {
    let before = next.load(Ordering::Relaxed);
    let start = Instant::now();
    let running: Vec<_> = (0..callers)
        .map(|_| {
            let (store, next) = (Arc::clone(store), Arc::clone(next));
            tokio::spawn(async move {
                while start.elapsed() < MEASURED {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let write = Write::SpendAssertion {
                        realm: RealmName::default_realm(),
                        client: ClientId::parse("web")?,
                        jti: SecretDigest::of(&number.to_be_bytes()),
                        until: moment(100),
                    };
                    expect_done(store.commit(write, vec![]).await?)?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for one in running {
        one.await??;
    }
    Ok((next.load(Ordering::Relaxed) - before) as f64 / start.elapsed().as_secs_f64())
}

async fn rotations(store: &Arc<SqliteStore>) -> Outcome<f64> {
    let start = Instant::now();
    let running: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut spent = 0;
                while start.elapsed() < MEASURED {
                    let write = Write::RotateRefreshToken {
                        realm: RealmName::default_realm(),
                        family: FamilyId::at(0, [caller; 10]),
                        spent,
                        at: moment(2),
                        idle_until: moment(100),
                        access: None,
                    };
                    expect_done(store.commit(write, vec![]).await?)?;
                    spent += 1;
                }
                Outcome::Ok(spent)
            })
        })
        .collect();
    let mut rotated = 0;
    for one in running {
        rotated += one.await??;
    }
    Ok(f64::from(rotated) / start.elapsed().as_secs_f64())
}

async fn point_read(store: &Arc<SqliteStore>) -> Outcome<f64> {
    let realm = RealmName::default_realm();
    let mut read = 0_u32;
    let start = Instant::now();
    while start.elapsed() < MEASURED {
        for caller in 0..CALLERS {
            let found = store.is_denied(&realm, &SecretDigest::of(&[caller])).await?;
            let session = store.session(&realm, &SecretDigest::of(&[caller])).await?;
            if found || session.is_none() {
                return Err("the store forgot a session".into());
            }
        }
        read += 2 * u32::from(CALLERS);
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(read))
}

async fn open_family(store: &Arc<SqliteStore>, caller: u8) -> Outcome<()> {
    let realm = RealmName::default_realm();
    let user = UserId::at(0, [caller; 10]);
    let session = SessionId::at(0, [caller; 10]);
    let authentication = Authentication { at: moment(0), acr: "password".to_owned(), amr: vec!["pwd".to_owned()] };
    let record = User {
        realm: realm.clone(),
        id: user,
        revision: 1,
        username: Username::parse(&format!("user-{caller}"))?,
        enabled: true,
        administrator: false,
        created_at: moment(0),
        claims: serde_json::Map::new(),
    };
    let opened = Session {
        realm: realm.clone(),
        id: session,
        secret: SecretDigest::of(&[caller]),
        user,
        authentication: authentication.clone(),
        user_agent: "a browser".to_owned(),
        created_at: moment(0),
        seen_at: moment(0),
        idle_until: moment(100),
        expires_at: moment(100),
    };
    let code = Code {
        realm: realm.clone(),
        digest: SecretDigest::of(&[caller]),
        client: ClientId::parse("web")?,
        grant: CodeGrant {
            user,
            session,
            authentication: authentication.clone(),
            redirect_uri: None,
            challenge: None,
            nonce: None,
            scope: Scope::default(),
            resources: vec![],
            claims: None,
        },
        forget_at: moment(100),
        state: CodeState::Open { until: moment(60) },
    };
    let family = Family {
        realm,
        id: FamilyId::at(0, [caller; 10]),
        client: code.client.clone(),
        user,
        session: Some(session),
        grant: FamilyGrant { scope: Scope::default(), resources: vec![], authentication, session, claims: None },
        salt: FamilySalt([caller; 32]),
        created_at: moment(1),
        expires_at: moment(100),
        state: FamilyState::Live { generation: 0, rotated_at: moment(1), idle_until: moment(100) },
    };
    let digest = code.digest;
    for write in [
        Write::SaveUser { user: Box::new(record), at: moment(0) },
        Write::OpenSession { session: Box::new(opened), replaces: None },
        Write::IssueCode { code: Box::new(code), consent: None, pending: None },
        Write::RedeemCode { code: digest, family: Box::new(family), access: None },
    ] {
        expect_done(store.commit(write, vec![]).await?)?;
    }
    Ok(())
}

fn moment(seconds: i64) -> Moment {
    Moment::from_seconds(seconds)
}

fn expect_done(outcome: Commit) -> Outcome<()> {
    match outcome {
        Commit::Done => Ok(()),
        Commit::Lost => Err("a write of its own was lost".into()),
    }
}
