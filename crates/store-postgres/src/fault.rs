//! What goes wrong between here and the server, told without a statement's text and without any
//! value: only its name and the SQLSTATE (PostgreSQL, appendix A).

use chancery_store::StoreError;
use tokio_postgres::error::SqlState;

/// A failure below a write, before it is known whether trying again can help.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server, or the way to it.
    Server {
        /// The statement's name.
        statement: &'static str,
        /// What happened.
        cause: tokio_postgres::Error,
    },
    /// Anything that is final.
    Final(StoreError),
}

impl Fault {
    pub(crate) fn server(statement: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |cause| Self::Server { statement, cause }
    }

    /// Whether the server undid the change for the sake of another, so that it may be tried anew.
    pub(crate) fn is_conflict(&self) -> bool {
        self.has_state(&SqlState::T_R_SERIALIZATION_FAILURE) || self.has_state(&SqlState::T_R_DEADLOCK_DETECTED)
    }

    /// Whether a name that must be its own is taken.
    pub(crate) fn is_taken(&self) -> bool {
        self.has_state(&SqlState::UNIQUE_VIOLATION)
    }

    /// Whether the connection went away under the statement.
    pub(crate) fn is_lost(&self) -> bool {
        let Self::Server { cause, .. } = self else {
            return false;
        };
        match cause.code() {
            Some(state) => state.code().starts_with("08") || state.code().starts_with("57P"),
            None => is_lost(cause),
        }
    }

    fn has_state(&self, state: &SqlState) -> bool {
        matches!(self, Self::Server { cause, .. } if cause.code() == Some(state))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Final(error) => error,
            Fault::Server { statement, cause } => told(statement, &cause),
        }
    }
}

/// The error of `statement` as the rest of the house sees it.
pub(crate) fn told(statement: &str, cause: &tokio_postgres::Error) -> StoreError {
    let Some(state) = cause.code() else {
        return if is_lost(cause) {
            StoreError::Unavailable(format!("{statement}: the connection was lost"))
        } else {
            // The library's own words name no value.
            StoreError::Refused(format!("{statement}: {cause}"))
        };
    };
    let message = format!("{statement}: SQLSTATE {}", state.code());
    // 08 connection, 25006 a standby, 40 undone for another's sake, 53 resources, 55 locks,
    // 57 operator or time limit, 58 the server's system.
    let passes = ["08", "25006", "40", "53", "55", "57", "58"].iter().any(|class| state.code().starts_with(class));
    if passes { StoreError::Unavailable(message) } else { StoreError::Refused(message) }
}

fn is_lost(cause: &tokio_postgres::Error) -> bool {
    cause.is_closed() || std::error::Error::source(cause).is_some_and(|source| source.is::<std::io::Error>())
}

/// The connection could not be made. Addresses and credentials stay out of the message.
pub(crate) fn unconnected(cause: &tokio_postgres::Error) -> StoreError {
    match cause.code() {
        Some(state) => StoreError::Unavailable(format!("connect: SQLSTATE {}", state.code())),
        None => {
            let reason = std::error::Error::source(cause).and_then(|source| source.downcast_ref::<std::io::Error>());
            StoreError::Unavailable(match (reason.and_then(untrusted), reason) {
                (Some(why), _) => format!("connect: {why}"),
                (None, Some(reason)) => format!("connect: {}", reason.kind()),
                // The library's own words name no value.
                (None, None) => format!("connect: {cause}"),
            })
        }
    }
}

/// What TLS found wrong with the server.
fn untrusted(cause: &std::io::Error) -> Option<&rustls::Error> {
    cause.get_ref().and_then(|inner| inner.downcast_ref())
}
