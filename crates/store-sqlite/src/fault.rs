//! What goes wrong in here, and what the contract calls it.

use chancery_store::StoreError;
use rusqlite::{Error, ErrorCode};

/// An error below the contract. Its text names statements and columns, never a value.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The file or its lock cannot be had now.
    Unavailable(String),
    /// A row does not read.
    Unreadable(String),
    /// A fault of ours.
    Refused(String),
}

/// What a function below the contract answers.
pub(crate) type Found<T> = Result<T, Fault>;

impl Fault {
    /// What SQLite's `error` amounts to, met while doing `what`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "both are open-ended; what is not named is a fault of ours")]
    pub(crate) fn of(what: &str, error: Error) -> Self {
        let text = format!("{what}: {error}");
        match error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OperationAborted
                | ErrorCode::OperationInterrupted
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure => Self::Unavailable(text),
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Unreadable(text),
                _ => Self::Refused(text),
            },
            // The text of these would quote what they found.
            Error::FromSqlConversionFailure(column, found, _) => {
                Self::Unreadable(format!("{what}: column {column} holds an unexpected {found}"))
            }
            Error::IntegralValueOutOfRange(column, _) => {
                Self::Unreadable(format!("{what}: column {column} is out of range"))
            }
            Error::InvalidColumnType(column, name, found) => {
                Self::Unreadable(format!("{what}: column {column} ({name}) holds an unexpected {found}"))
            }
            Error::Utf8Error(..) => Self::Unreadable(format!("{what}: a text is not UTF-8")),
            _ => Self::Refused(text),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(text) => Self::Unavailable(text),
            Fault::Unreadable(text) => Self::Unreadable(text),
            Fault::Refused(text) => Self::Refused(text),
        }
    }
}
