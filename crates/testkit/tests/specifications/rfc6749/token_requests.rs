//! §2.3, §3.2, §5.2: what the token endpoint hears, from whom, and how it says no.

use chancery_testkit::{Issuer, Party};
use reqwest::Method;

const ASK: &str = "grant_type=client_credentials";

/// Status and error code.
fn refusal(answer: &chancery_testkit::Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.error())
}

/// §3.2
#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_sent_twice_is_refused() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let basic = machine.basic();
    for body in [
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=read&scope=write",
        "grant_type=client_credentials&scope=&scope=read",
        "grant_type=client_credentials&unknown=1&unknown=1",
        "grant_type=client_credentials&sc%6fpe=read&scope=read",
    ] {
        let answer = machine.raw("/token", &[("authorization", &basic)], body).await;
        assert_eq!(refusal(&answer), (400, "invalid_request"), "{body}");
    }
}

/// §3.2
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_parameter_was_not_sent_and_an_unknown_one_is_passed_over() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let empty = machine.token(&[("grant_type", "client_credentials"), ("scope", ""), ("client_secret", "")]).await;
    assert_eq!(empty.text("scope"), "read write");
    let unknown = machine.token(&[("grant_type", "client_credentials"), ("whatever", "it is")]).await;
    assert_eq!(unknown.status, 200);
}

/// §3.2, Appendix B
#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_heard_with_any_charset_and_nothing_else_is() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let basic = machine.basic();
    let ask = async |content_type: &str, body: &str| {
        machine.raw("/token", &[("authorization", &basic), ("content-type", content_type)], body).await
    };
    for form in
        ["application/x-www-form-urlencoded; charset=utf-8", "Application/X-WWW-Form-URLEncoded;charset=ISO-8859-1"]
    {
        assert_eq!(ask(form, ASK).await.status, 200, "{form}");
    }
    let json = ask("application/json", r#"{"grant_type":"client_credentials"}"#).await;
    assert_eq!(refusal(&json), (400, "invalid_request"));
    assert_eq!(refusal(&ask("text/plain", ASK).await), (400, "invalid_request"));
    assert_eq!(refusal(&ask("multipart/form-data; boundary=x", ASK).await), (400, "invalid_request"));
}

/// §3.2
#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_hears_post_alone_and_never_the_query() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let basic = machine.basic();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = machine.call(method.clone(), &format!("/token?{ASK}"), &[("authorization", &basic)]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").contains("POST"), "{method} {answer:?}");
    }
    let in_query = machine.raw(&format!("/token?{ASK}"), &[("authorization", &basic)], "").await;
    assert_eq!(refusal(&in_query), (400, "invalid_request"));
}

/// §2.3.1, §5.2
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_answered_with_401_and_a_challenge() {
    let issuer = Issuer::start().await;
    let wrong = Party { secret: Some("wrong"), ..Party::new(&issuer, "machine") };
    let answer = wrong.token(&[("grant_type", "client_credentials")]).await;
    assert_eq!(refusal(&answer), (401, "invalid_client"));
    assert!(answer.header("www-authenticate").starts_with(&format!("Basic realm=\"{}\"", issuer.identifier)));

    // Nobody learns from the answer which clients there are.
    let unknown = Party::registered(&issuer, "nobody", Some("wrong"), "");
    let other = unknown.token(&[("grant_type", "client_credentials")]).await;
    assert_eq!((other.status, &other.text), (answer.status, &answer.text));
}

/// §2.3
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_heard_by_the_method_it_is_registered_with_and_no_other() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let secret = machine.secret.unwrap();
    let posted = format!("{ASK}&client_id=machine&client_secret={secret}");
    assert_eq!(refusal(&machine.raw("/token", &[], &posted).await), (401, "invalid_client"));

    let trusted = Party::new(&issuer, "trusted");
    let refresh = "grant_type=refresh_token&refresh_token=x";
    let answer = trusted.raw("/token", &[("authorization", &trusted.basic())], refresh).await;
    assert_eq!(refusal(&answer), (401, "invalid_client"));

    for id in ["machine", "trusted", "hmac"] {
        let nothing = machine.raw("/token", &[], &format!("{ASK}&client_id={id}")).await;
        assert_eq!(refusal(&nothing), (401, "invalid_client"), "{id}");
    }
}

