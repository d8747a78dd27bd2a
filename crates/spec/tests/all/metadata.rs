//! Client metadata (RFC 7591 §2) and server metadata (RFC 8414 §2).

use chancery_spec::client_metadata::{ClientMetadataError, SubjectType};
use chancery_spec::{ClientMetadata, ErrorCode, GrantType, Issuer, ResponseType, ServerMetadata};

/// RFC 7591 §3.1.
#[test]
fn the_example_of_the_rfc_is_read() {
    let document = br#"{
        "redirect_uris": ["https://client.example.org/callback", "https://client.example.org/callback2"],
        "client_name": "My Example Client",
        "client_name#ja-Jpan-JP": "\u30AF\u30E9\u30A4\u30A2\u30F3\u30C8\u540D",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["id_token code"],
        "subject_type": "pairwise",
        "logo_uri": "https://client.example.org/logo.png",
        "jwks_uri": "https://client.example.org/my_public_keys.jwks",
        "example_extension_parameter": "example_value"
    }"#;
    let metadata = ClientMetadata::parse(document).unwrap();
    assert_eq!(metadata.redirect_uris.as_ref().unwrap().len(), 2);
    assert_eq!(metadata.grant_types, Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]));
    assert_eq!(metadata.response_types, Some(vec![ResponseType::CodeIdToken]));
    assert_eq!(metadata.subject_type, Some(SubjectType::Pairwise));
    assert_eq!(metadata.localised["client_name#ja-Jpan-JP"], "クライアント名");

    let stored = serde_json::to_vec(&metadata).unwrap();
    assert_eq!(ClientMetadata::parse(&stored).unwrap(), metadata);
}

#[test]
fn what_is_not_said_is_not_written() {
    assert_eq!(serde_json::to_string(&ClientMetadata::parse(b"{}").unwrap()).unwrap(), "{}");
}

#[test]
fn every_list_is_a_list_of_strings_and_every_flag_a_flag() {
    for (document, member) in [
        (r#"{"grant_types": "authorization_code"}"#, "grant_types"),
        (r#"{"grant_types": ["authorization_code", null]}"#, "grant_types"),
        (r#"{"grant_types": ["x"]}"#, "grant_types"),
        (r#"{"response_types": [null]}"#, "response_types"),
        (r#"{"response_types": ["code code"]}"#, "response_types"),
        (r#"{"contacts": ["a", 1]}"#, "contacts"),
        (r#"{"contacts": {"0": "a"}}"#, "contacts"),
        (r#"{"redirect_uris": [null]}"#, "redirect_uris"),
        (r#"{"redirect_uris": "https://c.example"}"#, "redirect_uris"),
        (r#"{"default_max_age": "60"}"#, "default_max_age"),
        (r#"{"default_max_age": -1}"#, "default_max_age"),
        (r#"{"require_auth_time": "true"}"#, "require_auth_time"),
        (r#"{"jwks": []}"#, "jwks"),
        (r#"{"scope": "a  b"}"#, "scope"),
        (r#"{"logo_uri": "javascript:alert(1)"}"#, "logo_uri"),
        (r#"{"client_name": ""}"#, "client_name"),
        (r#"{"client_name": "a\u202eb"}"#, "client_name"),
        (r#"{"client_name#de": 1}"#, "client_name"),
        (r#"{"client_name#d e": "x"}"#, "client_name"),
        (r#"{"tos_uri#de": "data:x"}"#, "tos_uri"),
    ] {
        let error = ClientMetadata::parse(document.as_bytes()).unwrap_err();
        assert_eq!(error, ClientMetadataError::Member(member.to_owned()), "{document}");
        assert_eq!(error.code(), ErrorCode::InvalidClientMetadata);
    }
}

/// RFC 7591 §3.2.2.
#[test]
fn an_unfit_redirect_uri_has_its_own_code() {
    for uri in ["javascript:alert(1)", "http://c.example", "https://c.example/#x", ""] {
        let document = serde_json::json!({ "redirect_uris": ["https://c.example", uri] }).to_string();
        let error = ClientMetadata::parse(document.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRedirectUri, "{uri}");
    }
}

#[test]
fn a_document_is_one_object_without_repeated_members() {
    for document in ["", "[]", "null", "1", "{", "{}{}", r#"{"client_name":"a","client_name":"b"}"#] {
        let error = ClientMetadata::parse(document.as_bytes()).unwrap_err();
        assert_eq!(error, ClientMetadataError::NotAnObject, "{document}");
    }
    let both = br#"{"jwks":{"keys":[]},"jwks_uri":"https://c.example/jwks"}"#;
    assert_eq!(ClientMetadata::parse(both), Err(ClientMetadataError::BothKeySets));
    assert_eq!(ClientMetadata::parse(&vec![b' '; 70_000]), Err(ClientMetadataError::TooLarge));
}

#[test]
fn an_issuer_alone_is_a_whole_document() {
    let mut metadata = ServerMetadata::new(Issuer::parse("https://as.example").unwrap());
    let bare = serde_json::to_string(&metadata).unwrap();
    assert_eq!(bare, r#"{"issuer":"https://as.example","response_types_supported":[]}"#);

    metadata.code_challenge_methods_supported.push("S256".into());
    metadata.extra.insert("acme".to_owned(), true.into());
    let written = serde_json::to_string(&metadata).unwrap();
    assert_eq!(serde_json::from_str::<ServerMetadata>(&written).unwrap(), metadata);
}
