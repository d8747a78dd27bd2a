//! A server inside the test: honest unless told otherwise. Every call that it gets is written down.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chancery_client::{
    Answer, Call, Client, ClientAuthentication, ClientError, Clock, Dice, Http, HttpError, Issuer, Registration,
    Surroundings,
};
use chancery_jose::{JwkSet, SignatureAlgorithm, SigningKey, left_half_hash, sign};
use chancery_spec::pkce::CodeChallenge;
use chancery_spec::{CodeVerifier, ErrorCode};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://as.example/realms/north";
pub(crate) const CLIENT: &str = "web";
pub(crate) const SECRET: &str = "a secret: 0123456789 0123456789+/é";
pub(crate) const REDIRECT_URI: &str = "https://web.example/callback";
pub(crate) const BEGINNING: i64 = 1_795_348_800;

/// The server, the clock and the dice of one test.
pub(crate) struct World {
    now: AtomicI64,
    rolls: AtomicU8,
    /// The key that signs.
    pub(crate) key: Mutex<SigningKey>,
    /// The keys that are published, if not the one that signs.
    pub(crate) published: Mutex<Option<Vec<u8>>>,
    /// What stands in place of an answer, by path.
    pub(crate) instead: Mutex<BTreeMap<String, (u16, String)>>,
    /// Claims that stand in place of an ID token's own; null takes one away.
    pub(crate) claims: Mutex<Value>,
    /// Members that stand in place of a token response's own.
    pub(crate) response: Mutex<Value>,
    /// The `typ` of ID tokens.
    pub(crate) typ: Mutex<Option<&'static str>>,
    calls: Mutex<Vec<Seen>>,
    asked: Mutex<BTreeMap<String, String>>,
}

