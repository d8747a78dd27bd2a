//! Statements: each one a constant with a name, all of them in a registry, so that a test can
//! prepare every one on a freshly migrated database.

/// A statement of this backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is called in errors, which never show its text.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// Names statements and lists them. A macro and no function, so that a statement cannot be
/// written without being registered.
macro_rules! register {
    ($($name:ident = $sql:expr;)+) => {
        $(pub(crate) const $name: $crate::statement::Statement =
            $crate::statement::Statement { name: stringify!($name), sql: $sql };)+
        pub(crate) const STATEMENTS: &[$crate::statement::Statement] = &[$($name),+];
    };
}

/// The clause that keeps the audit events of a change, for statements that are a change by
/// themselves. The events are the parameters 1 to 4; `gate` is the clause that answers a row if
/// and only if the change is made.
macro_rules! audited {
    () => {
        "audit AS (
            INSERT INTO audit_events (realm, id, at, document)
            SELECT event.* FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::json[]) AS event
            WHERE EXISTS (SELECT 1 FROM gate))"
    };
}

pub(crate) use {audited, register};

/// Every statement there is.
pub fn statements() -> impl Iterator<Item = &'static Statement> {
    [
        crate::reads::sql::STATEMENTS,
        crate::commit::STATEMENTS,
        crate::commit::directory::STATEMENTS,
        crate::commit::people::STATEMENTS,
        crate::commit::sessions::STATEMENTS,
        crate::commit::grants::STATEMENTS,
        crate::sweep::STATEMENTS,
    ]
    .into_iter()
    .flatten()
}
