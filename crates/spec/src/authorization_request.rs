//! Authorization requests, read in two stages, because an error before the redirect URI is trusted
//! becomes a page, and one after it becomes a redirect.
//!
//! Implements: RFC 6749 §4.1.1; RFC 7636 §4.3; RFC 8707 §2.1; OpenID Connect Core §3.1.2.1, §5.5, §6.
//! Leaves out: the content of request objects, which is merged before the second stage.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::client_authentication::MAX_CLIENT_ID;
use crate::error::ErrorCode;
use crate::params::{Malformed, Params};
use crate::pkce::CodeChallenge;
use crate::prompt::Prompts;
use crate::redirect_uri::MAX_REDIRECT_URI;
use crate::resource::ResourceIndicator;
use crate::response_mode::ResponseMode;
use crate::response_type::ResponseType;
use crate::scope::Scope;
use crate::syntax;
use crate::text::words;

/// The longest `state`, in bytes: it must fit into a URL again.
pub const MAX_STATE: usize = 8 * 1024;
/// The longest `nonce`, in bytes.
pub const MAX_NONCE: usize = 2 * 1024;
/// The longest `claims`, in bytes.
pub const MAX_CLAIMS: usize = 8 * 1024;
/// The longest hint or list, in bytes.
const MAX_TEXT: usize = 1024;
/// The longest `id_token_hint` or `request`, in bytes.
const MAX_TOKEN: usize = 32 * 1024;

/// First stage: whom the request is from and where the answer would go. Nothing here is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The client's identifier.
    pub client_id: String,
    /// Where to send the answer; `None` leaves it to a client that has registered only one.
    pub redirect_uri: Option<String>,
    /// As sent; the second stage reads it strictly.
    pub response_mode: Option<String>,
    /// As sent; the second stage reads it strictly.
    pub response_type: Option<String>,
    /// To be given back with the answer, error or not.
    pub state: Option<String>,
}

impl Destination {
    /// Takes `client_id` and `redirect_uri`; copies what the second stage reads again.
    ///
    /// # Errors
    /// [`Malformed`]: to be shown as a page.
    pub fn take(params: &mut Params) -> Result<Self, Malformed> {
        let client_id = bounded(params, "client_id", MAX_CLIENT_ID)?.ok_or(Malformed::Missing("client_id"))?;
        let redirect_uri = bounded(params, "redirect_uri", MAX_REDIRECT_URI)?;
        if params.peek("state").is_some_and(|state| state.len() > MAX_STATE) {
            return Err(Malformed::TooLong("state"));
        }
        let copied = |name| params.peek(name).map(str::to_owned);
        Ok(Self {
            client_id,
            redirect_uri,
            response_mode: copied("response_mode"),
            response_type: copied("response_type"),
            state: copied("state"),
        })
    }

    /// How an error travels back: as asked when that makes sense, else as the response type says, else
    /// in the query.
    pub fn error_mode(&self) -> ResponseMode {
        let response_type = self.response_type.as_deref().and_then(ResponseType::from_words);
        let response_type = response_type.unwrap_or(ResponseType::Code);
        self.response_mode
            .as_deref()
            .and_then(ResponseMode::parse)
            .filter(|mode| mode.fits(response_type))
            .unwrap_or(ResponseMode::default_for(response_type))
            .resolved(response_type)
    }
}

/// A request object that came along, not yet opened. RFC 9101 §5, OpenID Connect Core §6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestObject {
    /// There is none.
    #[default]
    Absent,
    /// `request_uri`: to be fetched, or a pushed request.
    Reference(String),
    /// `request`: a JWT.
    Value(String),
}

impl RequestObject {
    /// Takes `request` or `request_uri`.
    ///
    /// # Errors
    /// [`Malformed`] when both were sent.
    pub fn take(params: &mut Params) -> Result<Self, Malformed> {
        match (bounded(params, "request", MAX_TOKEN)?, bounded(params, "request_uri", MAX_REDIRECT_URI)?) {
            (None, None) => Ok(Self::Absent),
            (Some(value), None) => Ok(Self::Value(value)),
            (None, Some(reference)) => Ok(Self::Reference(reference)),
            (Some(_), Some(_)) => {
                Err(Malformed::BadValue { name: "request", why: "must not be combined with request_uri" })
            }
        }
    }
}

words! {
    /// How the client would like the pages to be shown. OpenID Connect Core §3.1.2.1.
    pub enum DisplayPreference {
        /// In a full window.
        Page = "page",
        /// In a popup.
        Popup = "popup",
        /// On a touch screen.
        Touch = "touch",
        /// On a feature phone.
        Wap = "wap",
    }
}

