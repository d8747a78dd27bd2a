//! Authorization requests. RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.1.

use chancery_spec::authorization_request::{AuthorizationRequestError, DisplayPreference, MAX_STATE, RequestObject};
use chancery_spec::{
    AuthorizationRequest, Destination, ErrorCode, Malformed, Params, Prompt, ResponseMode, ResponseType,
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn destination(query: &str) -> Result<Destination, Malformed> {
    Destination::take(&mut Params::parse(query.as_bytes()).unwrap())
}

fn request(query: &str) -> Result<AuthorizationRequest, AuthorizationRequestError> {
    AuthorizationRequest::parse(Params::parse(query.as_bytes()).unwrap())
}

#[test]
fn a_whole_request_is_read_in_two_stages() {
    let query = format!(
        "response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fc.example%2Fcb&scope=openid+email&state=s&nonce=n\
         &prompt=login+consent&max_age=60&login_hint=alice&id_token_hint=a.b.c&acr_values=gold+silver+gold\
         &ui_locales=de-CH+fr&claims_locales=de&display=popup&resource=urn:a&resource=urn:b\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&claims=%7B%22userinfo%22%3A%7B%7D%7D&unknown=x"
    );
    let mut params = Params::parse(query.as_bytes()).unwrap();
    let destination = Destination::take(&mut params).unwrap();
    assert_eq!(destination.client_id, "web");
    assert_eq!(destination.redirect_uri.as_deref(), Some("https://c.example/cb"));
    assert_eq!(destination.state.as_deref(), Some("s"));

    let request = AuthorizationRequest::parse(params).unwrap();
    assert_eq!(request.response_type, ResponseType::Code);
    assert_eq!(request.reply_mode(), ResponseMode::Query);
    assert_eq!(request.scope.as_ref().unwrap().to_string(), "email openid");
    assert_eq!((request.state.as_deref(), request.nonce.as_deref()), (Some("s"), Some("n")));
    assert!(request.prompts.contains(Prompt::Login) && request.prompts.contains(Prompt::Consent));
    assert_eq!(request.max_age, Some(60));
    assert_eq!(request.acr_values, ["gold", "silver"]);
    assert_eq!(request.ui_locales, ["de-CH", "fr"]);
    assert_eq!(request.display, Some(DisplayPreference::Popup));
    assert_eq!(request.resources.len(), 2);
    assert_eq!(request.code_challenge.as_ref().unwrap().as_str(), CHALLENGE);
    assert!(request.claims.as_ref().unwrap().contains_key("userinfo"));
    assert_eq!(request.request_object, RequestObject::Absent);

    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
}

#[test]
fn without_a_client_there_is_nowhere_to_answer() {
    assert_eq!(destination("response_type=code"), Err(Malformed::Missing("client_id")));
    let long = format!("client_id=web&state={}", "s".repeat(MAX_STATE + 1));
    assert_eq!(destination(&long), Err(Malformed::TooLong("state")));
}

#[test]
fn an_error_travels_as_the_request_asked_when_that_makes_sense() {
    for (query, expected) in [
        ("", ResponseMode::Query),
        ("response_type=code", ResponseMode::Query),
        ("response_type=nonsense", ResponseMode::Query),
        ("response_type=id_token", ResponseMode::Fragment),
        ("response_type=id_token&response_mode=query", ResponseMode::Fragment),
        ("response_type=code&response_mode=form_post", ResponseMode::FormPost),
        ("response_type=code&response_mode=nonsense", ResponseMode::Query),
        ("response_type=code&response_mode=jwt", ResponseMode::QueryJwt),
        ("response_type=id_token+code&response_mode=jwt", ResponseMode::FragmentJwt),
    ] {
        assert_eq!(destination(&format!("client_id=web&{query}")).unwrap().error_mode(), expected, "{query}");
    }
}

#[test]
fn each_malformed_parameter_is_refused_with_its_code() {
    for (query, expected) in [
        ("", ErrorCode::InvalidRequest),
        ("response_type=x", ErrorCode::UnsupportedResponseType),
        ("response_type=code+code", ErrorCode::UnsupportedResponseType),
        ("response_type=code&scope=a++b", ErrorCode::InvalidScope),
        ("response_type=code&resource=x", ErrorCode::InvalidTarget),
        ("response_type=code&response_mode=x", ErrorCode::InvalidRequest),
        ("response_type=token&response_mode=query", ErrorCode::InvalidRequest),
        ("response_type=code&prompt=none+login", ErrorCode::InvalidRequest),
        ("response_type=code&prompt=x", ErrorCode::InvalidRequest),
        ("response_type=code&max_age=-1", ErrorCode::InvalidRequest),
        ("response_type=code&max_age=%2B1", ErrorCode::InvalidRequest),
        ("response_type=code&max_age=1.5", ErrorCode::InvalidRequest),
        ("response_type=code&max_age=99999999999", ErrorCode::InvalidRequest),
        ("response_type=code&display=x", ErrorCode::InvalidRequest),
        ("response_type=code&code_challenge=x&code_challenge_method=S256", ErrorCode::InvalidRequest),
        ("response_type=code&code_challenge_method=S256", ErrorCode::InvalidRequest),
        ("response_type=code&claims=%5B%5D", ErrorCode::InvalidRequest),
        ("response_type=code&claims=%7B", ErrorCode::InvalidRequest),
        ("response_type=code&claims=null", ErrorCode::InvalidRequest),
        ("response_type=code&request=a&request_uri=urn:b", ErrorCode::InvalidRequest),
    ] {
        assert_eq!(request(query).unwrap_err().code(), expected, "{query}");
    }
}

/// RFC 9101 §5.
#[test]
fn a_request_object_is_kept_for_the_stage_that_opens_it() {
    let taken = |query: &str| RequestObject::take(&mut Params::parse(query.as_bytes()).unwrap());
    assert_eq!(taken("request=a.b.c"), Ok(RequestObject::Value("a.b.c".to_owned())));
    assert_eq!(taken("request_uri=urn:x"), Ok(RequestObject::Reference("urn:x".to_owned())));
    assert_eq!(taken(""), Ok(RequestObject::Absent));
}

#[test]
fn no_message_repeats_what_was_sent() {
    for query in [
        "response_type=%3Cscript%3E",
        "response_type=code&prompt=%3Cscript%3E",
        "response_type=code&scope=%22%3Cscript%3E",
    ] {
        assert!(!request(query).unwrap_err().to_string().contains("script"), "{query}");
    }
}
