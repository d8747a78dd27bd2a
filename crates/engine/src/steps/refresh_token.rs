//! Refresh tokens: made anew from the family's salt, the realm's secret and a count, never kept.
//!
//! A token is the family's name, its generation, and a keyed hash of both under the salt. So the
//! store keeps one row for a family however often it is refreshed; a retry is answered with the
//! same successor, because there is only one; an old token is known to be ours and old, which is
//! a replay, while a made-up one is nothing. Neither a copy of the database nor the realm's secret
//! makes a token alone. docs/decisions/2026-11-22-refresh-tokens-are-derived.md

use chancery_jose::{base64url_decode, base64url_encode, constant_time_eq};
use chancery_store::family::{Family, FamilySalt};
use chancery_store::id::{FamilyId, RealmName};
use chancery_store::secret::Secret;
use uuid::Uuid;

use crate::keyring::RealmKeys;
use crate::refusal::Refusal;

const PREFIX: &str = "rt-";
const LENGTH: usize = 16 + 4 + 32;

/// A refresh token's parts, read but not yet proven.
pub struct PresentedRefreshToken {
    /// The family it names.
    pub family: FamilyId,
    /// Its place in the family.
    pub generation: u32,
    tag: [u8; 32],
}

impl PresentedRefreshToken {
    /// The parts of `text`, if it has the form of a refresh token of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = base64url_decode(text.strip_prefix(PREFIX)?).ok()?;
        if bytes.len() != LENGTH {
            return None;
        }
        Some(Self {
            family: FamilyId::new(Uuid::from_slice(&bytes[..16]).ok()?),
            generation: u32::from_be_bytes(bytes[16..20].try_into().ok()?),
            tag: bytes[20..].try_into().ok()?,
        })
    }

    /// Whether we made it for this family.
    ///
    /// # Errors
    /// [`Refusal::SigningKeyMissing`] if the realm has no secret.
    pub fn is_of(&self, family: &Family, keys: &RealmKeys) -> Result<bool, Refusal> {
        let expected = tag(keys, &family.realm, family.id, &family.salt, self.generation)?;
        Ok(self.family == family.id && constant_time_eq(&expected, &self.tag))
    }
}

/// The token of this generation.
///
/// # Errors
/// [`Refusal::SigningKeyMissing`] if the realm has no secret.
pub fn mint(
    keys: &RealmKeys,
    realm: &RealmName,
    family: FamilyId,
    salt: &FamilySalt,
    generation: u32,
) -> Result<Secret, Refusal> {
    let mut bytes = [0; LENGTH];
    bytes[..16].copy_from_slice(family.uuid().as_bytes());
    bytes[16..20].copy_from_slice(&generation.to_be_bytes());
    bytes[20..].copy_from_slice(&tag(keys, realm, family, salt, generation)?);
    Ok(Secret::presented(format!("{PREFIX}{}", base64url_encode(&bytes))))
}

fn tag(
    keys: &RealmKeys,
    realm: &RealmName,
    family: FamilyId,
    salt: &FamilySalt,
    generation: u32,
) -> Result<[u8; 32], Refusal> {
    let (family, generation) = (family.uuid(), generation.to_be_bytes());
    keys.keyed_hash("refresh token", &[realm.as_str().as_bytes(), family.as_bytes(), &generation, &salt.0])
}
