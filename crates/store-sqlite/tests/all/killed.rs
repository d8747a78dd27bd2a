//! A process that is killed (SIGKILL) in the middle of a stream of redemptions and rotations:
//! what it answered is kept, and nothing is good twice.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chancery_spec::scope::Scope;
use chancery_store::code::{Code, CodeGrant, CodeState};
use chancery_store::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use chancery_store::id::{ClientId, FamilyId, RealmName, SessionId, UserId, Username};
use chancery_store::secret::SecretDigest;
use chancery_store::session::{Authentication, Session};
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Store, Write};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

/// Names the database, and makes this test the process to be killed.
const VICTIM: &str = "CHANCERY_STORE_SQLITE_VICTIM";

const CALLERS: u32 = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_it_answered() {
    if let Some(path) = victim() {
        return live_until_killed(&path).await;
    }
    for _ in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        sign_somebody_in(&path).await;
        let answered = kill_after_answers(&path, 300);
        check_what_is_kept(&path, &answered).await;
    }
}

/// What the victim said was done: flows whose code was redeemed, and those that were then rotated.
#[derive(Default)]
struct Answered {
    redeemed: Vec<u32>,
    rotated: Vec<u32>,
}

impl Answered {
    fn hear(&mut self, line: &str) {
        // A line cut short by the end has no full stop.
        let Some((what, number)) = line.strip_suffix('.').and_then(|line| line.split_once(' ')) else {
            return;
        };
        let Ok(number) = number.parse() else { return };
        match what {
            "redeemed" => self.redeemed.push(number),
            "rotated" => self.rotated.push(number),
            _ => {}
        }
    }
}

fn kill_after_answers(path: &Path, enough: usize) -> Answered {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::a_killed_process_loses_nothing_that_it_answered", "--exact", "--nocapture"])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = Answered::default();
    while answered.rotated.len() < enough {
        answered.hear(&lines.next().expect("the process ended by itself").unwrap());
    }
    child.kill().unwrap();
    // What it told before it died counts as well.
    lines.map_while(Result::ok).for_each(|line| answered.hear(&line));
    child.wait().unwrap();
    answered
}

async fn check_what_is_kept(path: &Path, answered: &Answered) {
    let store = SqliteStore::open(path, SqliteOptions::default()).unwrap();
    for number in &answered.redeemed {
        assert_eq!(store.commit(redeem(*number, 1), vec![]).await.unwrap(), Commit::Lost, "redeemed twice: {number}");
        assert!(store.family(&realm(), family_id(*number, 0)).await.unwrap().is_some(), "family {number} is lost");
    }
    for number in &answered.rotated {
        assert_eq!(store.commit(rotate(*number), vec![]).await.unwrap(), Commit::Lost, "rotated twice: {number}");
    }
    // Nothing is half done either: of each flow, and of those in flight, code and family agree.
    let last = answered.redeemed.iter().max().copied().unwrap_or_default() + CALLERS;
    for number in 0..=last {
        let code = store.code(&realm(), &digest(number)).await.unwrap();
        let redeemed = code.is_some_and(|code| matches!(code.state, CodeState::Redeemed { .. }));
        let family = store.family(&realm(), family_id(number, 0)).await.unwrap();
        assert_eq!(redeemed, family.is_some(), "{number}");
    }
}

async fn live_until_killed(path: &str) {
    let store = SqliteStore::open(Path::new(path), SqliteOptions::default()).unwrap();
    let next = Arc::new(AtomicU32::new(0));
    let mut callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    done(&store, issue(number)).await;
                    done(&store, redeem(number, 0)).await;
                    tell(&format!("redeemed {number}."));
                    done(&store, rotate(number)).await;
                    tell(&format!("rotated {number}."));
                }
            })
        })
        .collect();
    // None ends but by a fault.
    callers.pop().unwrap().await.unwrap()
}

async fn done(store: &SqliteStore, write: Write) {
    assert_eq!(store.commit(write, vec![]).await.unwrap(), Commit::Done);
}

