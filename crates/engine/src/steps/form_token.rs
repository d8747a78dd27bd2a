//! Form tokens: a form is only heard if it was served to this very browser for this very purpose.
//!
//! A keyed hash of the browser's own cookie, so nothing is kept. The server also checks
//! `Sec-Fetch-Site` and `Origin`; either alone would do.

use chancery_jose::{base64url_decode, base64url_encode, constant_time_eq};
use chancery_store::secret::Secret;

use crate::keyring::RealmKeys;
use crate::refusal::Refusal;

/// The token of forms for `purpose` in the browser that holds the cookie `browser`.
///
/// # Errors
/// [`Refusal::SigningKeyMissing`] if the realm has no secret.
pub fn mint(keys: &RealmKeys, browser: &Secret, purpose: &str) -> Result<String, Refusal> {
    let hash = keys.keyed_hash("form", &[browser.expose().as_bytes(), purpose.as_bytes()])?;
    Ok(base64url_encode(&hash))
}

/// Whether `presented` is that token.
///
/// # Errors
/// [`Refusal::FormForged`] if not.
pub fn check(
    keys: &RealmKeys,
    browser: Option<&Secret>,
    purpose: &str,
    presented: Option<&str>,
) -> Result<(), Refusal> {
    let (Some(browser), Some(presented)) = (browser, presented) else {
        return Err(Refusal::FormForged);
    };
    let expected = keys.keyed_hash("form", &[browser.expose().as_bytes(), purpose.as_bytes()])?;
    let given = base64url_decode(presented).map_err(|_| Refusal::FormForged)?;
    if constant_time_eq(&expected, &given) { Ok(()) } else { Err(Refusal::FormForged) }
}
