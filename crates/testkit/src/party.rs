//! The other side: a client that asks, and reads what it is answered.

use chancery_spec::credentials::{BasicCredentials, PresentedSecret};
use chancery_spec::pkce::CodeVerifier;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::browser::{Browser, Page, form, http};
use crate::issuer::Issuer;

/// A client of a test server.
pub struct Party<'a> {
    /// The server.
    pub issuer: &'a Issuer,
    /// Its `client_id`.
    pub id: &'a str,
    /// Its secret; none for a public client.
    pub secret: Option<&'a str>,
    /// Where it is answered.
    pub redirect_uri: &'a str,
    /// The realm's path: empty for the default one.
    pub base: &'a str,
    /// What it asks with.
    pub http: Client,
}

/// What an endpoint answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, null where it is no JSON.
    pub json: Value,
    /// The body.
    pub text: String,
}

impl Answer {
    /// A text member; panics with the whole answer where there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.json.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// The value of a header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The OAuth error code, or nothing.
    #[must_use]
    pub fn error(&self) -> &str {
        self.json.get("error").and_then(Value::as_str).unwrap_or_default()
    }
}

/// The verifier of every test's PKCE.
pub const VERIFIER: &str = "test-verifier-0123456789-0123456789-0123456789";

/// The challenge that [`VERIFIER`] meets.
#[must_use]
pub fn challenge() -> String {
    CodeVerifier::parse(VERIFIER).expect("a verifier").challenge().as_str().to_owned()
}

impl<'a> Party<'a> {
    /// The client called `id`, with its secret as in `world.toml`.
    #[must_use]
    pub fn new(issuer: &'a Issuer, id: &'a str) -> Self {
        let (secret, redirect_uri) = match id {
            "web" => (Some("web-secret-0123456789-0123456789-0123456789"), "https://web.example.test/callback"),
            "trusted" => (Some("trusted-secret-0123456789-0123456789-01234"), "https://trusted.example.test/callback"),
            "spa" => (None, "http://127.0.0.1:4711/callback"),
            "machine" => (Some("machine-secret-0123456789-0123456789-0123"), ""),
            "api" => (Some("api-secret-0123456789-0123456789-0123456789"), ""),
            _ => (None, ""),
        };
        Self { issuer, id, secret, redirect_uri, base: "", http: http() }
    }

    /// A client of the realm `other`, with its secret as in `world.toml`.
    #[must_use]
    pub fn of_other_realm(issuer: &'a Issuer, id: &'a str) -> Self {
        let secret = match id {
            "machine" => "other-machine-secret-0123456789-0123456789",
            _ => "other-web-secret-0123456789-0123456789-012",
        };
        Self { secret: Some(secret), base: "/realms/other", ..Self::new(issuer, id) }
    }

    /// A client that the test registered.
    #[must_use]
    pub fn registered(issuer: &'a Issuer, id: &'a str, secret: Option<&'a str>, redirect_uri: &'a str) -> Self {
        Self { secret, redirect_uri, ..Self::new(issuer, id) }
    }

    /// The same client at another node.
    #[must_use]
    pub fn at(&self, issuer: &'a Issuer) -> Self {
        Self { issuer, http: self.http.clone(), ..*self }
    }

