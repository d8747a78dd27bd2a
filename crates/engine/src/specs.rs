//! What we speak, in one table. Discovery is read from it, and so is docs/reference/specs.md.

use std::borrow::Cow;

use chancery_jose::SignatureAlgorithm;
use chancery_spec::server_metadata::ServerMetadata;
use chancery_store::realm::Realm;

/// A specification that we serve.
pub struct Entry {
    /// Its short name.
    pub spec: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The sections that we serve, and those that we leave out, in words.
    pub extent: &'static str,
    /// The file of tests that speaks for it, below the repository's root.
    pub tests: &'static str,
    /// What it adds to the metadata.
    pub advertise: fn(&mut ServerMetadata, &Offer<'_>),
}

/// What a realm can offer: what the metadata depends on.
pub struct Offer<'a> {
    /// The realm.
    pub realm: &'a Realm,
    /// What it can sign with.
    pub algorithms: &'a [SignatureAlgorithm],
    /// The URL of a path in the realm.
    pub url: &'a dyn Fn(&str) -> String,
}

fn nothing(_: &mut ServerMetadata, _: &Offer<'_>) {}

fn names(list: &[&'static str]) -> Vec<Cow<'static, str>> {
    list.iter().map(|name| Cow::Borrowed(*name)).collect()
}

fn algorithms(list: impl IntoIterator<Item = SignatureAlgorithm>) -> Vec<Cow<'static, str>> {
    list.into_iter().map(|algorithm| Cow::Borrowed(algorithm.name())).collect()
}

/// The level of authentication that a password alone reaches (`acr`).
pub const PASSWORD_ACR: &str = "urn:chancery:acr:password";

/// The ways in which a client may prove who it is.
const CLIENT_AUTHENTICATION: &[&str] =
    &["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
/// The same, where a client without proof is refused.
const CONFIDENTIAL_AUTHENTICATION: &[&str] =
    &["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"];

/// Every specification that we serve.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        spec: "RFC 6749",
        title: "The OAuth 2.0 Authorization Framework",
        extent: "§2.3, §3, §4.1, §4.4, §5, §6; without the implicit and the password grant (RFC 9700 §2.1.2, §2.4)",
        tests: "crates/testkit/tests/specifications/rfc6749.rs",
        advertise: |metadata, offer| {
            metadata.authorization_endpoint = Some((offer.url)("/authorize"));
            metadata.token_endpoint = Some((offer.url)("/token"));
            metadata.response_types_supported = names(&["code"]);
            metadata.response_modes_supported = names(&["query", "fragment"]);
            metadata.grant_types_supported = names(&["authorization_code", "client_credentials", "refresh_token"]);
            metadata.token_endpoint_auth_methods_supported = names(CLIENT_AUTHENTICATION);
            metadata.scopes_supported = offer.realm.scopes.iter().map(|scope| Cow::Owned(scope.name.clone())).collect();
        },
    },
    Entry {
        spec: "RFC 6750",
        title: "Bearer Token Usage",
        extent: "§2.1, §2.2, §3; without tokens in the query (§2.3)",
        tests: "crates/testkit/tests/specifications/rfc6750.rs",
        advertise: nothing,
    },
    Entry {
        spec: "RFC 7009",
        title: "Token Revocation",
        extent: "whole, without JSONP (§2.3)",
        tests: "crates/testkit/tests/specifications/rfc7009.rs",
        advertise: |metadata, offer| {
            metadata.revocation_endpoint = Some((offer.url)("/revoke"));
            metadata.revocation_endpoint_auth_methods_supported = names(CLIENT_AUTHENTICATION);
        },
    },
    Entry {
        spec: "RFC 7517",
        title: "JSON Web Key",
        extent: "§4, §5; key sets for signatures",
        tests: "crates/testkit/tests/specifications/metadata.rs",
        advertise: |metadata, offer| metadata.jwks_uri = Some((offer.url)("/jwks")),
    },
    Entry {
        spec: "RFC 7523",
        title: "JWT Profile for Client Authentication",
        extent: "§2.2, §3; the assertion's audience is the issuer alone unless the realm says otherwise",
        tests: "crates/testkit/tests/specifications/rfc7523.rs",
        advertise: |metadata, _| {
            let signing = algorithms(SignatureAlgorithm::ALL);
            metadata.token_endpoint_auth_signing_alg_values_supported = signing.clone();
            metadata.revocation_endpoint_auth_signing_alg_values_supported = signing.clone();
            metadata.introspection_endpoint_auth_signing_alg_values_supported = signing;
        },
    },
    Entry {
        spec: "RFC 7636",
        title: "Proof Key for Code Exchange",
        extent: "whole, without the method plain (RFC 9700 §2.1.1)",
        tests: "crates/testkit/tests/specifications/rfc7636.rs",
        advertise: |metadata, _| metadata.code_challenge_methods_supported = names(&["S256"]),
    },
    Entry {
        spec: "RFC 7662",
        title: "Token Introspection",
        extent: "whole",
        tests: "crates/testkit/tests/specifications/rfc7662.rs",
        advertise: |metadata, offer| {
            metadata.introspection_endpoint = Some((offer.url)("/introspect"));
            metadata.introspection_endpoint_auth_methods_supported = names(CONFIDENTIAL_AUTHENTICATION);
        },
    },
    Entry {
        spec: "RFC 8252",
        title: "OAuth 2.0 for Native Apps",
        extent: "§7.1 (with a dot in the scheme), §7.2, §7.3",
        tests: "crates/testkit/tests/specifications/rfc8252.rs",
        advertise: nothing,
    },
    Entry {
        spec: "RFC 8414",
        title: "Authorization Server Metadata",
        extent: "whole, without signed metadata",
        tests: "crates/testkit/tests/specifications/metadata.rs",
        advertise: nothing,
    },
    Entry {
        spec: "RFC 8707",
        title: "Resource Indicators",
        extent: "whole",
        tests: "crates/testkit/tests/specifications/rfc8707.rs",
        advertise: nothing,
    },
    Entry {
        spec: "RFC 9068",
        title: "JWT Profile for Access Tokens",
        extent: "whole",
        tests: "crates/testkit/tests/specifications/rfc9068.rs",
        advertise: nothing,
    },
    Entry {
        spec: "RFC 9207",
        title: "Authorization Server Issuer Identification",
        extent: "whole",
        tests: "crates/testkit/tests/specifications/rfc9207.rs",
        advertise: |metadata, _| metadata.authorization_response_iss_parameter_supported = Some(true),
    },
    Entry {
        spec: "RFC 9700",
        title: "Best Current Practice for OAuth 2.0 Security",
        extent: "§2, §4 as far as they speak to a server of these grants; docs/threats.md",
        tests: "crates/testkit/tests/specifications/rfc9700.rs",
        advertise: nothing,
    },
    Entry {
        spec: "OpenID Connect Core 1.0",
        title: "OpenID Connect Core",
        extent: "§2, §3.1, §5.1–5.5, §8.1 (public), §9, §11, §12; without request objects (§6) and the implicit and hybrid flows",
        tests: "crates/testkit/tests/specifications/openid_core.rs",
        advertise: |metadata, offer| {
            metadata.userinfo_endpoint = Some((offer.url)("/userinfo"));
            metadata.subject_types_supported = names(&["public"]);
            metadata.id_token_signing_alg_values_supported = algorithms(offer.algorithms.iter().copied());
            metadata.userinfo_signing_alg_values_supported = algorithms(offer.algorithms.iter().copied());
            metadata.acr_values_supported = names(&[PASSWORD_ACR]);
            metadata.claim_types_supported = names(&["normal"]);
            metadata.claims_supported = claims(offer.realm);
            metadata.claims_parameter_supported = Some(true);
            metadata.request_parameter_supported = Some(false);
            metadata.request_uri_parameter_supported = Some(false);
            metadata.prompt_values_supported = names(&["none", "login", "consent", "select_account"]);
        },
    },
    Entry {
        spec: "OpenID Connect Discovery 1.0",
        title: "OpenID Connect Discovery",
        extent: "§3, §4; without WebFinger (§2)",
        tests: "crates/testkit/tests/specifications/metadata.rs",
        advertise: nothing,
    },
];

/// The claims that some scope of the realm opens, and those of every ID token.
fn claims(realm: &Realm) -> Vec<Cow<'static, str>> {
    let mut claims =
        names(&["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "azp", "sid", "nonce", "at_hash"]);
    for scope in &realm.scopes {
        claims.extend(names(chancery_spec::user_info::claims_of(&scope.name)));
        claims.extend(scope.claims.iter().map(|claim| Cow::Owned(claim.clone())));
    }
    let mut seen = std::collections::BTreeSet::new();
    claims.retain(|claim| seen.insert(claim.clone()));
    claims
}
