//! Paths that lead nowhere, and methods that are none for a path.

use chancery_testkit::Issuer;

use super::soundness;
use super::wire::Sent;

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_leads_nowhere_is_answered_in_plain_text_without_an_echo() {
    let issuer = Issuer::start().await;
    let long = format!("/{}", "a".repeat(8000));
    let paths = [
        "/nowhere",
        "//",
        "//token",
        "/token/",
        "/TOKEN",
        "/%74oken",
        "/./token",
        "/x/../token",
        "/token%00",
        "/token%2f",
        "/token;jsessionid=1",
        "/.env",
        "/.git/config",
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/realms",
        "/realms/",
        "/realms/nobody/token",
        "/realms/default/token",
        "/realms/OTHER/token",
        "/realms/other%2ftoken",
        "/realms/%6fther/.well-known/openid-configuration",
        "/realms/../token",
        "/.well-known/openid-configuration/",
        "/.well-known/openid-configuration/realms/nobody",
        "/.well-known/oauth-authorization-server/realms/other/../default",
        "/admin",
        "/admin/api",
        "/admin/api/nothing",
        "/metrics/",
        "/<xss-canary>",
        "/%3Cxss-canary%3E",
        &long,
    ];
    for path in paths {
        for method in ["GET", "POST"] {
            let sent = Sent::new(method, path);
            let got = sent.to(&issuer).await;
            assert_eq!(soundness::check(&sent, &got), Ok(()));
            // What no request line can hold is refused before it is a path.
            if got.status != 400 {
                // Below a realm that is none, a method is judged before the realm is looked up.
                let judged = got.status == 405 && path.contains("/realms/");
                assert!(got.status == 404 || judged, "{method} {path}: {got:?}");
                assert_eq!(got.header("content-type"), Some("text/plain; charset=utf-8"), "{method} {path}");
                assert!(judged || got.body == "There is nothing here.\n", "{method} {path}");
            }
        }
    }
}

/// RFC 9110 §15.5.6.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_none_for_a_path_is_answered_405_with_those_that_are() {
    let issuer = Issuer::start().await;
    let places = [
        ("GET", "/token", "POST"),
        ("PUT", "/token", "POST"),
        ("BREW", "/token", "POST"),
        ("TRACE", "/token", "POST"),
        ("POST", "/jwks", "GET"),
        ("DELETE", "/jwks", "GET"),
        ("GET", "/introspect", "POST"),
        ("GET", "/revoke", "POST"),
        ("PATCH", "/userinfo", "POST"),
        ("DELETE", "/authorize", "GET"),
        ("POST", "/.well-known/openid-configuration", "GET"),
        ("GET", "/realms/other/token", "POST"),
        ("POST", "/health/live", "GET"),
        ("PUT", "/admin/api/realms/default/clients", "POST"),
    ];
    for (method, path, instead) in places {
        let sent = Sent::new(method, path);
        let got = sent.to(&issuer).await;
        assert_eq!(soundness::check(&sent, &got), Ok(()));
        assert_eq!(got.status, 405, "{method} {path}: {got:?}");
        let allowed = got.header("allow").unwrap_or_default();
        assert!(allowed.split(',').any(|one| one.trim() == instead), "{method} {path}: {got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_administration_is_told_without_a_token() {
    let issuer = Issuer::start().await;
    let realm = "/admin/api/realms/default";
    let places = [
        ("GET", "/admin/api/realms".to_owned()),
        ("GET", format!("{realm}/clients")),
        ("POST", format!("{realm}/clients")),
        ("GET", format!("{realm}/clients/web")),
        ("GET", format!("{realm}/clients/nobody")),
        ("PATCH", format!("{realm}/clients/web")),
        ("DELETE", format!("{realm}/clients/web")),
        ("POST", format!("{realm}/clients/web/secret")),
        ("GET", format!("{realm}/users")),
        ("POST", format!("{realm}/users/alice/password-link")),
        ("GET", format!("{realm}/keys")),
        ("POST", format!("{realm}/keys/rotate")),
        ("GET", format!("{realm}/audit")),
        ("GET", "/admin/api/realms/nobody/users".to_owned()),
    ];
    let machine = chancery_testkit::Party::new(&issuer, "machine");
    let foreign = machine.token(&[("grant_type", "client_credentials")]).await.text("access_token").to_owned();
    for (method, path) in &places {
        let bare = Sent::new(method, path).json("{}");
        let cases = [
            bare.clone(),
            bare.clone().header("authorization", "Bearer "),
            bare.clone().bearer("administrator-token-of-the-tests-012345678"),
            bare.clone().bearer(&foreign),
            bare.clone().header("authorization", format!("Basic {}", chancery_testkit::issuer::ADMIN_TOKEN)),
            bare.clone().header("cookie", format!("token={}", chancery_testkit::issuer::ADMIN_TOKEN)),
        ];
        for sent in cases {
            let got = sent.to(&issuer).await;
            assert_eq!(soundness::check(&sent, &got), Ok(()));
            assert_eq!(got.status, 401, "{sent:?} {got:?}");
            assert_eq!(got.header("access-control-allow-origin"), None);
        }
    }
}
