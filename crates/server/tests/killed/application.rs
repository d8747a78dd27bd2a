//! An application and the browser of the person who uses it: signed in once, asked nothing more.

use std::sync::Once;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

const REDIRECT: &str = "https://application.example.test/callback";
const VERIFIER: &str = "test-verifier-0123456789-0123456789-0123456789";
/// The digest of [`VERIFIER`] (RFC 7636 §4.2).
const CHALLENGE: &str = "cr44KV5YSKLyleX1Lm_6fEu7NYZExuMmIJCfFloMT1o";

#[derive(Clone)]
pub(crate) struct Application {
    http: Client,
    cookies: String,
}

/// What an endpoint answered; a server that is gone answers nothing.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn is_granted(&self) -> bool {
        self.status == 200
    }

    pub(crate) fn is_invalid_grant(&self) -> bool {
        self.status == 400 && self.json["error"] == "invalid_grant"
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.json["refresh_token"].as_str().expect("a refresh token").to_owned()
    }
}

fn http() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else may have installed the same.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("an HTTP client")
}

fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Application {
    /// The application in the browser of alice, who has just signed in.
    pub(crate) async fn sign_in(server: &str) -> Self {
        let http = http();
        let page = http.get(format!("{server}/sign-in")).send().await.expect("a page");
        let browser = cookie(&page);
        let page = page.text().await.expect("a page");
        let csrf = page
            .split("name=\"csrf\"")
            .nth(1)
            .and_then(|rest| rest.split("value=\"").nth(1))
            .and_then(|rest| rest.split('"').next());
        let form = encode(&[("csrf", csrf.expect("a token")), ("username", "alice"), ("password", "alice-password")]);
        let asked = http
            .post(format!("{server}/sign-in"))
            .header(COOKIE, &browser)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = asked.body(form).send().await.expect("an answer");
        assert_eq!(answer.status(), 303);
        let cookies = format!("{browser}; {}", cookie(&answer));
        Self { http, cookies }
    }

    /// A code, which the signed-in person is asked nothing for; none once the server is gone.
    pub(crate) async fn code(&self, server: &str) -> Option<String> {
        let query = encode(&[
            ("response_type", "code"),
            ("client_id", "application"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let answer =
            self.http.get(format!("{server}/authorize?{query}")).header(COOKIE, &self.cookies).send().await.ok()?;
        let location =
            answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert!(location.starts_with(REDIRECT), "the session is lost: {} {location}", answer.status());
        let url = Url::parse(&location).expect("a URL");
        url.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned())
    }

    pub(crate) async fn redeem(&self, server: &str, code: &str) -> Option<Answer> {
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.ask(&format!("{server}/token"), &grant).await
    }

    pub(crate) async fn refresh(&self, server: &str, token: &str) -> Option<Answer> {
        self.ask(&format!("{server}/token"), &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn revoke(&self, server: &str, token: &str) -> Option<Answer> {
        self.ask(&format!("{server}/revoke"), &[("token", token)]).await
    }

    /// Nothing where the server went before its answer was whole.
    async fn ask(&self, url: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let own = [("client_id", "application"), ("client_secret", "application-secret-0123456789-0123456789")];
        let body = encode(&[fields, &own].concat());
        let asked = self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = asked.send().await.ok()?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        Some(Answer { status, json: serde_json::from_str(&text).unwrap_or_default() })
    }
}

/// The cookie that an answer sets, as it is sent back.
fn cookie(answer: &Response) -> String {
    let header = answer.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok()).expect("a cookie");
    header.split(';').next().unwrap_or_default().to_owned()
}
