//! UserInfo: what a client may know about the person who let it.
//!
//! Implements: OpenID Connect Core §5.3; RFC 6750 §2.1, §2.2. A token in the query (§2.3) is not heard.

use chancery_spec::credentials::BearerToken;
use chancery_spec::params::Params;
use chancery_spec::scope;
use chancery_spec::user_info::UserInfo;

use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::{bearer, claims};

/// The endpoint's path in its realm.
pub const PATH: &str = "/userinfo";

/// What is answered.
pub enum UserInfoAnswer {
    /// A JSON text.
    Plain(String),
    /// A signed JWT, for a client that registered `userinfo_signed_response_alg`.
    Signed(String),
}

/// Answers a UserInfo request. `body` is that of a form, where there is one.
///
/// # Errors
/// The reason to say no.
pub async fn userinfo(
    house: &House,
    scene: &Scene<'_>,
    authorization: Option<&[u8]>,
    body: Option<&[u8]>,
) -> Result<UserInfoAnswer, Refusal> {
    let in_body = match body {
        Some(body) => Params::parse(body)?.take("access_token"),
        None => None,
    };
    let presented = match (authorization, in_body) {
        (Some(_), Some(_)) => return Err(Refusal::TokenPresentedTwice),
        // Who shows something else has shown no token (RFC 6750 §3.1).
        (Some(header), None) if !is_bearer(header) => return Err(Refusal::TokenMissing),
        (Some(header), None) => BearerToken::parse(header).map_err(|_| Refusal::TokenInvalid)?,
        (None, Some(token)) => BearerToken::from_token(token).map_err(|_| Refusal::TokenInvalid)?,
        (None, None) => return Err(Refusal::TokenMissing),
    };
    let token = bearer::find(house, scene, presented.expose()).await?.ok_or(Refusal::TokenInvalid)?;
    if !token.content.scope.contains(scope::OPENID) {
        return Err(Refusal::ScopeInsufficient(scope::OPENID));
    }
    // A token made for somebody else's API is not for this one, whatever scope it has (RFC 8707 §1).
    if !token.content.aud.contains(&scene.issuer) {
        return Err(Refusal::TokenInvalid);
    }
    let (family, user) = token.granted.ok_or(Refusal::TokenInvalid)?;
    let asked = family.grant.claims.as_ref().and_then(|claims| claims.get("userinfo"));
    let answer = UserInfo {
        sub: user.id.to_string().into(),
        claims: claims::of_scope(&scene.realm, &user, &token.content.scope, asked),
    };
    let unusable = |cause: String| Refusal::KeyUnusable { cause };
    let Some(algorithm) = token.client.userinfo_algorithm else {
        return Ok(UserInfoAnswer::Plain(serde_json::to_string(&answer).map_err(|cause| unusable(cause.to_string()))?));
    };
    let keys = house.keys.of(&*house.store, &scene.realm.name).await?;
    let signed = SignedUserInfo { iss: &scene.issuer, aud: token.client.id.as_str(), answer };
    let jwt = keys.signer(algorithm)?.sign(&signed).map_err(|cause| unusable(cause.to_string()))?;
    Ok(UserInfoAnswer::Signed(jwt))
}

/// Whether the header's scheme is the one of access tokens.
fn is_bearer(header: &[u8]) -> bool {
    let scheme = header.split(|byte| *byte == b' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"Bearer")
}

/// §5.3.2: a signed answer says who speaks and to whom.
#[derive(serde::Serialize)]
struct SignedUserInfo<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    answer: UserInfo<'a>,
}
