//! One thread of the pool.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use argon2::password_hash::phc::Output;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use metrics::histogram;

use super::phc::{OUTPUT, Recipe, write};
use super::{Job, Work};
use crate::telemetry::PASSWORD_DURATION;

/// The most memory that a stored hash may ask for, in KiB, if it is more than is configured.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// The most passes that a stored hash may ask for, if they are more than are configured.
const MOST_PASSES: u32 = 32;

/// One thread and its arena.
pub(super) struct Worker {
    params: Params,
    arena: Vec<Block>,
}

/// How long an arena is kept for the next password.
const ARENA_KEPT: Duration = Duration::from_secs(3);

impl Worker {
    pub(super) fn new(params: Params) -> Self {
        Self { params, arena: Vec::new() }
    }

    pub(super) fn run(mut self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            let Some(job) = self.next(jobs) else { return };
            self.serve(job);
        }
    }

    /// The next job. Whoever holds the lock waits for it; the others wait for the lock. Megabytes
    /// are not kept by those who only wait.
    fn next(&mut self, jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
        let jobs = match jobs.try_lock() {
            Ok(jobs) => jobs,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.arena = Vec::new();
                jobs.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        match jobs.recv_timeout(ARENA_KEPT) {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.arena = Vec::new();
                jobs.recv().ok()
            }
        }
    }

    fn serve(&mut self, Job { password, work, asked }: Job) {
        match work {
            // Nobody waits for the answer any more: the request was given up.
            Work::Hash { answer, .. } if answer.is_closed() => return,
            Work::Verify { answer, .. } if answer.is_closed() => return,
            Work::Hash { salt, answer } => {
                let _ = answer.send(self.hash(password.as_bytes(), &salt));
            }
            Work::Verify { phc, answer } => {
                let _ = answer.send(self.verify(password.as_bytes(), &phc));
            }
        }
        histogram!(PASSWORD_DURATION).record(asked.elapsed().as_secs_f64());
    }

    fn hash(&mut self, password: &[u8], salt: &[u8]) -> Option<String> {
        let mut output = [0; OUTPUT];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        self.compute(&argon2, password, salt, &mut output)?;
        write(&self.params, salt, &output)
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
        let Some(output) = output.get_mut(..recipe.hash.len()) else {
            return false;
        };
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
