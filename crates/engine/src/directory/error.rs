//! Why the directory was not changed: what was wrong, where, and what to do.

use std::fmt;

use chancery_jose::JoseError;
use chancery_store::StoreError;

/// One thing to mend in what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Complaint {
    /// The member it is about, by its name on the wire: `redirect_uris[1]`.
    pub member: String,
    /// What is wrong and what would be right. It never repeats a value that may be secret.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.message)
    }
}

/// Everything that is wrong, so that one correction mends it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// Adds one.
    pub fn push(&mut self, member: impl Into<String>, message: impl Into<String>) {
        self.0.push(Complaint { member: member.into(), message: message.into() });
    }

    /// Adds all of `others`, as being inside the member `within`.
    pub fn extend_within(&mut self, within: &str, others: Self) {
        let inside = |complaint: Complaint| Complaint { member: format!("{within}.{}", complaint.member), ..complaint };
        self.0.extend(others.0.into_iter().map(inside));
    }

    /// Adds all of `others`.
    pub fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether there is nothing to mend.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Complaint> {
        self.0.iter()
    }

    /// `value`, if there is nothing to mend.
    ///
    /// # Errors
    /// The complaints.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, complaint) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{complaint}")?;
        }
        Ok(())
    }
}

/// Why the directory was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// What was asked for breaks rules.
    #[error("{0}")]
    Refused(Complaints),
    /// There is no such record.
    #[error("there is no {kind} {name:?}")]
    Missing {
        /// `realm`, `client`, `user`, `resource`, `key`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
    },
    /// The name is taken.
    #[error("{kind} {name:?} exists already")]
    Taken {
        /// `realm`, `client`, `user`, `resource`, `key`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
    },
    /// The record is in a state that does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// The same race was lost too often.
    #[error("somebody else changes the same record at the same time; try again")]
    RaceLost,
    /// The password pool is full.
    #[error("too many passwords are being hashed; try again in {retry_after} seconds")]
    Busy {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// A key or a sealed secret could not be made or used.
    #[error("key: {0}")]
    Key(#[from] JoseError),
    /// The store could not answer.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl DirectoryError {
    pub(super) fn missing(kind: &'static str, name: impl fmt::Display) -> Self {
        Self::Missing { kind, name: name.to_string() }
    }

    pub(super) fn taken(kind: &'static str, name: impl fmt::Display) -> Self {
        Self::Taken { kind, name: name.to_string() }
    }

    pub(super) fn refused(member: &str, message: impl Into<String>) -> Self {
        let mut complaints = Complaints::default();
        complaints.push(member, message);
        Self::Refused(complaints)
    }
}

impl From<Complaints> for DirectoryError {
    fn from(complaints: Complaints) -> Self {
        Self::Refused(complaints)
    }
}

impl From<crate::context::HashingBusy> for DirectoryError {
    fn from(busy: crate::context::HashingBusy) -> Self {
        Self::Busy { retry_after: busy.retry_after }
    }
}
