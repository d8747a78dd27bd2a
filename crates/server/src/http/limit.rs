//! Bounds on what one caller may take: a body of so many bytes in so much time, so many requests in an interval.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::time::timeout;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The connection broke, or its framing did.
    #[error("the request's body broke off")]
    Broken,
    /// More bytes than allowed (413, RFC 9110 §15.5.14).
    #[error("the request's body is larger than allowed")]
    TooLarge,
    /// More time than allowed (408, RFC 9110 §15.5.9).
    #[error("the request's body came too slowly")]
    TooSlow,
}

/// A whole body of at most `limit` bytes, all of which arrive before `deadline` is over.
///
/// # Errors
/// See [`BodyError`]; after one the connection is of no more use.
pub async fn collect_body(body: Body, limit: usize, deadline: Duration) -> Result<Bytes, BodyError> {
    // What is announced too large need not be waited for.
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(BodyError::TooLarge);
    }
    timeout(deadline, gather(body, limit)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn gather(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
            continue;
        };
        if first.len() + whole.len() + data.len() > limit {
            return Err(BodyError::TooLarge);
        }
        // Nearly every body comes in one piece, which needs no copy.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// How often a key may act: `burst` times at once, then once each `interval`.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two acts of a key that has used up its burst.
    pub interval: Duration,
    /// Acts at once of a key that has rested.
    pub burst: NonZeroU32,
}

/// A limit per key, in bounded memory: the generic cell rate algorithm over a table of fixed size.
///
/// Keys whose hashes fall on one cell share it. With more cells than active keys that is rare, errs on the strict
/// side, and cannot be aimed at, because the hash is keyed at random. Nothing ever has to be swept.
pub struct IntervalLimiter {
    start: Instant,
    pace: Pace,
    hasher: RandomState,
    /// Each cell: when its keys will have paid for what they did, in microseconds since the start.
    shards: Vec<Mutex<Vec<u64>>>,
}

const SHARDS: usize = 16;

impl IntervalLimiter {
    /// A limiter of about `cells` cells, eight bytes each, that begins at `start`.
    pub fn new(pace: Pace, cells: usize, start: Instant) -> Self {
        let each = cells.div_ceil(SHARDS).max(1);
        let shards = std::iter::repeat_with(|| Mutex::new(vec![0; each])).take(SHARDS).collect();
        Self { start, pace, hasher: RandomState::new(), shards }
    }

    /// Lets the key act now, or tells how long it must wait. Waiting costs nothing.
    ///
    /// # Errors
    /// The time until the key may act, for `Retry-After`.
    pub fn admit(&self, key: &impl Hash, now: Instant) -> Result<(), Duration> {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let now = micros(now.saturating_duration_since(self.start));
        let interval = micros(self.pace.interval);
        let tolerance = interval.saturating_mul(u64::from(self.pace.burst.get() - 1));
        // On narrow machines the lower half of the hash will do.
        let hash = self.hasher.hash_one(key) as usize;
        let mut cells = self.shards[hash % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        let count = cells.len();
        let paid_at = &mut cells[hash / SHARDS % count];
        let early = paid_at.saturating_sub(now);
        if early > tolerance {
            return Err(Duration::from_micros(early - tolerance));
        }
        *paid_at = (*paid_at).max(now).saturating_add(interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use hyper::body::Frame;

    use super::*;

    fn pieces(pieces: &[&'static str]) -> Body {
        let frames: Vec<_> = pieces.iter().map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from(*piece)))).collect();
        Body::new(http_body_util::StreamBody::new(stream::iter(frames)))
    }

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_read_whole() {
        assert_eq!(collect_body(pieces(&["ab", "", "cde"]), 5, SOON).await, Ok(Bytes::from("abcde")));
        assert_eq!(collect_body(pieces(&[]), 0, SOON).await, Ok(Bytes::new()));
        assert_eq!(collect_body(Body::from("abcde"), 5, SOON).await, Ok(Bytes::from("abcde")));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
        assert_eq!(collect_body(pieces(&["ab", "cde", "f"]), 5, SOON).await, Err(BodyError::TooLarge));
        assert_eq!(collect_body(Body::from("abcdef"), 5, SOON).await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_cut() {
        let endless = stream::pending::<Result<Frame<Bytes>, Infallible>>();
        let body = Body::new(http_body_util::StreamBody::new(endless));
        assert_eq!(collect_body(body, 5, Duration::from_millis(50)).await, Err(BodyError::TooSlow));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_told_from_one_that_ends() {
        let broken = stream::iter([Ok(Frame::data(Bytes::from("ab"))), Err(std::io::Error::other("gone"))]);
        let body = Body::new(http_body_util::StreamBody::new(broken));
        assert_eq!(collect_body(body, 5, SOON).await, Err(BodyError::Broken));
    }

    #[test]
    fn a_key_acts_in_bursts_and_then_at_its_pace_while_others_are_free() {
        let start = Instant::now();
        let pace = Pace { interval: Duration::from_secs(2), burst: NonZeroU32::new(3).expect("three") };
        let limiter = IntervalLimiter::new(pace, 1 << 16, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..3 {
            assert_eq!(limiter.admit(&"alice", at(10)), Ok(()));
        }
        for _ in 0..5 {
            assert_eq!(limiter.admit(&"alice", at(10)), Err(Duration::from_secs(2)));
        }
        assert_eq!(limiter.admit(&"bob", at(10)), Ok(()));
        assert_eq!(limiter.admit(&"alice", at(11)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.admit(&"alice", at(12)), Ok(()));
        assert_eq!(limiter.admit(&"alice", at(12)), Err(Duration::from_secs(2)));
        for _ in 0..3 {
            assert_eq!(limiter.admit(&"alice", at(60)), Ok(()));
        }
    }
}
