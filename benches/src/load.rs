//! A load that keeps connections busy for a while, and what it cost the server.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::process::Server;

/// What one run measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Microseconds of the server's processor time for each request.
    pub cost: f64,
    /// Requests answered each second.
    pub rate: f64,
    /// Milliseconds within which 99 of 100 requests were answered.
    pub p99: f64,
}

/// One user of the server: sends its next request, says whether the answer was right.
pub trait User: Send + 'static {
    /// One request and its answer; nothing where it has no more to send.
    fn step(&mut self, connection: &mut Connection) -> impl Future<Output = io::Result<Option<bool>>> + Send;
}

/// Lets `users` work for `time`.
///
/// # Errors
/// Those of the sockets; answers that were wrong.
pub async fn run<U: User>(server: &Server, port: u16, users: Vec<U>, time: Duration) -> io::Result<Measured> {
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let wrong = Arc::new(AtomicU64::new(0));
    let mut connections = Vec::new();
    for user in users {
        connections.push((user, Connection::open(port).await?));
    }
    let (cpu, begun) = (server.processor_seconds(), Instant::now());
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|(mut user, mut connection)| {
            let (stop, answered, wrong) = (stop.clone(), answered.clone(), wrong.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let sent = Instant::now();
                    match user.step(&mut connection).await? {
                        Some(true) => answered.fetch_add(1, Ordering::Relaxed),
                        Some(false) => wrong.fetch_add(1, Ordering::Relaxed),
                        None => break,
                    };
                    times.push(sent.elapsed());
                }
                Ok::<_, io::Error>(times)
            })
        })
        .collect();
    let timer = tokio::spawn({
        let stop = stop.clone();
        async move {
            tokio::time::sleep(time).await;
            stop.store(true, Ordering::Relaxed);
        }
    });
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(io::Error::other)??);
    }
    let (spent, took) = (server.processor_seconds() - cpu, begun.elapsed().as_secs_f64());
    timer.abort();
    if wrong.load(Ordering::Relaxed) > 0 {
        return Err(io::Error::other(format!("{} answers were wrong", wrong.load(Ordering::Relaxed))));
    }
    let count = answered.load(Ordering::Relaxed) as f64;
    times.sort_unstable();
    let p99 = times.get(times.len().saturating_sub(1) * 99 / 100).map_or(0.0, Duration::as_secs_f64) * 1000.0;
    Ok(Measured { cost: spent * 1e6 / count.max(1.0), rate: count / took, p99 })
}