/// A call as the server saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) fields: BTreeMap<String, String>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(BEGINNING),
            rolls: AtomicU8::new(0),
            key: Mutex::new(SigningKey::generate(SignatureAlgorithm::Es256).unwrap()),
            published: Mutex::default(),
            instead: Mutex::default(),
            claims: Mutex::new(json!({})),
            response: Mutex::new(json!({})),
            typ: Mutex::default(),
            calls: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    pub(crate) fn surroundings(self: &Arc<Self>) -> Surroundings {
        Surroundings { http: Arc::new(Wire(self.clone())), clock: self.clone(), dice: self.clone() }
    }

    pub(crate) fn registration() -> Registration {
        Registration::new(CLIENT, ClientAuthentication::secret_basic(SECRET))
    }

    pub(crate) async fn client(self: &Arc<Self>) -> Client {
        self.client_as(Self::registration()).await
    }

    pub(crate) async fn client_as(self: &Arc<Self>, registration: Registration) -> Client {
        Client::discover(&Issuer::parse(ISSUER).unwrap(), registration, self.surroundings()).await.unwrap()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How often a path was called.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|seen| seen.path == path).count()
    }

    /// The last call of a path.
    pub(crate) fn seen(&self, path: &str) -> Seen {
        self.calls.lock().unwrap().iter().rev().find(|seen| seen.path == path).unwrap().clone()
    }

    pub(crate) fn answer_instead(&self, path: &str, status: u16, body: impl ToString) {
        self.instead.lock().unwrap().insert(path.to_owned(), (status, body.to_string()));
    }

    pub(crate) fn answer_again(&self, path: &str) {
        self.instead.lock().unwrap().remove(path);
    }

    /// What the browser brings back from the authorization endpoint at `url`, once the person agreed.
    pub(crate) fn agree(&self, url: &str) -> String {
        let url = url::Url::parse(url).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let state = asked.get("state").unwrap().clone();
        *self.asked.lock().unwrap() = asked;
        form(&[("code", "the-code"), ("state", &state), ("iss", ISSUER)])
    }

    pub(crate) fn metadata() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize?tenant=1"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "userinfo_endpoint": format!("{ISSUER}/userinfo"),
            "revocation_endpoint": format!("{ISSUER}/revoke"),
            "authorization_response_iss_parameter_supported": true,
            "response_types_supported": ["code"],
        })
    }

    fn answer(&self, seen: &Seen) -> (u16, String) {
        if let Some(instead) = self.instead.lock().unwrap().get(&seen.path) {
            return instead.clone();
        }
        match seen.path.as_str() {
            "/realms/north/.well-known/openid-configuration" => (200, Self::metadata().to_string()),
            "/realms/north/jwks" => (200, self.key_set()),
            "/realms/north/token" => (200, self.tokens(seen).to_string()),
            "/realms/north/userinfo" => (200, json!({"sub": "alice", "name": "Alice"}).to_string()),
            "/realms/north/revoke" => (200, String::new()),
            _ => (404, "not here".to_owned()),
        }
    }

    fn key_set(&self) -> String {
        if let Some(published) = &*self.published.lock().unwrap() {
            return String::from_utf8(published.clone()).unwrap();
        }
        let key = self.key.lock().unwrap();
        serde_json::to_string(&JwkSet::new(vec![key.public_jwk().unwrap().clone()])).unwrap()
    }

    fn tokens(&self, seen: &Seen) -> Value {
        let issued = self.calls.lock().unwrap().len();
        let access_token = format!("access-{issued}");
        let mut response = json!({"access_token": access_token, "token_type": "bearer", "expires_in": 600});
        let grant = seen.fields.get("grant_type").map(String::as_str);
        let asked = self.asked.lock().unwrap();
        if grant == Some("authorization_code") {
            let challenge = CodeChallenge::parse(asked.get("code_challenge").unwrap(), Some("S256")).unwrap();
            let verifier = CodeVerifier::parse(seen.fields.get("code_verifier").unwrap()).unwrap();
            assert!(challenge.admits(&verifier));
            assert_eq!(seen.fields.get("redirect_uri"), asked.get("redirect_uri"));
        }
        if grant != Some("client_credentials") {
            let mut claims = json!({
                "iss": ISSUER, "sub": "alice", "aud": CLIENT, "azp": CLIENT, "iat": self.now(), "exp": self.now() + 300,
                "auth_time": self.now(),
                "at_hash": left_half_hash(self.key.lock().unwrap().algorithm(), &access_token),
            });
            if grant == Some("authorization_code") {
                claims["nonce"] = asked.get("nonce").map_or(Value::Null, |nonce| nonce.as_str().into());
            }
            patch(&mut claims, &self.claims.lock().unwrap());
            let typ = *self.typ.lock().unwrap();
            response["id_token"] = sign(&self.key.lock().unwrap(), typ, &claims).unwrap().into();
            response["refresh_token"] = format!("refresh-{issued}").into();
        }
        patch(&mut response, &self.response.lock().unwrap());
        response
    }
}

impl Clock for World {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }
}

impl Dice for World {
    fn roll(&self) -> Result<[u8; 32], ClientError> {
        Ok([self.rolls.fetch_add(1, Ordering::SeqCst); 32])
    }
}

struct Wire(Arc<World>);

#[async_trait]
impl Http for Wire {
    async fn send(&self, call: Call) -> Result<Answer, HttpError> {
        assert_eq!(call.url.origin().ascii_serialization(), "https://as.example");
        let seen = Seen {
            path: call.url.path().to_owned(),
            authorization: call.headers.get("authorization").map(|field| field.to_str().unwrap().to_owned()),
            fields: url::form_urlencoded::parse(&call.body).into_owned().collect(),
        };
        // Whoever else wants to call has the time to do so.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.0.calls.lock().unwrap().push(seen.clone());
        let (status, body) = self.0.answer(&seen);
        if status == 0 {
            return Err(HttpError::Unreachable);
        }
        Ok(Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into() })
    }
}

fn patch(value: &mut Value, patches: &Value) {
    for (name, other) in patches.as_object().unwrap() {
        if other.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = other.clone();
        }
    }
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The body of an OAuth error.
pub(crate) fn error(code: ErrorCode) -> Value {
    json!({"error": code.as_str()})
}
