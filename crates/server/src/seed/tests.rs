use std::path::Path;

use super::*;

fn complaints(name: &str, text: &str) -> String {
    WrittenSeed::parse(Path::new(name), text).err().map(|all| all.to_string()).unwrap_or_default()
}

#[test]
fn the_demo_fits_its_own_schema() {
    let demo = WrittenSeed::demo().unwrap();
    assert_eq!(demo.seed.realms[0].users.len(), 3);
}

#[test]
fn every_wrong_member_is_told_at_once_with_its_line_and_the_name_that_was_meant() {
    let told = complaints(
        "seed.toml",
        "[[realms]]\nnaem = \"x\"\n[[realms.clients]]\nclient_id = \"a\"\nredirect_uri = []\nfirst_party = \"yes\"\n[realms.settings.lifetimes]\nacces_token = 5\n",
    );
    for part in [
        "seed.toml:2:1: unknown member `realms[0].naem`, did you mean `name`?",
        "`realms[0]` lacks `name`",
        "seed.toml:5:1: unknown member `realms[0].clients[0].redirect_uri`, did you mean `redirect_uris`?",
        "seed.toml:6:1: `realms[0].clients[0].first_party` must be true or false, not text",
        "seed.toml:8:1: unknown member `realms[0].settings.lifetimes.acces_token`, did you mean `access_token`?",
    ] {
        assert!(told.contains(part), "{part}\nis missing in:\n{told}");
    }
}

#[test]
fn json_is_the_same_format_and_its_lines_are_told_too() {
    let text = "{\n  \"realms\": [\n    {\"name\": \"default\",\n     \"users\": [{\"username\": 7}]}\n  ]\n}\n";
    assert_eq!(complaints("seed.json", text), "seed.json:4:17: `realms[0].users[0].username` must be text, not a number");
    let whole = WrittenSeed::parse(Path::new("seed.json"), "{\"realms\": [{\"name\": \"default\"}]}").unwrap();
    assert_eq!(whole.seed.realms[0].name, "default");
}

#[test]
fn a_member_that_json_names_twice_is_refused() {
    let told = complaints("seed.json", "{\"realms\": [],\n\"realms\": [{\"name\": \"a\", \"na\\\"me\": 1}]}");
    assert!(told.contains("seed.json:2:1: `realms` is written twice"), "{told}");
}

#[test]
fn a_name_in_a_language_is_no_stranger() {
    assert_eq!(complaints("seed.toml", "[[realms]]\nname = \"a\"\n[[realms.clients]]\nclient_id = \"a\"\n\"client_name#de\" = \"Dienst\"\n"), "");
}

#[test]
fn broken_text_is_told_with_its_line_whatever_it_holds() {
    assert!(complaints("seed.toml", "[[realms]]\nname = \n").starts_with("seed.toml:2:"));
    assert!(complaints("seed.json", "{\"realms\": [}").starts_with("seed.json:1:"));
}

#[test]
fn passwords_and_secrets_do_not_print() {
    let text = "[[realms]]\nname = \"a\"\n[[realms.users]]\nusername = \"u\"\npassword = \"hunter2\"\n";
    let seed = WrittenSeed::parse(Path::new("seed.toml"), text).unwrap();
    assert!(!format!("{seed:?}").contains("hunter2"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\",:=a-z0-9.#\\\\\n ]{0,80}") {
        let _ = WrittenSeed::parse(Path::new("seed.toml"), &text);
        let _ = WrittenSeed::parse(Path::new("seed.json"), &text);
    }
}
