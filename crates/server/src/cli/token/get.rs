//! `chancery token get`: the client credentials grant, from outside.

use clap::Args;
use serde_json::Value;

use super::{ClientSecret, refusal_of};
use crate::cli::caller::Caller;
use crate::cli::{Answer, CommandError};

#[derive(Debug, Args)]
pub(in crate::cli) struct Get {
    /// The issuer
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The client
    #[arg(long, value_name = "CLIENT_ID")]
    client_id: String,
    #[command(flatten)]
    secret: ClientSecret,
    /// The scopes to ask for, separated by spaces; all that the client may have where they are not named
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// The resource that the token is for; may be repeated
    #[arg(long = "resource", value_name = "URI")]
    resources: Vec<String>,
}

impl Get {
    pub(super) async fn run(self) -> Result<Answer, CommandError> {
        let secret = self.secret.read()?;
        let caller = Caller::new()?;
        let metadata = caller.metadata(&self.issuer).await?;
        let endpoint = metadata.get("token_endpoint").and_then(Value::as_str);
        let endpoint = endpoint.ok_or_else(|| CommandError::Failed("the issuer names no token endpoint".to_owned()))?;
        let mut pairs = vec![("grant_type", "client_credentials")];
        pairs.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        pairs.extend(self.resources.iter().map(|resource| ("resource", resource.as_str())));
        let client = (self.client_id.as_str(), secret.as_ref().map(|secret| secret.expose()));
        let reply = caller.form(endpoint, client, &pairs).await?;
        let document = reply.json().filter(|_| reply.is_success).ok_or_else(|| refusal_of(&reply, endpoint))?;
        let token = document.get("access_token").and_then(Value::as_str).unwrap_or_default().to_owned();
        let note = match document.get("expires_in").and_then(Value::as_u64) {
            Some(seconds) => format!("good for {seconds} seconds"),
            None => "the server does not say for how long it is good".to_owned(),
        };
        Ok(Answer::new(document, token).with_note(note))
    }
}
