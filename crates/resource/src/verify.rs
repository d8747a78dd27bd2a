//! Access tokens: what must hold, checked once and then remembered.
//!
//! Implements: RFC 9068 §4; RFC 8725 §3.1, §3.8, §3.9, §3.11.
//! Leaves out: encrypted access tokens, opaque ones.

use std::fmt;
use std::sync::Arc;

use chancery_jose::{ClaimFault, Expected, JoseError, SignatureAlgorithm, Unverified, Verified, sha256};
use chancery_spec::{AccessTokenClaims, Issuer};
use quick_cache::sync::Cache;

use crate::caller::Caller;
use crate::clock::{Clock, SystemClock};
use crate::denial::{Denial, TokenFault};
use crate::keys::{KeyRing, KeySource, Keys};

/// How many tokens are remembered unless told otherwise.
const REMEMBERED: usize = 10_000;

/// Verifies the access tokens of one issuer for one API. Made once, then shared.
pub struct Verifier {
    issuer: Issuer,
    audience: String,
    algorithms: Vec<SignatureAlgorithm>,
    leeway_seconds: i64,
    clock: Arc<dyn Clock>,
    keys: Keys,
    /// By digest, so that no token stays in memory.
    remembered: Cache<[u8; 32], Remembered>,
}

#[derive(Clone)]
struct Remembered {
    caller: Caller,
    /// From then on it is dead.
    ends_at: i64,
    /// The keys under which it was verified.
    keys: [u8; 32],
}

impl Verifier {
    /// Tokens of `issuer` for `audience`, by the keys of `source`. Every signature algorithm of the keys is taken; clocks may
    /// differ by 10 seconds; 10,000 tokens are remembered.
    pub fn new(issuer: Issuer, audience: impl Into<String>, source: impl KeySource + 'static) -> Self {
        Self {
            issuer,
            audience: audience.into(),
            algorithms: SignatureAlgorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric()).collect(),
            leeway_seconds: 10,
            clock: Arc::new(SystemClock),
            keys: Keys::new(source),
            remembered: Cache::new(REMEMBERED),
        }
    }

    /// Tokens of `issuer` for `audience`, by the keys that the issuer publishes. Nothing is fetched before the first token
    /// comes.
    ///
    /// # Errors
    /// [`crate::KeysUnavailable`] if TLS cannot be set up.
    #[cfg(feature = "reqwest")]
    pub fn remote(issuer: Issuer, audience: impl Into<String>) -> Result<Self, crate::KeysUnavailable> {
        let source = crate::RemoteKeys::new(issuer.clone())?;
        Ok(Self::new(issuer, audience, source))
    }

    /// Takes tokens signed by these algorithms alone.
    #[must_use]
    pub fn algorithms(self, algorithms: Vec<SignatureAlgorithm>) -> Self {
        Self { algorithms, ..self }
    }

    /// With another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// By how many seconds the server's clock may differ from ours.
    #[must_use]
    pub fn leeway_seconds(self, seconds: u32) -> Self {
        Self { leeway_seconds: i64::from(seconds), ..self }
    }

    /// Remembers so many tokens.
    #[must_use]
    pub fn remembering(self, tokens: usize) -> Self {
        Self { remembered: Cache::new(tokens), ..self }
    }

    /// The caller that a token speaks for.
    ///
    /// # Errors
    /// [`Denial::Refused`], [`Denial::KeysUnavailable`].
    pub async fn verify(&self, token: &str) -> Result<Caller, Denial> {
        let (now, digest) = (self.clock.now(), sha256(token.as_bytes()));
        let fresh = self.keys.fresh(now);
        if let Some(ring) = &fresh
            && let Some(known) = self.remembered.get(&digest)
            && known.keys == ring.digest
            && now < known.ends_at
        {
            return Ok(known.caller);
        }
        let ring = match fresh {
            Some(ring) => ring,
            None => self.newer(now, None).await?,
        };
        let (verified, ring) = self.check_signature(now, token, ring).await?;
        let ends_at = self.check(now, &verified)?;
        let caller = Caller::new(verified.into_claims());
        self.remembered.insert(digest, Remembered { caller: caller.clone(), ends_at, keys: ring.digest });
        Ok(caller)
    }

    async fn check_signature(
        &self,
        now: i64,
        token: &str,
        ring: Arc<KeyRing>,
    ) -> Result<(Verified<AccessTokenClaims<'static>>, Arc<KeyRing>), Denial> {
        let parse = || Unverified::parse(token).map_err(invalid);
        match parse()?.verify_with_set(&ring.keys) {
            // The key may be newer than what we hold.
            Err(JoseError::NoMatchingKey) => {
                let newer = self.newer(now, Some(&ring)).await?;
                Ok((parse()?.verify_with_set(&newer.keys).map_err(invalid)?, newer))
            }
            outcome => Ok((outcome.map_err(invalid)?, ring)),
        }
    }

    async fn newer(&self, now: i64, than: Option<&Arc<KeyRing>>) -> Result<Arc<KeyRing>, Denial> {
        self.keys.newer(now, &self.algorithms, than).await.map_err(|_| Denial::KeysUnavailable)
    }

    /// RFC 9068 §4; the moment from which on the token is dead.
    fn check(&self, now: i64, token: &Verified<AccessTokenClaims<'static>>) -> Result<i64, Denial> {
        let audience = [self.audience.as_str()];
        let expected = Expected::new(now)
            .leeway_seconds(self.leeway_seconds)
            .one_of_types(&["at+jwt"])
            .issuer(self.issuer.as_str())
            .audience(&audience);
        token.meets(&expected).map_err(invalid)?;
        if token.claims().cnf.is_some() {
            return Err(Denial::Refused(TokenFault::Bound));
        }
        let end = token.standard().exp.map_or(i64::MIN, |exp| exp.0);
        Ok(end.saturating_add(self.leeway_seconds))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

fn invalid(fault: JoseError) -> Denial {
    Denial::Refused(match fault {
        JoseError::Claim(ClaimFault::Expired) => TokenFault::Expired,
        fault => TokenFault::Invalid(fault),
    })
}
