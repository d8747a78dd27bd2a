//! A machine asks for a token, keeps it, and gives it back:
//! `cargo run -p chancery-client --example machine -- ISSUER CLIENT_ID CLIENT_SECRET [SCOPE]`.

use std::env;
use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use chancery_client::{
    Client, ClientAuthentication, Issuer, MachineAsk, Registration, Scope, Surroundings, TokenCache,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [issuer, client_id, secret, scope @ ..] = arguments.as_slice() else {
        return Err("usage: machine ISSUER CLIENT_ID CLIENT_SECRET [SCOPE]".into());
    };
    let registration = Registration::new(client_id, ClientAuthentication::secret_basic(secret));
    let client = Client::discover(&Issuer::parse(issuer)?, registration, Surroundings::system()?).await?;
    let client = Arc::new(client);
    let scope = Scope::parse(scope.first().map_or("", String::as_str))?;
    let tokens = TokenCache::new(client.clone(), MachineAsk::scope(scope));

    let token = tokens.token().await?;
    let again = tokens.token().await?;
    writeln!(std::io::stdout(), "{}", token.expose())?;
    if !Arc::ptr_eq(&token, &again) {
        return Err("the token was not kept".into());
    }
    client.revoke(token.expose(), None).await?;
    Ok(())
}
