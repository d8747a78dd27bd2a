//! Signed tokens under strange input: limits, mutations, round trips.

use std::sync::LazyLock;

use chancery_jose::{
    ClaimFault, Expected, JoseError, SignatureAlgorithm, Signer, SigningKey, Unverified, VerifyingKey,
    base64url_encode, is_same_media_type, sign,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(SignatureAlgorithm::Es256).unwrap());
static VERIFYING: LazyLock<VerifyingKey> = LazyLock::new(|| KEY.verifying_key().unwrap());

fn claims_of(payload: &str) -> Result<Value, JoseError> {
    let token = Signer::new(&KEY, None).sign_payload(payload.as_bytes()).unwrap();
    Ok(Unverified::parse(&token)?.verify::<Value>(&VERIFYING)?.into_claims())
}

#[test]
fn a_token_has_exactly_three_canonical_parts() {
    let token = sign(&KEY, None, &json!({})).unwrap();
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for broken in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!("{token} "),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{header}=.{payload}.{signature}"),
        token.replace('.', ". "),
    ] {
        assert!(Unverified::parse(&broken).is_err(), "{broken:?}");
    }
    // The same bytes spelt with other trailing bits.
    let mut respelt = token.clone();
    let last = respelt.pop().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    respelt.push(char::from(alphabet.as_bytes()[at ^ 1]));
    assert!(Unverified::parse(&respelt).is_err());
}

#[test]
fn a_token_over_the_limit_is_not_even_taken_apart() {
    let token = sign(&KEY, None, &json!({"a": "x".repeat(20_000)})).unwrap();
    assert_eq!(Unverified::parse(&token).unwrap_err(), JoseError::TooLarge { limit: 16 * 1024 });
    assert!(Unverified::parse_within(&token, 64 * 1024).is_ok());
    assert!(Unverified::parse_within(&token, token.len()).is_ok());
    assert!(Unverified::parse_within(&token, token.len() - 1).is_err());
}

#[test]
fn claims_are_one_object_that_repeats_no_member() {
    assert!(claims_of(r#"{"a":{"b":1}}"#).is_ok());
    for payload in [
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"a":{"b":1,"b":1}}"#,
        r#"{"sub":"a","\u0073ub":"b"}"#,
        "[]",
        "\"text\"",
        "1",
        "null",
        "{} {}",
        r#"{"aud":[1]}"#,
        r#"{"exp":"1"}"#,
        r#"{"iss":{}}"#,
    ] {
        assert!(claims_of(payload).is_err(), "{payload}");
    }
}

#[test]
fn claims_are_read_as_the_type_that_was_asked_for() {
    #[derive(Deserialize)]
    struct Access {
        scope: String,
    }
    let token = sign(&KEY, None, &json!({"scope": "read", "iss": "i"})).unwrap();
    let verified = Unverified::parse(&token).unwrap().verify::<Access>(&VERIFYING).unwrap();
    assert_eq!(verified.claims().scope, "read");
    assert_eq!(verified.standard().iss.as_deref(), Some("i"));
    let token = sign(&KEY, None, &json!({"scope": 1})).unwrap();
    let unverified = Unverified::parse(&token).unwrap();
    assert!(unverified.peek::<Access>().is_err());
    assert_eq!(unverified.peek::<Value>().unwrap()["scope"], 1);
    assert!(unverified.verify::<Access>(&VERIFYING).is_err());
}

#[test]
fn an_error_quotes_nothing_of_the_token() {
    #[derive(Debug, Deserialize)]
    struct Picky {
        #[expect(dead_code, reason = "only its type matters")]
        secret: u8,
    }
    let token = sign(&KEY, None, &json!({"secret": "hunter2"})).unwrap();
    let error = Unverified::parse(&token).unwrap().verify::<Picky>(&VERIFYING).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn the_header_holds_what_the_signer_was_given() {
    let key = KEY.clone().with_kid("a \"quoted\" \u{1f512} name");
    let mut members = Map::new();
    members.insert("jwk".to_owned(), serde_json::to_value(KEY.public_jwk()).unwrap());
    let signer = Signer::with_members(&key, Some("dpop+jwt"), &members).unwrap();
    let token = signer.sign(&json!({})).unwrap();
    let unverified = Unverified::parse(&token).unwrap();
    let header = unverified.header();
    assert_eq!(header.kid(), key.kid());
    assert_eq!(header.typ(), Some("dpop+jwt"));
    assert_eq!(header.algorithm(), SignatureAlgorithm::Es256);
    assert_eq!(header.embedded_jwk().unwrap().as_ref(), KEY.public_jwk());
    assert!(unverified.verify::<Value>(&VERIFYING).is_ok());
    for name in ["alg", "kid", "typ", "crit", "b64"] {
        let mut members = Map::new();
        members.insert(name.to_owned(), "x".into());
        assert_eq!(Signer::with_members(&KEY, None, &members).map(|_| ()), Err(JoseError::HeaderRefused(name)));
    }
}

#[test]
fn a_verified_token_still_has_to_meet_expectations() {
    let token = sign(&KEY, Some("at+jwt"), &json!({"iss": "i", "aud": ["a"], "exp": 10})).unwrap();
    let verified = Unverified::parse(&token).unwrap().verify::<Value>(&VERIFYING).unwrap();
    let expected = Expected::new(9).issuer("i").audience(&["a"]).one_of_types(&["at+jwt"]);
    assert_eq!(verified.meets(&expected), Ok(()));
    let late = Expected::new(10).issuer("i");
    assert_eq!(verified.meets(&late), Err(JoseError::Claim(ClaimFault::Expired)));
}

#[test]
fn media_types_are_compared_as_the_rfc_says() {
    for (one, other, same) in [
        ("JWT", "jwt", true),
        ("application/at+jwt", "at+jwt", true),
        ("APPLICATION/AT+JWT", "at+jwt", true),
        ("at+jwt", "at+jwt2", false),
        ("text/jwt", "jwt", false),
        ("application/a/b", "a/b", false),
        ("", "application/", true),
    ] {
        assert_eq!(is_same_media_type(one, other), same, "{one} {other}");
        assert_eq!(is_same_media_type(other, one), same, "{other} {one}");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,10}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_reads_back(content in json_value(), kid in "\\PC{0,20}") {
        let claims = json!({"content": content});
        let key = KEY.clone().with_kid(&kid);
        let token = sign(&key, Some("JWT"), &claims).unwrap();
        let verified = Unverified::parse(&token).unwrap().verify::<Value>(&VERIFYING).unwrap();
        prop_assert_eq!(verified.header().kid(), Some(kid.as_str()));
        prop_assert_eq!(verified.into_claims(), claims);
    }

    #[test]
    fn no_text_makes_the_reader_panic_or_verifies(text in "\\PC{0,120}") {
        let outcome = Unverified::parse(&text).and_then(|token| token.verify::<Value>(&VERIFYING));
        prop_assert!(outcome.is_err());
    }

    #[test]
    fn no_header_makes_the_reader_panic(header in proptest::collection::vec(any::<u8>(), 0..80)) {
        let token = format!("{}.e30.AAAA", base64url_encode(&header));
        prop_assert!(Unverified::parse(&token).and_then(|token| token.verify::<Value>(&VERIFYING)).is_err());
    }

    #[test]
    fn no_changed_token_verifies(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.=-]") {
        let token = sign(&KEY, Some("JWT"), &json!({"sub": "alice", "exp": 1})).unwrap();
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != token);
        let outcome = Unverified::parse(&changed).and_then(|token| token.verify::<Value>(&VERIFYING));
        prop_assert!(outcome.is_err(), "{}", changed);
    }
}
