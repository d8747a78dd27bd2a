//! The server's keys: fetched when needed, kept for a while, fetched again when a token names one that is not among them.

use chancery_jose::{JoseError, JwkSet, Unverified, Verified, VerifyingKeySet};
use chancery_spec::IdTokenClaims;
use http::StatusCode;
use tokio::sync::Mutex;

use crate::client::Client;
use crate::error::{ClientError, IdTokenFault, Refused};
use crate::metadata::{self, Endpoint};

/// Seconds after which keys are fetched again.
const FRESH: i64 = 600;
/// Seconds for which keys that cannot be fetched again still count.
const STALE: i64 = 3600;
/// Seconds between two fetches, however many tokens name unknown keys.
const PAUSE: i64 = 10;

/// The keys of one server.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    held: Mutex<Option<Held>>,
}

#[derive(Clone, Debug)]
struct Held {
    keys: VerifyingKeySet,
    fetched: i64,
    tried: i64,
}

impl Keys {
    /// The token, its signature checked by a key of the server and the registered algorithm.
    pub(crate) async fn verify(
        &self,
        client: &Client,
        text: &str,
    ) -> Result<Verified<IdTokenClaims<'static>>, ClientError> {
        let mut wants_newer = false;
        loop {
            let token = Unverified::parse(text).map_err(IdTokenFault::from)?;
            let held = self.current(client, wants_newer).await?;
            match token.verify_with_set(&held) {
                Err(JoseError::NoMatchingKey) if !wants_newer => wants_newer = true,
                outcome => return Ok(outcome.map_err(IdTokenFault::from)?),
            }
        }
    }

    /// The lock is held across the call: many sign-ins make one call.
    async fn current(&self, client: &Client, wants_newer: bool) -> Result<VerifyingKeySet, ClientError> {
        let now = client.surroundings.clock.now();
        let mut slot = self.held.lock().await;
        if let Some(held) = &mut *slot {
            let recently_tried = now.saturating_sub(held.tried) < PAUSE;
            let fresh = now.saturating_sub(held.fetched) < FRESH && !wants_newer;
            let usable = now.saturating_sub(held.fetched) < STALE;
            if fresh || (recently_tried && usable) {
                return Ok(held.keys.clone());
            }
            held.tried = now;
            return match fetch(client).await {
                Ok(keys) => {
                    *held = Held { keys: keys.clone(), fetched: now, tried: now };
                    Ok(keys)
                }
                // A server that is away for a moment does not end every sign-in.
                Err(_) if usable => Ok(held.keys.clone()),
                Err(error) => Err(error),
            };
        }
        let keys = fetch(client).await?;
        *slot = Some(Held { keys: keys.clone(), fetched: now, tried: now });
        Ok(keys)
    }
}

async fn fetch(client: &Client) -> Result<VerifyingKeySet, ClientError> {
    let url = client.provider.endpoint(Endpoint::Keys)?.clone();
    let answer = metadata::read(&*client.surroundings.http, url).await?;
    if answer.status != StatusCode::OK {
        return Err(ClientError::Refused(Refused::of(&answer)));
    }
    let set = JwkSet::parse(&answer.body).map_err(|_| ClientError::Answer("a key set"))?;
    Ok(VerifyingKeySet::from_jwk_set(&set, &[client.registration.id_token_algorithm]))
}
