//! Attacks on the choice of algorithm and key (RFC 8725 §2.1, §2.2, §2.6; CVE-2015-9235, CVE-2018-0114 and their many followers).

use chancery_jose::{
    Encrypted, JoseError, Jwk, JwkSet, SignatureAlgorithm, SigningKey, Unverified, VerifyingKey, VerifyingKeySet,
    base64url_encode, hmac_sha256, sign,
};
use serde_json::{Value, json};

use crate::fixtures::oracle;

/// A token with this header, and an HMAC under `secret` where a signature belongs.
fn forged(header: &Value, secret: &[u8]) -> String {
    let signed =
        format!("{}.{}", base64url_encode(header.to_string().as_bytes()), base64url_encode(br#"{"sub":"admin"}"#));
    let mac = hmac_sha256(secret, &[signed.as_bytes()]);
    format!("{signed}.{}", base64url_encode(&mac))
}

fn verify(token: &str, key: &VerifyingKey) -> Result<Value, JoseError> {
    Ok(Unverified::parse(token)?.verify::<Value>(key)?.into_claims())
}

#[test]
fn a_public_key_never_serves_as_a_mac_secret() {
    for algorithm in [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk = key.public_jwk().unwrap();
        let verifying = key.verifying_key().unwrap();
        let as_json = serde_json::to_string(jwk).unwrap();
        for secret in [as_json.as_bytes(), jwk.thumbprint().as_bytes(), b""] {
            let token = forged(&json!({"alg": "HS256", "kid": jwk.kid()}), secret);
            assert_eq!(verify(&token, &verifying), Err(JoseError::AlgorithmNotAllowed(SignatureAlgorithm::Hs256)));
        }
    }
}

#[test]
fn none_and_every_unknown_algorithm_is_refused_before_any_key_is_asked() {
    for name in ["none", "None", "NONE", "nOnE", "", "HS1", "RS1", "ES256K", "A128KW", "es256", "HS256\u{0}"] {
        let token = forged(&json!({"alg": name}), b"");
        assert!(matches!(Unverified::parse(&token), Err(JoseError::AlgorithmUnknown(_))), "{name}");
    }
    for header in [json!({}), json!({"alg": null}), json!({"alg": 1}), json!({"alg": ["HS256"]})] {
        assert!(Unverified::parse(&forged(&header, b"")).is_err(), "{header}");
    }
    let unsigned = forged(&json!({"alg": "HS256"}), b"");
    let (signed, _) = unsigned.rsplit_once('.').unwrap();
    assert!(Unverified::parse(&format!("{signed}.")).is_err());
}

#[test]
fn a_key_verifies_by_its_own_algorithm_alone() {
    let key = SigningKey::generate(SignatureAlgorithm::Rs256).unwrap();
    let bound = key.verifying_key().unwrap();
    for algorithm in SignatureAlgorithm::RSA {
        let signed_otherwise = key.clone().with_algorithm(algorithm).unwrap();
        let token = sign(&signed_otherwise, None, &json!({})).unwrap();
        let outcome = verify(&token, &bound);
        assert_eq!(outcome.is_ok(), algorithm == SignatureAlgorithm::Rs256, "{algorithm}");
        assert!(verify(&token, &signed_otherwise.verifying_key().unwrap()).is_ok());
    }
    assert!(key.with_algorithm(SignatureAlgorithm::Es256).is_err());
    assert!(
        SigningKey::generate(SignatureAlgorithm::Es256).unwrap().with_algorithm(SignatureAlgorithm::Es384).is_err()
    );
}

#[test]
fn a_policy_narrows_what_a_key_may_verify() {
    let key = SigningKey::generate(SignatureAlgorithm::Rs256).unwrap();
    let mut members = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    members.as_object_mut().unwrap().remove("alg");
    let any: Jwk = serde_json::from_value(members).unwrap();
    assert_eq!(any.signature_algorithms(), SignatureAlgorithm::RSA);
    let token = sign(&key, None, &json!({})).unwrap();
    let only_pss = VerifyingKey::for_algorithms(&any, &[SignatureAlgorithm::Ps256]).unwrap();
    assert!(verify(&token, &only_pss).is_err());
    assert!(verify(&token, &VerifyingKey::from_jwk(&any).unwrap()).is_ok());
    assert!(VerifyingKey::for_algorithms(&any, &[SignatureAlgorithm::Es256]).is_err());
}

#[test]
fn a_key_that_a_token_brings_along_is_not_trusted() {
    let ours = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let attacker = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let mut members = serde_json::Map::new();
    members.insert("jwk".to_owned(), serde_json::to_value(attacker.public_jwk()).unwrap());
    members.insert("jku".to_owned(), "https://evil.example/keys".into());
    members.insert("x5u".to_owned(), "https://evil.example/chain".into());
    let named = attacker.with_kid(ours.kid().unwrap());
    let token =
        chancery_jose::Signer::with_members(&named, None, &members).unwrap().sign(&json!({"sub": "admin"})).unwrap();
    assert_eq!(verify(&token, &ours.verifying_key().unwrap()), Err(JoseError::Signature));
    let embedded = Unverified::parse(&token).unwrap().header().embedded_jwk().unwrap().unwrap();
    assert_ne!(embedded.thumbprint(), ours.kid().unwrap());
}

#[test]
fn a_private_key_in_a_header_is_refused() {
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let private: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    let mut members = serde_json::Map::new();
    members.insert("jwk".to_owned(), private);
    let token = chancery_jose::Signer::with_members(&key, None, &members).unwrap().sign(&json!({})).unwrap();
    let embedded = Unverified::parse(&token).unwrap().header().embedded_jwk();
    assert_eq!(embedded, Err(JoseError::PrivateMember));
}

#[test]
fn extensions_and_ambiguous_headers_are_refused() {
    for header in [
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":null}"#,
        r#"{"alg":"HS256","b64":true}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","zip":"DEF"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS384"}"#,
        r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":"HS256","typ":[]}"#,
        r#"{"alg":"HS256","jwk":"x"}"#,
        r#"["HS256"]"#,
        r#"{"alg":"HS256"} "x""#,
        "",
    ] {
        let token = format!("{}.e30.AAAA", base64url_encode(header.as_bytes()));
        assert!(Unverified::parse(&token).is_err(), "{header}");
    }
}

#[test]
fn a_key_id_chooses_its_key_or_none() {
    let [one, two, other] = [
        SigningKey::generate(SignatureAlgorithm::Es256).unwrap(),
        SigningKey::generate(SignatureAlgorithm::Es256).unwrap(),
        SigningKey::generate(SignatureAlgorithm::EdDsa).unwrap(),
    ];
    let set = JwkSet::new([&one, &two, &other].iter().map(|key| key.public_jwk().unwrap().clone()).collect());
    let keys = VerifyingKeySet::from_jwk_set(&set, &SignatureAlgorithm::ALL);
    let verify = |token: &str| Unverified::parse(token).unwrap().verify_with_set::<Value>(&keys).map(|_| ());
    for key in [&one, &two, &other] {
        assert_eq!(verify(&sign(key, None, &json!({})).unwrap()), Ok(()));
    }
    // Signed by a key of the set, under another's name: the named key decides.
    let misnamed = one.clone().with_kid(two.kid().unwrap());
    assert_eq!(verify(&sign(&misnamed, None, &json!({})).unwrap()), Err(JoseError::Signature));
    // A name of a key of another kind, and a name that nobody has.
    for kid in [other.kid().unwrap(), "../../dev/null", "' OR 1=1 --", ""] {
        let token = sign(&one.clone().with_kid(kid), None, &json!({})).unwrap();
        assert_eq!(verify(&token), Err(JoseError::NoMatchingKey), "{kid}");
    }
    // No name: every fitting key is tried.
    let anonymous = anonymous_token(&two);
    assert_eq!(verify(&anonymous), Ok(()));
}

/// A token without `kid`.
fn anonymous_token(key: &SigningKey) -> String {
    let signed = format!("{}.e30", base64url_encode(br#"{"alg":"ES256"}"#));
    let signature = key.sign_bytes(signed.as_bytes()).unwrap();
    format!("{signed}.{signature}")
}

#[test]
fn an_encryption_key_verifies_nothing() {
    let key = SigningKey::generate(SignatureAlgorithm::Rs256).unwrap();
    let mut members = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let members = members.as_object_mut().unwrap();
    members.remove("alg");
    members.insert("use".to_owned(), "enc".into());
    let for_encryption = Jwk::from_members(members).unwrap();
    assert!(VerifyingKey::from_jwk(&for_encryption).is_err());
    members.insert("use".to_owned(), "sig".into());
    members.insert("key_ops".to_owned(), json!(["encrypt"]));
    assert!(VerifyingKey::from_jwk(&Jwk::from_members(members).unwrap()).is_err());
}

#[test]
fn a_signature_in_another_form_of_the_same_numbers_is_refused() {
    // ECDSA in ASN.1 instead of the fixed form, and a signature with leading zeros added.
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let token = sign(&key, None, &json!({})).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = chancery_jose::base64url_decode(signature).unwrap();
    let (r, s) = bytes.split_at(32);
    let longer = [&[0], r, &[0], s].concat();
    let asn1 = [&[0x30, 0x44, 0x02, 0x20], r, &[0x02, 0x20], s].concat();
    let zero = vec![0; 64];
    for other in [longer, asn1, zero, bytes[..63].to_vec(), [bytes.as_slice(), &[0]].concat()] {
        let token = format!("{signed}.{}", base64url_encode(&other));
        assert_eq!(verify(&token, &key.verifying_key().unwrap()), Err(JoseError::Signature));
    }
}

#[test]
fn a_signed_token_is_no_encrypted_one_and_the_reverse() {
    let oracle = oracle();
    for token in &oracle.signed {
        assert!(Encrypted::parse(&token.token).is_err());
        assert!(!Encrypted::looks_like(&token.token));
    }
    for token in oracle.encrypted.iter().take(20) {
        assert!(Unverified::parse(&token.token).is_err());
        assert!(Encrypted::looks_like(&token.token));
    }
}
