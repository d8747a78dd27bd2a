//! §4.1.2, §4.1.3, §6, §10.4–10.5: what a code and a refresh token are bound to, and when they end.

use chancery_testkit::party::{VERIFIER, parameter};
use chancery_testkit::{Browser, Issuer, Party};

const DAY: u64 = 86_400;

/// §4.1.2
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_a_minute() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[]).await;
    issuer.clock.advance(59);
    assert_eq!(web.redeem(&code).await.status, 200);
    let code = web.code("alice", &[]).await;
    issuer.clock.advance(61);
    assert_eq!(web.redeem(&code).await.error(), "invalid_grant");
}

/// §4.1.3, attack B1
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_its_client_alone() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let code = web.code("alice", &[]).await;
    let thief = Party { redirect_uri: web.redirect_uri, ..Party::new(&issuer, "spa") };
    assert_eq!(thief.redeem(&code).await.error(), "invalid_grant");
    assert_eq!(spa.redeem(&code).await.error(), "invalid_grant");
    // The thief has ended nothing: the owner's code is still good.
    assert_eq!(web.redeem(&code).await.status, 200);
}

/// §4.1.3, attack B1
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_replays_a_code_ends_nobodys_tokens() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[("scope", "openid")]).await;
    let tokens = web.redeem(&code).await;
    let thief = Party { redirect_uri: web.redirect_uri, ..Party::new(&issuer, "spa") };
    assert_eq!(thief.redeem(&code).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 200);
}

/// §4.1.3
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_to_the_redirect_uri_it_was_sent_to() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[]).await;
    let redeem = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    assert_eq!(web.token(&redeem).await.error(), "invalid_grant");
    for other in
        ["http://127.0.0.1/callback", "https://web.example.test/callback/", "https://WEB.example.test/callback"]
    {
        let fields: Vec<_> = redeem.into_iter().chain([("redirect_uri", other)]).collect();
        assert_eq!(web.token(&fields).await.error(), "invalid_grant", "{other}");
    }
}

/// §4.1.2
#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_with_the_session_it_was_issued_in() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let answer = web.authorize(&browser, "alice", &[("scope", "openid offline_access")]).await;
    let home = browser.get(&issuer.url_of("/")).await;
    browser.submit(&home, "/sign-out", &[]).await;
    let code = parameter(&answer, "code").unwrap();
    assert_eq!(web.redeem(&code).await.error(), "invalid_grant");
}

/// §6, §10.4, attack B6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_for_its_client_alone() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    let token = tokens.text("refresh_token");
    for id in ["spa", "trusted"] {
        assert_eq!(Party::new(&issuer, id).refresh(token).await.error(), "invalid_grant", "{id}");
    }
    assert_eq!(web.refresh(token).await.status, 200);
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_lies_unused_for_a_month_ends() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    issuer.clock.advance(29 * DAY);
    let second = web.refresh(tokens.text("refresh_token")).await;
    assert_eq!(second.status, 200);
    issuer.clock.advance(31 * DAY);
    assert_eq!(web.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_family_ends_after_its_whole_life_however_much_it_is_used() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    let mut token = tokens.text("refresh_token").to_owned();
    for _ in 0..4 {
        issuer.clock.advance(20 * DAY);
        token = web.refresh(&token).await.text("refresh_token").to_owned();
    }
    issuer.clock.advance(11 * DAY);
    assert_eq!(web.refresh(&token).await.error(), "invalid_grant");
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_ends_with_the_persons_account() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    issuer.enable_user("alice", false).await;
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    // Letting somebody in again brings nothing back that had ended.
    issuer.enable_user("alice", true).await;
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
}

/// §4.1.3
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_person_who_was_shut_out_is_worth_nothing() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[]).await;
    issuer.enable_user("alice", false).await;
    assert_eq!(web.redeem(&code).await.error(), "invalid_grant");
}

/// §10.3, attacks B3
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_one_kind_is_none_of_another() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[("scope", "openid offline_access")]).await;
    assert_eq!(web.refresh(&code).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(&code).await.status, 401);
    let tokens = web.redeem(&code).await;
    let (access, refresh, id) = (tokens.text("access_token"), tokens.text("refresh_token"), tokens.text("id_token"));
    for wrong in [access, id] {
        assert_eq!(web.refresh(wrong).await.error(), "invalid_grant");
    }
    for wrong in [access, refresh, id] {
        assert_eq!(web.redeem(wrong).await.error(), "invalid_grant");
    }
    for wrong in [refresh, id] {
        assert_eq!(web.userinfo(wrong).await.status, 401);
    }
}
