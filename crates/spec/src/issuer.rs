//! Issuer identifiers, and where the metadata of one lies.
//!
//! Implements: RFC 8414 §2, §3, §3.1; OpenID Connect Discovery §4; RFC 9207 §2.

use crate::params::Malformed;
use crate::syntax::{self, LOOPBACK_HOSTS};
use crate::text::text_type;

const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";

/// An issuer identifier: https (or http on the loopback interface), no query, no fragment. It is
/// compared and handed out byte for byte, so it must be spelled as a browser would spell it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(String);

text_type!(Issuer);

impl Issuer {
    /// Reads an issuer identifier.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `iss`, with the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        match check(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(why) => Err(Malformed::BadValue { name: "iss", why }),
        }
    }

    /// `scheme://host[:port]`.
    pub fn origin(&self) -> &str {
        &self.0[..self.end_of_origin()]
    }

    /// The path, `/realms/north`; empty for an issuer at the origin, with or without its slash.
    pub fn path(&self) -> &str {
        self.0[self.end_of_origin()..].trim_end_matches('/')
    }

    /// Whether it uses https.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The URL of an endpoint: `path` begins with a slash and is added to the issuer's own path.
    pub fn join(&self, path: &str) -> String {
        [self.origin(), self.path(), path].concat()
    }

    /// The paths at the origin where OpenID Connect looks for the metadata: behind the issuer's path
    /// first, which is OpenID Connect Discovery's own; then in front of it (RFC 8414 §5).
    pub fn openid_configuration_paths(&self) -> Vec<String> {
        self.placements(OPENID_CONFIGURATION, [false, true])
    }

    /// The paths at the origin where OAuth looks for the metadata: in front of the issuer's path
    /// first, which is RFC 8414's own (§3.1); then behind it.
    pub fn oauth_metadata_paths(&self) -> Vec<String> {
        self.placements(OAUTH_METADATA, [true, false])
    }

    fn placements(&self, well_known: &str, in_front: [bool; 2]) -> Vec<String> {
        if self.path().is_empty() {
            return vec![well_known.to_owned()];
        }
        in_front
            .map(|front| if front { [well_known, self.path()].concat() } else { [self.path(), well_known].concat() })
            .to_vec()
    }

    fn end_of_origin(&self) -> usize {
        // A parsed issuer always has `://`; the fallback keeps this free of panics all the same.
        let start = self.0.find("://").map_or(0, |at| at + 3);
        self.0[start..].find('/').map_or(self.0.len(), |at| start + at)
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > 2048 || !text.bytes().all(syntax::is_uri_byte) {
        return Err("is too long or contains a character that URIs cannot have");
    }
    if text.contains(['?', '#']) {
        return Err("must have no query and no fragment");
    }
    let split = syntax::split_uri(text).ok_or("must be an absolute URL")?;
    let authority = split.authority.ok_or("must have a host")?;
    if authority.contains('@') {
        return Err("must not have a user name or password");
    }
    let (host, _) = syntax::split_authority(authority).ok_or("must have a well-formed host and port")?;
    match split.scheme {
        "https" => {}
        "http" if LOOPBACK_HOSTS.contains(&host) => {}
        _ => return Err("must use https unless it is on the loopback interface"),
    }
    if split.path.len() > 1 && split.path.ends_with('/') {
        return Err("must not end with a slash");
    }
    let browsed = url::Url::parse(text).map_err(|_| "must be a URL that browsers understand")?;
    let same = browsed.as_str() == text || (split.path.is_empty() && browsed.as_str().strip_suffix('/') == Some(text));
    if !same || split.path.contains('%') || split.path.contains("//") {
        return Err("must be spelled as browsers do: lower-case host, no default port, plain path");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Issuer {
        Issuer::parse(text).unwrap()
    }

    /// RFC 8414 §3.1.
    #[test]
    fn the_well_known_part_stands_in_front_of_the_path_and_behind_it() {
        let realm = issuer("https://as.example/realms/north");
        assert_eq!(
            realm.oauth_metadata_paths(),
            [
                "/.well-known/oauth-authorization-server/realms/north",
                "/realms/north/.well-known/oauth-authorization-server"
            ]
        );
        assert_eq!(
            realm.openid_configuration_paths(),
            ["/realms/north/.well-known/openid-configuration", "/.well-known/openid-configuration/realms/north"]
        );
        assert_eq!(realm.join("/token"), "https://as.example/realms/north/token");
    }

    #[test]
    fn an_issuer_at_the_origin_has_one_placement() {
        for text in ["https://as.example", "https://as.example/", "http://localhost:8080", "http://[::1]:1"] {
            let origin = issuer(text);
            assert_eq!(origin.as_str(), text);
            assert_eq!(origin.openid_configuration_paths(), ["/.well-known/openid-configuration"]);
            assert_eq!(origin.join("/token"), format!("{}/token", text.trim_end_matches('/')));
        }
    }

    #[test]
    fn an_issuer_has_one_spelling() {
        for text in [
            "http://as.example",
            "https://as.example/?x",
            "https://as.example/#x",
            "https://as.example/a/",
            "https://AS.example",
            "https://as.example:443",
            "https://as.example/a/../b",
            "https://as.example//a",
            "https://as.example/%61",
            "https://u@as.example",
            "as.example",
            "ftp://as.example",
            "",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }
}
