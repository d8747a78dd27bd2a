//! An API behind a guard: `cargo run -p chancery-resource --example axum -- ISSUER AUDIENCE [SCOPE]`.

use std::env;
use std::error::Error;
use std::io::Write;

use axum::routing::get;
use axum::{Extension, Router};
use chancery_resource::{Caller, Guard, Issuer, Scope, Verifier};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [issuer, audience, scope @ ..] = arguments.as_slice() else {
        return Err("usage: axum ISSUER AUDIENCE [SCOPE]".into());
    };
    let scope = Scope::parse(scope.first().map_or("", String::as_str))?;

    let verifier = Verifier::remote(Issuer::parse(issuer)?, audience)?;
    let api = Router::new().route("/", get(greet)).layer(Guard::new(verifier).requiring(scope));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}/", listener.local_addr()?)?;
    axum::serve(listener, api).await?;
    Ok(())
}

async fn greet(Extension(caller): Extension<Caller>) -> String {
    format!("Hello {}, who came by {}.\n", caller.subject(), caller.client_id())
}
