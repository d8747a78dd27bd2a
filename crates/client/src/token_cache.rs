//! A machine's token, kept until shortly before it ends; one request for however many ask.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chancery_spec::PresentedSecret;
use tokio::sync::Mutex;

use crate::client::Client;
use crate::error::ClientError;
use crate::token::MachineAsk;

/// Seconds before its end at which a token is replaced; less where a token lives for less than ten minutes.
const EARLY: i64 = 60;

/// The token of one client for one purpose. Shared by reference among all who need it.
///
/// While the old token is good, a request that fails is not told: it is repeated by the next who asks.
pub struct TokenCache {
    client: Arc<Client>,
    ask: MachineAsk,
    /// What is handed out without waiting.
    kept: RwLock<Option<Kept>>,
    /// The outcome of the last request. Held while one is under way.
    last: Mutex<Last>,
    /// How many requests have ended; those who began to wait before one ended share its outcome.
    ended: AtomicU64,
}

#[derive(Clone)]
struct Kept {
    token: Arc<PresentedSecret>,
    /// From then on it is to be replaced.
    replace_at: i64,
    /// From then on it is dead.
    ends_at: i64,
}

type Last = Option<Result<Arc<PresentedSecret>, ClientError>>;

impl TokenCache {
    /// A cache that asks for `ask` when somebody first needs a token.
    pub fn new(client: Arc<Client>, ask: MachineAsk) -> Self {
        Self { client, ask, kept: RwLock::default(), last: Mutex::default(), ended: 0.into() }
    }

    /// A token that is good for a while yet.
    ///
    /// # Errors
    /// As [`Client::client_credentials`], if there is no token that is still good.
    pub async fn token(&self) -> Result<Arc<PresentedSecret>, ClientError> {
        // Before the look at what is kept: a request that ends right after it is not repeated then.
        let begun = self.ended.load(Ordering::Acquire);
        if let Some(kept) = self.kept().filter(|kept| self.now() < kept.replace_at) {
            return Ok(kept.token);
        }
        let mut last = self.last.lock().await;
        if self.ended.load(Ordering::Acquire) != begun
            && let Some(shared) = &*last
        {
            return shared.clone();
        }
        let outcome = self.request().await;
        *last = Some(outcome.clone());
        self.ended.fetch_add(1, Ordering::Release);
        outcome
    }

    /// Drops `token`, which an API no longer takes. A newer token that somebody else has fetched meanwhile stays.
    pub fn forget(&self, token: &PresentedSecret) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|kept| *kept.token == *token) {
            *kept = None;
        }
    }

    async fn request(&self) -> Result<Arc<PresentedSecret>, ClientError> {
        let asked_at = self.now();
        match self.client.client_credentials(&self.ask).await {
            Ok(response) => {
                let token = Arc::new(PresentedSecret::new(response.access_token));
                // A token of unknown life is handed to those who wait for it now, and to nobody later.
                let life = response.expires_in.map_or(0, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
                let ends_at = asked_at.saturating_add(life);
                let replace_at = ends_at.saturating_sub(EARLY.min(life / 10));
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(Kept { token: token.clone(), replace_at, ends_at });
                Ok(token)
            }
            Err(error) => match self.kept().filter(|kept| self.now() < kept.ends_at) {
                Some(kept) => Ok(kept.token),
                None => Err(error),
            },
        }
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> i64 {
        self.client.surroundings.clock.now()
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("ask", &self.ask).finish_non_exhaustive()
    }
}
