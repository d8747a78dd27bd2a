//! RFC 9700: Best Current Practice for OAuth 2.0 Security. What has no place in another specification's tests.

use chancery_testkit::party::{decide, parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};
use futures_util::future::join_all;
use reqwest::Method;

/// §2.1, §4.11: no open redirector before, during or after.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_away_but_a_registered_redirect() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    web.authorize(&browser, "alice", &[]).await;
    for uri in [
        "https://web.example.test.evil.test/callback",
        "https://web.example.test@evil.test/callback",
        "https://evil.test/https://web.example.test/callback",
        "https://web.example.test/callback/..;/evil",
        "https://web.example.test/callback%2f..%2f..%2fevil",
        "https://web.example.test/callback%00.evil.test",
        "https://web.example.test\\@evil.test/callback",
        "https://webXexample.test/callback",
        "//web.example.test/callback",
        "javascript:alert(1)//https://web.example.test/callback",
        "JavaScript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
    ] {
        for prompt in ["", "none"] {
            let page = browser.get(&web.authorization_url(&[("redirect_uri", uri), ("prompt", prompt)])).await;
            assert_eq!((page.status.as_u16(), page.location()), (400, None), "{uri}");
            assert!(!page.text.contains("evil") && !page.text.contains("alert(1)"), "{uri}");
        }
    }
    for path in [
        "//evil.test",
        "/%5cevil.test",
        "/\\evil.test",
        "/sign-in?next=https://evil.test",
        "/sign-out?back=https://evil.test",
    ] {
        let page = browser.get(&issuer.url_of(path)).await;
        assert!(
            page.location().is_none_or(|location| location.starts_with(&issuer.url)),
            "{path} {:?}",
            page.location()
        );
    }
}

/// §2.1.2, §2.4
#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_ever_in_a_url() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for response_type in ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"] {
        assert_eq!(
            web.refused(&[("response_type", response_type)]).await,
            "unsupported_response_type",
            "{response_type}"
        );
    }
    let answer = web.authorize(&Browser::default(), "alice", &[]).await;
    let names: Vec<&str> = answer.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
}

/// §4.12
#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_form_is_sent_on_by_303() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = web.open(&browser, &[]).await;
    let signed_in = sign_in(&browser, &page, "alice").await;
    let consent = browser.follow(signed_in.clone(), &issuer.url).await;
    let answered = decide(&browser, &consent, "allow").await;
    let home = browser.get(&issuer.url_of("/")).await;
    let withdrawn = browser.submit(&home, "/applications/withdraw", &[]).await;
    for reply in [signed_in, answered, withdrawn] {
        assert_eq!(reply.status, 303, "{}", reply.url);
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{}", reply.url);
        assert_eq!(reply.header("cache-control"), "no-store", "{}", reply.url);
    }
}

/// §2.6, §4.17: no script of another origin asks where people answer.
#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_other_origins_may_not_ask_at_the_pages() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for path in ["/authorize", "/sign-in", "/sign-out", "/", "/introspect"] {
        for method in [Method::OPTIONS, Method::GET] {
            let answer = web
                .call(
                    method.clone(),
                    path,
                    &[("origin", "https://evil.example.test"), ("access-control-request-method", "POST")],
                )
                .await;
            if path == "/introspect" && method == Method::GET {
                continue;
            }
            assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{method} {path}");
        }
    }
}

/// §4.5.3.1, §4.5.3.2: a code injected into another flow of the same client.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_stolen_is_of_no_use_in_another_flow() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let stolen = web.code("alice", &[]).await;
    let other = chancery_spec::pkce::CodeVerifier::from_random(&[9; 32]);
    let challenge = other.challenge();
    web.code("bob", &[("code_challenge", challenge.as_str())]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*stolen),
        ("redirect_uri", web.redirect_uri),
        ("code_verifier", other.expose()),
    ];
    assert_eq!(web.token(&fields).await.error(), "invalid_grant");
}

/// §4.13, attack B2: everything that a code had opened ends with its replay.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_for_a_code_leaves_nobody_with_tokens() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[("scope", "openid offline_access")]).await;
    let answers = join_all((0..24).map(|_| web.redeem(&code))).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.error() == "invalid_grant"));
    assert_eq!(web.refresh(won[0].text("refresh_token")).await.error(), "invalid_grant");
}