fn realm() -> RealmName {
    RealmName::default_realm()
}

fn digest(number: u32) -> SecretDigest {
    SecretDigest::of(&number.to_be_bytes())
}

/// The family of the flow `number`, at the first or a further redemption.
fn family_id(number: u32, redemption: u8) -> FamilyId {
    let mut chance = [redemption; 10];
    chance[6..].copy_from_slice(&number.to_be_bytes());
    FamilyId::at(0, chance)
}

fn authentication() -> Authentication {
    Authentication { at: Moment::from_seconds(0), acr: "password".to_owned(), amr: vec!["pwd".to_owned()] }
}

async fn sign_somebody_in(path: &Path) {
    let store = SqliteStore::open(path, SqliteOptions::default()).unwrap();
    store.migrate().unwrap();
    let user = User {
        realm: realm(),
        id: UserId::at(0, [1; 10]),
        revision: 1,
        username: Username::parse("zoe").unwrap(),
        enabled: true,
        administrator: false,
        created_at: Moment::from_seconds(0),
        claims: serde_json::Map::new(),
    };
    let session = Session {
        realm: realm(),
        id: SessionId::at(0, [1; 10]),
        secret: SecretDigest::of(b"cookie"),
        user: user.id,
        authentication: authentication(),
        user_agent: String::new(),
        created_at: Moment::from_seconds(0),
        seen_at: Moment::from_seconds(0),
        idle_until: Moment::from_seconds(100),
        expires_at: Moment::from_seconds(100),
    };
    done(&store, Write::SaveUser { user: Box::new(user), at: Moment::from_seconds(0) }).await;
    done(&store, Write::OpenSession { session: Box::new(session), replaces: None }).await;
}

fn issue(number: u32) -> Write {
    let code = Code {
        realm: realm(),
        digest: digest(number),
        client: ClientId::parse("web").unwrap(),
        grant: CodeGrant {
            user: UserId::at(0, [1; 10]),
            session: SessionId::at(0, [1; 10]),
            authentication: authentication(),
            redirect_uri: None,
            challenge: None,
            nonce: None,
            scope: Scope::default(),
            resources: vec![],
            claims: None,
        },
        forget_at: Moment::from_seconds(100),
        state: CodeState::Open { until: Moment::from_seconds(60) },
    };
    Write::IssueCode { code: Box::new(code), consent: None, pending: None }
}

fn redeem(number: u32, redemption: u8) -> Write {
    let family = Family {
        realm: realm(),
        id: family_id(number, redemption),
        client: ClientId::parse("web").unwrap(),
        user: UserId::at(0, [1; 10]),
        session: Some(SessionId::at(0, [1; 10])),
        grant: FamilyGrant {
            scope: Scope::default(),
            resources: vec![],
            authentication: authentication(),
            session: SessionId::at(0, [1; 10]),
            claims: None,
        },
        salt: FamilySalt([1; 32]),
        created_at: Moment::from_seconds(1),
        expires_at: Moment::from_seconds(100),
        state: FamilyState::Live {
            generation: 0,
            rotated_at: Moment::from_seconds(1),
            idle_until: Moment::from_seconds(100),
        },
    };
    Write::RedeemCode { code: digest(number), family: Box::new(family), access: None }
}

fn rotate(number: u32) -> Write {
    Write::RotateRefreshToken {
        realm: realm(),
        family: family_id(number, 0),
        spent: 0,
        at: Moment::from_seconds(2),
        idle_until: Moment::from_seconds(100),
        access: None,
    }
}

#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn tell(line: &str) {
    println!("{line}");
}

#[expect(clippy::disallowed_methods, reason = "the parent process says so in the environment")]
fn victim() -> Option<String> {
    std::env::var(VICTIM).ok()
}

#[expect(clippy::disallowed_methods, reason = "the test command, not a configuration, asks for long tests")]
fn rounds() -> u32 {
    if std::env::var("CHANCERY_LONG_TESTS").is_ok_and(|asked| !asked.is_empty()) { 200 } else { 3 }
}
