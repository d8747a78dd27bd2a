//! A server that is killed (SIGKILL) in the middle of a stream of redemptions, rotations and revocations over HTTP:
//! what it acknowledged is kept, and nothing is good twice.

mod application;
mod flow;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use application::Application;
use flow::{Flow, Kept};
use server::{Server, World};

/// Callers at once.
const CALLERS: usize = 12;
/// How long, in acknowledged answers, a server lives at least; the rounds differ, so that they are killed at all places.
const SHORTEST_LIFE: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_on_sqlite_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite:{}", folder.path().join("chancery.db").display());
    kill_and_look(&World::at(&database).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_on_postgresql_keeps_what_it_acknowledged() {
    kill_and_look(&World::at(&server::postgres_database().await).await).await;
}

async fn kill_and_look(world: &World) {
    let mut server = world.serve().await;
    let application = Application::sign_in(&server.url).await;
    let mut kept = Kept::default();
    for round in 0..rounds() {
        let flows = live_until_killed(server, &application, SHORTEST_LIFE + round * 37 % 200).await;
        server = world.serve().await;
        let looks = flows.iter().map(|flow| flow.look(&application, &server.url));
        for look in futures_util::future::join_all(looks).await {
            kept += look;
        }
    }
    // The kills came where there was something to lose.
    assert!(kept.codes > 0 && kept.successors > 0 && kept.revocations > 0 && kept.contested > 0, "{kept:?}");
    server.kill().await;
}

/// Everything that was begun until the server was killed, which it is after `answers` acknowledgements.
async fn live_until_killed(server: Server, application: &Application, answers: usize) -> Vec<Flow> {
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (application, url, acknowledged) = (application.clone(), server.url.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let mut flows = Vec::new();
                for number in 0.. {
                    let (flow, lived) = Flow::live(&application, &url, &acknowledged, caller + number).await;
                    flows.extend(flow);
                    if !lived {
                        break;
                    }
                }
                flows
            })
        })
        .collect();
    while acknowledged.load(Ordering::Relaxed) < answers {
        assert!(!callers.iter().any(tokio::task::JoinHandle::is_finished), "a caller gave up on a server that lives");
        tokio::task::yield_now().await;
    }
    server.kill().await;
    let mut flows = Vec::new();
    for caller in callers {
        flows.extend(caller.await.expect("a caller ends by the server's end alone"));
    }
    flows
}

#[expect(clippy::disallowed_methods, reason = "the test command, not a configuration, asks for long tests")]
fn rounds() -> usize {
    if std::env::var("CHANCERY_LONG_TESTS").is_ok_and(|asked| !asked.is_empty()) { 200 } else { 3 }
}
