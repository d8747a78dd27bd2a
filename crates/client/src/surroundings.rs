//! What a client needs of the world: calls, the present, chance.

use std::fmt;
use std::sync::Arc;

use crate::error::ClientError;
use crate::http::Http;

/// Tells the present.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;
}

/// Gives random bytes.
pub trait Dice: Send + Sync {
    /// 32 bytes that nobody can guess.
    ///
    /// # Errors
    /// [`ClientError::Randomness`] if there is no randomness.
    fn roll(&self) -> Result<[u8; 32], ClientError>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where this crate reads the present")]
    fn now(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn roll(&self) -> Result<[u8; 32], ClientError> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ClientError::Randomness)?;
        Ok(bytes)
    }
}

/// Everything outside that a client reaches.
#[derive(Clone)]
pub struct Surroundings {
    /// Makes its calls.
    pub http: Arc<dyn Http>,
    /// Tells it the present.
    pub clock: Arc<dyn Clock>,
    /// Makes its secrets.
    pub dice: Arc<dyn Dice>,
}

impl Surroundings {
    /// The system's clock and randomness, with calls by `http`.
    pub fn with_http(http: impl Http + 'static) -> Self {
        Self { http: Arc::new(http), clock: Arc::new(SystemClock), dice: Arc::new(SystemDice) }
    }

    /// The real world: calls over the network, the system's clock and randomness.
    ///
    /// # Errors
    /// [`ClientError::Http`] if TLS cannot be set up.
    #[cfg(feature = "reqwest")]
    pub fn system() -> Result<Self, ClientError> {
        Ok(Self::with_http(crate::http::ReqwestHttp::new()?))
    }

    /// 32 random bytes in base64url.
    pub(crate) fn token(&self) -> Result<String, ClientError> {
        Ok(chancery_jose::base64url_encode(&self.dice.roll()?))
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(..)")
    }
}
