//! Keys that are read, written and refused (attack C8: huge keys, duplicate kid, weak RSA, points off the curve, secrets in a set).

use chancery_jose::{
    DecryptionKey, JoseError, Jwk, JwkSet, KeyManagement, KeyUse, SignatureAlgorithm, SigningKey, Unverified,
    base64url_decode, base64url_encode, sign,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::fixtures::{oracle, text};

fn members(jwk: &Jwk) -> Map<String, Value> {
    serde_json::to_value(jwk).unwrap().as_object().unwrap().clone()
}

fn with(jwk: &Jwk, name: &str, value: Value) -> Result<Jwk, JoseError> {
    let mut members = members(jwk);
    members.insert(name.to_owned(), value);
    Jwk::from_members(&members)
}

fn number(bytes: &[u8]) -> Value {
    base64url_encode(bytes).into()
}

#[test]
fn a_key_of_every_algorithm_survives_pkcs8_and_jwk_and_prints_no_secret() {
    for algorithm in SignatureAlgorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric()) {
        let key = SigningKey::generate(algorithm).unwrap().with_kid("named");
        let exported = key.to_private_jwk().unwrap();
        let from_jwk = SigningKey::from_private_jwk(&exported).unwrap();
        let from_pkcs8 = SigningKey::from_pkcs8_der(&key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(from_jwk.kid(), Some("named"));
        assert_eq!(from_jwk.algorithm(), algorithm);
        for again in [from_jwk, from_pkcs8.with_algorithm(algorithm).unwrap()] {
            assert_eq!(again.public_jwk().unwrap().thumbprint(), key.public_jwk().unwrap().thumbprint());
            let token = sign(&again, None, &json!({"a": 1})).unwrap();
            let verifying = key.verifying_key().unwrap();
            assert!(Unverified::parse(&token).unwrap().verify::<Value>(&verifying).is_ok());
            let exported: Value = serde_json::from_str(&exported).unwrap();
            let secret = exported.get("d").or(exported.get("priv")).unwrap().as_str().unwrap();
            assert!(!format!("{again:?}").contains(secret));
            assert!(!serde_json::to_string(again.public_jwk().unwrap()).unwrap().contains(secret));
        }
    }
}

#[test]
fn a_fresh_key_is_named_by_its_thumbprint_and_published_for_signing() {
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let public = key.public_jwk().unwrap();
    assert_eq!(key.kid(), Some(public.thumbprint().as_str()));
    assert_eq!(public.key_use(), Some(KeyUse::Signature));
    assert_eq!(public.algorithm(), Some("ES256"));
    let secret = SigningKey::generate(SignatureAlgorithm::Hs256).unwrap();
    assert_eq!((secret.kid(), secret.public_jwk()), (None, None));
    assert!(secret.to_private_jwk().is_err() && secret.to_pkcs8().is_err());
}

#[test]
fn rsa_keys_of_other_sizes_are_made_on_request() {
    let key = SigningKey::generate_rsa(SignatureAlgorithm::Ps384, 3072).unwrap();
    let n = text(&members(key.public_jwk().unwrap()), "n");
    assert_eq!(base64url_decode(&n).unwrap().len(), 384);
    assert!(SigningKey::generate_rsa(SignatureAlgorithm::Rs256, 1024).is_err());
    assert!(SigningKey::generate_rsa(SignatureAlgorithm::Es256, 2048).is_err());
}

#[test]
fn pem_is_read_in_its_three_unencrypted_forms() {
    let pems = [
        (include_str!("../fixtures/rsa_pkcs8.pem"), "RSA"),
        (include_str!("../fixtures/rsa_pkcs1.pem"), "RSA"),
        (include_str!("../fixtures/ec_pkcs8.pem"), "EC"),
        (include_str!("../fixtures/ec_sec1.pem"), "EC"),
        (include_str!("../fixtures/ed25519_pkcs8.pem"), "OKP"),
    ];
    let keys: Vec<SigningKey> = pems.iter().map(|(pem, _)| SigningKey::from_pem(pem).unwrap()).collect();
    for (key, (_, kind)) in keys.iter().zip(pems) {
        assert_eq!(key.public_jwk().unwrap().key_type(), kind);
    }
    assert_eq!(keys[0].kid(), keys[1].kid());
    assert_eq!(keys[2].kid(), keys[3].kid());
    for refused in [
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        include_str!("../fixtures/encrypted.pem"),
        include_str!("../fixtures/rsa_1024.pem"),
        include_str!("../fixtures/secp256k1.pem"),
    ] {
        assert!(SigningKey::from_pem(refused).is_err());
    }
}

#[test]
fn a_point_off_its_curve_is_refused() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::Es384, SignatureAlgorithm::Es512] {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk = key.public_jwk().unwrap();
        let mut y = base64url_decode(&text(&members(jwk), "y")).unwrap();
        let last = y.len() - 1;
        y[last] ^= 1;
        assert!(with(jwk, "y", number(&y)).is_err());
        assert!(with(jwk, "y", number(&vec![0; last + 1])).is_err());
        assert!(with(jwk, "y", number(&y[1..])).is_err());
        assert!(with(jwk, "x", number(&[&[0], y.as_slice()].concat())).is_err());
        assert!(with(jwk, "crv", "secp256k1".into()).is_err());
        assert!(with(jwk, "crv", "P-224".into()).is_err());
    }
    let p256 = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    assert!(with(p256.public_jwk().unwrap(), "crv", "P-384".into()).is_err());
}

