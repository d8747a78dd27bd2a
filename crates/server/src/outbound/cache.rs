//! Documents that were fetched: kept as long as their server says, within bounds; one call however many ask.

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use quick_cache::sync::Cache;
use tokio::sync::Mutex;
use url::Url;

use super::error::OutboundError;
use super::{Answer, max_age};

/// Documents kept at once; with the largest answers this is the most memory they take.
const MOST_DOCUMENTS: usize = 256;

/// How new a document must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As new as its server asks, between a minute and a day; ten minutes if it asks nothing.
    Usual,
    /// Fetched no longer ago than this: for a key that the cached set does not have. Never less than a few
    /// seconds, so that strangers with invented keys cannot make us call without end.
    Within(Duration),
}

/// Bounds on how long things are kept.
struct Bounds {
    least: Duration,
    usual: Duration,
    most: Duration,
    /// However much is asked for, a document this new will do, and a failure this new is still one.
    recent: Duration,
}

const BOUNDS: Bounds = Bounds {
    least: Duration::from_secs(60),
    usual: Duration::from_secs(600),
    most: Duration::from_secs(86_400),
    recent: Duration::from_secs(5),
};

/// What was found at a URL.
pub struct Document {
    /// Its bytes.
    pub body: Bytes,
    parsed: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Document {
    /// The document as what `parse` makes of it. The first success is kept with the document, so that a key set
    /// is parsed once and not once for each signature.
    pub fn parsed<T: Send + Sync + 'static>(&self, parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<Arc<T>> {
        if let Some(kept) = self.parsed.get().and_then(|kept| Arc::clone(kept).downcast().ok()) {
            return Some(kept);
        }
        let fresh = Arc::new(parse(&self.body)?);
        let _ = self.parsed.set(Arc::clone(&fresh) as Arc<dyn Any + Send + Sync>);
        Some(fresh)
    }
}

/// Everything kept, by URL.
pub(super) struct Documents {
    bounds: Bounds,
    slots: Cache<String, Arc<Mutex<Option<Outcome>>>>,
}

/// How the last call for a URL ended.
struct Outcome {
    result: Result<Arc<Document>, OutboundError>,
    fetched: Instant,
    until: Instant,
}

impl Documents {
    pub(super) fn new() -> Self {
        Self::within(BOUNDS)
    }

    fn within(bounds: Bounds) -> Self {
        Self { bounds, slots: Cache::new(MOST_DOCUMENTS) }
    }

    /// What is kept for the URL if it is fresh, else what `read` finds. While one reads, the others wait for it;
    /// if it is given up, the next of them reads.
    pub(super) async fn find<F>(
        &self,
        url: &Url,
        freshness: Freshness,
        read: impl FnOnce() -> F,
    ) -> Result<Arc<Document>, OutboundError>
    where
        F: Future<Output = Result<Answer, OutboundError>>,
    {
        let fresh_slot = || Ok::<_, OutboundError>(Arc::new(Mutex::new(None)));
        let slot = self.slots.get_or_insert_with(url.as_str(), fresh_slot)?;
        let mut kept = slot.lock().await;
        if let Some(outcome) = kept.as_ref().filter(|outcome| self.serves(outcome, freshness)) {
            return outcome.result.clone();
        }
        let (result, lifetime) = match read().await {
            Ok(answer) => {
                let asked = max_age(&answer.headers).unwrap_or(self.bounds.usual);
                let document = Document { body: answer.body, parsed: OnceLock::new() };
                (Ok(Arc::new(document)), asked.clamp(self.bounds.least, self.bounds.most))
            }
            Err(error) => (Err(error), self.bounds.recent),
        };
        let now = Instant::now();
        *kept = Some(Outcome { result: result.clone(), fetched: now, until: now + lifetime });
        result
    }

    fn serves(&self, outcome: &Outcome, freshness: Freshness) -> bool {
        let now = Instant::now();
        let age = now.saturating_duration_since(outcome.fetched);
        match freshness {
            Freshness::Usual => now < outcome.until,
            Freshness::Within(limit) => age < limit.max(self.bounds.recent) && now < outcome.until,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    fn url() -> Url {
        Url::parse("https://id.example/jwks").expect("a URL")
    }

    fn answer(cache_control: &'static str) -> Result<Answer, OutboundError> {
        let headers = HeaderMap::from_iter([(http::header::CACHE_CONTROL, HeaderValue::from_static(cache_control))]);
        Ok(Answer { status: StatusCode::OK, headers, body: Bytes::from("[1]") })
    }

    /// How many calls two requests make.
    async fn calls(documents: &Documents, freshness: Freshness, answers: Result<Answer, OutboundError>) -> usize {
        let calls = AtomicUsize::new(0);
        for _ in 0..2 {
            let read = || async {
                calls.fetch_add(1, Ordering::Relaxed);
                answers.clone()
            };
            let _ = documents.find(&url(), freshness, read).await;
        }
        calls.into_inner()
    }

    #[tokio::test]
    async fn a_document_is_kept_as_its_server_says_but_within_bounds() {
        let bounds = |least| Bounds { least, usual: Duration::ZERO, most: BOUNDS.most, recent: Duration::ZERO };
        let patient = || Documents::within(bounds(Duration::ZERO));
        assert_eq!(calls(&patient(), Freshness::Usual, answer("public, max-age=60")).await, 1);
        assert_eq!(calls(&patient(), Freshness::Usual, answer("max-age=0")).await, 2);
        assert_eq!(calls(&patient(), Freshness::Usual, answer("max-age=60, no-store")).await, 2);
        assert_eq!(calls(&patient(), Freshness::Usual, answer("public")).await, 2);
        let bounded = Documents::within(bounds(Duration::from_secs(60)));
        assert_eq!(calls(&bounded, Freshness::Usual, answer("no-store")).await, 1);
        assert_eq!(calls(&patient(), Freshness::Within(Duration::ZERO), answer("max-age=60")).await, 2);
    }

    #[tokio::test]
    async fn failures_and_recent_documents_are_not_asked_for_again() {
        assert_eq!(calls(&Documents::new(), Freshness::Usual, Err(OutboundError::TimedOut)).await, 1);
        assert_eq!(calls(&Documents::new(), Freshness::Within(Duration::ZERO), answer("max-age=1")).await, 1);
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_is_made_by_the_next_who_waits() {
        let documents = Documents::new();
        let url = url();
        {
            let mut given_up = std::pin::pin!(documents.find(&url, Freshness::Usual, std::future::pending));
            assert!(futures_util::poll!(given_up.as_mut()).is_pending());
        }
        let found = documents.find(&url, Freshness::Usual, || std::future::ready(answer("max-age=1"))).await;
        assert_eq!(found.expect("a document").body, "[1]");
    }

    #[tokio::test]
    async fn a_document_is_parsed_once() {
        let documents = Documents::new();
        let parses = AtomicUsize::new(0);
        for _ in 0..3 {
            let found = documents.find(&url(), Freshness::Usual, || std::future::ready(answer("max-age=60"))).await;
            let length = found.expect("a document").parsed(|bytes| {
                parses.fetch_add(1, Ordering::Relaxed);
                Some(bytes.len())
            });
            assert_eq!(length.as_deref(), Some(&3));
        }
        assert_eq!(parses.into_inner(), 1);
    }
}
