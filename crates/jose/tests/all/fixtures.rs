//! Tokens and keys kept beside the tests. The keys were made for them and guard nothing.

use chancery_jose::{DecryptionKey, Jwk, KeyManagement, VerifyingKey, base64url_decode};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Examples printed in the RFCs.
#[derive(Deserialize)]
pub(crate) struct Rfc {
    pub(crate) signed: Vec<Signed>,
    pub(crate) encrypted: Vec<Encrypted>,
    pub(crate) refused: Vec<Refused>,
}

/// Tokens made by jwcrypto (`fixtures/generate.py`).
#[derive(Deserialize)]
pub(crate) struct Oracle {
    pub(crate) signed: Vec<Signed>,
    pub(crate) encrypted: Vec<Encrypted>,
}

#[derive(Deserialize)]
pub(crate) struct Signed {
    #[serde(default)]
    pub(crate) source: String,
    pub(crate) key: Map<String, Value>,
    pub(crate) token: String,
    pub(crate) payload: Option<String>,
    pub(crate) thumbprint: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Encrypted {
    #[serde(default)]
    pub(crate) source: String,
    pub(crate) key: Map<String, Value>,
    pub(crate) token: String,
    pub(crate) plaintext: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Refused {
    pub(crate) source: String,
    pub(crate) token: String,
}

pub(crate) fn rfc() -> Rfc {
    serde_json::from_str(include_str!("../fixtures/rfc.json")).unwrap()
}

pub(crate) fn oracle() -> Oracle {
    serde_json::from_str(include_str!("../fixtures/oracle.json")).unwrap()
}

/// The public members of a private key.
pub(crate) fn public(key: &Map<String, Value>) -> Jwk {
    let mut members = key.clone();
    for name in ["d", "p", "q", "dp", "dq", "qi", "priv"] {
        members.remove(name);
    }
    Jwk::from_members(&members).unwrap()
}

pub(crate) fn text(key: &Map<String, Value>, member: &str) -> String {
    key[member].as_str().unwrap().to_owned()
}

/// The key that verifies what `key` signs by its `alg`, or by the `alg` of the token's own header.
pub(crate) fn verifying(key: &Map<String, Value>, token: &str) -> VerifyingKey {
    if key["kty"] == "oct" {
        let header = token.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&base64url_decode(header).unwrap()).unwrap();
        let algorithm = header["alg"].as_str().unwrap().parse().unwrap();
        let secret = base64url_decode(&text(key, "k")).unwrap();
        return VerifyingKey::from_secret(algorithm, &secret).unwrap();
    }
    VerifyingKey::from_jwk(&public(key)).unwrap()
}

pub(crate) fn decrypting(key: &Map<String, Value>) -> DecryptionKey {
    if key["kty"] == "oct" {
        let management: KeyManagement = text(key, "alg").parse().unwrap();
        let secret = base64url_decode(&text(key, "k")).unwrap();
        return DecryptionKey::from_secret(management, &secret).unwrap();
    }
    DecryptionKey::from_private_jwk(&serde_json::to_string(key).unwrap()).unwrap()
}
