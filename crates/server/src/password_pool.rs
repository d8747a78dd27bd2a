//! People's passwords, hashed in threads of their own, so that sign-ins never slow down anything else.
//!
//! A bounded queue stands before the threads: who finds it full is told to come back. Each thread keeps one arena of
//! memory for its life. A password for an unknown user costs what it costs for a known one.
//!
//! Implements: RFC 9106 (Argon2id), written as PHC strings.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use metrics::{counter, histogram};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::config::Passwords;
use crate::telemetry::{PASSWORD_DURATION, PASSWORDS_BUSY};

/// The longest password that is looked at, in bytes. Hashing more would let strangers choose what we spend.
pub const LONGEST_PASSWORD: usize = 1024;
/// When a caller who found the queue full should come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The most memory that a stored hash may ask for, in KiB, if it is more than is configured.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// The most passes that a stored hash may ask for, if they are more than are configured.
const MOST_PASSES: u32 = 32;
/// Bytes of salt (RFC 9106 §3.1) and of the hash.
const SALT: usize = 16;
const OUTPUT: usize = 32;

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
        let Some(kept) = Recipe::read(phc) else { return true };
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
                TrySendError::Disconnected(_) => tracing::error!("every thread for passwords has ended"),
            }
            Busy { retry_after: RETRY_AFTER }
        })
    }
}

/// A hash that no password makes: its output was never computed.
fn nothing(params: &Params) -> Option<String> {
    let (mut salt, mut output) = ([0; SALT], [0; OUTPUT]);
    aws_lc_rs::rand::fill(&mut salt).ok()?;
    aws_lc_rs::rand::fill(&mut output).ok()?;
    write_phc(params, &salt, &output)
}

fn write_phc(params: &Params, salt: &[u8], output: &[u8]) -> Option<String> {
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    };
    Some(phc.to_string())
}

/// What a PHC string says.
struct Recipe {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    hash: Output,
}

impl Recipe {
    fn read(phc: &str) -> Option<Self> {
        let phc = PasswordHash::new(phc).ok()?;
        Some(Self {
            algorithm: Algorithm::try_from(phc.algorithm.as_str()).ok()?,
            version: phc.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?,
            params: Params::try_from(&phc).ok()?,
            salt: phc.salt?,
            hash: phc.hash?,
        })
    }
}

/// One thread and its arena.
struct Worker {
    params: Params,
    arena: Vec<Block>,
}

impl Worker {
    fn new(params: Params) -> Self {
        Self { params, arena: Vec::new() }
    }

    fn run(mut self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            // Whoever holds the lock waits for the next job; the others wait for the lock.
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            self.serve(job);
        }
    }

    fn serve(&mut self, Job { password, work, asked }: Job) {
        match work {
            // Nobody waits for the answer any more: the request was given up.
            Work::Hash { answer, .. } if answer.is_closed() => return,
            Work::Verify { answer, .. } if answer.is_closed() => return,
            Work::Hash { salt, answer } => drop(answer.send(self.hash(password.as_bytes(), &salt))),
            Work::Verify { phc, answer } => drop(answer.send(self.verify(password.as_bytes(), &phc))),
        }
        histogram!(PASSWORD_DURATION).record(asked.elapsed().as_secs_f64());
    }

    fn hash(&mut self, password: &[u8], salt: &[u8]) -> Option<String> {
        let mut output = [0; OUTPUT];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        self.compute(&argon2, password, salt, &mut output)?;
        write_phc(&self.params, salt, &output)
    }

    fn verify(&mut self, password: &[u8], phc: &str) -> bool {
        let Some(recipe) = Recipe::read(phc) else {
            tracing::error!("a stored password hash cannot be read");
            return false;
        };
        let (memory_kib, passes) = (recipe.params.m_cost(), recipe.params.t_cost());
        let most = (self.params.m_cost().max(MOST_MEMORY_KIB), self.params.t_cost().max(MOST_PASSES));
        if memory_kib > most.0 || passes > most.1 {
            tracing::error!(memory_kib, passes, "a stored password hash asks for too much");
            return false;
        }
        let mut output = [0; Output::MAX_LENGTH];
        let Some(output) = output.get_mut(..recipe.hash.len()) else { return false };
        let argon2 = Argon2::new(recipe.algorithm, recipe.version, recipe.params);
        let computed = self.compute(&argon2, password, recipe.salt.as_ref(), output);
        // `Output` compares in constant time.
        computed.is_some() && Output::new(output).is_ok_and(|output| output == recipe.hash)
    }

    fn compute(&mut self, argon2: &Argon2<'_>, password: &[u8], salt: &[u8], output: &mut [u8]) -> Option<()> {
        let blocks = argon2.params().block_count();
        if self.arena.len() < blocks {
            self.arena.resize(blocks, Block::default());
        }
        let done = argon2.hash_password_into_with_memory(password, salt, output, self.arena.get_mut(..blocks)?);
        // What one old hash needed is not kept for ever.
        let usual = self.params.block_count();
        if self.arena.len() > usual {
            self.arena.truncate(usual);
            self.arena.shrink_to_fit();
        }
        done.inspect_err(|error| tracing::error!(%error, "a password was not hashed")).ok()
    }
}

#[cfg(test)]
mod tests;
