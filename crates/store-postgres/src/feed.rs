//! The change feed: what a write tells the other nodes, and the connection that hears it.
//!
//! A notice is sent inside the transaction of the change that it tells of, so that it arrives if
//! and only if the change does, and after it.
//!
//! While nobody listens, anything may change unheard, and a node must not answer from memory.
//! The feed then announces [`Change::Everything`] at once, every 50 ms until it listens again,
//! and once after: kept directory records are in effect off, and none outlives its change by
//! more than that. A connection that died without a word is noticed by its pulse within a second
//! and a half.

use std::sync::Arc;
use std::time::Duration;

use chancery_spec::resource::ResourceIndicator;
use chancery_store::StoreError;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::store::Change;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio_postgres::{AsyncMessage, Client};

use crate::connection::Address;
use crate::fault::unconnected;

/// How often everything is announced while nobody listens.
const DEAF: Duration = Duration::from_millis(50);
/// How often the listening connection is asked whether it still stands.
const PULSE: Duration = Duration::from_millis(500);
/// How long its answer may take: a busy server is no dead one.
const BEAT: Duration = Duration::from_secs(1);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// PostgreSQL takes payloads of less than 8000 bytes.
const LONGEST_NOTICE: usize = 7900;

/// A change on its way.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum Notice {
    Client { realm: RealmName, id: ClientId },
    Everything,
    Keys { realm: RealmName },
    Realm { realm: RealmName },
    Resource { realm: RealmName, id: ResourceIndicator },
}

/// The payload that tells of `change`.
pub(crate) fn payload(change: &Change) -> Result<String, StoreError> {
    let unwritable = |_| StoreError::Refused("a notice cannot be written".to_owned());
    let notice = match change.clone() {
        Change::Client(realm, id) => Notice::Client { realm, id },
        Change::Everything => Notice::Everything,
        Change::Keys(realm) => Notice::Keys { realm },
        Change::Realm(realm) => Notice::Realm { realm },
        Change::Resource(realm, id) => Notice::Resource { realm, id },
    };
    let text = serde_json::to_string(&notice).map_err(unwritable)?;
    if text.len() <= LONGEST_NOTICE { Ok(text) } else { serde_json::to_string(&Notice::Everything).map_err(unwritable) }
}

/// What a payload tells. One that we cannot read could have been anything.
fn change(payload: &str) -> Change {
    match serde_json::from_str(payload) {
        Ok(Notice::Client { realm, id }) => Change::Client(realm, id),
        Ok(Notice::Everything) | Err(_) => Change::Everything,
        Ok(Notice::Keys { realm }) => Change::Keys(realm),
        Ok(Notice::Realm { realm }) => Change::Realm(realm),
        Ok(Notice::Resource { realm, id }) => Change::Resource(realm, id),
    }
}

/// A connection that listens.
pub(crate) struct Listener {
    client: Client,
    heard: mpsc::UnboundedReceiver<Change>,
}

impl Listener {
    pub(crate) async fn open(address: &Address) -> Result<Self, StoreError> {
        let late = |_| StoreError::Unavailable("listen: no answer in time".to_owned());
        tokio::time::timeout(address.connect_timeout, Self::open_patiently(address)).await.map_err(late)?
    }

    async fn open_patiently(address: &Address) -> Result<Self, StoreError> {
        let (client, mut connection) = address.open().await.map_err(|cause| unconnected(&cause))?;
        let (tell, heard) = mpsc::unbounded_channel();
        // The task ends with the connection, and drops the sender: that is how its end is heard.
        tokio::spawn(async move {
            let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(notice) = message
                    && tell.send(change(notice.payload())).is_err()
                {
                    return;
                }
            }
        });
        let setup = format!("{}; LISTEN chancery_changes", address.setup());
        client.batch_execute(&setup).await.map_err(|cause| crate::fault::told("listen", &cause))?;
        Ok(Self { client, heard })
    }

    /// Hands on what it hears; returns when the connection is lost.
    async fn listen(&mut self, feed: &broadcast::Sender<Change>) {
        let Self { client, heard } = self;
        let lost = pulse_stops(client);
        tokio::pin!(lost);
        loop {
            tokio::select! {
                heard = heard.recv() => match heard {
                    // Nobody hears it where nobody keeps anything.
                    Some(change) => drop(feed.send(change)),
                    None => return,
                },
                () = &mut lost => return,
            }
        }
    }
}

/// Returns when the connection does not answer any more.
async fn pulse_stops(client: &Client) {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        if !matches!(tokio::time::timeout(BEAT, client.simple_query("")).await, Ok(Ok(_))) {
            return;
        }
    }
}

/// Listens for ever, on one connection after another.
pub(crate) async fn run(address: Arc<Address>, mut listener: Listener, feed: broadcast::Sender<Change>) {
    loop {
        listener.listen(&feed).await;
        tracing::warn!("the change feed is interrupted: directory records are read from the database until it is back");
        listener = reconnect(&address, &feed).await;
        // What changed since the last announcement was not heard.
        let _ = feed.send(Change::Everything);
        tracing::info!("the change feed is back");
    }
}

/// Connects anew, and meanwhile keeps everything from being kept.
async fn reconnect(address: &Address, feed: &broadcast::Sender<Change>) -> Listener {
    let mut deaf = tokio::time::interval(DEAF);
    let connected = async {
        let mut wait = FIRST_WAIT;
        loop {
            if let Ok(listener) = Listener::open(address).await {
                return listener;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    };
    tokio::pin!(connected);
    loop {
        tokio::select! {
            listener = &mut connected => return listener,
            _ = deaf.tick() => drop(feed.send(Change::Everything)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_arrives_as_it_was_sent() {
        let realm = RealmName::parse("plant").unwrap();
        let changes = [
            Change::Realm(realm.clone()),
            Change::Client(realm.clone(), ClientId::parse("cam\"era").unwrap()),
            Change::Resource(realm.clone(), ResourceIndicator::parse("https://api.example/").unwrap()),
            Change::Keys(realm),
            Change::Everything,
        ];
        for sent in changes {
            assert_eq!(change(&payload(&sent).unwrap()), sent);
        }
    }

    #[test]
    fn a_notice_that_is_too_long_or_cannot_be_read_tells_of_everything() {
        let realm = RealmName::parse("plant").unwrap();
        let long = ResourceIndicator::parse(&format!("https://api.example/{}", "x".repeat(7900)));
        if let Ok(long) = long {
            assert_eq!(change(&payload(&Change::Resource(realm, long)).unwrap()), Change::Everything);
        }
        assert_eq!(change("{\"kind\":\"tomorrow\"}"), Change::Everything);
    }
}
