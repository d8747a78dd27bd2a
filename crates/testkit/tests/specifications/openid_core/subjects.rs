//! §2, §8: a subject is the same for ever, and never another's.

use chancery_testkit::{Issuer, Party};

async fn sub(party: &Party<'_>, username: &str) -> String {
    let tokens = party.tokens(username, "openid").await;
    party.claims(tokens.text("id_token")).await["sub"].as_str().unwrap().to_owned()
}

/// §2, §8.1 (public)
#[tokio::test(flavor = "multi_thread")]
async fn a_subject_is_the_same_at_every_sign_in_and_for_every_client() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let first = sub(&web, "alice").await;
    issuer.clock.advance(40 * 86_400);
    assert_eq!(sub(&web, "alice").await, first);
    assert_eq!(sub(&spa, "alice").await, first);
    assert_ne!(sub(&web, "bob").await, first);
}

/// §2: also across a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_subject_outlives_the_server() {
    let issuer = Issuer::start().await;
    let before = sub(&Party::new(&issuer, "web"), "alice").await;
    let issuer = issuer.restart().await;
    assert_eq!(sub(&Party::new(&issuer, "web"), "alice").await, before);
}

/// §2, §5.7: a name that is given away again is not the same person.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_of_an_old_name_is_a_new_subject() {
    use chancery_engine::directory::users::UserPlan;
    use chancery_store::id::Username;

    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let before = sub(&web, "bob").await;
    let bob = Username::parse("bob").unwrap();
    let link = issuer
        .as_steward(async |steward| {
            steward.remove_user(&issuer.realm(), &bob).await.unwrap();
            let plan = UserPlan { username: "bob".to_owned(), ..UserPlan::default() };
            steward.add_user(&issuer.realm(), &plan).await.unwrap();
            steward.password_link(&issuer.realm(), &bob).await.unwrap()
        })
        .await;
    let browser = chancery_testkit::Browser::default();
    let page = browser.get(&issuer.url_of(&format!("/password/{}", link.secret.expose()))).await;
    browser
        .submit(&page, "/password/", &[("new_password", "bob-password-2"), ("repeat_password", "bob-password-2")])
        .await;
    assert_ne!(sub(&web, "bob").await, before);
}