    /// The URL of `path` in its realm.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!("{}{}{path}", self.issuer.url, self.base)
    }

    /// The query of an authorization request with the usual parameters, `extra` in their place or
    /// beside them; an empty value takes one away.
    #[must_use]
    pub fn authorization_url(&self, extra: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id),
            ("redirect_uri", self.redirect_uri),
            ("scope", "openid"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.iter().filter(|(name, _)| !extra.iter().any(|(other, _)| other == name));
        let fields: Vec<(&str, &str)> =
            kept.chain(extra.iter().filter(|(_, value)| !value.is_empty())).copied().collect();
        format!("{}?{}", self.url_of("/authorize"), form(&fields))
    }

    /// Puts an authorization request: the first page, or the redirect that answers it.
    pub async fn open(&self, browser: &Browser, extra: &[(&str, &str)]) -> Page {
        let page = browser.get(&self.authorization_url(extra)).await;
        browser.follow(page, &self.issuer.url).await
    }

    /// The answer's parameters to a request that is put to nobody: an error, or a silent success.
    pub async fn answer(&self, browser: &Browser, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        self.open(browser, extra).await.answer()
    }

    /// The error with which a request is sent back to the client.
    pub async fn refused(&self, extra: &[(&str, &str)]) -> String {
        let answer = self.answer(&Browser::default(), extra).await;
        parameter(&answer, "error").unwrap_or_else(|| panic!("no error in {answer:?}"))
    }

    /// Goes through the pages as `username` until the client is answered; the answer's parameters.
    pub async fn authorize(&self, browser: &Browser, username: &str, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let page = self.open(browser, extra).await;
        self.go_on(browser, username, page).await
    }

    /// Goes on from `page` as `username` until the client is answered; the answer's parameters.
    pub async fn go_on(&self, browser: &Browser, username: &str, mut page: Page) -> Vec<(String, String)> {
        for _ in 0..4 {
            page = match page.location() {
                Some(location) => return parameters(&location),
                None if page.has("sign-in-form") => sign_in(browser, &page, username).await,
                None if page.has("consent-form") => decide(browser, &page, "allow").await,
                None => panic!("the pages lead nowhere: {} {}", page.status, page.text),
            };
            page = browser.follow(page, &self.issuer.url).await;
        }
        panic!("the pages lead in a circle");
    }

    /// A code for `username`, in a browser of its own.
    pub async fn code(&self, username: &str, extra: &[(&str, &str)]) -> String {
        let answer = self.authorize(&Browser::default(), username, extra).await;
        parameter(&answer, "code").unwrap_or_else(|| panic!("no code in {answer:?}"))
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str) -> Answer {
        let redirect_uri = self.redirect_uri;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    /// Tokens for `username`, granted `scope`.
    pub async fn tokens(&self, username: &str, scope: &str) -> Answer {
        let code = self.code(username, &[("scope", scope)]).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Asks the token endpoint, with the client's credentials.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.ask("/token", fields).await
    }

    /// Asks an endpoint at which clients prove who they are.
    pub async fn ask(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        let mut request = self.http.post(self.url_of(path)).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match self.secret {
            None => fields.push(("client_id", self.id)),
            Some(secret) if self.id == "trusted" => fields.extend([("client_id", self.id), ("client_secret", secret)]),
            Some(_) => request = request.header(AUTHORIZATION, self.basic()),
        }
        read(request.body(form(&fields))).await
    }

    /// Asks an endpoint with a body of one's own and nothing else: a form unless `headers` say otherwise.
    pub async fn raw(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.http.post(self.url_of(path));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.body(body.to_owned())).await
    }

    /// The `Authorization` header of its credentials.
    #[must_use]
    pub fn basic(&self) -> String {
        let secret = PresentedSecret::new(self.secret.unwrap_or_default().to_owned());
        BasicCredentials { client_id: self.id.to_owned(), secret }.to_header()
    }

    /// Asks for anything, by any method, with nothing but `headers`.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method, self.url_of(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request).await
    }

    /// Asks UserInfo with an access token.
    pub async fn userinfo(&self, token: &str) -> Answer {
        read(self.http.get(self.url_of("/userinfo")).header(AUTHORIZATION, format!("Bearer {token}"))).await
    }

    /// Introspects a token.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.ask("/introspect", &[("token", token)]).await
    }

    /// Revokes a token.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.ask("/revoke", &[("token", token)]).await
    }

    /// Reads a public document.
    pub async fn get(&self, path: &str) -> Answer {
        read(self.http.get(self.url_of(path))).await
    }

    /// The claims of a token that this server signed, its signature checked against the key set.
    pub async fn claims(&self, token: &str) -> Value {
        let jwks = self.get("/jwks").await.json;
        verified(&jwks, token)
    }
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    Answer { status, headers, json: serde_json::from_str(&text).unwrap_or(Value::Null), text }
}

/// The protected header of a token, believed.
#[must_use]
pub fn header_of(token: &str) -> Value {
    let encoded = token.split('.').next().unwrap_or_default();
    let bytes = chancery_jose::base64url_decode(encoded).expect("base64url");
    serde_json::from_slice(&bytes).expect("a JSON header")
}

/// The payload of a token whose signature fits a key of `jwks`.
#[must_use]
pub fn verified(jwks: &Value, token: &str) -> Value {
    use chancery_jose::{JwkSet, SignatureAlgorithm, Unverified, VerifyingKeySet};
    let set = JwkSet::parse(jwks.to_string().as_bytes()).expect("a key set");
    let keys = VerifyingKeySet::from_jwk_set(&set, &SignatureAlgorithm::ALL);
    Unverified::parse(token).expect("a JWT").verify_with_set::<Value>(&keys).expect("a genuine JWT").into_claims()
}

/// The parameters of a redirect, from its query or its fragment.
#[must_use]
pub fn parameters(location: &str) -> Vec<(String, String)> {
    let url = url::Url::parse(location).expect("a URL");
    let text = url.fragment().or(url.query()).unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// One of them.
#[must_use]
pub fn parameter(list: &[(String, String)], name: &str) -> Option<String> {
    list.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
}

/// Fills the sign-in form in, with the password of `world.toml`.
pub async fn sign_in(browser: &Browser, page: &Page, username: &str) -> Page {
    let password = if username == "bob" { "bob-password-2".to_owned() } else { format!("{username}-password") };
    sign_in_with(browser, page, username, &password).await
}

/// Fills the sign-in form in.
pub async fn sign_in_with(browser: &Browser, page: &Page, username: &str, password: &str) -> Page {
    browser.submit(page, "", &[("username", username), ("password", password)]).await
}

/// Presses a button of the consent form, or the one that cancels.
pub async fn decide(browser: &Browser, page: &Page, decision: &str) -> Page {
    browser.submit(page, "", &[("decision", decision)]).await
}
