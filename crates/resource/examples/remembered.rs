//! What a token costs, the first time and once it is remembered:
//! `cargo run --release -p chancery-resource --example remembered`.

use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use chancery_jose::{JwkSet, SignatureAlgorithm, Signer, SigningKey};
use chancery_resource::{Clock, FixedKeys, Issuer, SystemClock, Verifier};
use serde_json::json;

const ISSUER: &str = "https://as.example";
const API: &str = "https://api.example";
const ROUNDS: u32 = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(SignatureAlgorithm::Es256)?;
    let signer = Signer::new(&key, Some("at+jwt"));
    let published = serde_json::to_vec(&JwkSet::new(key.public_jwk().cloned().into_iter().collect()))?;
    let verifier = Verifier::new(Issuer::parse(ISSUER)?, API, FixedKeys::new(published));
    let now = SystemClock.now();
    let token = |number: u32| {
        signer.sign(&json!({
            "iss": ISSUER, "sub": "machine", "aud": API, "exp": now + 600, "iat": now, "jti": number.to_string(),
            "client_id": "machine", "scope": "read write",
        }))
    };

    let tokens = (0..ROUNDS / 100).map(token).collect::<Result<Vec<_>, _>>()?;
    let begun = Instant::now();
    for token in &tokens {
        black_box(verifier.verify(token).await?);
    }
    let first = begun.elapsed() / (ROUNDS / 100);

    let known = tokens.last().ok_or("no token")?;
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        black_box(verifier.verify(black_box(known)).await?);
    }
    writeln!(std::io::stdout(), "first {first:?}, remembered {:?}", begun.elapsed() / ROUNDS)?;
    Ok(())
}
