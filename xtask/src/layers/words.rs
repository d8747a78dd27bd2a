//! Words that have one place: status codes, OAuth error codes; and names that have none.

use std::path::Path;

use super::source::Source;

/// The only place of status codes on the server's floor.
const STATUS_PLACE: &str = "crates/server/src/http/reply";

/// What calls others, and so reads statuses that it did not choose.
const STATUS_READER: &str = "crates/server/src/outbound";

/// The only place of OAuth error codes.
const ERROR_PLACE: &str = "crates/spec/src/error";

/// Module names that hide a missing idea.
const NAMELESS: [&str; 8] = ["helper", "helpers", "util", "utils", "common", "misc", "shared", "manager"];

/// Every error code of the specifications that Chancery speaks.
/// RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1; RFC 7009 §2.2.1; RFC 7591 §3.2.2; RFC 8628 §3.5; RFC 8707 §2; RFC 9101 §7;
/// RFC 9396 §5; RFC 9449 §5, §8; RFC 9470 §3; OpenID Connect Core §3.1.2.6; CIBA §11, §13.
const ERRORS: [&str; 39] = [
    "access_denied",
    "account_selection_required",
    "authorization_pending",
    "consent_required",
    "expired_login_hint_token",
    "expired_token",
    "insufficient_scope",
    "insufficient_user_authentication",
    "interaction_required",
    "invalid_authorization_details",
    "invalid_binding_message",
    "invalid_client",
    "invalid_client_metadata",
    "invalid_dpop_proof",
    "invalid_grant",
    "invalid_redirect_uri",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "invalid_software_statement",
    "invalid_target",
    "invalid_token",
    "invalid_user_code",
    "login_required",
    "missing_user_code",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unapproved_software_statement",
    "unauthorized_client",
    "unknown_user_id",
    "unmet_authentication_requirements",
    "unsupported_grant_type",
    "unsupported_response_type",
    "use_dpop_nonce",
];

/// Words that stand outside their one place.
pub(super) fn complaints(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        complaints.extend(nameless(&source.path));
        let path = source.path.to_string_lossy();
        let chooses = path.starts_with("crates/server/src/") && !path.starts_with(STATUS_READER);
        if chooses && !path.starts_with(STATUS_PLACE) {
            for (number, line) in source.code.lines().enumerate() {
                if line.contains("StatusCode::") {
                    complaints.push(format!("{}: a status code outside {STATUS_PLACE}", source.place(number + 1)));
                }
            }
        }
        if path.starts_with("crates/") && !path.starts_with(ERROR_PLACE) {
            for literal in &source.literals {
                let words = literal.text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                for word in words.filter(|word| ERRORS.contains(word)) {
                    complaints
                        .push(format!("{}: the error code {word} outside {ERROR_PLACE}", source.place(literal.line)));
                }
            }
        }
    }
    complaints
}

fn nameless(path: &Path) -> Option<String> {
    let stem = path.with_extension("");
    let name = stem.iter().map(|part| part.to_string_lossy()).find(|part| NAMELESS.contains(&part.as_ref()))?;
    Some(format!("{}: {name} is not the name of an idea", path.display()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::source::Source;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        super::complaints(&[Source::read(Path::new(path), text)])
    }

    #[test]
    fn a_status_code_is_chosen_in_one_place() {
        let code = "fn a() { StatusCode::OK }\n#[cfg(test)]\nmod tests { fn b() { StatusCode::OK } }";
        assert_eq!(complaints("crates/server/src/routes/oauth.rs", code).len(), 1);
        assert_eq!(complaints("crates/server/src/http/reply.rs", code), Vec::<String>::new());
        assert_eq!(complaints("crates/client/src/http.rs", code), Vec::<String>::new());
    }

    #[test]
    fn an_error_code_is_written_in_one_place() {
        assert_eq!(complaints("crates/engine/src/refusal.rs", "x(\"error=invalid_grant\")").len(), 1);
        assert_eq!(complaints("crates/engine/src/refusal.rs", "x(\"invalid_grants\") // invalid_grant").len(), 0);
        assert_eq!(complaints("crates/spec/src/error.rs", "x(\"invalid_grant\")").len(), 0);
    }

    #[test]
    fn a_module_without_an_idea_is_a_complaint() {
        assert_eq!(complaints("crates/server/src/utils/mod.rs", "").len(), 1);
        assert_eq!(complaints("crates/testkit/tests/common.rs", "").len(), 1);
    }
}
