//! Every parser against anything at all: none panics, and what one accepts it writes as something that
//! it reads back as the same.

use std::fmt::{Debug, Display};

use chancery_spec::client_authentication::PresentedClient;
use chancery_spec::credentials::{BasicCredentials, BearerToken, PresentedSecret};
use chancery_spec::introspection::IntrospectionRequest;
use chancery_spec::redirect_uri::append_query;
use chancery_spec::revocation::RevocationRequest;
use chancery_spec::web_uri::WebUri;
use chancery_spec::{
    AccessTokenClaims, Audience, AuthorizationRequest, AuthorizationResponse, ClientMetadata, CodeChallenge,
    CodeVerifier, Destination, IdTokenClaims, Issuer, Malformed, Params, Prompts, RegisteredRedirectUri,
    ResourceIndicator, ResponseType, Scope, ScopeToken, ServerMetadata, TokenRequest, TokenResponse,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Text that looks like a URL more often than chance would make it.
fn urlish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("https://"),
        Just("http://"),
        Just("com.example.app:"),
        Just("urn:"),
        Just("localhost"),
        Just("127.0.0.1"),
        Just("[::1]"),
        Just("c.example"),
        Just(":8080"),
        Just("/"),
        Just("/a"),
        Just("/.."),
        Just(";"),
        Just("?"),
        Just("?x=y"),
        Just("&code=z"),
        Just("#"),
        Just("@"),
        Just("%2e"),
        Just("%41"),
        Just("%"),
        Just("\\"),
        Just("é"),
        Just("\u{0}"),
    ];
    prop_oneof![4 => vec(piece, 0..8).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// A form whose names are often ours and whose values are often nearly right.
fn formish() -> impl Strategy<Value = Vec<u8>> {
    let pair = prop_oneof![
        Just("grant_type=authorization_code"),
        Just("grant_type=client_credentials"),
        Just("grant_type=refresh_token"),
        Just("response_type=code"),
        Just("response_type=code+id_token"),
        Just("client_id=web"),
        Just("client_secret=s"),
        Just("code=c"),
        Just("token=t"),
        Just("refresh_token=r"),
        Just("scope=openid+email"),
        Just("resource=urn:a"),
        Just("resource=urn:b"),
        Just("prompt=none"),
        Just("max_age=1"),
        Just("claims=%7B%7D"),
        Just("state=%F0%9F%A6%80"),
        Just("iss=https://as.example"),
        Just("error=access_denied"),
        Just("expires_in=9"),
        Just("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"),
        Just("code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        Just("empty="),
        Just("%"),
        Just("=+%2B"),
    ];
    prop_oneof![
        4 => vec(pair, 0..8).prop_map(|pairs| pairs.join("&").into_bytes()),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// Accepted text is kept byte for byte and survives serde.
fn keeps<T>(text: &str, parsed: Result<T, Malformed>)
where
    T: Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    if let Ok(value) = parsed {
        assert_eq!(value.to_string(), text);
        survives(&value);
    }
}

fn survives<T: Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) {
    let written = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&written).unwrap(), value);
}

