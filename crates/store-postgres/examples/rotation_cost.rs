//! What a rotation of a refresh token costs this process and the server.
//!
//! `cargo run --release -p chancery-store-postgres --example rotation_cost URL [ROTATIONS]` migrates
//! the database at URL, which should be one to throw away, and prints durable rotations per second
//! of 64 callers and the CPU time that this process spent on each.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use chancery_spec::scope::Scope;
use chancery_store::audit::AuditEvent;
use chancery_store::code::{Code, CodeGrant, CodeState};
use chancery_store::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use chancery_store::id::{AuditId, ClientId, FamilyId, RealmName, SessionId, UserId, Username};
use chancery_store::secret::SecretDigest;
use chancery_store::session::{Authentication, Session};
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Store as _, Write};
use chancery_store_postgres::{PostgresOptions, PostgresStore};

const CALLERS: u32 = 64;

/// Linux counts a process's time in hundredths of a second, whatever the kernel's own clock is.
const MICROSECONDS_PER_TICK: f64 = 10_000.0;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
async fn main() -> Outcome<()> {
    let mut asked = std::env::args().skip(1);
    let url = asked.next().ok_or("which database?")?;
    let rotations = asked.next().map_or(Ok(20_000), |number| number.parse())?;
    let store = PostgresStore::connect(&url, PostgresOptions::default()).await?;
    store.migrate().await?;
    let run = std::process::id();
    sign_somebody_in(&store, run).await?;
    for caller in 0..CALLERS {
        open_family(&store, run, caller).await?;
    }
    for recorded in [false, true] {
        let (began, spent) = (Instant::now(), processor_time()?);
        rotate(&store, run, rotations / CALLERS, recorded).await?;
        let made = f64::from(rotations / CALLERS * CALLERS);
        let per_second = made / began.elapsed().as_secs_f64();
        let cost = (processor_time()? - spent) / made;
        let what = if recorded { "with an audit event" } else { "alone" };
        println!("{what}: {per_second:.0} rotations/s, {cost:.1} µs of this process each");
    }
    Ok(())
}

async fn rotate(store: &Arc<PostgresStore>, run: u32, times: u32, recorded: bool) -> Outcome<()> {
    let running: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let first = if recorded { times } else { 0 };
                for spent in first..first + times {
                    let write = Write::RotateRefreshToken {
                        realm: RealmName::default_realm(),
                        family: FamilyId::at(0, chance(run, caller)),
                        spent,
                        at: moment(2),
                        idle_until: moment(100),
                        access: None,
                    };
                    let audit = if recorded { vec![event(run, caller * times + spent)] } else { vec![] };
                    expect_done(store.commit(write, audit).await?)?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for one in running {
        one.await??;
    }
    Ok(())
}

/// Microseconds that this process has spent so far, its own and the kernel's for it.
fn processor_time() -> Outcome<f64> {
    let told = std::fs::read_to_string("/proc/self/stat")?;
    // The name may contain anything; the numbers follow its closing bracket. proc(5): utime, stime.
    let fields = told.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks = fields.skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks * MICROSECONDS_PER_TICK)
}

fn expect_done(commit: Commit) -> Outcome<()> {
    if commit == Commit::Done { Ok(()) } else { Err("a write was lost".into()) }
}

const fn moment(seconds: i64) -> Moment {
    Moment::from_seconds(seconds)
}

fn chance(run: u32, number: u32) -> [u8; 10] {
    let mut chance = [0; 10];
    chance[2..6].copy_from_slice(&run.to_be_bytes());
    chance[6..].copy_from_slice(&number.to_be_bytes());
    chance
}

fn event(run: u32, number: u32) -> AuditEvent {
    AuditEvent {
        realm: RealmName::default_realm(),
        id: AuditId::at(1, chance(run, number)),
        at: moment(2),
        kind: "token.issued".to_owned(),
        client: Some("web".to_owned()),
        user: None,
        detail: serde_json::Map::new(),
    }
}

fn authentication() -> Authentication {
    Authentication { at: moment(0), acr: "password".to_owned(), amr: vec!["pwd".to_owned()] }
}

async fn sign_somebody_in(store: &PostgresStore, run: u32) -> Outcome<()> {
    let user = User {
        realm: RealmName::default_realm(),
        id: UserId::at(0, chance(run, 0)),
        revision: 1,
        username: Username::parse(&format!("zoe-{run}"))?,
        enabled: true,
        administrator: false,
        created_at: moment(0),
        claims: serde_json::Map::new(),
    };
    let session = Session {
        realm: RealmName::default_realm(),
        id: SessionId::at(0, chance(run, 0)),
        secret: SecretDigest::of(&run.to_be_bytes()),
        user: user.id,
        authentication: authentication(),
        user_agent: String::new(),
        created_at: moment(0),
        seen_at: moment(0),
        idle_until: moment(100),
        expires_at: moment(100),
    };
    expect_done(store.commit(Write::SaveUser { user: Box::new(user), at: moment(0) }, vec![]).await?)?;
    expect_done(store.commit(Write::OpenSession { session: Box::new(session), replaces: None }, vec![]).await?)
}

async fn open_family(store: &PostgresStore, run: u32, caller: u32) -> Outcome<()> {
    let (user, session) = (UserId::at(0, chance(run, 0)), SessionId::at(0, chance(run, 0)));
    let code = Code {
        realm: RealmName::default_realm(),
        digest: SecretDigest::of(&chance(run, caller)),
        client: ClientId::parse("web")?,
        grant: CodeGrant {
            user,
            session,
            authentication: authentication(),
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
        realm: RealmName::default_realm(),
        id: FamilyId::at(0, chance(run, caller)),
        client: code.client.clone(),
        user,
        session: Some(session),
        grant: FamilyGrant {
            scope: Scope::default(),
            resources: vec![],
            authentication: authentication(),
            session,
            claims: None,
        },
        salt: FamilySalt([1; 32]),
        created_at: moment(1),
        expires_at: moment(100),
        state: FamilyState::Live { generation: 0, rotated_at: moment(1), idle_until: moment(100) },
    };
    let redeem = Write::RedeemCode { code: code.digest, family: Box::new(family), access: None };
    expect_done(store.commit(Write::IssueCode { code: Box::new(code), consent: None, pending: None }, vec![]).await?)?;
    expect_done(store.commit(redeem, vec![]).await?)
}
