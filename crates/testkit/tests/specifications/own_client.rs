//! Our own client and our own guard against our own server: one sign-in and one machine, over real sockets.

use std::sync::Arc;

use chancery_client::{
    Client, ClientAuthentication, ClientError, Clock, MachineAsk, Registration, ReqwestHttp, Scope, SignInAsk,
    Surroundings, SystemDice, TokenCache,
};
use chancery_resource::{Denial, TokenFault, Verifier};
use chancery_testkit::clock::TestClock;
use chancery_testkit::party::{decide, sign_in};
use chancery_testkit::{Browser, Issuer};

const API: &str = "https://api.example.test";

/// The test's clock, for the client and for the guard.
struct Present(Arc<TestClock>);

impl Clock for Present {
    fn now(&self) -> i64 {
        self.0.seconds()
    }
}

impl chancery_resource::Clock for Present {
    fn now(&self) -> i64 {
        self.0.seconds()
    }
}

async fn client(issuer: &Issuer, id: &str, secret: &str) -> Client {
    let surroundings = Surroundings {
        http: Arc::new(ReqwestHttp::new().expect("TLS")),
        clock: Arc::new(Present(issuer.clock.clone())),
        dice: Arc::new(SystemDice),
    };
    let registration = Registration::new(id, ClientAuthentication::secret_basic(secret));
    Client::discover(&issuer.url.parse().expect("an issuer"), registration, surroundings).await.expect("metadata")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_through_our_own_client() {
    let issuer = Issuer::start().await;
    let client = client(&issuer, "web", "web-secret-0123456789-0123456789-0123456789").await;
    let scope = Scope::parse("openid profile offline_access").unwrap();
    let mut ask = SignInAsk::new("https://web.example.test/callback".parse().unwrap(), scope);
    ask.max_age = Some(60);
    let begun = client.authorize(&ask).unwrap();

    let browser = Browser::default();
    let mut page = browser.get(&begun.url).await;
    let answer = loop {
        page = match page.location() {
            Some(location) if location.starts_with(&issuer.url) => browser.get(&location).await,
            Some(location) => break location,
            None if page.has("sign-in-form") => sign_in(&browser, &page, "alice").await,
            None => decide(&browser, &page, "allow").await,
        };
    };
    let query = answer.split_once('?').unwrap().1;
    let authorized = client.admit(begun.pending, query.as_bytes()).unwrap();
    let tokens = client.redeem(authorized).await.unwrap();
    let id_token = tokens.id_token.unwrap();
    let told = client.userinfo(&tokens.response.access_token, &id_token).await.unwrap();
    assert_eq!(told.claims.find("name").and_then(|name| name.as_str()), Some("Alice Example"));

    issuer.clock.advance(60);
    let fresh = client.refresh(tokens.response.refresh_token.as_deref().unwrap(), Some(&id_token)).await.unwrap();
    let refresh_token = fresh.response.refresh_token.unwrap();
    client.revoke(&refresh_token, None).await.unwrap();
    assert!(matches!(client.refresh(&refresh_token, None).await, Err(ClientError::Refused(_))));
    assert!(matches!(client.userinfo(&fresh.response.access_token, &id_token).await, Err(ClientError::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_guard_lets_our_own_machine_in_until_its_token_ends() {
    let issuer = Issuer::start().await;
    let client = client(&issuer, "machine", "machine-secret-0123456789-0123456789-0123").await;
    let ask = MachineAsk::scope(Scope::parse("read").unwrap()).at(API.parse().unwrap());
    let tokens = TokenCache::new(Arc::new(client), ask);
    let verifier = Verifier::remote(issuer.url.parse().unwrap(), API).unwrap();
    let verifier = verifier.clock(Arc::new(Present(issuer.clock.clone())));

    let token = tokens.token().await.unwrap();
    let caller = verifier.verify(token.expose()).await.unwrap();
    assert_eq!((caller.client_id(), caller.may("read"), caller.may("write")), ("machine", true, false));
    let end = caller.claims().exp;
    issuer.clock.advance(end - u64::try_from(issuer.clock.seconds()).unwrap() + 10);
    assert_eq!(verifier.verify(token.expose()).await, Err(Denial::Refused(TokenFault::Expired)));
    verifier.verify(tokens.token().await.unwrap().expose()).await.unwrap();
}
