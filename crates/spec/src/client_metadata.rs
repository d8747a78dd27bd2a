//! What a client says about itself.
//!
//! Implements: RFC 7591 §2, §2.2; OpenID Connect Registration §2; the client members of RFC 8705 §2.1,
//! §3.4, RFC 9101 §10.5, RFC 9126 §6, RFC 9396 §10, RFC 9449 §5.2, RFC 9701 §6, JARM §3, CIBA Core §4, RP-Initiated
//! Logout §3.1, Front-Channel Logout §2 and Back-Channel Logout §2.2.
//! Leaves out: defaults and policy. What is not said is `None`; registration fills it in.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::client_authentication::ClientAuthenticationMethod;
use crate::client_name::ClientName;
use crate::error::ErrorCode;
use crate::grant_type::GrantType;
use crate::params::Malformed;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::response_mode::ResponseMode;
use crate::response_type::ResponseType;
use crate::scope::Scope;
use crate::text::words;
use crate::web_uri::WebUri;

/// The largest document that we read, in bytes.
pub const MAX_CLIENT_METADATA: usize = 64 * 1024;

/// Members that may stand again as `member#language`. RFC 7591 §2.2.
const LOCALISABLE: &[&str] = &["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

words! {
    /// Where a client runs. OpenID Connect Registration §2.
    pub enum ApplicationType {
        /// On a person's device.
        Native = "native",
        /// On a server, or in the browser.
        Web = "web",
    }
}

words! {
    /// How a person is named to a client. OpenID Connect Core §8.
    pub enum SubjectType {
        /// By another name to each sector.
        Pairwise = "pairwise",
        /// By the same name to all.
        Public = "public",
    }
}

words! {
    /// How the result of a backchannel request reaches the client. CIBA Core §5.
    pub enum DeliveryMode {
        /// The client is told to ask.
        Ping = "ping",
        /// The client asks again and again.
        Poll = "poll",
        /// The client is given the tokens.
        Push = "push",
    }
}

/// A client's metadata. Lists are lists of strings without `null`; unknown members are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// Where answers may be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<RegisteredRedirectUri>>,
    /// What its authorization requests may ask for.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "response_types")]
    pub response_types: Option<Vec<ResponseType>>,
    /// How answers may travel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_modes: Option<Vec<ResponseMode>>,
    /// How it may get tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantType>>,
    /// What it may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<ApplicationType>,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<ClientName>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<WebUri>,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<WebUri>,
    /// Its privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<WebUri>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<WebUri>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<String>>,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Map<String, Value>>,
    /// Where its public keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<WebUri>,
    /// Which software it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// What another party says about it: a JWT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_statement: Option<String>,
    /// How it proves who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<ClientAuthenticationMethod>,
    /// By which algorithm its assertions are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// The subject of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    /// A DNS name in its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    /// A URI in its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    /// An address in its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    /// An e-mail address in its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    /// Whether its tokens are bound to its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Whether its tokens are bound to DPoP keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,
    /// How people are named to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<SubjectType>,
    /// Which clients share its names for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<WebUri>,
    /// Signs its ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// Encrypts the key of its ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// Encrypts its ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    /// Signs its UserInfo responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// Encrypts the key of its UserInfo responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// Encrypts its UserInfo responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,
    /// Signs its request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Encrypts the key of its request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_alg: Option<String>,
    /// Encrypts its request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_enc: Option<String>,
    /// Where its request objects may be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uris: Option<Vec<WebUri>>,
    /// Whether every request must be signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_signed_request_object: Option<bool>,
    /// Whether every request must be pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Signs its authorization responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<String>,
    /// Encrypts the key of its authorization responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_alg: Option<String>,
    /// Encrypts its authorization responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_enc: Option<String>,
    /// Signs its introspection responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<String>,
    /// Encrypts the key of its introspection responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_encrypted_response_alg: Option<String>,
    /// Encrypts its introspection responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_encrypted_response_enc: Option<String>,
    /// Which authorization details it may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details_types: Option<Vec<String>>,
    /// Seconds since the sign-in that are acceptable when a request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether its ID tokens must carry `auth_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_auth_time: Option<bool>,
    /// The authentication contexts it wants when a request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_acr_values: Option<Vec<String>>,
    /// Where others may start a sign-in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<WebUri>,
    /// Where people may be sent after a sign-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<RegisteredRedirectUri>>,
    /// Told of a sign-out through the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<WebUri>,
    /// Whether it must be told which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_session_required: Option<bool>,
    /// Told of a sign-out directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<WebUri>,
    /// Whether it must be told which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_required: Option<bool>,
    /// How the result of a backchannel request reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_token_delivery_mode: Option<DeliveryMode>,
    /// Where it is told of the result of a backchannel request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_client_notification_endpoint: Option<WebUri>,
    /// Signs its backchannel requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_authentication_request_signing_alg: Option<String>,
    /// Whether it asks people for a user code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_user_code_parameter: Option<bool>,
    /// `client_name#de` and the like, by their whole name. RFC 7591 §2.2.
    #[serde(flatten, deserialize_with = "localised")]
    pub localised: BTreeMap<String, String>,
}

