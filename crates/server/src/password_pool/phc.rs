//! Hashes as they are written: PHC strings.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Params, Version};

/// Bytes of salt (RFC 9106 §3.1).
pub(super) const SALT: usize = 16;
/// Bytes of a new hash.
pub(super) const OUTPUT: usize = 32;

/// A hash that no password makes: its output was never computed.
pub(super) fn nothing(params: &Params) -> Option<String> {
    let (mut salt, mut output) = ([0; SALT], [0; OUTPUT]);
    aws_lc_rs::rand::fill(&mut salt).ok()?;
    aws_lc_rs::rand::fill(&mut output).ok()?;
    write(params, &salt, &output)
}

/// A computed hash with what it takes to compute it again.
pub(super) fn write(params: &Params, salt: &[u8], output: &[u8]) -> Option<String> {
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    };
    Some(phc.to_string())
}

/// What a PHC string says.
pub(super) struct Recipe {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Params,
    pub(super) salt: Salt,
    pub(super) hash: Output,
}

impl Recipe {
    pub(super) fn read(phc: &str) -> Option<Self> {
        let phc = PasswordHash::new(phc).ok()?;
        Some(Self {
            algorithm: Algorithm::try_from(phc.algorithm.as_str()).ok()?,
            version: phc.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?,
            params: Params::try_from(&phc).ok()?,
            salt: phc.salt?,
            hash: phc.hash?,
        })
    }
}
