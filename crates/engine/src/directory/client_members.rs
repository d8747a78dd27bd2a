//! The members of client metadata: those that we act on, those that we keep, and those whose
//! promise we could not hold and therefore refuse.
//!
//! Implements: RFC 7591 §2, §2.2 (localised names), OIDC Registration §2.

use serde_json::{Map, Value};

use super::error::Complaints;
use super::names::hint;

/// Members that a client's record is made of.
pub const KNOWN: &[&str] = &[
    "application_type",
    "client_name",
    "client_uri",
    "contacts",
    "default_max_age",
    "grant_types",
    "id_token_signed_response_alg",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "post_logout_redirect_uris",
    "redirect_uris",
    "require_auth_time",
    "response_types",
    "scope",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "tos_uri",
    "userinfo_signed_response_alg",
];

/// Members that are kept and given back, and bind nobody.
pub const KEPT: &[&str] = &["initiate_login_uri", "software_id", "software_version"];

/// Members that people read, and that may carry a language: `client_name#de`.
const LOCALISED: &[&str] = &["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// Members that promise something which this server does not do, and the value that promises
/// nothing. Accepting another would let a client believe itself protected.
const UNSERVED: &[(&str, Option<&str>)] = &[
    ("authorization_encrypted_response_alg", None),
    ("authorization_encrypted_response_enc", None),
    ("authorization_signed_response_alg", None),
    ("backchannel_client_notification_endpoint", None),
    ("backchannel_logout_session_required", Some("false")),
    ("backchannel_logout_uri", None),
    ("backchannel_token_delivery_mode", None),
    ("default_acr_values", Some("[]")),
    ("dpop_bound_access_tokens", Some("false")),
    ("frontchannel_logout_session_required", Some("false")),
    ("frontchannel_logout_uri", None),
    ("id_token_encrypted_response_alg", None),
    ("id_token_encrypted_response_enc", None),
    ("introspection_encrypted_response_alg", None),
    ("introspection_signed_response_alg", None),
    ("request_object_encryption_alg", None),
    ("request_object_encryption_enc", None),
    ("request_object_signing_alg", None),
    ("request_uris", Some("[]")),
    ("require_pushed_authorization_requests", Some("false")),
    ("require_signed_request_object", Some("false")),
    ("sector_identifier_uri", None),
    ("software_statement", None),
    ("subject_type", Some("\"public\"")),
    ("tls_client_auth_san_dns", None),
    ("tls_client_auth_san_email", None),
    ("tls_client_auth_san_ip", None),
    ("tls_client_auth_san_uri", None),
    ("tls_client_auth_subject_dn", None),
    ("tls_client_certificate_bound_access_tokens", Some("false")),
    ("userinfo_encrypted_response_alg", None),
    ("userinfo_encrypted_response_enc", None),
];

/// Whether `name` is a member of client metadata at all; RFC 7591 §2 has a registration pass over others.
#[must_use]
pub fn is_registered(name: &str) -> bool {
    KNOWN.contains(&name) || is_kept(name) || UNSERVED.iter().any(|(unserved, _)| *unserved == name)
}

/// Whether a member is kept as it is.
pub(super) fn is_kept(name: &str) -> bool {
    let localised = name.split_once('#').is_some_and(|(base, tag)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        LOCALISED.contains(&base) && (1..=35).contains(&tag.len()) && tag.bytes().all(plain)
    });
    localised || KEPT.contains(&name)
}

/// Complains of members that nobody knows, and of promises that we could not hold.
pub(super) fn refuse_strangers(members: &Map<String, Value>, complaints: &mut Complaints) {
    for (name, value) in members {
        if value.is_null() || KNOWN.contains(&name.as_str()) || is_kept(name) {
            continue;
        }
        match UNSERVED.iter().find(|(unserved, _)| unserved == name) {
            Some((_, Some(nothing)))
                if serde_json::from_str::<Value>(nothing).is_ok_and(|nothing| nothing == *value) => {}
            Some((_, Some(nothing))) => complaints.push(name, format!("only {nothing} is served here")),
            Some((_, None)) => complaints.push(name, "this is not served here; leave it out"),
            None => {
                let known = KNOWN.iter().chain(KEPT).copied();
                complaints.push(name, format!("is no member of client metadata{}", hint(name, known)));
            }
        }
    }
}

/// The members to keep beside the record's own.
pub(super) fn kept(members: &Map<String, Value>) -> Map<String, Value> {
    let keep = |name: &str| is_kept(name) || name == "application_type";
    members
        .iter()
        .filter(|(name, value)| keep(name) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_that_could_not_be_held_is_refused_and_a_misspelt_member_is_recognised() {
        let members = serde_json::json!({
            "dpop_bound_access_tokens": true,
            "require_pushed_authorization_requests": false,
            "redirect_uri": ["https://a.example/"],
            "client_name#de": "Ein Dienst",
            "software_id": null,
        });
        let mut complaints = Complaints::default();
        refuse_strangers(members.as_object().unwrap(), &mut complaints);
        assert_eq!(
            complaints.to_string(),
            "dpop_bound_access_tokens: only false is served here\n\
             redirect_uri: is no member of client metadata, did you mean `redirect_uris`?"
        );
    }
}
