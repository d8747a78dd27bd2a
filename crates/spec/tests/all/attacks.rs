//! Published attacks on redirect matching, parameters and the `Authorization` header: each is answered
//! by a parser, before any decision.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chancery_spec::credentials::BasicCredentials;
use chancery_spec::{Malformed, Params, RegisteredRedirectUri};

fn assert_unregistrable(uris: &[&str]) {
    for uri in uris {
        assert!(RegisteredRedirectUri::parse(uri).is_err(), "{uri}");
    }
}

/// A1: CVE-2026-3872, CVE-2026-7504.
#[test]
fn a_redirect_that_climbs_its_path_is_not_registered() {
    assert_unregistrable(&[
        "https://c.example/a/../b",
        "https://c.example/..",
        "https://c.example/./b",
        "https://c.example/a/..;/b",
        "https://c.example/a/..;x=y/b",
        "https://c.example/a/%2e%2e/b",
        "https://c.example/a/.%2E/b",
        "https://c.example/a%2fb",
        "https://c.example/a%5cb",
        "https://c.example/a\\b",
        "https://c.example/a/%252e%252e/b",
        "https://c.example/a/%c0%ae%c0%ae/b",
        "https://c.example/a%00b",
        "https://c.example/a%0d%0ab",
        "https://c.example/a?x=%0d%0aSet-Cookie:%20y",
        "https://c.example/a%zz",
        "https://c.example/a%2",
        "https://c.example/a b",
        "https://c.example/a\tb",
        "com.example.app:/a/../b",
    ]);
}

#[test]
fn a_presented_path_matches_only_byte_for_byte() {
    let registered = RegisteredRedirectUri::parse("https://c.example/a/b").unwrap();
    for presented in [
        "https://c.example/a/x/../b",
        "https://c.example/a/./b",
        "https://c.example/a//b",
        "https://c.example/a/%62",
        "https://c.example/a/b/",
        "https://c.example/a/b?",
        "https://c.example/a/b#",
        "https://c.example/a/b;x",
        "https://c.example/A/b",
        "https://C.example/a/b",
        "HTTPS://c.example/a/b",
        " https://c.example/a/b",
        "https://c.example/a/b\n",
    ] {
        assert!(!registered.matches(presented), "{presented}");
    }
}

/// A2: CVE-2026-28512.
#[test]
fn a_redirect_with_a_user_name_is_not_registered() {
    assert_unregistrable(&[
        "https://good.example@evil.example/cb",
        "https://good.example:pw@evil.example/cb",
        "https://@evil.example/cb",
        "http://localhost@evil.example/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "com.example.app://good@evil/cb",
    ]);
}

/// A3 and A4: CVE-2024-52289, CVE-2026-41569.
#[test]
fn a_dot_is_a_dot_and_a_prefix_is_not_enough() {
    let registered = RegisteredRedirectUri::parse("https://good.example/cb").unwrap();
    for presented in [
        "https://goodxexample/cb",
        "https://good.example.evil.example/cb",
        "https://good.example/cb.evil",
        "https://good.example/cb/more",
        "https://good.example/cb?next=//evil.example",
        "https://good.example/c",
        "https://evil.example/https://good.example/cb",
        "https://good.example:443/cb",
        "http://good.example/cb",
    ] {
        assert!(!registered.matches(presented), "{presented}");
    }
}

/// A5: CVE-2024-8883, CVE-2024-25715.
#[test]
fn a_wildcard_is_not_registered() {
    assert_unregistrable(&["https://*.example/cb", "https://c.example/*", "https://c.example/cb?*", "*", "https://*"]);
}

/// A6: CVE-2026-9689.
#[test]
fn a_redirect_that_already_answers_is_not_registered() {
    assert_unregistrable(&[
        "https://c.example/cb?code=x",
        "https://c.example/cb?a=b&state=x",
        "https://c.example/cb?ISS=x",
        "https://c.example/cb?c%6fde=x",
        "https://c.example/cb?error",
        "https://c.example/cb?a=b;code=x",
        "https://c.example/cb?response=x",
        "https://c.example/cb?&id_token=x",
        "com.example.app:/cb?code=x",
    ]);
    assert!(RegisteredRedirectUri::parse("https://c.example/cb?encode=x&q=code").is_ok());
}

