//! The log of whole flows holds none of their secrets, at any level, in our own lines or in those of what we are built of.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chancery_testkit::issuer::ADMIN_TOKEN;
use chancery_testkit::party::{VERIFIER, parameter, sign_in_with};
use chancery_testkit::{Browser, Issuer, Party};
use tracing_subscriber::EnvFilter;

use super::wire::Sent;

/// What was logged in this process since the tape was put in.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Tape {
    fn put_in() -> Self {
        static TAPE: OnceLock<Tape> = OnceLock::new();
        let tape = TAPE.get_or_init(|| {
            let tape = Self::default();
            let writer = tape.clone();
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(EnvFilter::new("trace"))
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .finish();
            tracing::subscriber::set_global_default(subscriber).expect("nobody else records");
            tape
        });
        tape.clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// A secret as it is, and as a form or a header would carry it.
fn guises(secret: &str) -> [String; 3] {
    let bytes = secret.as_bytes();
    let listed = format!("{bytes:?}");
    [
        secret.to_owned(),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        listed.trim_matches(['[', ']']).to_owned(),
    ]
}

/// Attack F7.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_whole_flow_is_in_the_log() {
    let tape = Tape::put_in();
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let web = Party::new(&issuer, "web");
    let mut secrets: Vec<String> = Vec::new();

    // A wrong password, then the right one, then a code and everything that comes of it.
    let page = web
        .open(&browser, &[("scope", "openid offline_access read"), ("state", "state-that-is-the-clients-own-affair")])
        .await;
    secrets.extend(page.input("csrf"));
    sign_in_with(&browser, &page, "alice", "wrong-password-of-alice").await;
    secrets.push("wrong-password-of-alice".to_owned());
    let answer = web.go_on(&browser, "alice", page).await;
    let code = parameter(&answer, "code").expect("a code");
    let tokens = web.redeem(&code).await;
    let rotated = web.refresh(tokens.text("refresh_token")).await;
    web.redeem(&code).await;
    for answer in [&tokens, &rotated] {
        secrets.extend(["access_token", "refresh_token", "id_token"].map(|name| answer.text(name).to_owned()));
    }
    let machine = Party::new(&issuer, "machine");
    let own = machine.token(&[("grant_type", "client_credentials")]).await;
    let opaque = web.token(&[("grant_type", "client_credentials"), ("resource", "https://opaque.example.test")]).await;
    secrets.extend([own.text("access_token").to_owned(), opaque.text("access_token").to_owned()]);
    for token in [own.text("access_token"), opaque.text("access_token")] {
        Party::new(&issuer, "api").introspect(token).await;
        web.userinfo(token).await;
        web.revoke(token).await;
    }
    secrets.extend(browser.cookies().into_values());
    secrets.extend([code, VERIFIER.to_owned(), "alice-password".to_owned(), ADMIN_TOKEN.to_owned()]);
    secrets.extend(["web", "machine", "api"].map(|id| Party::new(&issuer, id).secret.expect("a secret").to_owned()));

    // Credentials that are refused are secrets all the same: the next realm over may accept them.
    let guess = "guessed-secret-0123456789-0123456789-0123456789";
    web.raw("/token", &[], &format!("grant_type=client_credentials&client_id=web&client_secret={guess}")).await;
    web.raw("/token", &[("authorization", &format!("Bearer {guess}"))], "grant_type=client_credentials").await;
    web.raw("/token", &[], &format!("grant_type=refresh_token&client_id=spa&refresh_token={guess}")).await;
    web.raw("/token", &[], &format!("client_secret={guess}&client_secret={guess}")).await;
    web.userinfo(guess).await;
    secrets.push(guess.to_owned());

    // The same over HTTP/2, whose reader has a log of its own.
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().expect("a client");
    let asked = client.post(issuer.url_of("/token")).header("content-type", "application/x-www-form-urlencoded");
    let asked = asked.header("authorization", super::stranger::BASIC).body("grant_type=client_credentials&scope=read");
    let answer = asked.send().await.expect("an answer").text().await.expect("a body");
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    secrets.push(answer["access_token"].as_str().expect("a token").to_owned());
    secrets.push(super::stranger::BASIC.trim_start_matches("Basic ").to_owned());

    // What an administrator makes is shown once, to the administrator.
    let realm = "/admin/api/realms/default";
    let made = Sent::new("POST", &format!("{realm}/clients"))
        .bearer(ADMIN_TOKEN)
        .json(r#"{"redirect_uris":["https://a.example/cb"]}"#);
    let made = made.to(&issuer).await.json();
    secrets.push(made["client_secret"].as_str().expect("a secret").to_owned());
    let link =
        Sent::new("POST", &format!("{realm}/users/bob/password-link")).bearer(ADMIN_TOKEN).to(&issuer).await.json();
    let link = link["url"].as_str().expect("a link").to_owned();
    secrets.push(link.rsplit('/').next().expect("a name").to_owned());
    let page = browser.get(&link).await;
    let chosen = "a-new-password-of-bob";
    browser.submit(&page, "", &[("new_password", chosen), ("repeat_password", chosen)]).await;
    secrets.push(chosen.to_owned());

    let log = tape.text();
    // The tape was in, and the flow was told.
    assert!(
        log.contains("CodeReplayed") && log.contains("sign-in") && log.contains("h2::"),
        "{} bytes of log",
        log.len()
    );
    for secret in secrets {
        assert!(secret.len() > 8, "{secret:?} would be found anywhere");
        for guise in guises(&secret) {
            if let Some(at) = log.find(&guise) {
                let line = log[..at].rfind('\n').map_or(0, |end| end + 1);
                let line = log[line..].lines().next().unwrap_or_default();
                panic!("{secret} is in the log: {}", line.chars().take(600).collect::<String>());
            }
        }
    }
}