#[test]
fn a_weak_or_odd_rsa_key_is_refused() {
    let key = SigningKey::generate(SignatureAlgorithm::Rs256).unwrap();
    let jwk = key.public_jwk().unwrap();
    let n = base64url_decode(&text(&members(jwk), "n")).unwrap();
    let mut even = n.clone();
    even[255] &= 0xfe;
    let mut short = n.clone();
    short[0] = 0x7f;
    for n in [
        vec![],
        vec![0],
        n[1..].to_vec(),
        n[..128].to_vec(),
        short,
        even,
        [&[0], n.as_slice()].concat(),
        vec![0xff; 1025],
    ] {
        assert!(with(jwk, "n", number(&n)).is_err(), "{} bytes", n.len());
    }
    assert!(with(jwk, "n", number(&vec![0xff; 1024])).is_ok());
    let exponents: [&[u8]; 8] =
        [&[], &[0], &[1], &[2], &[0, 3], &[1, 0, 0, 0, 1], &[0xff, 0xff, 0xff, 0xff, 0xff], &[1; 256]];
    for e in exponents {
        assert!(with(jwk, "e", number(e)).is_err(), "{e:?}");
    }
    assert!(with(jwk, "e", number(&[3])).is_ok());
    assert!(with(jwk, "e", "AQAB=".into()).is_err());
}