/// §2.3
#[tokio::test(flavor = "multi_thread")]
async fn two_methods_in_one_request_are_refused() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let basic = machine.basic();
    let secret = machine.secret.unwrap();
    for body in [
        format!("{ASK}&client_id=machine&client_secret={secret}"),
        format!(
            "{ASK}&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        ),
        format!("{ASK}&client_id=web"),
    ] {
        let answer = machine.raw("/token", &[("authorization", &basic)], &body).await;
        assert_eq!(refusal(&answer), (400, "invalid_request"), "{body}");
    }
}

/// §2.3.1, attacks B10 and B17
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_not_exactly_basic_is_refused_and_not_passed_over() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let whole = machine.basic();
    let unpadded = whole.trim_end_matches('=').to_owned() + "!";
    for header in ["", "Basic", "Basic ", "Basic ====", "Bearer abc", "Digest x", "basic\tabc", &unpadded] {
        let answer = machine.raw("/token", &[("authorization", header)], ASK).await;
        assert_eq!(answer.status, 401, "{header:?} {answer:?}");
        assert_eq!(answer.error(), "invalid_client", "{header:?}");
    }
    let twice = machine.raw("/token", &[("authorization", &whole), ("authorization", &whole)], ASK).await;
    assert_eq!(refusal(&twice), (400, "invalid_request"));
}

/// §2.1, §3.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_says_its_name_and_shows_no_secret() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let tokens = spa.tokens("alice", "openid read").await;
    assert_eq!(spa.claims(tokens.text("access_token")).await["client_id"], "spa");
    let with_secret =
        spa.raw("/token", &[], "grant_type=refresh_token&refresh_token=x&client_id=spa&client_secret=s").await;
    assert_eq!(refusal(&with_secret), (401, "invalid_client"));
    let nameless = spa.raw("/token", &[], "grant_type=refresh_token&refresh_token=x").await;
    assert_eq!(refusal(&nameless), (401, "invalid_client"));
}

/// §5.2
#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_grant_has_its_own_code() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let web = Party::new(&issuer, "web");
    let asked = async |party: &Party<'_>, fields: &[(&str, &str)]| {
        let answer = party.token(fields).await;
        (answer.status.as_u16(), answer.error().to_owned())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(asked(&machine, &[]).await, is(400, "invalid_request"));
    assert_eq!(asked(&machine, &[("grant_type", "foo")]).await, is(400, "unsupported_grant_type"));
    let password = [("grant_type", "password"), ("username", "alice"), ("password", "alice-password")];
    assert_eq!(asked(&web, &password).await, is(400, "unsupported_grant_type"));
    assert_eq!(
        asked(&machine, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await,
        is(400, "unauthorized_client")
    );
    assert_eq!(asked(&web, &[("grant_type", "refresh_token")]).await, is(400, "invalid_request"));
    assert_eq!(asked(&web, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await, is(400, "invalid_grant"));
    assert_eq!(asked(&web, &[("grant_type", "authorization_code")]).await, is(400, "invalid_request"));
    assert_eq!(asked(&web, &[("grant_type", "authorization_code"), ("code", "x")]).await, is(400, "invalid_grant"));
    let credentials = |scope| [("grant_type", "client_credentials"), ("scope", scope)];
    assert_eq!(asked(&machine, &credentials("admin")).await, is(400, "invalid_scope"));
    assert_eq!(asked(&machine, &credentials("nobody-knows-this")).await, is(400, "invalid_scope"));
    assert_eq!(asked(&machine, &credentials("re\"ad")).await, is(400, "invalid_scope"));
    assert_eq!(asked(&web, &credentials("openid")).await, is(400, "invalid_scope"));
}

/// §5.2
#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_json_in_plain_ascii_and_repeats_nothing_that_was_sent() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let answer = machine.token(&[("grant_type", "<script>alert(1)</script>\u{e9}")]).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.json.as_object().unwrap().keys().all(|name| name.starts_with("error")));
    let described = answer.text("error_description");
    assert!(described.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{described}");
    assert!(!answer.text.contains("alert"));
}

/// §3.2
#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_not_read() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let body = format!("{ASK}&scope={}", "a".repeat(4 * 1024 * 1024));
    let answer = machine.raw("/token", &[("authorization", &machine.basic())], &body).await;
    assert_eq!(answer.status, 413);
}
