//! `chancery migrate`.

use clap::Args;
use serde_json::json;

use super::progress::with_sign_of_life;
use super::{Answer, CommandError, Global};
use crate::config::Need;
use crate::wiring::Backend;

/// Several nodes may do it at once: one migrates, the others wait.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Only tell what is to be done
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let config = global.load(Need::Command)?;
        let backend = Backend::open(&config.database).await?;
        let database = config.database.url.to_string();
        if self.dry_run {
            let pending = backend.pending_migrations().await?;
            let text = if pending.is_empty() { format!("{database} is up to date") } else { pending.join("\n") };
            return Ok(Answer::new(json!({"database": database, "pending": pending}), text));
        }
        let applied = with_sign_of_life("migrating", backend.migrate()).await?;
        let text = match applied.as_slice() {
            [] => format!("{database} is up to date"),
            names => format!("{database}: applied {}", names.join(", ")),
        };
        Ok(Answer::new(json!({"database": database, "applied": applied}), text))
    }
}
