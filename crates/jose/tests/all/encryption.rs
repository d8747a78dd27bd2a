//! Encrypted tokens: every combination there and back, and what attackers send.

use std::sync::LazyLock;

use chancery_jose::{
    ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, Encryptor, JoseError, KeyManagement,
    SignatureAlgorithm, SigningKey, Unverified, base64url_decode, base64url_encode, sign,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const CLIENT_SECRET: &str = "a client's secret of which both sides make a key";

/// A key pair for `management` under `encryption`.
fn pair(management: KeyManagement, encryption: ContentEncryption) -> (EncryptionKey, DecryptionKey) {
    if management.is_symmetric() {
        return (
            EncryptionKey::from_client_secret(management, encryption, CLIENT_SECRET).unwrap(),
            DecryptionKey::from_client_secret(management, encryption, CLIENT_SECRET).unwrap(),
        );
    }
    let own = DecryptionKey::generate(management).unwrap();
    (EncryptionKey::from_jwk(own.public_jwk().unwrap(), management).unwrap(), own)
}

#[test]
fn every_combination_of_algorithms_goes_there_and_back() {
    for management in KeyManagement::ALL {
        for encryption in ContentEncryption::ALL {
            let (theirs, own) = pair(management, encryption);
            for plaintext in [&b""[..], b"x", &[7; 1000]] {
                let token = Encryptor::new(&theirs, encryption).encrypt(plaintext).unwrap();
                let parsed = Encrypted::parse(&token).unwrap();
                assert_eq!((parsed.management(), parsed.encryption()), (management, encryption));
                assert_eq!(parsed.kid(), own.kid());
                assert_eq!(parsed.decrypt(&own).unwrap().as_slice(), plaintext);
                let again = Encryptor::new(&theirs, encryption).encrypt(plaintext).unwrap();
                assert_ne!(token, again);
            }
        }
    }
}

#[test]
fn x25519_agrees_too() {
    let own = DecryptionKey::generate_x25519(KeyManagement::EcdhEsA128Kw).unwrap();
    let own = DecryptionKey::from_private_jwk(&own.to_private_jwk().unwrap()).unwrap();
    let theirs = EncryptionKey::from_jwk(own.public_jwk().unwrap(), KeyManagement::EcdhEsA128Kw).unwrap();
    let token = Encryptor::new(&theirs, ContentEncryption::A256Gcm).encrypt(b"text").unwrap();
    assert_eq!(Encrypted::parse(&token).unwrap().decrypt(&own).unwrap().as_slice(), b"text");
}

#[test]
fn a_signed_token_travels_inside_an_encrypted_one() {
    let signer = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let signed = sign(&signer, None, &json!({"sub": "alice"})).unwrap();
    let (theirs, own) = pair(KeyManagement::EcdhEs, ContentEncryption::A128CbcHs256);
    let token = Encryptor::nesting(&theirs, ContentEncryption::A128CbcHs256).encrypt(signed.as_bytes()).unwrap();
    let parsed = Encrypted::parse(&token).unwrap();
    assert_eq!(parsed.cty(), Some("JWT"));
    let inner = parsed.decrypt_token(&own).unwrap();
    let verified = Unverified::parse(&inner).unwrap().verify::<Value>(&signer.verifying_key().unwrap()).unwrap();
    assert_eq!(verified.claims()["sub"], "alice");

    let other = Encryptor::new(&theirs, ContentEncryption::A128CbcHs256).cty("text/plain");
    let token = other.encrypt(b"text").unwrap();
    assert!(Encrypted::parse(&token).unwrap().decrypt_token(&own).is_err());
    let other = Encryptor::new(&theirs, ContentEncryption::A128CbcHs256);
    let token = other.encrypt(b"\xff").unwrap();
    assert!(Encrypted::parse(&token).unwrap().decrypt_token(&own).is_err());
}

#[test]
fn the_key_decides_the_algorithms() {
    let own = DecryptionKey::generate(KeyManagement::RsaOaep256).unwrap();
    let mut members = serde_json::to_value(own.public_jwk().unwrap()).unwrap();
    members["alg"] = "RSA-OAEP".into();
    let tempted = serde_json::from_value(members).unwrap();
    let theirs = EncryptionKey::from_jwk(&tempted, KeyManagement::RsaOaep).unwrap();
    let token = Encryptor::new(&theirs, ContentEncryption::A128Gcm).encrypt(b"text").unwrap();
    let parsed = Encrypted::parse(&token).unwrap();
    assert_eq!(parsed.decrypt(&own), Err(JoseError::EncryptionNotAllowed));

    let (theirs, own) = pair(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
    let own = own.only(&[ContentEncryption::A256Gcm]);
    let token = Encryptor::new(&theirs, ContentEncryption::A128Gcm).encrypt(b"text").unwrap();
    let parsed = Encrypted::parse(&token).unwrap();
    assert_eq!(parsed.decrypt(&own), Err(JoseError::EncryptionNotAllowed));

    let public = own.public_jwk().unwrap();
    assert!(EncryptionKey::from_jwk(public, KeyManagement::EcdhEsA128Kw).is_err());
    assert!(EncryptionKey::from_jwk(public, KeyManagement::RsaOaep).is_err());
    assert!(EncryptionKey::from_jwk(public, KeyManagement::Direct).is_err());
    let signing = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let signing = signing.public_jwk().unwrap();
    assert!(EncryptionKey::from_jwk(signing, KeyManagement::EcdhEs).is_err());
}

#[test]
fn a_secret_has_exactly_the_length_of_its_key() {
    for management in KeyManagement::ALL.into_iter().filter(|management| management.is_symmetric()) {
        for length in [0, 1, 8, 15, 17, 31, 33, 65, 128] {
            assert!(EncryptionKey::from_secret(management, &vec![1; length]).is_err());
            assert!(DecryptionKey::from_secret(management, &vec![1; length]).is_err());
        }
    }
    let key = EncryptionKey::from_secret(KeyManagement::Direct, &[1; 16]).unwrap();
    assert!(Encryptor::new(&key, ContentEncryption::A256Gcm).encrypt(b"text").is_err());
    assert!(EncryptionKey::from_secret(KeyManagement::RsaOaep, &[1; 16]).is_err());
}

#[test]
fn every_failure_looks_the_same() {
    for management in KeyManagement::ALL {
        let encryption = ContentEncryption::A128CbcHs256;
        let (theirs, own) = pair(management, encryption);
        let token = Encryptor::new(&theirs, encryption).encrypt(b"text").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        for at in 1..5 {
            if parts[at].is_empty() {
                continue;
            }
            let bytes = base64url_decode(parts[at]).unwrap();
            let mut flipped = bytes.clone();
            flipped[0] ^= 1;
            let cut = bytes[..bytes.len() - 1].to_vec();
            for broken in [flipped, cut, [bytes.as_slice(), &[0]].concat(), vec![0; 8]] {
                let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                parts[at] = base64url_encode(&broken);
                let outcome = Encrypted::parse(&parts.join(".")).unwrap().decrypt(&own);
                assert_eq!(outcome, Err(JoseError::Decryption), "{management} part {at}");
            }
        }
    }
}

/// The token with one header member replaced, everything else as it was.
fn with_member(token: &str, name: &str, value: Value) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&base64url_decode(header).unwrap()).unwrap();
    header[name] = value;
    format!("{}.{rest}", base64url_encode(header.to_string().as_bytes()))
}

