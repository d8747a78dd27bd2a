//! A clock that stands still until the test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use chancery_server::app::Clock;
use chancery_store::Moment;

/// 2026-11-22T12:00:00Z: where tests begin.
pub const BEGINNING: i64 = 1_795_348_800;

/// A clock that the test moves.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(BEGINNING * 1000))
    }
}

impl TestClock {
    /// Moves the present on.
    pub fn advance(&self, seconds: u64) {
        let milliseconds = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Seconds since the epoch.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now().seconds()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_milliseconds(self.0.load(Ordering::SeqCst))
    }
}
