//! People's passwords, hashed in threads of their own, so that sign-ins never slow down anything else.
//!
//! A bounded queue stands before the threads: who finds it full is told to come back. Each thread keeps one arena of
//! memory for its life. A password for an unknown user costs what it costs for a known one.
//!
//! Implements: RFC 9106 (Argon2id), written as PHC strings.

mod phc;
mod worker;

use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Params, Version};
use metrics::counter;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::config::Passwords;
use crate::telemetry::PASSWORDS_BUSY;
use phc::{OUTPUT, Recipe, SALT, nothing};
use worker::Worker;

/// The longest password that is looked at, in bytes. Hashing more would let strangers choose what we spend.
pub const LONGEST_PASSWORD: usize = 1024;
/// When a caller who found the queue full should come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Too many passwords are waiting already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Busy {
    /// For the `Retry-After` of a 503.
    pub retry_after: Duration,
}

/// Why a password was not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// More than [`LONGEST_PASSWORD`] bytes.
    #[error("the password is too long")]
    TooLong,
}

/// The threads, as long as somebody holds this.
pub struct PasswordPool {
    queue: SyncSender<Job>,
    params: Params,
    /// A hash of no password, with the parameters of real ones.
    nothing: Arc<str>,
}

struct Job {
    password: Zeroizing<String>,
    work: Work,
    asked: Instant,
}

enum Work {
    Hash { salt: [u8; SALT], answer: oneshot::Sender<Option<String>> },
    Verify { phc: Arc<str>, answer: oneshot::Sender<bool> },
}

/// Why the pool cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Argon2 refuses the parameters.
    #[error("the parameters of Argon2id are not usable")]
    Parameters,
    /// The system gave no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// The system gave no threads.
    #[error("no thread for passwords: {0}")]
    Thread(#[from] std::io::Error),
}

impl PasswordPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(settings: &Passwords) -> Result<Self, StartError> {
        let (memory, passes, lanes) = (settings.memory_kib, settings.iterations, settings.parallelism);
        let params = Params::new(memory, passes, lanes, Some(OUTPUT)).map_err(|_| StartError::Parameters)?;
        let nothing = nothing(&params).ok_or(StartError::Randomness)?;
        let (queue, jobs) = sync_channel(settings.queue.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..settings.threads.max(1) {
            let (jobs, params) = (Arc::clone(&jobs), params.clone());
            let thread = std::thread::Builder::new().name(format!("password-{number}"));
            thread.spawn(move || Worker::new(params).run(&jobs))?;
        }
        Ok(Self { queue, params, nothing: nothing.into() })
    }

    /// Whether the password makes this hash. A hash that cannot be read, and a password that is too long, match nothing.
    ///
    /// # Errors
    /// Too many passwords are waiting already.
    pub async fn verify(&self, password: impl Into<Zeroizing<String>>, phc: &str) -> Result<bool, Busy> {
        self.check(password.into(), phc.into()).await
    }

    /// Spends what [`Self::verify`] would spend, for a user whom nobody knows.
    ///
    /// # Errors
    /// Too many passwords are waiting already.
    pub async fn verify_against_nothing(&self, password: impl Into<Zeroizing<String>>) -> Result<(), Busy> {
        self.check(password.into(), Arc::clone(&self.nothing)).await.map(drop)
    }

    /// Hashes a new password with a fresh salt.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(&self, password: impl Into<Zeroizing<String>>) -> Result<String, HashError> {
        let password = password.into();
        if password.len() > LONGEST_PASSWORD {
            return Err(HashError::TooLong);
        }
        let busy = Busy { retry_after: RETRY_AFTER };
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| busy)?;
        let (answer, answered) = oneshot::channel();
        self.enqueue(password, Work::Hash { salt, answer })?;
        Ok(answered.await.ok().flatten().ok_or(busy)?)
    }

    /// Whether a hash was made with other parameters than are configured now, so that the password, once it was
    /// right, should be hashed anew.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        let Some(kept) = Recipe::read(phc) else {
            return true;
        };
        let same = kept.algorithm == Algorithm::Argon2id
            && kept.version == Version::V0x13
            && kept.params.m_cost() == self.params.m_cost()
            && kept.params.t_cost() == self.params.t_cost()
            && kept.params.p_cost() == self.params.p_cost()
            && kept.hash.len() == OUTPUT
            && kept.salt.len() >= SALT;
        !same
    }

    async fn check(&self, password: Zeroizing<String>, phc: Arc<str>) -> Result<bool, Busy> {
        if password.len() > LONGEST_PASSWORD {
            return Ok(false);
        }
        let (answer, answered) = oneshot::channel();
        self.enqueue(password, Work::Verify { phc, answer })?;
        answered.await.map_err(|_| Busy { retry_after: RETRY_AFTER })
    }

    fn enqueue(&self, password: Zeroizing<String>, work: Work) -> Result<(), Busy> {
        let job = Job { password, work, asked: Instant::now() };
        self.queue.try_send(job).map_err(|error| {
            match error {
                TrySendError::Full(_) => counter!(PASSWORDS_BUSY).increment(1),
                TrySendError::Disconnected(_) => {
                    tracing::error!("every thread for passwords has ended")
                }
            }
            Busy { retry_after: RETRY_AFTER }
        })
    }
}

#[cfg(test)]
mod tests;