/// A6.
#[test]
fn a_parameter_sent_twice_is_refused_in_every_spelling() {
    for body in ["redirect_uri=a&redirect_uri=b", "redirect_uri=a&redirect%5Furi=b", "redirect_uri=&redirect_uri=b"] {
        assert_eq!(Params::parse(body.as_bytes()), Err(Malformed::Repeated("redirect_uri")), "{body}");
    }
}

/// A7: CVE-2026-9086.
#[test]
fn a_scheme_that_runs_or_reads_is_not_registered_in_any_case() {
    for scheme in ["javascript", "data", "file", "vbscript", "blob", "about", "ftp", "ws", "urn", "view-source", "app"]
    {
        for spelled in
            [scheme.to_owned(), scheme.to_uppercase(), format!("{}{}", scheme[..1].to_uppercase(), &scheme[1..])]
        {
            for rest in [":alert(1)", "://c.example/%0aalert(1)", ":/x"] {
                assert_unregistrable(&[&format!("{spelled}{rest}")]);
            }
        }
    }
    assert_unregistrable(&[
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        " javascript:alert(1)",
        "javascript%3aalert(1)",
        "HTTPS://c.example/cb",
        "Http://localhost/cb",
        "hTTp.:/x",
        "//c.example/cb",
        "/cb",
        "cb",
        "",
        ":",
        "https:c.example",
        "https:/c.example/cb",
        "https:///c.example/cb",
        "https://",
        "https://:443/cb",
        "https://c.example:/cb",
        "https://c.example:0/cb",
        "https://c.example:99999/cb",
        "https://c.example/cb#x",
        "https://c.example/cb#",
    ]);
}

#[test]
fn plain_http_leaves_the_machine_under_no_spelling() {
    assert_unregistrable(&[
        "http://c.example/cb",
        "http://127.0.0.2/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://0x7f.0.0.1/cb",
        "http://0.0.0.0/cb",
        "http://[::]/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://localhost.evil.example/cb",
        "http://localhost./cb",
        "http://LOCALHOST/cb",
        "http://loc%61lhost/cb",
        "https://ex%61mple.org/cb",
        "https://0x7f.1/cb",
        "https://b\u{fc}cher.example/cb",
    ]);
}

/// B10 and B17: CVE-2020-15222, CVE-2026-0707, CVE-2026-9803.
#[test]
fn a_basic_header_is_read_strictly_or_not_at_all() {
    let encode = |text: &[u8]| format!("Basic {}", BASE64_STANDARD.encode(text)).into_bytes();
    let refused: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"Basic".to_vec(),
        b"Basic ".to_vec(),
        b"Basic  aWQ6cHc=".to_vec(),
        b"Basic\taWQ6cHc=".to_vec(),
        b" Basic aWQ6cHc=".to_vec(),
        b"Basic aWQ6cHc= ".to_vec(),
        b"Basic aWQ6cHc".to_vec(),
        b"Basic aWQ6cHc==".to_vec(),
        b"Basic aWQ6cHd=".to_vec(),
        b"Basic aWQ6\ncHc=".to_vec(),
        b"Basic aWQ6cHc=, Basic aWQ6cHc=".to_vec(),
        b"Basic YS1_OmI=".to_vec(),
        b"Basic \xff\xff\xff\xff".to_vec(),
        b"Bearer aWQ6cHc=".to_vec(),
        b"Basicx aWQ6cHc=".to_vec(),
        encode(b""),
        encode(b":"),
        encode(b":secret"),
        encode(b"no colon"),
        encode(b"id:100%"),
        encode(b"id:%zz"),
        encode(b"id:%ff"),
        encode(b"\xff:x"),
        encode(b"id\0:x"),
        encode(b"id:x%00"),
        encode(b"id:x%0d%0a"),
        encode(&vec![b'a'; 20_000]),
    ];
    for header in refused {
        let read = BasicCredentials::parse(&header);
        assert!(matches!(read, Err(Malformed::BadCredentials(_))), "{:?}", String::from_utf8_lossy(&header));
    }
    assert!(BasicCredentials::parse(b"basic aWQ6cHc=").is_ok());
}