/// Why client metadata was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientMetadataError {
    /// `jwks` and `jwks_uri` exclude each other. RFC 7591 §2.
    #[error("jwks and jwks_uri must not be used together")]
    BothKeySets,
    /// A member has the wrong type or value.
    #[error("{0} is not well-formed")]
    Member(String),
    /// The document is no JSON object, or names a member twice.
    #[error("the client metadata must be one JSON object without repeated members")]
    NotAnObject,
    /// A redirect URI is unfit.
    #[error("{0}")]
    RedirectUri(Malformed),
    /// The document is larger than we read.
    #[error("the client metadata is too large")]
    TooLarge,
}

impl ClientMetadataError {
    /// The error code that answers it. RFC 7591 §3.2.2.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::RedirectUri(_) => ErrorCode::InvalidRedirectUri,
            Self::BothKeySets | Self::Member(_) | Self::NotAnObject | Self::TooLarge => {
                ErrorCode::InvalidClientMetadata
            }
        }
    }
}

impl ClientMetadata {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// [`ClientMetadataError`], which names the member but nothing of its value.
    pub fn parse(document: &[u8]) -> Result<Self, ClientMetadataError> {
        if document.len() > MAX_CLIENT_METADATA {
            return Err(ClientMetadataError::TooLarge);
        }
        let metadata: Self = serde_json::from_slice(document).map_err(|_| culprit(document))?;
        if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
            return Err(ClientMetadataError::BothKeySets);
        }
        Ok(metadata)
    }
}

/// Finds what was wrong by reading each member alone: slow, and only ever done for a refusal.
fn culprit(document: &[u8]) -> ClientMetadataError {
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(document) else {
        return ClientMetadataError::NotAnObject;
    };
    let uris = members.get("redirect_uris").and_then(Value::as_array).into_iter().flatten();
    for uri in uris.filter_map(Value::as_str) {
        if let Err(malformed) = RegisteredRedirectUri::parse(uri) {
            return ClientMetadataError::RedirectUri(malformed);
        }
    }
    for (name, value) in members {
        let alone = Value::Object(Map::from_iter([(name.clone(), value)]));
        if serde_json::from_value::<ClientMetadata>(alone).is_err() {
            // Only a member that we know can fail; behind `#` its name is the client's own.
            let known = name.split('#').next().unwrap_or_default();
            return ClientMetadataError::Member(known.to_owned());
        }
    }
    ClientMetadataError::NotAnObject
}

fn response_types<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<ResponseType>>, D::Error> {
    let Some(texts) = Option::<Vec<String>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let read = |text: &String| ResponseType::from_words(text).ok_or(de::Error::custom("unknown ResponseType"));
    texts.iter().map(read).collect::<Result<_, _>>().map(Some)
}

fn localised<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut kept = BTreeMap::new();
    for (name, value) in Map::<String, Value>::deserialize(deserializer)? {
        let Some((member, tag)) = name.split_once('#').filter(|(member, _)| LOCALISABLE.contains(member)) else {
            continue;
        };
        let plain_tag = (1..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let text = value.as_str().filter(|text| match member {
            "client_name" => ClientName::parse(text).is_ok(),
            _ => WebUri::parse(text).is_ok(),
        });
        match text {
            Some(text) if plain_tag => kept.insert(name.clone(), text.to_owned()),
            Some(_) | None => {
                return Err(de::Error::custom("a localised member is not well-formed"));
            }
        };
    }
    Ok(kept)
}
