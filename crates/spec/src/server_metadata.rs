//! What an authorization server says about itself.
//!
//! Implements: RFC 8414 §2; OpenID Connect Discovery §3; the server members of RFC 8628 §4, RFC 8705 §3.3, §5,
//! RFC 9101 §10.5, RFC 9126 §5, RFC 9207 §3, RFC 9396 §10, RFC 9449 §5.1, CIBA Core §4, RP-Initiated Logout §2.1,
//! Front-Channel Logout §3, Back-Channel Logout §2.1, Session Management §3.3 and Initiating User Registration §4.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::issuer::Issuer;

/// A list of names. Names of our own are borrowed; those of other servers may be unknown to us.
pub type Names = Vec<Cow<'static, str>>;

/// The metadata document. `None` and empty lists are not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// The issuer's identifier.
    pub issuer: Issuer,
    /// Where people are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where tokens are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Where the public keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Where claims about a person are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where clients register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    /// Where tokens are looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Where tokens are revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Where requests are pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Where devices begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    /// Where backchannel requests begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_authentication_endpoint: Option<String>,
    /// Where people sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// The frame that watches the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_session_iframe: Option<String>,
    /// Scopes that may be told to everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Names,
    /// Response types.
    #[serde(default)]
    pub response_types_supported: Names,
    /// Response modes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Names,
    /// Grant types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Names,
    /// Authentication contexts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Names,
    /// How people are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject_types_supported: Names,
    /// Signatures of ID tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_signing_alg_values_supported: Names,
    /// Key encryption of ID tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_encryption_alg_values_supported: Names,
    /// Content encryption of ID tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_encryption_enc_values_supported: Names,
    /// Signatures of UserInfo responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_signing_alg_values_supported: Names,
    /// Key encryption of UserInfo responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_encryption_alg_values_supported: Names,
    /// Content encryption of UserInfo responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_encryption_enc_values_supported: Names,
    /// Signatures of request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_signing_alg_values_supported: Names,
    /// Key encryption of request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_alg_values_supported: Names,
    /// Content encryption of request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_enc_values_supported: Names,
    /// Signatures of authorization responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_signing_alg_values_supported: Names,
    /// Key encryption of authorization responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_encryption_alg_values_supported: Names,
    /// Content encryption of authorization responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_encryption_enc_values_supported: Names,
    /// Signatures of introspection responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_signing_alg_values_supported: Names,
    /// How clients prove who they are at the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Names,
    /// Signatures of their assertions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Names,
    /// The same at the revocation endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Names,
    /// Signatures of assertions there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Names,
    /// The same at the introspection endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Names,
    /// Signatures of assertions there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Names,
    /// How pages may be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display_values_supported: Names,
    /// What people may be asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_values_supported: Names,
    /// Kinds of claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_types_supported: Names,
    /// Claims that may be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_supported: Names,
    /// Languages of claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_locales_supported: Names,
    /// Languages of pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales_supported: Names,
    /// PKCE methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Names,
    /// Signatures of DPoP proofs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Names,
    /// Authorization detail types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Names,
    /// How backchannel results are delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backchannel_token_delivery_modes_supported: Names,
    /// Signatures of backchannel requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backchannel_authentication_request_signing_alg_values_supported: Names,
    /// Resources that may be told to everyone. RFC 9728 §4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_resources: Names,
    /// Whether backchannel requests may carry a user code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_user_code_parameter_supported: Option<bool>,
    /// Whether `claims` is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_parameter_supported: Option<bool>,
    /// Whether `request` is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_parameter_supported: Option<bool>,
    /// Whether `request_uri` is read. Left out it would mean yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_uri_parameter_supported: Option<bool>,
    /// Whether request URIs must be registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_request_uri_registration: Option<bool>,
    /// Whether every request must be signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_signed_request_object: Option<bool>,
    /// Whether every request must be pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Whether responses say who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_response_iss_parameter_supported: Option<bool>,
    /// Whether tokens are bound to certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Whether sign-outs are told through the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_supported: Option<bool>,
    /// Whether they say which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_session_supported: Option<bool>,
    /// Whether sign-outs are told directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_supported: Option<bool>,
    /// Whether they say which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_supported: Option<bool>,
    /// Whether a client's identifier may be the URL of its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id_metadata_document_supported: Option<bool>,
    /// The same endpoints for clients with certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtls_endpoint_aliases: Option<Map<String, Value>>,
    /// Documentation for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    /// The operator's policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_policy_uri: Option<String>,
    /// The operator's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_tos_uri: Option<String>,
    /// Anything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ServerMetadata {
    /// An issuer that says nothing yet.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            userinfo_endpoint: None,
            registration_endpoint: None,
            introspection_endpoint: None,
            revocation_endpoint: None,
            pushed_authorization_request_endpoint: None,
            device_authorization_endpoint: None,
            backchannel_authentication_endpoint: None,
            end_session_endpoint: None,
            check_session_iframe: None,
            scopes_supported: Names::new(),
            response_types_supported: Names::new(),
            response_modes_supported: Names::new(),
            grant_types_supported: Names::new(),
            acr_values_supported: Names::new(),
            subject_types_supported: Names::new(),
            id_token_signing_alg_values_supported: Names::new(),
            id_token_encryption_alg_values_supported: Names::new(),
            id_token_encryption_enc_values_supported: Names::new(),
            userinfo_signing_alg_values_supported: Names::new(),
            userinfo_encryption_alg_values_supported: Names::new(),
            userinfo_encryption_enc_values_supported: Names::new(),
            request_object_signing_alg_values_supported: Names::new(),
            request_object_encryption_alg_values_supported: Names::new(),
            request_object_encryption_enc_values_supported: Names::new(),
            authorization_signing_alg_values_supported: Names::new(),
            authorization_encryption_alg_values_supported: Names::new(),
            authorization_encryption_enc_values_supported: Names::new(),
            introspection_signing_alg_values_supported: Names::new(),
            token_endpoint_auth_methods_supported: Names::new(),
            token_endpoint_auth_signing_alg_values_supported: Names::new(),
            revocation_endpoint_auth_methods_supported: Names::new(),
            revocation_endpoint_auth_signing_alg_values_supported: Names::new(),
            introspection_endpoint_auth_methods_supported: Names::new(),
            introspection_endpoint_auth_signing_alg_values_supported: Names::new(),
            display_values_supported: Names::new(),
            prompt_values_supported: Names::new(),
            claim_types_supported: Names::new(),
            claims_supported: Names::new(),
            claims_locales_supported: Names::new(),
            ui_locales_supported: Names::new(),
            code_challenge_methods_supported: Names::new(),
            dpop_signing_alg_values_supported: Names::new(),
            authorization_details_types_supported: Names::new(),
            backchannel_token_delivery_modes_supported: Names::new(),
            backchannel_authentication_request_signing_alg_values_supported: Names::new(),
            protected_resources: Names::new(),
            backchannel_user_code_parameter_supported: None,
            claims_parameter_supported: None,
            request_parameter_supported: None,
            request_uri_parameter_supported: None,
            require_request_uri_registration: None,
            require_signed_request_object: None,
            require_pushed_authorization_requests: None,
            authorization_response_iss_parameter_supported: None,
            tls_client_certificate_bound_access_tokens: None,
            frontchannel_logout_supported: None,
            frontchannel_logout_session_supported: None,
            backchannel_logout_supported: None,
            backchannel_logout_session_supported: None,
            client_id_metadata_document_supported: None,
            mtls_endpoint_aliases: None,
            service_documentation: None,
            op_policy_uri: None,
            op_tos_uri: None,
            extra: Map::new(),
        }
    }
}