#[test]
fn an_ephemeral_key_off_the_curve_is_refused() {
    // The invalid-curve attack on ECDH-ES (CVE-2017-16007 and others).
    let (theirs, own) = pair(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
    let token = Encryptor::new(&theirs, ContentEncryption::A128Gcm).encrypt(b"text").unwrap();
    let coordinate = base64url_encode(&[1; 32]);
    for ephemeral in [
        json!({"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate}),
        json!({"kty": "EC", "crv": "P-256", "x": base64url_encode(&[0; 32]), "y": base64url_encode(&[0; 32])}),
        json!({"kty": "OKP", "crv": "X25519", "x": coordinate}),
        json!({"kty": "oct", "k": "AAAA"}),
        json!({}),
    ] {
        let token = with_member(&token, "epk", ephemeral);
        let outcome = Encrypted::parse(&token).unwrap().decrypt(&own);
        assert_eq!(outcome, Err(JoseError::Decryption));
    }
    assert!(Encrypted::parse(&with_member(&token, "epk", Value::Null)).is_err());
}

#[test]
fn a_malformed_header_or_form_is_refused() {
    let (theirs, _) = pair(KeyManagement::Direct, ContentEncryption::A128Gcm);
    let token = Encryptor::new(&theirs, ContentEncryption::A128Gcm).encrypt(b"text").unwrap();
    for (name, value) in [
        ("zip", json!("DEF")),
        ("crit", json!(["exp"])),
        ("b64", json!(true)),
        ("alg", json!("RSA1_5")),
        ("alg", json!("PBES2-HS256+A128KW")),
        ("alg", json!("A128KW")),
        ("enc", json!("A128CBC")),
        ("enc", Value::Null),
        ("kid", json!(1)),
    ] {
        assert!(Encrypted::parse(&with_member(&token, name, value.clone())).is_err(), "{name} {value}");
    }
    let parts: Vec<&str> = token.split('.').collect();
    for broken in [
        parts[..4].join("."),
        format!("{token}.AA"),
        format!("{token}="),
        parts.join(" ."),
        format!("{}.AAAA.{}", parts[0], parts[2..].join(".")),
        String::new(),
        "....".to_owned(),
    ] {
        assert!(Encrypted::parse(&broken).is_err(), "{broken}");
    }
    let long = "a".repeat(Encrypted::MAXIMUM_BYTES + 1);
    assert!(matches!(Encrypted::parse(&long), Err(JoseError::TooLarge { .. })));
}

#[test]
fn no_key_prints_itself() {
    let key = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let private: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    assert!(!format!("{key:?}").contains(private["d"].as_str().unwrap()));
    let secret = EncryptionKey::from_secret(KeyManagement::A128Kw, b"0123456789abcdef").unwrap();
    assert!(!format!("{secret:?}").contains("0123"));
}

static PAIRS: LazyLock<Vec<(EncryptionKey, DecryptionKey)>> = LazyLock::new(|| {
    KeyManagement::ALL.into_iter().map(|management| pair(management, ContentEncryption::A256Gcm)).collect()
});

proptest! {
    #[test]
    fn no_changed_token_decrypts(
        which in 0..11_usize,
        at in any::<prop::sample::Index>(),
        with in "[A-Za-z0-9_.=-]",
    ) {
        let (theirs, own) = &PAIRS[which];
        let token = Encryptor::new(theirs, ContentEncryption::A256Gcm).encrypt(b"text").unwrap();
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != token);
        let outcome = Encrypted::parse(&changed).and_then(|parsed| parsed.decrypt(own));
        prop_assert!(outcome.is_err(), "{}", changed);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,120}") {
        prop_assert!(Encrypted::parse(&text).is_err());
    }
}
