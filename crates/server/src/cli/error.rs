//! Why a command failed, and the exit code that says so.

use std::io::Write as _;

use chancery_engine::directory::{self, DirectoryError};
use chancery_engine::refusal::Refusal;
use chancery_jose::JoseError;
use chancery_store::StoreError;
use serde_json::{Value, json};

use crate::config::{Complaints, Place};
use crate::seed::SeedError;
use crate::wiring::WiringError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It exists already, or its state does not allow it. Exit code 5.
    #[error("{0}")]
    Conflict(String),
    /// Something went wrong. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// There is no such thing. Exit code 4.
    #[error("{0}")]
    Missing(String),
    /// What was asked for breaks rules. Exit code 3.
    #[error("{0}")]
    Refused(directory::Complaints),
    /// A database or a server does not answer. Exit code 69, as BSD's EX_UNAVAILABLE.
    #[error("{0}")]
    Unavailable(String),
    /// What was written in a file breaks rules. Exit code 3.
    #[error("{0}")]
    Written(Complaints),
}

impl CommandError {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Refused(_) | Self::Written(_) => 3,
            Self::Missing(_) => 4,
            Self::Conflict(_) => 5,
            Self::Unavailable(_) => 69,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "conflict",
            Self::Failed(_) => "failed",
            Self::Missing(_) => "not_found",
            Self::Refused(_) | Self::Written(_) => "refused",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// One complaint each, where there are any.
    fn complaints(&self) -> Vec<Value> {
        match self {
            Self::Refused(complaints) => {
                complaints.iter().map(|one| json!({"member": one.member, "message": one.message})).collect()
            }
            Self::Written(complaints) => complaints
                .iter()
                .map(|one| match &one.place {
                    Place::File { path, line, column } => {
                        json!({"file": path, "line": line, "column": column, "member": one.key, "message": one.message})
                    }
                    Place::Absent | Place::Environment(_) | Place::Flag(_) => {
                        json!({"place": one.place.to_string(), "member": one.key, "message": one.message})
                    }
                })
                .collect(),
            Self::Conflict(_) | Self::Failed(_) | Self::Missing(_) | Self::Unavailable(_) => Vec::new(),
        }
    }

    pub(super) fn print(&self, json: bool) {
        for line in self.to_string().lines() {
            super::tell(&format!("chancery: {line}"));
        }
        if json {
            let mut error = json!({"code": self.word(), "message": self.to_string()});
            let complaints = self.complaints();
            if !complaints.is_empty() {
                error["complaints"] = Value::Array(complaints);
            }
            // The exit code says it too, where nobody reads.
            let _ = writeln!(anstream::stdout(), "{}", json!({ "error": error }));
        }
    }
}

impl From<Complaints> for CommandError {
    fn from(complaints: Complaints) -> Self {
        Self::Written(complaints)
    }
}

impl From<DirectoryError> for CommandError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(complaints) => Self::Refused(complaints),
            DirectoryError::Missing { .. } => Self::Missing(error.to_string()),
            DirectoryError::Taken { .. } | DirectoryError::Forbidden(_) | DirectoryError::RaceLost => {
                Self::Conflict(error.to_string())
            }
            DirectoryError::Busy { .. } => Self::Unavailable(error.to_string()),
            DirectoryError::Key(cause) => Self::from(cause),
            DirectoryError::Store(cause) => Self::from(cause),
        }
    }
}

impl From<JoseError> for CommandError {
    fn from(error: JoseError) -> Self {
        if error == JoseError::SealKeyUnknown {
            let message = "what is sealed in the database was sealed by another master key than is configured";
            return Self::Failed(message.to_owned());
        }
        Self::Failed(format!("key: {error}"))
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Unreadable(_) | StoreError::Refused(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<SeedError> for CommandError {
    fn from(error: SeedError) -> Self {
        match error {
            SeedError::Complaints(complaints) => Self::Written(complaints),
            SeedError::Directory(cause) => Self::from(cause),
        }
    }
}

impl From<WiringError> for CommandError {
    fn from(error: WiringError) -> Self {
        if let WiringError::Store(cause) = error {
            return Self::from(cause);
        }
        Self::Failed(error.to_string())
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        if let Refusal::StoreUnavailable(cause) = refusal {
            return Self::from(cause);
        }
        Self::Failed(match refusal.cause() {
            Some(cause) => format!("{refusal}: {cause}"),
            None => refusal.to_string(),
        })
    }
}