/// §4.14.2, attack B5
#[tokio::test(flavor = "multi_thread")]
async fn a_spent_refresh_token_stays_spent_when_the_server_starts_again() {
    let issuer = Issuer::start().await;
    let first = Party::new(&issuer, "web").tokens("alice", "openid offline_access").await;
    let second = Party::new(&issuer, "web").refresh(first.text("refresh_token")).await;
    let issuer = issuer.restart().await;
    issuer.clock.advance(60);
    let web = Party::new(&issuer, "web");
    assert_eq!(web.refresh(first.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
}

/// §4.14.2: what the server forgot over a restart it had not promised.
#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_promised_outlives_the_server() {
    let issuer = Issuer::start().await;
    let (browser, waiting) = (Browser::default(), Browser::default());
    let web = Party::new(&issuer, "web");
    let answer = web.authorize(&browser, "alice", &[("scope", "openid offline_access")]).await;
    let page = web.open(&waiting, &[]).await;
    let asked_for = web.tokens("alice", "openid offline_access").await;
    let (before, path) = (issuer.url.clone(), page.url.strip_prefix(&issuer.url).unwrap().to_owned());
    let issuer = issuer.restart().await;
    assert_eq!(issuer.identifier, before);
    let web = Party::new(&issuer, "web");
    assert_eq!(web.redeem(&parameter(&answer, "code").unwrap()).await.status, 200);
    assert_eq!(web.refresh(asked_for.text("refresh_token")).await.status, 200);
    assert_eq!(web.userinfo(asked_for.text("access_token")).await.status, 200);
    let answer = web.go_on(&waiting, "alice", waiting.get(&issuer.url_of(&path)).await).await;
    assert!(parameter(&answer, "code").is_some());
}

/// §2.2.1, attacks B14, E5: there is no side door for a client that is disabled.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_disabled_is_served_nowhere() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let waiting = web.open(&browser, &[]).await;
    let consent = browser.follow(sign_in(&browser, &waiting, "alice").await, &issuer.url).await;
    let code = web.code("alice", &[]).await;
    let tokens = web.tokens("alice", "openid offline_access").await;
    issuer.enable_client("web", false).await;
    for answer in [
        web.token(&[("grant_type", "client_credentials")]).await,
        web.redeem(&code).await,
        web.refresh(tokens.text("refresh_token")).await,
        web.introspect(tokens.text("access_token")).await,
        web.revoke(tokens.text("refresh_token")).await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client"));
    }
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 401);
    let page = decide(&browser, &consent, "allow").await;
    assert_eq!((page.status.as_u16(), page.location()), (400, None));
}

/// Attack E2: what one realm gave is nothing in another, whoever brings it.
#[tokio::test(flavor = "multi_thread")]
async fn realms_know_nothing_of_each_other() {
    let issuer = Issuer::start().await;
    let (web, other) = (Party::new(&issuer, "web"), Party::of_other_realm(&issuer, "web"));
    let code = web.code("alice", &[]).await;
    let tokens = web.tokens("alice", "openid offline_access").await;
    assert_eq!(other.redeem(&code).await.error(), "invalid_grant");
    assert_eq!(other.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(other.introspect(tokens.text("access_token")).await.json["active"], false);
    assert_eq!(other.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(other.revoke(tokens.text("refresh_token")).await.status, 200);
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.status, 200);
    let own_secret_there = Party { base: "/realms/other", ..Party::new(&issuer, "web") };
    assert_eq!(own_secret_there.token(&[("grant_type", "client_credentials")]).await.error(), "invalid_client");
    // A request that waits here is not found there, not even in the same browser.
    let browser = Browser::default();
    let page = web.open(&browser, &[]).await;
    let there = browser.get(&page.url.replace("/authorize/", "/realms/other/authorize/")).await;
    assert!(there.text.contains("data-problem=\"request-expired\""), "{}", there.text);
}

/// §4.2.4, §4.3: what leaks from a URL is of no use and leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_fetches_nothing_from_elsewhere() {
    let issuer = Issuer::start().await;
    let uri = "https://logo.example.test/callback";
    issuer
        .register(serde_json::json!({
            "client_id": "logo", "client_name": "Logo", "token_endpoint_auth_method": "none", "redirect_uris": [uri],
            "scope": "openid", "logo_uri": "https://logo.example.test/logo.png", "client_uri": "https://logo.example.test/",
        }))
        .await;
    let logo = Party::registered(&issuer, "logo", None, uri);
    let browser = Browser::default();
    let page = logo.open(&browser, &[]).await;
    let consent = browser.follow(sign_in(&browser, &page, "alice").await, &issuer.url).await;
    for page in [page, consent] {
        assert!(!page.text.contains("src=\"http") && !page.text.contains("logo.png"), "{}", page.text);
        assert!(page.header("content-security-policy").contains("img-src 'self' data:;"));
    }
}

/// Attack A15
#[tokio::test(flavor = "multi_thread")]
async fn a_huge_scope_is_refused_or_cut_and_never_served() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let huge: String = (0..2000).map(|number| format!("scope{number} ")).collect();
    let answer = web.token(&[("grant_type", "client_credentials"), ("scope", huge.trim())]).await;
    assert_eq!(answer.error(), "invalid_scope");
}
