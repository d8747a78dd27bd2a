//! `chancery token inspect`: what a token says, and whether it is genuine.

use std::path::Path;

use chancery_jose::{JoseError, JwkSet, SignatureAlgorithm, Unverified, VerifyingKeySet};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{ClientSecret, refusal_of};
use crate::app::{Clock as _, SystemClock};
use crate::cli::answer::time;
use crate::cli::caller::Caller;
use crate::cli::desk::read_text;
use crate::cli::{Answer, CommandError, Global};

#[derive(Debug, Args)]
pub(in crate::cli) struct Inspect {
    /// The token; `-` reads standard input
    #[arg(value_name = "TOKEN")]
    token: String,
    /// The issuer; the one that a JWT names where it is not named here
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The client that introspects
    #[arg(long, value_name = "CLIENT_ID")]
    client_id: Option<String>,
    #[command(flatten)]
    secret: ClientSecret,
}

impl Inspect {
    pub(super) async fn run(mut self, _global: &Global) -> Result<Answer, CommandError> {
        if self.token == "-" {
            self.token = read_text(Path::new("-"))?.trim().to_owned();
        }
        match (&self.client_id, Unverified::parse(&self.token)) {
            (None, Ok(token)) => self.decoded(token).await,
            (None, Err(why)) => {
                let message =
                    format!("this is no JWT that we read ({why}); name an issuer and a client to introspect it");
                Err(CommandError::Failed(message))
            }
            (Some(client), _) => self.introspected(client).await,
        }
    }

    async fn decoded(&self, token: Unverified<'_>) -> Result<Answer, CommandError> {
        let claims: Map<String, Value> = token.peek()?;
        let header = json!({
            "alg": token.header().algorithm().name(), "kid": token.header().kid(), "typ": token.header().typ(),
        });
        let named = claims.get("iss").and_then(Value::as_str);
        let issuer = self.issuer.as_deref().or(named).unwrap_or_default().to_owned();
        let is_named = named.map(|named| named.trim_end_matches('/')) == Some(issuer.trim_end_matches('/'));
        let signature = match verify(token, &issuer).await {
            Ok(()) if is_named => "valid",
            Ok(()) => "valid, but the token names another issuer",
            Err(Unproven::Signature) => "invalid",
            Err(Unproven::Unknown(why)) => {
                let answer = self.shown(&issuer, header, claims, "not verified");
                return Ok(answer.with_note(format!("the signature is not verified: {why}")).with_code(1));
            }
        };
        let is_over = expiry(&claims).is_some_and(|end| end <= SystemClock.now().seconds());
        let is_good = signature == "valid" && !is_over;
        let answer = self.shown(&issuer, header, claims, signature);
        let answer = if is_over { answer.with_note("the token has expired") } else { answer };
        Ok(if is_good { answer } else { answer.with_code(1) })
    }

    fn shown(&self, issuer: &str, header: Value, claims: Map<String, Value>, signature: &str) -> Answer {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let mut text = format!("signature  {signature} (issuer {issuer})\n");
        for name in ["iat", "exp"] {
            if let Some(seconds) = claims.get(name).and_then(Value::as_i64) {
                text.push_str(&format!("{name}        {}\n", time(chancery_store::Moment::from_seconds(seconds))));
            }
        }
        let claims = Value::Object(claims);
        text.push_str(&format!("\nheader     {}\n\nclaims     {}", pretty(&header), pretty(&claims)));
        Answer::new(json!({"signature": signature, "issuer": issuer, "header": header, "claims": claims}), text)
    }

    async fn introspected(&self, client: &str) -> Result<Answer, CommandError> {
        let Some(issuer) = &self.issuer else {
            return Err(CommandError::Failed("introspection needs --issuer".to_owned()));
        };
        let secret = self.secret.read()?;
        let caller = Caller::new()?;
        let metadata = caller.metadata(issuer).await?;
        let endpoint = metadata.get("introspection_endpoint").and_then(Value::as_str);
        let endpoint =
            endpoint.ok_or_else(|| CommandError::Failed("the issuer names no introspection endpoint".to_owned()))?;
        let who = (client, secret.as_ref().map(|secret| secret.expose()));
        let reply = caller.form(endpoint, who, &[("token", &self.token)]).await?;
        let document = reply.json().filter(|_| reply.is_success).ok_or_else(|| refusal_of(&reply, endpoint))?;
        let is_active = document.get("active") == Some(&Value::Bool(true));
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        let answer = Answer::new(document, text);
        Ok(if is_active {
            answer
        } else {
            answer.with_note("the token is not active, or not meant for this client").with_code(1)
        })
    }
}

enum Unproven {
    /// The issuer's keys did not make it.
    Signature,
    /// It could not be found out.
    Unknown(String),
}

async fn verify(token: Unverified<'_>, issuer: &str) -> Result<(), Unproven> {
    let unknown = |error: CommandError| Unproven::Unknown(error.to_string());
    if issuer.is_empty() {
        return Err(Unproven::Unknown("the token names no issuer".to_owned()));
    }
    let caller = Caller::new().map_err(unknown)?;
    let metadata = caller.metadata(issuer).await.map_err(unknown)?;
    let uri = metadata.get("jwks_uri").and_then(Value::as_str).unwrap_or_default();
    let document = caller.document(uri).await.map_err(unknown)?;
    let set = JwkSet::parse(document.to_string().as_bytes()).map_err(|error| Unproven::Unknown(error.to_string()))?;
    let keys = VerifyingKeySet::from_jwk_set(&set, &SignatureAlgorithm::ALL);
    match token.verify_with_set::<Value>(&keys) {
        Ok(_) => Ok(()),
        Err(JoseError::Signature | JoseError::NoMatchingKey | JoseError::AlgorithmNotAllowed(_)) => {
            Err(Unproven::Signature)
        }
        Err(other) => Err(Unproven::Unknown(other.to_string())),
    }
}

fn expiry(claims: &Map<String, Value>) -> Option<i64> {
    claims.get("exp").and_then(Value::as_i64)
}
