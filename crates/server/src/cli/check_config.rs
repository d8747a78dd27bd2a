//! `chancery check-config`.

use clap::Args;
use serde_json::json;

use super::{Answer, CommandError, Global};
use crate::config::Need;

/// Every complaint is told at once, with its file and line. Nothing is connected to.
#[derive(Debug, Args)]
pub(super) struct CheckConfig {}

impl CheckConfig {
    pub(super) fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let config = global.load(Need::Serve)?;
        let public_url = config.public_url.as_ref().map(ToString::to_string);
        let listen: Vec<String> = config.listen.iter().map(ToString::to_string).collect();
        let database = config.database.url.to_string();
        let text = format!(
            "the configuration is whole\n  public_url  {}\n  listen      {}\n  database    {database}",
            public_url.as_deref().unwrap_or("-"),
            listen.join(", "),
        );
        Ok(Answer::new(json!({"public_url": public_url, "listen": listen, "database": database}), text))
    }
}
