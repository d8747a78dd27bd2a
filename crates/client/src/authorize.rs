//! Sending a person to the server, and receiving them back.
//!
//! Implements: RFC 6749 §4.1.1, §4.1.2; RFC 7636 §4.1–4.3 (S256 alone); RFC 9207 §2.4; OpenID Connect Core §3.1.2.1,
//! §3.1.2.7; RFC 8707 §2.1.
//! Leaves out: response types other than `code`; request objects (RFC 9101) and pushed requests (RFC 9126).

use std::fmt;

use chancery_spec::authorization_response::{Granted, Outcome};
use chancery_spec::redirect_uri::append_query;
use chancery_spec::{
    AuthorizationResponse, CodeVerifier, Params, PresentedSecret, RegisteredRedirectUri, ResourceIndicator, Scope,
    scope,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::client::Client;
use crate::error::{ClientError, Refused, ResponseFault};
use crate::metadata::Endpoint;

/// What a person is asked to agree to.
#[derive(Clone, Debug)]
pub struct SignInAsk {
    /// Where the answer goes: registered with the server, perhaps with a loopback port of the moment.
    pub redirect_uri: RegisteredRedirectUri,
    /// What is asked for. With `openid` there is an ID token.
    pub scope: Scope,
    /// Whose APIs the access token is for.
    pub resources: Vec<ResourceIndicator>,
    /// The sign-in may be this many seconds old. It is checked in the ID token too.
    pub max_age: Option<u32>,
    /// Other parameters (`prompt`, `login_hint`, `ui_locales`, `acr_values`…). None of ours may stand among them.
    pub extra: Vec<(String, String)>,
}

impl SignInAsk {
    /// Asks for `scope`, to be answered at `redirect_uri`.
    pub fn new(redirect_uri: RegisteredRedirectUri, scope: Scope) -> Self {
        Self { redirect_uri, scope, resources: Vec::new(), max_age: None, extra: Vec::new() }
    }

    /// With another parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }
}

/// A sign-in that begins.
#[derive(Debug)]
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What to remember until it comes back, by [`Pending::state`] and bound to the browser's session.
    pub pending: Pending,
}

/// What a client remembers while a person is away. It is secret, may be serialised into a session, and serves once.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    issuer: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: Option<String>,
    max_age: Option<u32>,
    #[serde(serialize_with = "write_verifier", deserialize_with = "read_verifier")]
    verifier: CodeVerifier,
}

impl Pending {
    /// The request's `state`, by which the answer finds it.
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    pub(crate) fn max_age(&self) -> Option<u32> {
        self.max_age
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A code that belongs to the request it answers, from the server that was asked. Only [`Client::admit`] makes one.
#[derive(Debug)]
pub struct Authorized {
    code: PresentedSecret,
    pending: Pending,
}

impl Authorized {
    pub(crate) fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The fields of the token request that redeems the code.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", self.code.expose().to_owned()),
            ("redirect_uri", self.pending.redirect_uri.clone()),
            ("code_verifier", self.pending.verifier.expose().to_owned()),
        ]
    }
}

/// Parameters that a request of ours has only once.
const OWN: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

impl Client {
    /// Begins a sign-in: the URL to send the browser to, and what to remember.
    ///
    /// # Errors
    /// [`ClientError::Missing`] if the server has no authorization endpoint, [`ClientError::Randomness`], and
    /// [`ClientError::Response`] if `ask` repeats a parameter of ours.
    pub fn authorize(&self, ask: &SignInAsk) -> Result<Begun, ClientError> {
        let endpoint = self.provider.endpoint(Endpoint::Authorization)?;
        if let Some(name) = OWN.iter().find(|own| ask.extra.iter().any(|(name, _)| name == *own)) {
            return Err(ResponseFault::Malformed(chancery_spec::Malformed::Repeated(name)).into());
        }
        let asks_who = ask.scope.contains(scope::OPENID);
        let pending = Pending {
            issuer: self.provider.issuer().to_string(),
            client_id: self.registration.client_id.clone(),
            redirect_uri: ask.redirect_uri.to_string(),
            state: self.surroundings.token()?,
            nonce: asks_who.then(|| self.surroundings.token()).transpose()?,
            max_age: ask.max_age,
            verifier: CodeVerifier::from_random(&self.surroundings.dice.roll()?),
        };
        let (challenge, scope) = (pending.verifier.challenge(), ask.scope.to_string());
        let max_age = ask.max_age.map(|seconds| seconds.to_string());
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &pending.client_id),
            ("redirect_uri", &pending.redirect_uri),
            ("state", &pending.state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", challenge.method().as_str()),
        ];
        let sometimes = [
            ("scope", Some(&*scope).filter(|scope| !scope.is_empty())),
            ("nonce", pending.nonce()),
            ("max_age", max_age.as_deref()),
        ];
        pairs.extend(sometimes.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs.extend(ask.resources.iter().map(|resource| ("resource", resource.as_str())));
        pairs.extend(ask.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let url = append_query(endpoint.as_str(), pairs);
        Ok(Begun { url, pending })
    }

    /// Receives a person back. `answer` is the form-encoded text that came to the redirect URI: its query, or the body of
    /// a `form_post`.
    ///
    /// `pending` is what was remembered for this browser; take it out of the session first, because it serves once.
    ///
    /// # Errors
    /// [`ClientError::Response`] for an answer that is not to be believed; [`ClientError::Refused`] for a genuine no.
    pub fn admit(&self, pending: Pending, answer: &[u8]) -> Result<Authorized, ClientError> {
        let issuer = self.provider.issuer();
        if pending.issuer != issuer.as_str() || pending.client_id != self.registration.client_id {
            return Err(ResponseFault::AnotherClient.into());
        }
        let params = Params::parse(answer).map_err(ResponseFault::from)?;
        // Before anything else is believed, and by the raw text: a mangled `iss` must not pass for a missing one.
        let state = params.peek("state").unwrap_or_default();
        if !chancery_jose::constant_time_eq(state.as_bytes(), pending.state.as_bytes()) {
            return Err(ResponseFault::State.into());
        }
        let promised = self.provider.metadata().authorization_response_iss_parameter_supported == Some(true);
        match params.peek("iss") {
            Some(iss) if iss == issuer.as_str() => {}
            None if !promised => {}
            Some(_) | None => return Err(ResponseFault::Issuer.into()),
        }
        let response = AuthorizationResponse::parse(params).map_err(ResponseFault::from)?;
        match response.outcome {
            Outcome::Error(error) => Err(ClientError::Refused(Refused { status: None, error: Some(error) })),
            Outcome::Granted(Granted { access_token: None, id_token: None, code: Some(code), .. }) => {
                Ok(Authorized { code: code.into(), pending })
            }
            Outcome::Granted(Granted { access_token: None, id_token: None, code: None, .. }) => {
                Err(ResponseFault::NoCode.into())
            }
            Outcome::Granted(_) => Err(ResponseFault::Tokens.into()),
        }
    }
}

fn write_verifier<S: Serializer>(verifier: &CodeVerifier, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verifier.expose())
}

fn read_verifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CodeVerifier, D::Error> {
    CodeVerifier::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}
