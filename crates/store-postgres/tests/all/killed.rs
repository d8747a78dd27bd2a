//! A node that is killed (SIGKILL) in the middle of a stream of redemptions and rotations: what it
//! answered is kept, and nothing is good twice.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chancery_store::code::CodeState;
use chancery_store::{Commit, Store};
use chancery_store_postgres::{PostgresOptions, PostgresStore};

use crate::ground::Ground;
use crate::records::{self, digest, done, family, family_id, realm};

/// Names the database, and makes this test the process to be killed.
const VICTIM: &str = "CHANCERY_STORE_POSTGRES_VICTIM";

const CALLERS: u64 = 16;

/// Added to the number of a flow, it names the family of a second redemption.
const AGAIN: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_loses_nothing_that_it_answered() {
    if let Some(url) = victim() {
        return live_until_killed(&url).await;
    }
    for _ in 0..rounds() {
        let ground = Ground::migrated().await;
        records::sign_in(&*ground.node().await).await;
        let answered = kill_after_answers(&ground.url, 300);
        wait_for_its_connections(&ground).await;
        check_what_is_kept(&ground, &answered).await;
    }
}

/// What the victim said was done: flows whose code was redeemed, and those that were then rotated.
#[derive(Default)]
struct Answered {
    redeemed: Vec<u64>,
    rotated: Vec<u64>,
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

fn kill_after_answers(url: &str, enough: usize) -> Answered {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::a_killed_node_loses_nothing_that_it_answered", "--exact", "--nocapture"])
        .env(VICTIM, url)
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

/// The server finishes what it was asked before it notices that nobody listens any more.
async fn wait_for_its_connections(ground: &Ground) {
    let client = ground.client().await;
    let others = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'chancery'";
    while client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
}

async fn check_what_is_kept(ground: &Ground, answered: &Answered) {
    let store = ground.node().await;
    for number in &answered.redeemed {
        let again = records::redeem(*number, family(AGAIN + number, Some(1)), None);
        assert_eq!(store.commit(again, vec![]).await.unwrap(), Commit::Lost, "redeemed twice: {number}");
        let kept = store.family(&realm(), family_id(*number)).await.unwrap();
        assert!(kept.is_some(), "family {number} is lost");
    }
    for number in &answered.rotated {
        let again = records::rotate(*number, 0, None);
        assert_eq!(store.commit(again, vec![]).await.unwrap(), Commit::Lost, "rotated twice: {number}");
    }
    // Nothing is half done either: of each flow, and of those in flight, code and family agree.
    let last = answered.redeemed.iter().max().copied().unwrap_or_default() + CALLERS;
    for number in 0..=last {
        let code = store.code(&realm(), &digest(&format!("code {number}"))).await.unwrap();
        let redeemed = code.is_some_and(|code| matches!(code.state, CodeState::Redeemed { .. }));
        let family = store.family(&realm(), family_id(number)).await.unwrap();
        assert_eq!(redeemed, family.is_some(), "{number}");
    }
}

async fn live_until_killed(url: &str) {
    let store = PostgresStore::connect(url, PostgresOptions::default()).await.unwrap();
    let next = Arc::new(AtomicU64::new(0));
    let mut callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    records::issue(&store, number, 1).await;
                    done(&store, records::redeem(number, family(number, Some(1)), None)).await;
                    tell(&format!("redeemed {number}."));
                    done(&store, records::rotate(number, 0, None)).await;
                    tell(&format!("rotated {number}."));
                }
            })
        })
        .collect();
    // None ends but by a fault.
    callers.pop().unwrap().await.unwrap()
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
