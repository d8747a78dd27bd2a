//! Other implementations as judges: jwcrypto by kept tokens, jsonwebtoken in the process, both ways.

use chancery_jose::{Encrypted, SignatureAlgorithm, SigningKey, Unverified, VerifyingKey, base64url_encode, sign};
use jsonwebtoken as other;
use serde_json::{Value, json};

use crate::fixtures::{decrypting, oracle, public, verifying};

#[test]
fn what_jwcrypto_signs_verifies_by_every_algorithm() {
    let signed = oracle().signed;
    assert_eq!(signed.len(), SignatureAlgorithm::ALL.len());
    for token in signed {
        let key = verifying(&token.key, &token.token);
        let verified = Unverified::parse(&token.token).unwrap().verify::<Value>(&key).unwrap();
        assert_eq!(verified.claims()["sub"], "oracle");
        assert_eq!(verified.header().typ(), Some("JWT"));
        if token.key["kty"] != "oct" {
            assert_eq!(Some(public(&token.key).thumbprint()), token.thumbprint);
        }
    }
}

#[test]
fn what_jwcrypto_encrypts_decrypts_by_every_algorithm() {
    let encrypted = oracle().encrypted;
    assert_eq!(encrypted.len(), 6 * (2 + 3 * 4 + 5 + 1));
    for token in encrypted {
        let parsed = Encrypted::parse(&token.token).unwrap();
        let plaintext = parsed.decrypt(&decrypting(&token.key)).unwrap();
        assert_eq!(plaintext.as_slice(), b"the oracle's plaintext", "{}", token.source);
    }
}

/// The algorithms that jsonwebtoken shares with us.
const SHARED: [(SignatureAlgorithm, other::Algorithm); 12] = [
    (SignatureAlgorithm::Es256, other::Algorithm::ES256),
    (SignatureAlgorithm::Es384, other::Algorithm::ES384),
    (SignatureAlgorithm::EdDsa, other::Algorithm::EdDSA),
    (SignatureAlgorithm::Rs256, other::Algorithm::RS256),
    (SignatureAlgorithm::Rs384, other::Algorithm::RS384),
    (SignatureAlgorithm::Rs512, other::Algorithm::RS512),
    (SignatureAlgorithm::Ps256, other::Algorithm::PS256),
    (SignatureAlgorithm::Ps384, other::Algorithm::PS384),
    (SignatureAlgorithm::Ps512, other::Algorithm::PS512),
    (SignatureAlgorithm::Hs256, other::Algorithm::HS256),
    (SignatureAlgorithm::Hs384, other::Algorithm::HS384),
    (SignatureAlgorithm::Hs512, other::Algorithm::HS512),
];

const SECRET: &[u8; 64] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn key_for(algorithm: SignatureAlgorithm) -> SigningKey {
    if algorithm.is_symmetric() {
        SigningKey::symmetric(algorithm, SECRET).unwrap()
    } else {
        SigningKey::generate(algorithm).unwrap()
    }
}

fn their_decoding_key(key: &SigningKey) -> other::DecodingKey {
    match key.public_jwk() {
        None => other::DecodingKey::from_secret(SECRET),
        Some(jwk) => {
            let jwk = serde_json::from_value(serde_json::to_value(jwk).unwrap()).unwrap();
            other::DecodingKey::from_jwk(&jwk).unwrap()
        }
    }
}

fn their_encoding_key(key: &SigningKey) -> other::EncodingKey {
    let Some(jwk) = key.public_jwk() else {
        return other::EncodingKey::from_secret(SECRET);
    };
    let pkcs8 = key.to_pkcs8().unwrap();
    match jwk.key_type() {
        "EC" => other::EncodingKey::from_ec_der(&pkcs8),
        "OKP" => other::EncodingKey::from_ed_der(&pkcs8),
        _ => {
            let inner = pkcs8::PrivateKeyInfo::try_from(pkcs8.as_slice()).unwrap();
            other::EncodingKey::from_rsa_der(inner.private_key)
        }
    }
}

#[test]
fn jsonwebtoken_and_we_verify_each_other() {
    for (ours, theirs) in SHARED {
        let key = key_for(ours);
        let claims = json!({"sub": "alice", "aud": "api", "exp": 4_102_444_800_u64});

        let token = sign(&key, Some("at+jwt"), &claims).unwrap();
        let mut validation = other::Validation::new(theirs);
        validation.set_audience(&["api"]);
        let read = other::decode::<Value>(&token, &their_decoding_key(&key), &validation).unwrap();
        assert_eq!(read.claims, claims, "{ours}");
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.header.kid.as_deref(), key.kid());

        let token = other::encode(&other::Header::new(theirs), &claims, &their_encoding_key(&key)).unwrap();
        let verified = Unverified::parse(&token).unwrap().verify::<Value>(&key.verifying_key().unwrap()).unwrap();
        assert_eq!(verified.into_claims(), claims, "{ours}");
    }
}

#[test]
fn a_secret_of_the_wrong_length_is_refused_before_it_is_used() {
    for (algorithm, length) in
        [(SignatureAlgorithm::Hs256, 32), (SignatureAlgorithm::Hs384, 48), (SignatureAlgorithm::Hs512, 64)]
    {
        assert!(SigningKey::symmetric(algorithm, &SECRET[..length]).is_ok());
        assert!(SigningKey::symmetric(algorithm, &SECRET[..length - 1]).is_err());
        assert!(VerifyingKey::from_secret(algorithm, &SECRET[..length - 1]).is_err());
    }
    assert!(SigningKey::symmetric(SignatureAlgorithm::Es256, SECRET).is_err());
    let printed = format!("{:?}", SigningKey::symmetric(SignatureAlgorithm::Hs256, SECRET).unwrap());
    assert!(!printed.contains("0123") && !printed.contains(&base64url_encode(SECRET)));
}
