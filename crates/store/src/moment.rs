//! A point in time, to the millisecond. There is no way to ask for the present here: a moment is
//! handed in from the edge, so that a test can move it.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

impl Moment {
    /// The moment `milliseconds` after the epoch.
    #[must_use]
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch, as the backends keep it.
    #[must_use]
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch: a NumericDate (RFC 7519 §2).
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        let milliseconds = if seconds > (i64::MAX / 1000) as u64 { i64::MAX } else { seconds as i64 * 1000 };
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative where it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether a thing good until `until` is over at this moment. The last moment is already over.
    #[must_use]
    pub const fn is_past(self, until: Self) -> bool {
        until.0 <= self.0
    }

    /// The earlier of two moments.
    #[must_use]
    pub fn earlier_of(self, other: Self) -> Self {
        self.min(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_too_long_to_count_ends_at_the_end_of_time_and_not_in_the_past() {
        assert!(Moment::from_seconds(1).plus_seconds(u64::MAX) > Moment::from_seconds(1));
    }

    #[test]
    fn the_last_moment_of_a_lifetime_is_already_over() {
        let until = Moment::from_seconds(10);
        assert!(Moment::from_seconds(10).is_past(until));
        assert!(!Moment::from_milliseconds(9_999).is_past(until));
    }
}
