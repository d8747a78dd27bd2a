//! Error codes, and the JSON body that carries one.
//!
//! Implements: RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1; RFC 7009 §2.2.1; RFC 7591 §3.2.2; RFC 8628
//! §3.5; RFC 8707 §2; RFC 9126 §2.3; RFC 9396 §5; RFC 9449 §5, §8; RFC 9470 §3; OpenID Connect Core §3.1.2.6;
//! CIBA Core §13; OpenID Connect Unmet Authentication Requirements 1.0.

use serde::{Deserialize, Serialize};

use crate::syntax;
use crate::text::words;

words! {
    /// The registered error codes that we speak. No other file writes one of these words.
    pub enum ErrorCode {
        /// The person, or the server on their behalf, said no.
        AccessDenied = "access_denied",
        /// The person must choose an account, and `prompt=none` forbids asking.
        AccountSelectionRequired = "account_selection_required",
        /// The person has not decided yet; ask again after the interval.
        AuthorizationPending = "authorization_pending",
        /// Consent is needed, and `prompt=none` forbids asking.
        ConsentRequired = "consent_required",
        /// The login hint token has expired (CIBA).
        ExpiredLoginHintToken = "expired_login_hint_token",
        /// The device code or backchannel request has expired.
        ExpiredToken = "expired_token",
        /// The token lacks a scope that the resource asks for.
        InsufficientScope = "insufficient_scope",
        /// The sign-in behind the token is too weak or too old (RFC 9470).
        InsufficientUserAuthentication = "insufficient_user_authentication",
        /// Some interaction is needed, and `prompt=none` forbids it.
        InteractionRequired = "interaction_required",
        /// The authorization details are malformed, unknown or not allowed.
        InvalidAuthorizationDetails = "invalid_authorization_details",
        /// The binding message is unfit (CIBA).
        InvalidBindingMessage = "invalid_binding_message",
        /// Client authentication failed.
        InvalidClient = "invalid_client",
        /// A member of the client's metadata is wrong.
        InvalidClientMetadata = "invalid_client_metadata",
        /// The DPoP proof is wrong.
        InvalidDpopProof = "invalid_dpop_proof",
        /// The code, refresh token or assertion is wrong, spent, expired or another's.
        InvalidGrant = "invalid_grant",
        /// A redirect URI is wrong (registration only).
        InvalidRedirectUri = "invalid_redirect_uri",
        /// The request is malformed.
        InvalidRequest = "invalid_request",
        /// The request object is wrong.
        InvalidRequestObject = "invalid_request_object",
        /// The `request_uri` is wrong or its content is.
        InvalidRequestUri = "invalid_request_uri",
        /// The scope is unknown, malformed or more than allowed.
        InvalidScope = "invalid_scope",
        /// The software statement is wrong.
        InvalidSoftwareStatement = "invalid_software_statement",
        /// The resource or audience is unknown, malformed or not allowed.
        InvalidTarget = "invalid_target",
        /// The access token is malformed, expired, revoked or meant for another.
        InvalidToken = "invalid_token",
        /// The user code is wrong (CIBA).
        InvalidUserCode = "invalid_user_code",
        /// Nobody is signed in, and `prompt=none` forbids asking.
        LoginRequired = "login_required",
        /// A user code is needed (CIBA).
        MissingUserCode = "missing_user_code",
        /// The `registration` parameter is not supported.
        RegistrationNotSupported = "registration_not_supported",
        /// The `request` parameter is not supported.
        RequestNotSupported = "request_not_supported",
        /// The `request_uri` parameter is not supported.
        RequestUriNotSupported = "request_uri_not_supported",
        /// Something broke on our side; the one word that is told about it.
        ServerError = "server_error",
        /// Polled too soon; add five seconds to the interval.
        SlowDown = "slow_down",
        /// Too busy, or being maintained.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// The software statement is not approved here.
        UnapprovedSoftwareStatement = "unapproved_software_statement",
        /// The client may not use this grant or response type.
        UnauthorizedClient = "unauthorized_client",
        /// The hint names nobody we know (CIBA).
        UnknownUserId = "unknown_user_id",
        /// The required authentication context cannot be reached.
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
        /// We do not speak this grant type.
        UnsupportedGrantType = "unsupported_grant_type",
        /// We do not speak this response type.
        UnsupportedResponseType = "unsupported_response_type",
        /// We cannot revoke this type of token.
        UnsupportedTokenType = "unsupported_token_type",
        /// A DPoP proof must carry the nonce given with this answer.
        UseDpopNonce = "use_dpop_nonce",
    }
}

/// The JSON body of an error. RFC 6749 §5.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// The code.
    pub error: ErrorCode,
    /// One sentence for the developer of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// A page that explains more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
}

impl ErrorResponse {
    /// The bare code.
    pub fn new(error: ErrorCode) -> Self {
        Self { error, error_description: None, error_uri: None }
    }

    /// With a sentence; characters that RFC 6749 §5.2 does not allow there become `?`.
    #[must_use]
    pub fn described(mut self, description: &str) -> Self {
        self.error_description = Some(describable(description));
        self
    }
}

/// `text` with every character replaced that an `error_description` must not hold.
pub fn describable(text: &str) -> String {
    text.chars()
        .map(|character| match u8::try_from(character) {
            Ok(byte) if syntax::is_description_byte(byte) => character,
            Ok(_) | Err(_) => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_from_its_own_word() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    /// RFC 6749 §5.2.
    #[test]
    fn an_error_is_a_json_object_without_empty_members() {
        let bare = ErrorResponse::new(ErrorCode::InvalidGrant);
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"error":"invalid_grant"}"#);
    }

    #[test]
    fn a_description_holds_only_what_the_rfc_allows() {
        let response = ErrorResponse::new(ErrorCode::InvalidRequest).described("a \"b\" \\ \n é c");
        assert_eq!(response.error_description.as_deref(), Some("a ?b? ? ? ? c"));
    }
}
