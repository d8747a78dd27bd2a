//! `chancery health`.

use clap::Args;
use serde_json::json;

use super::caller::Caller;
use super::{Answer, CommandError, Global};
use crate::config::Need;

const AFTER_HELP: &str = "\
Exits with 0 if the server is ready and with 69 if it is not: fit for a container's health check.

Example:
  chancery health --url http://127.0.0.1:8080";

/// Without --url, the server of the configuration is asked
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Health {
    /// The server's origin
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Health {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let url = match self.url {
            Some(url) => url,
            None => {
                let config = global.load(Need::Command)?;
                if let (Some(_), Some(url)) = (&config.tls, &config.public_url) {
                    // The certificate is for that name, not for an address.
                    return ask(url.as_str()).await;
                }
                let scheme = if config.tls.is_some() { "https" } else { "http" };
                let address =
                    config.listen.first().ok_or_else(|| CommandError::Failed("no address is configured".to_owned()))?;
                let host = match address.ip() {
                    any if any.is_unspecified() => "localhost".to_owned(),
                    std::net::IpAddr::V6(address) => format!("[{address}]"),
                    std::net::IpAddr::V4(address) => address.to_string(),
                };
                format!("{scheme}://{host}:{}", address.port())
            }
        };
        ask(&url).await
    }
}

async fn ask(origin: &str) -> Result<Answer, CommandError> {
    let url = format!("{}/health/ready", origin.trim_end_matches('/'));
    let reply = Caller::new()?.get(&url).await?;
    if !reply.is_success {
        return Err(CommandError::Unavailable(format!("{url} answered {}: {}", reply.status, reply.body.trim())));
    }
    Ok(Answer::new(json!({"url": url, "ready": true}), "ready"))
}
