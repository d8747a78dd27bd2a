//! Migrations: forward only, and one node at a time.

use chancery_store::StoreError;
use tokio_postgres::Client;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Held while migrating: the digits are "chancery" in nobody's alphabet, and no one else's lock.
const LOCK: i64 = 0x0063_6861_6e63_6572;

const APPLIED: &str = "SELECT version FROM refinery_schema_history";
const HISTORY: &str = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";

/// Brings the schema up to date; answers what was done. Waits for another node that is about it.
pub(crate) async fn migrate(client: &mut Client) -> Result<Vec<String>, StoreError> {
    let told = |cause: tokio_postgres::Error| crate::fault::told("migrate", &cause);
    // A large table takes its time. The lock ends with the connection, whatever happens.
    client
        .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .await
        .map_err(told)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(told)?;
    let report = embedded::migrations::runner()
        .set_abort_divergent(true)
        // A node of the release before may start again while a newer one has migrated already.
        .set_abort_missing(false)
        .run_async(client)
        .await
        .map_err(|error| failed(&error))?;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.map_err(told)?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// The migrations that the database still lacks.
pub(crate) async fn pending(client: &Client) -> Result<Vec<String>, StoreError> {
    let told = |cause: tokio_postgres::Error| crate::fault::told("pending_migrations", &cause);
    let begun: bool = client.query_one(HISTORY, &[]).await.and_then(|row| row.try_get(0)).map_err(told)?;
    let mut applied: Vec<i32> = Vec::new();
    if begun {
        for row in client.query(APPLIED, &[]).await.map_err(told)? {
            applied.push(row.try_get(0).map_err(told)?);
        }
    }
    Ok(embedded::migrations::runner()
        .get_migrations()
        .iter()
        .filter(|migration| !applied.contains(&migration.version()))
        .map(ToString::to_string)
        .collect())
}

fn failed(error: &refinery::Error) -> StoreError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<tokio_postgres::Error>() {
            return crate::fault::told("migrate", inner);
        }
        cause = inner.source();
    }
    // Refinery's own complaints name migrations and nothing else.
    StoreError::Refused(format!("migrate: {error}"))
}
