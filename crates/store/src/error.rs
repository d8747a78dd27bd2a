//! What can go wrong below a decision.

/// The store could not answer. Nothing is known about the question then: deny.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The backend could not be reached, or gave up; trying again later may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row does not read as what it should be.
    #[error("a stored record does not read: {0}")]
    Unreadable(String),
    /// The backend refused a statement that it should accept: a fault of ours.
    #[error("the store refused a statement: {0}")]
    Refused(String),
}

/// What a store call answers.
pub type StoreResult<T> = Result<T, StoreError>;