#[test]
fn members_have_their_types_and_do_not_contradict_each_other() {
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let jwk = key.public_jwk().unwrap();
    for (name, value) in [
        ("kid", json!(1)),
        ("kid", Value::Null),
        ("alg", json!(["ES256"])),
        ("alg", json!("RS256")),
        ("alg", json!("HS256")),
        ("use", json!("other")),
        ("use", json!(["sig"])),
        ("key_ops", json!("verify")),
        ("key_ops", json!(["verify", "verify"])),
        ("key_ops", json!([1])),
        ("kty", json!("RSA")),
        ("kty", json!("EC ")),
        ("x", json!(1)),
    ] {
        assert!(with(jwk, name, value.clone()).is_err(), "{name}: {value}");
    }
    assert_eq!(with(jwk, "d", "AAAA".into()), Err(JoseError::PrivateMember));
    assert_eq!(with(jwk, "k", "AAAA".into()), Err(JoseError::PrivateMember));
    assert!(with(jwk, "x5u", "https://evil.example".into()).is_ok());
    assert!(Jwk::parse(br#"{"kty":"EC","kty":"EC"}"#).is_err());
}

#[test]
fn an_akp_key_is_one_of_ml_dsa_in_its_raw_form() {
    let key = SigningKey::generate(SignatureAlgorithm::MlDsa44).unwrap();
    let jwk = key.public_jwk().unwrap();
    let raw = base64url_decode(&text(&members(jwk), "pub")).unwrap();
    assert_eq!(raw.len(), 1312);
    for name in ["ML-DSA-65", "ES256", "RS256", "HS256", "none", "ML-DSA-44 "] {
        assert!(with(jwk, "alg", name.into()).is_err(), "{name}");
    }
    assert!(with(jwk, "pub", number(&raw[1..])).is_err());
    assert!(with(jwk, "pub", number(&[raw.as_slice(), &[0]].concat())).is_err());
    let point = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let point = members(point.public_jwk().unwrap());
    let point = [vec![4], base64url_decode(&text(&point, "x")).unwrap(), base64url_decode(&text(&point, "y")).unwrap()];
    let disguised = json!({"kty": "AKP", "alg": "ES256", "pub": base64url_encode(&point.concat())});
    assert!(serde_json::from_value::<Jwk>(disguised).is_err());
}

#[test]
fn a_private_key_whose_halves_do_not_belong_together_is_refused() {
    let (one, two) = (SignatureAlgorithm::Es256, SignatureAlgorithm::MlDsa44);
    for algorithm in [one, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Rs256, two] {
        let [mine, theirs]: [Value; 2] = [(), ()].map(|()| {
            let key = SigningKey::generate(algorithm).unwrap();
            serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap()
        });
        let mut mixed = mine;
        for name in ["d", "priv", "q"] {
            if let Some(value) = theirs.get(name) {
                mixed[name] = value.clone();
            }
        }
        assert!(SigningKey::from_private_jwk(&mixed.to_string()).is_err(), "{algorithm}");
    }
}

#[test]
fn a_set_passes_over_what_it_does_not_understand_and_refuses_what_is_dangerous() {
    let es256 = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let good = serde_json::to_value(es256.public_jwk().unwrap()).unwrap();
    let set = |keys: Value| JwkSet::parse(json!({"keys": keys}).to_string().as_bytes());

    let read = set(json!([{"kty": "XYZ"}, good, {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, {}])).unwrap();
    assert_eq!(read.keys().len(), 1);
    assert_eq!(read.passed_over().len(), 3);
    assert_eq!(read.find(es256.kid().unwrap()), es256.public_jwk());
    assert_eq!(read.verifying(SignatureAlgorithm::Es256, es256.kid()).count(), 1);
    assert_eq!(read.verifying(SignatureAlgorithm::Es256, Some("other")).count(), 0);
    assert_eq!(read.verifying(SignatureAlgorithm::Rs256, None).count(), 0);
    assert_eq!(read.encrypting(KeyManagement::EcdhEs).count(), 0);

    assert_eq!(set(json!([{"kty": "oct", "k": "c2VjcmV0"}])), Err(JoseError::PrivateMember));
    let private: Value = serde_json::from_str(&es256.to_private_jwk().unwrap()).unwrap();
    assert_eq!(set(json!([good, private])), Err(JoseError::PrivateMember));
    let rival = SigningKey::generate(SignatureAlgorithm::Es256).unwrap().with_kid(es256.kid().unwrap());
    assert_eq!(set(json!([good, rival.public_jwk()])), Err(JoseError::AmbiguousKey));
    assert!(set(json!([good, good])).is_ok());
    assert!(set(Value::Array(vec![json!({}); 101])).is_err());

    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#,
    ] {
        assert!(JwkSet::parse(text.as_bytes()).is_err(), "{text}");
    }
    let large = format!(r#"{{"keys":[],"x":"{}"}}"#, "a".repeat(JwkSet::MAXIMUM_BYTES));
    assert!(matches!(JwkSet::parse(large.as_bytes()), Err(JoseError::TooLarge { .. })));
}

#[test]
fn a_set_of_ours_reads_back() {
    let keys: Vec<Jwk> = SignatureAlgorithm::ALL
        .into_iter()
        .filter(|algorithm| !algorithm.is_symmetric())
        .map(|algorithm| SigningKey::generate(algorithm).unwrap().public_jwk().unwrap().clone())
        .collect();
    let set = JwkSet::new(keys);
    let read = JwkSet::parse(&serde_json::to_vec(&set).unwrap()).unwrap();
    assert_eq!(read, set);
}

#[test]
fn a_decryption_key_reads_back_and_is_published_for_encryption() {
    for management in [KeyManagement::RsaOaep256, KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
        let key = DecryptionKey::generate(management).unwrap();
        let again = DecryptionKey::from_private_jwk(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        let public = key.public_jwk().unwrap();
        assert_eq!(public.key_use(), Some(KeyUse::Encryption));
        assert!(KeyManagement::ALL.iter().all(|other| public.encrypts_by(*other) == (*other == management)));
        assert!(public.signature_algorithms().is_empty());
    }
    assert!(DecryptionKey::generate(KeyManagement::Direct).is_err());
    let signing = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    assert!(DecryptionKey::from_private_jwk(&signing.to_private_jwk().unwrap()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_a_key_reader_panic(text in "\\PC{0,200}") {
        let _ = Jwk::parse(text.as_bytes());
        let _ = JwkSet::parse(text.as_bytes());
        let _ = SigningKey::from_private_jwk(&text);
        let _ = SigningKey::from_pem(&text);
        let _ = DecryptionKey::from_private_jwk(&text);
    }

    #[test]
    fn no_bytes_make_a_der_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(SigningKey::from_pkcs8_der(&bytes).is_err());
    }

    #[test]
    fn a_key_with_changed_members_is_refused_or_still_a_key(
        index in 0..16_usize,
        member in any::<prop::sample::Index>(),
        replacement in "[A-Za-z0-9_-]{0,90}",
    ) {
        let keys = oracle().signed;
        let mut members = keys[index].key.clone();
        let name = member.get(&members.keys().cloned().collect::<Vec<_>>()).clone();
        members.insert(name, replacement.into());
        let _ = SigningKey::from_private_jwk(&serde_json::to_string(&members).unwrap());
        for private in ["d", "p", "q", "dp", "dq", "qi", "priv"] {
            members.remove(private);
        }
        if let Ok(key) = Jwk::from_members(&members) {
            let read = Jwk::parse(&serde_json::to_vec(&key).unwrap());
            prop_assert_eq!(read, Ok(key));
        }
    }
}