/// Second stage: what is asked. Unknown parameters are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// What the response shall carry.
    pub response_type: ResponseType,
    /// How it shall travel; `None` for the response type's default.
    pub response_mode: Option<ResponseMode>,
    /// What is asked for; `None` for the client's default.
    pub scope: Option<Scope>,
    /// Given back with the answer.
    pub state: Option<String>,
    /// Put into the ID token.
    pub nonce: Option<String>,
    /// What the person must be asked.
    pub prompts: Prompts,
    /// Seconds since the sign-in that are still acceptable.
    pub max_age: Option<u32>,
    /// Who is expected to sign in.
    pub login_hint: Option<String>,
    /// An ID token of whom is expected to be signed in; unverified.
    pub id_token_hint: Option<String>,
    /// Wished authentication contexts, best first.
    pub acr_values: Vec<String>,
    /// Wished languages of the pages, best first.
    pub ui_locales: Vec<String>,
    /// Wished languages of the claims, best first.
    pub claims_locales: Vec<String>,
    /// How to show the pages.
    pub display: Option<DisplayPreference>,
    /// Whose APIs the tokens are for.
    pub resources: Vec<ResourceIndicator>,
    /// To be met by the token request.
    pub code_challenge: Option<CodeChallenge>,
    /// Claims asked for one by one (§5.5): an object, its members not yet read.
    pub claims: Option<Map<String, Value>>,
    /// A request object that is still to be opened.
    pub request_object: RequestObject,
}

/// Why the second stage failed: to be sent back to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuthorizationRequestError {
    /// A parameter is wrong.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No such response type.
    #[error("response_type is not supported")]
    UnsupportedResponseType,
}

impl AuthorizationRequestError {
    /// The error code that answers it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Malformed(malformed) => malformed.code(),
            Self::UnsupportedResponseType => ErrorCode::UnsupportedResponseType,
        }
    }
}

impl AuthorizationRequest {
    /// Reads what [`Destination::take`] has left.
    ///
    /// # Errors
    /// [`AuthorizationRequestError`]: to be sent to the redirect URI once that is trusted.
    pub fn parse(mut params: Params) -> Result<Self, AuthorizationRequestError> {
        let params = &mut params;
        let response_type = ResponseType::from_words(&params.require("response_type")?)
            .ok_or(AuthorizationRequestError::UnsupportedResponseType)?;
        Ok(Self {
            response_type,
            response_mode: take_response_mode(params, response_type)?,
            scope: params.take("scope").map(|text| Scope::parse(&text)).transpose()?,
            state: bounded(params, "state", MAX_STATE)?,
            nonce: bounded(params, "nonce", MAX_NONCE)?,
            prompts: params.take("prompt").map(|text| Prompts::parse(&text)).transpose()?.unwrap_or_default(),
            max_age: take_max_age(params)?,
            login_hint: bounded(params, "login_hint", MAX_TEXT)?,
            id_token_hint: bounded(params, "id_token_hint", MAX_TOKEN)?,
            acr_values: take_list(params, "acr_values")?,
            ui_locales: take_list(params, "ui_locales")?,
            claims_locales: take_list(params, "claims_locales")?,
            display: take_word(params, "display", DisplayPreference::parse)?,
            resources: ResourceIndicator::take_all(params)?,
            code_challenge: take_challenge(params)?,
            claims: take_claims(params)?,
            request_object: RequestObject::take(params)?,
        })
    }

    /// How the response travels.
    pub fn reply_mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or(ResponseMode::default_for(self.response_type)).resolved(self.response_type)
    }
}

fn bounded(params: &mut Params, name: &'static str, most: usize) -> Result<Option<String>, Malformed> {
    match params.take(name) {
        Some(text) if text.len() > most => Err(Malformed::TooLong(name)),
        taken => Ok(taken),
    }
}

fn take_word<T>(
    params: &mut Params,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Malformed> {
    let known = |text: String| parse(&text).ok_or(Malformed::BadValue { name, why: "is not supported" });
    params.take(name).map(known).transpose()
}

fn take_list(params: &mut Params, name: &'static str) -> Result<Vec<String>, Malformed> {
    let text = bounded(params, name, MAX_TEXT)?.unwrap_or_default();
    let mut list: Vec<String> = Vec::new();
    for word in syntax::words(&text) {
        if !list.iter().any(|kept| kept == word) {
            list.push(word.to_owned());
        }
    }
    Ok(list)
}

fn take_response_mode(params: &mut Params, response_type: ResponseType) -> Result<Option<ResponseMode>, Malformed> {
    match take_word(params, "response_mode", ResponseMode::parse)? {
        Some(mode) if !mode.fits(response_type) => {
            Err(Malformed::BadValue { name: "response_mode", why: "does not fit the response type" })
        }
        taken => Ok(taken),
    }
}

fn take_max_age(params: &mut Params) -> Result<Option<u32>, Malformed> {
    let bad = Malformed::BadValue { name: "max_age", why: "must be a number of seconds" };
    let seconds = |text: String| {
        // `parse` alone would take a sign.
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten().ok_or(bad)
    };
    params.take("max_age").map(seconds).transpose()
}

fn take_challenge(params: &mut Params) -> Result<Option<CodeChallenge>, Malformed> {
    match (params.take("code_challenge"), params.take("code_challenge_method")) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Malformed::Missing("code_challenge")),
        (Some(value), method) => CodeChallenge::parse(&value, method.as_deref()).map(Some),
    }
}

fn take_claims(params: &mut Params) -> Result<Option<Map<String, Value>>, Malformed> {
    let bad = Malformed::BadValue { name: "claims", why: "must be a JSON object" };
    let object = |text: String| serde_json::from_str(&text).map_err(|_| bad);
    bounded(params, "claims", MAX_CLAIMS)?.map(object).transpose()
}
