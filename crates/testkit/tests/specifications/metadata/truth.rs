//! RFC 8414 §2: whatever is advertised works, and nothing that works is missing.

use chancery_engine::directory::rotation::Rotation;
use chancery_jose::{SignatureAlgorithm, SigningKey, sign};
use chancery_testkit::browser::form;
use chancery_testkit::party::{header_of, parameter};
use chancery_testkit::{Browser, Issuer, Party};
use reqwest::Method;
use serde_json::{Value, json};

async fn document(party: &Party<'_>) -> Value {
    party.get("/.well-known/openid-configuration").await.json
}

fn list(document: &Value, name: &str) -> Vec<String> {
    let values = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// RFC 8414 §2, Discovery §3: what must be there.
#[tokio::test(flavor = "multi_thread")]
async fn every_required_member_is_there_and_every_endpoint_answers() {
    let issuer = Issuer::start().await;
    for party in [Party::new(&issuer, "web"), Party::of_other_realm(&issuer, "web")] {
        let document = document(&party).await;
        assert_eq!(list(&document, "response_types_supported"), ["code"]);
        assert_eq!(list(&document, "subject_types_supported"), ["public"]);
        assert!(list(&document, "id_token_signing_alg_values_supported").contains(&"RS256".to_owned()));
        let mut endpoints = 0;
        for (name, value) in document.as_object().unwrap() {
            if !name.ends_with("_endpoint") && name != "jwks_uri" {
                continue;
            }
            let path = value.as_str().unwrap().strip_prefix(&*issuer.identifier).unwrap().to_owned();
            let at_root = Party { base: "", ..Party::new(&issuer, "web") };
            let method = if ["authorization_endpoint", "userinfo_endpoint", "jwks_uri"].contains(&&**name) {
                Method::GET
            } else {
                Method::POST
            };
            let status =
                at_root.call(method, &path, &[("content-type", "application/x-www-form-urlencoded")]).await.status;
            assert!(status != 404 && status != 405 && status.as_u16() < 500, "{name} {status}");
            endpoints += 1;
        }
        assert_eq!(endpoints, 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grant_types_are_those_that_work() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let advertised = list(&document(&web).await, "grant_types_supported");
    for grant in [
        "authorization_code",
        "client_credentials",
        "refresh_token",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:openid:params:grant-type:ciba",
    ] {
        let answer = web.token(&[("grant_type", grant)]).await;
        assert_eq!(advertised.contains(&grant.to_owned()), answer.error() != "unsupported_grant_type", "{grant}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_response_types_and_modes_are_those_that_work() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    let browser = Browser::default();
    web.authorize(&browser, "alice", &[]).await;
    let works =
        async |name: &str, value: &str| parameter(&web.answer(&browser, &[(name, value)]).await, "code").is_some();
    let types = list(&document, "response_types_supported");
    for one in
        ["code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"]
    {
        assert_eq!(types.contains(&one.to_owned()), works("response_type", one).await, "{one}");
    }
    let modes = list(&document, "response_modes_supported");
    for one in ["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        assert_eq!(modes.contains(&one.to_owned()), works("response_mode", one).await, "{one}");
    }
    let methods = list(&document, "code_challenge_methods_supported");
    for one in ["S256", "plain"] {
        assert_eq!(methods.contains(&one.to_owned()), works("code_challenge_method", one).await, "{one}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_prompt_is_understood_and_request_objects_are_not() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    for prompt in list(&document, "prompt_values_supported") {
        let page = web.open(&Browser::default(), &[("prompt", &prompt)]).await;
        let refused = page.location().map(|_| parameter(&page.answer(), "error").unwrap());
        let expected = (prompt == "none").then_some("login_required".to_owned());
        assert_eq!(refused, expected, "{prompt}");
    }
    assert_eq!(document["request_parameter_supported"], false);
    assert_eq!(document["request_uri_parameter_supported"], false);
    assert_eq!(document["claims_parameter_supported"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_proof_works_at_every_endpoint_that_names_it() {
    let issuer = Issuer::start().await;
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let secret = "a-secret-of-more-than-thirty-two-bytes-0123456789";
    let hmac = SigningKey::symmetric(SignatureAlgorithm::Hs256, secret.as_bytes()).unwrap();
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    let mut registered = Vec::new();
    for (endpoint, path) in [("token", "/token"), ("revocation", "/revoke"), ("introspection", "/introspect")] {
        for method in list(&document, &format!("{endpoint}_endpoint_auth_methods_supported")) {
            let mut metadata = json!({
                "client_id": method, "token_endpoint_auth_method": method, "grant_types": ["authorization_code", "refresh_token"],
                "redirect_uris": ["https://proof.example.test/"], "scope": "openid",
            });
            if method.starts_with("client_secret") {
                metadata["client_secret"] = secret.into();
            }
            if method == "private_key_jwt" {
                metadata["jwks"] = json!({ "keys": [key.public_jwk().unwrap()] });
            }
            if !registered.contains(&method) {
                issuer.register(metadata).await;
                registered.push(method.clone());
            }
            let now = issuer.clock.seconds();
            let jti = format!("{method}{path}");
            let claims = json!({ "iss": method, "sub": method, "aud": issuer.identifier, "jti": jti, "exp": now + 60 });
            let asks = [("token", "unknown"), ("grant_type", "refresh_token"), ("refresh_token", "unknown")];
            let party = Party::registered(&issuer, &method, Some(secret), "");
            let assertion = match &*method {
                "private_key_jwt" => Some(sign(&key, None, &claims).unwrap()),
                "client_secret_jwt" => Some(sign(&hmac, None, &claims).unwrap()),
                _ => None,
            };
            let mut fields = asks.to_vec();
            let mut headers = Vec::new();
            let basic = party.basic();
            match (&*method, &assertion) {
                ("client_secret_basic", _) => headers.push(("authorization", &*basic)),
                ("client_secret_post", _) => fields.extend([("client_id", &*method), ("client_secret", secret)]),
                ("none", _) => fields.push(("client_id", &method)),
                (_, Some(assertion)) => fields.extend([
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", assertion),
                ]),
                (unknown, None) => panic!("a method that no test exercises: {unknown}"),
            }
            let answer = party.raw(path, &headers, &form(&fields)).await;
            // The client is known; what it asked for is not.
            let expected = if endpoint == "token" { (400, "invalid_grant") } else { (200, "") };
            assert_eq!((answer.status.as_u16(), answer.error()), expected, "{method} {path} {answer:?}");
        }
    }
    assert_eq!(registered.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_of_assertions_works() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    let rsa = SigningKey::generate(SignatureAlgorithm::Rs256).unwrap();
    let secret = "s".repeat(64);
    let advertised = list(&document, "token_endpoint_auth_signing_alg_values_supported");
    assert!(!advertised.iter().any(|name| name.eq_ignore_ascii_case("none")));
    for name in advertised {
        let algorithm = SignatureAlgorithm::ALL.into_iter().find(|one| one.name() == name).unwrap();
        let key = if algorithm.is_symmetric() {
            SigningKey::symmetric(algorithm, secret.as_bytes()).unwrap()
        } else if algorithm.is_rsa() {
            rsa.clone().with_algorithm(algorithm).unwrap()
        } else {
            SigningKey::generate(algorithm).unwrap()
        };
        let id = name.to_lowercase();
        let mut metadata = json!({
            "client_id": id, "grant_types": ["client_credentials"], "scope": "read", "token_endpoint_auth_signing_alg": name,
        });
        if algorithm.is_symmetric() {
            metadata["token_endpoint_auth_method"] = "client_secret_jwt".into();
            metadata["client_secret"] = (*secret).into();
        } else {
            metadata["token_endpoint_auth_method"] = "private_key_jwt".into();
            metadata["jwks"] = json!({ "keys": [key.public_jwk().unwrap()] });
        }
        issuer.register(metadata).await;
        let claims = json!({
            "iss": id, "sub": id, "aud": issuer.identifier, "jti": "one", "exp": issuer.clock.seconds() + 60,
        });
        let assertion = sign(&key, None, &claims).unwrap();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        let answer = web.raw("/token", &[], &form(&fields)).await;
        assert_eq!(answer.status, 200, "{name} {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_of_id_tokens_and_userinfo_works() {
    let issuer = Issuer::start().await;
    for algorithm in [SignatureAlgorithm::EdDsa, SignatureAlgorithm::Es384, SignatureAlgorithm::MlDsa44] {
        issuer.rotate_key(algorithm, Rotation::Immediate).await;
    }
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    let advertised = list(&document, "id_token_signing_alg_values_supported");
    assert_eq!(advertised, list(&document, "userinfo_signing_alg_values_supported"));
    assert_eq!(advertised.len(), 5);
    for name in advertised {
        let id = name.to_lowercase();
        let uri = "https://each.example.test/callback";
        issuer
            .register(json!({
                "client_id": id, "token_endpoint_auth_method": "none", "redirect_uris": [uri], "scope": "openid",
                "id_token_signed_response_alg": name, "userinfo_signed_response_alg": name,
            }))
            .await;
        let party = Party::registered(&issuer, &id, None, uri);
        let tokens = party.tokens("alice", "openid").await;
        let userinfo = party.userinfo(tokens.text("access_token")).await.text;
        for token in [tokens.text("id_token"), &userinfo] {
            assert_eq!(header_of(token)["alg"], *name);
            assert_eq!(party.claims(token).await["iss"], *issuer.identifier);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scope_is_granted_and_every_claim_is_told() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let document = document(&web).await;
    let scopes = list(&document, "scopes_supported");
    // A scope that a client is not registered for is supported all the same.
    let its_own: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| *scope != "admin").collect();
    assert_eq!(its_own.len() + 1, scopes.len());
    let tokens = web.tokens("alice", &its_own.join(" ")).await;
    let mut granted: Vec<&str> = tokens.text("scope").split(' ').collect();
    let mut asked = its_own.clone();
    granted.sort_unstable();
    asked.sort_unstable();
    assert_eq!(granted, asked);

    let claims = list(&document, "claims_supported");
    let id = web.claims(tokens.text("id_token")).await;
    let userinfo = web.userinfo(tokens.text("access_token")).await.json;
    for name in id.as_object().unwrap().keys().chain(userinfo.as_object().unwrap().keys()) {
        assert!(claims.contains(name), "{name} is told and not advertised");
    }
    assert_eq!(list(&document, "acr_values_supported"), [id["acr"].as_str().unwrap()]);
    assert_eq!(list(&document, "claim_types_supported"), ["normal"]);
}