proptest! {
    #[test]
    fn parameters_are_written_as_they_were_read(body in formish()) {
        if let Ok(params) = Params::parse(&body) {
            prop_assert_eq!(Params::parse(params.to_form().as_bytes()), Ok(params));
        }
    }

    #[test]
    fn any_pairs_without_controls_pass_through_a_form(pairs in proptest::collection::btree_map("[^\\p{Cc}]{1,20}", "[^\\p{Cc}]{1,40}", 0..10)) {
        let params = Params::from_pairs(pairs.clone()).unwrap();
        let mut read = Params::parse(params.to_form().as_bytes()).unwrap();
        for (name, value) in pairs {
            prop_assert_eq!(read.take(&name), Some(value));
        }
        prop_assert_eq!(read.names().count(), 0);
    }

    #[test]
    fn every_complaint_is_a_legal_description(body in formish()) {
        let complaint = match Params::parse(&body) {
            Err(malformed) => malformed.to_string(),
            Ok(params) => match TokenRequest::parse(params) {
                Err(error) => error.to_string(),
                Ok(_) => return Ok(()),
            },
        };
        let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        prop_assert!(complaint.bytes().all(legal), "{}", complaint);
    }

    #[test]
    fn no_message_makes_a_reader_panic(body in formish(), header in proptest::option::of(vec(any::<u8>(), 0..60))) {
        if let Ok(params) = Params::parse(&body) {
            let _ = TokenRequest::parse(params.clone());
            let _ = IntrospectionRequest::parse(params.clone());
            let _ = RevocationRequest::parse(params.clone());
            let mut rest = params.clone();
            let _ = PresentedClient::take(header.as_deref(), &mut rest);
            let mut rest = params.clone();
            let _ = Destination::take(&mut rest).map(|destination| survives(&destination));
            let _ = AuthorizationRequest::parse(params).map(|request| survives(&request));
        }
        let _ = BasicCredentials::parse(&body);
        let _ = BearerToken::parse(&body);
    }

    #[test]
    fn an_authorization_response_is_read_as_it_was_written(body in formish()) {
        let Ok(params) = Params::parse(&body) else { return Ok(()) };
        if let Ok(response) = AuthorizationResponse::parse(params) {
            let sent = append_query("", response.parameters());
            let read = Params::parse(sent.trim_start_matches('?').as_bytes()).unwrap();
            prop_assert_eq!(AuthorizationResponse::parse(read), Ok(response));
        }
    }

    #[test]
    fn basic_credentials_are_read_as_they_were_written(client_id in "[^\\p{Cc}]{1,40}", secret in "[^\\p{Cc}]{0,40}") {
        let basic = BasicCredentials { client_id, secret: PresentedSecret::new(secret) };
        prop_assert_eq!(BasicCredentials::parse(basic.to_header().as_bytes()), Ok(basic));
    }

    #[test]
    fn uris_keep_their_bytes(text in urlish()) {
        keeps(&text, RegisteredRedirectUri::parse(&text));
        keeps(&text, ResourceIndicator::parse(&text));
        keeps(&text, Issuer::parse(&text));
        keeps(&text, WebUri::parse(&text));
    }

    #[test]
    fn a_registered_redirect_goes_where_its_bytes_say(text in urlish()) {
        if let Ok(registered) = RegisteredRedirectUri::parse(&text) {
            prop_assert!(registered.matches(&text));
            let browsed = url::Url::parse(&text).unwrap();
            prop_assert!(browsed.username().is_empty() && browsed.password().is_none() && browsed.fragment().is_none());
            match browsed.scheme() {
                "https" => {}
                "http" => prop_assert!(matches!(browsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))),
                private_use => prop_assert!(private_use.contains('.')),
            }
            // The answer is found again, once, behind whatever was there.
            let answered = url::Url::parse(&registered.append_query([("code", "a&b=c")])).unwrap();
            let codes: Vec<_> = answered.query_pairs().filter(|(name, _)| name == "code").collect();
            prop_assert_eq!(codes.len(), 1);
            prop_assert_eq!(&codes[0].1, "a&b=c");
            prop_assert!(registered.append_query([("code", "x")]).starts_with(&text));
        }
    }

    #[test]
    fn what_matches_differs_in_a_loopback_port_alone(registered in urlish(), presented in urlish()) {
        let Ok(registered) = RegisteredRedirectUri::parse(&registered) else { return Ok(()) };
        if registered.matches(&presented) && registered.as_str() != presented {
            let (mut one, mut other) = (url::Url::parse(registered.as_str()).unwrap(), url::Url::parse(&presented).unwrap());
            prop_assert_eq!(one.scheme(), "http");
            prop_assert!(registered.is_loopback());
            one.set_port(None).unwrap();
            other.set_port(None).unwrap();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn every_endpoint_stays_under_its_issuer(text in urlish()) {
        if let Ok(issuer) = Issuer::parse(&text) {
            prop_assert!(issuer.join("/token").starts_with(text.trim_end_matches('/')));
            let all = issuer.openid_configuration_paths().into_iter().chain(issuer.oauth_metadata_paths());
            for path in all {
                let joined = format!("{}{path}", issuer.origin());
                let browsed = url::Url::parse(&joined).unwrap();
                prop_assert_eq!(browsed.path(), path);
            }
        }
    }

    #[test]
    fn scopes_are_sets(text in "([a-c]{1,2} ?){0,8}", other in "[a-c ]{0,8}", any in any::<String>()) {
        for text in [text, other, any] {
            if let Ok(token) = ScopeToken::parse(&text) {
                prop_assert_eq!(token.as_str(), &text);
            }
            let Ok(scope) = Scope::parse(&text) else { continue };
            prop_assert_eq!(&Scope::parse(&scope.to_string()).unwrap(), &scope);
            survives(&scope);
            prop_assert!(scope.iter().all(|token| scope.contains(token.as_str())));
            prop_assert!(scope.is_subset(&scope) && scope.difference(&scope).is_empty());
            prop_assert_eq!(scope.union(&scope), scope);
        }
    }

    #[test]
    fn a_verifier_meets_its_own_challenge_and_no_other(one in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
        let (one, other) = (CodeVerifier::from_random(&one), CodeVerifier::from_random(&other));
        prop_assert_eq!(CodeVerifier::parse(one.expose()), Ok(one.clone()));
        survives(&one.challenge());
        prop_assert!(one.challenge().admits(&one));
        prop_assert_eq!(one.challenge().admits(&other), one == other);
    }

    #[test]
    fn words_and_challenges_survive_anything(text in any::<String>(), method in proptest::option::of("plain|S256|x")) {
        let _ = CodeVerifier::parse(&text);
        let _ = CodeChallenge::parse(&text, method.as_deref()).map(|challenge| survives(&challenge));
        let _ = Prompts::parse(&text).map(|prompts| survives(&prompts));
        let _ = ResponseType::from_words(&text).map(|response_type| survives(&response_type));
    }

    #[test]
    fn an_audience_is_read_as_it_was_written(members in vec("[a-z:/.]{0,12}", 1..5)) {
        survives(&Audience::of(members).unwrap());
    }

    #[test]
    fn json_of_any_kind_is_read_or_refused(text in "[\\{\\}\\[\\]\",:a-z_#0-9 ]{0,80}", any in vec(any::<u8>(), 0..80)) {
        for document in [text.as_bytes(), &any] {
            let _ = ClientMetadata::parse(document).map(|metadata| survives(&metadata));
            let _ = serde_json::from_slice::<ServerMetadata>(document);
            let _ = serde_json::from_slice::<TokenResponse>(document);
            let _ = serde_json::from_slice::<AccessTokenClaims<'static>>(document);
            let _ = serde_json::from_slice::<IdTokenClaims<'static>>(document);
        }
    }
}
