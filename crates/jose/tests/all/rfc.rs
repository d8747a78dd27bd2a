//! The examples that the RFCs print.

use chancery_jose::{Encrypted, Jwk, SigningKey, Unverified, base64url_decode, base64url_encode};

use crate::fixtures::{decrypting, public, rfc, verifying};

/// RFC 7515 A.1 to A.4, RFC 7520 §4.1 to §4.4, RFC 8037 A.4, RFC 9964 A.
#[test]
fn every_signed_example_verifies_and_none_does_once_changed() {
    for example in rfc().signed {
        let key = verifying(&example.key, &example.token);
        let payload = Unverified::parse(&example.token).unwrap().verify_payload(&key);
        let payload = payload.unwrap_or_else(|error| panic!("{}: {error}", example.source));
        assert_eq!(base64url_encode(&payload), example.payload.unwrap(), "{}", example.source);

        let (signed, signature) = example.token.rsplit_once('.').unwrap();
        let mut bytes = base64url_decode(signature).unwrap();
        for at in [0, bytes.len() - 1] {
            bytes[at] ^= 1;
            let changed = format!("{signed}.{}", base64url_encode(&bytes));
            assert!(Unverified::parse(&changed).unwrap().verify_payload(&key).is_err());
        }
    }
}

/// The deterministic ones (PKCS#1, EdDSA, HMAC) come out byte for byte.
#[test]
fn a_deterministic_example_is_signed_again_to_the_same_bytes() {
    let mut seen = 0;
    for example in rfc().signed {
        let mut members = example.key.clone();
        let header = example.token.split('.').next().unwrap();
        let header: serde_json::Value = serde_json::from_slice(&base64url_decode(header).unwrap()).unwrap();
        let algorithm = header["alg"].as_str().unwrap();
        if !["RS256", "EdDSA", "HS256"].contains(&algorithm) {
            continue;
        }
        members.insert("alg".to_owned(), algorithm.into());
        let key = SigningKey::from_private_jwk(&serde_json::to_string(&members).unwrap()).unwrap();
        let (signed, signature) = example.token.rsplit_once('.').unwrap();
        assert_eq!(key.sign_bytes(signed.as_bytes()).unwrap(), signature, "{}", example.source);
        seen += 1;
    }
    assert_eq!(seen, 5);
}

/// RFC 7516 A.1, A.3; RFC 7520 §5.2, §5.4 to §5.8.
#[test]
fn every_encrypted_example_decrypts() {
    for example in rfc().encrypted {
        let token = Encrypted::parse(&example.token).unwrap();
        let plaintext = token.decrypt(&decrypting(&example.key));
        let plaintext = plaintext.unwrap_or_else(|error| panic!("{}: {error}", example.source));
        assert_eq!(base64url_encode(&plaintext), example.plaintext.unwrap(), "{}", example.source);
    }
}

/// RFC 7515 A.5 (`none`), RFC 7520 §5.1 (`RSA1_5`), §5.3 (`PBES2`), §5.9 (compression).
#[test]
fn the_examples_of_what_we_refuse_are_refused() {
    for example in rfc().refused {
        assert!(Unverified::parse(&example.token).is_err(), "{}", example.source);
        assert!(Encrypted::parse(&example.token).is_err(), "{}", example.source);
    }
}

/// RFC 7638 §3.1; RFC 8037 A.3.
#[test]
fn the_thumbprints_of_the_examples_are_met() {
    let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let key: Jwk = rsa.parse().unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key: Jwk = ed.parse().unwrap();
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// RFC 9964 A: the key that grows from the seed of zeros, and its thumbprint.
#[test]
fn the_ml_dsa_keys_grow_from_their_seeds() {
    let mut seen = 0;
    for example in rfc().signed.iter().filter(|example| example.key["kty"] == "AKP") {
        let key = SigningKey::from_private_jwk(&serde_json::to_string(&example.key).unwrap());
        let key = key.unwrap();
        assert_eq!(key.public_jwk().unwrap().thumbprint(), example.key["kid"].as_str().unwrap());
        assert_eq!(key.kid(), public(&example.key).kid());
        let exported: serde_json::Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(exported["priv"], example.key["priv"]);
        seen += 1;
    }
    assert_eq!(seen, 3);
}
