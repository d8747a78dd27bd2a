//! Private keys as JSON, for import and export.
//!
//! Implements: RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2, RFC 9964 (`priv`, the seed).
//! Leaves out: RSA keys of more than two primes (`oth`), RSA keys without `p`, `q`, `dp`, `dq`, `qi` (RFC 7518 §6.3.2 asks for them).

use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair};
use pkcs1::der::Decode as _;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::digest::{base64url_encode, decode};
use crate::error::JoseError;
use crate::private_key::PrivateKey;
use crate::public_material::{Members, OkpCurve, PublicMaterial};

const INCONSISTENT: JoseError = JoseError::Key("the private and public members do not belong together");

/// A private number, wiped when it is dropped.
pub(crate) fn private_bytes(members: &Members<'_>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    decode(members.required_text(name)?, "a private member of the key").map(Zeroizing::new)
}

/// The private half of a signature key whose public half is `material`.
pub(crate) fn signing(members: &Members<'_>, material: &PublicMaterial) -> Result<PrivateKey, JoseError> {
    match material {
        PublicMaterial::Ec { curve, .. } => {
            let d = private_bytes(members, "d")?;
            let signing = curve.signature_algorithm().ecdsa_signing().ok_or(JoseError::KeyUnsupported("the curve"))?;
            if d.len() != curve.field_length() {
                return Err(JoseError::Key("d is not as long as the curve's field"));
            }
            EcdsaKeyPair::from_private_key_and_public_key(signing, &d, &material.encoded())
                .map(|pair| PrivateKey::Ecdsa(*curve, Box::new(pair)))
                .map_err(|_| INCONSISTENT)
        }
        PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } => {
            Ed25519KeyPair::from_seed_and_public_key(&private_bytes(members, "d")?, x)
                .map(PrivateKey::Ed25519)
                .map_err(|_| INCONSISTENT)
        }
        PublicMaterial::Okp { curve: OkpCurve::X25519, .. } => Err(JoseError::KeyUnsupported("X25519 does not sign")),
        PublicMaterial::Rsa { .. } => rsa(members, material).map(PrivateKey::Rsa),
        PublicMaterial::Akp { algorithm, public } => {
            let signing = algorithm.ml_dsa_signing().ok_or(JoseError::KeyUnsupported("the algorithm of an AKP key"))?;
            let pair = PqdsaKeyPair::from_seed(signing, &private_bytes(members, "priv")?).map_err(|_| INCONSISTENT)?;
            if pair.public_key().as_ref() != public.as_slice() {
                return Err(INCONSISTENT);
            }
            Ok(PrivateKey::MlDsa(*algorithm, pair))
        }
    }
}

/// An RSA key pair; the backend checks that the numbers belong together.
pub(crate) fn rsa(members: &Members<'_>, material: &PublicMaterial) -> Result<RsaKeyPair, JoseError> {
    let PublicMaterial::Rsa { n, e } = material else {
        return Err(JoseError::KeyUnsupported("the key type"));
    };
    if members.0.contains_key("oth") {
        return Err(JoseError::KeyUnsupported("an RSA key of more than two primes"));
    }
    let number = |name| private_bytes(members, name);
    RsaKeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
        d: number("d")?.as_slice(),
        p: number("p")?.as_slice(),
        q: number("q")?.as_slice(),
        dP: number("dp")?.as_slice(),
        dQ: number("dq")?.as_slice(),
        qInv: number("qi")?.as_slice(),
    })
    .map_err(|_| INCONSISTENT)
}

/// The private members of a signature key.
pub(crate) fn members_of(key: &PrivateKey) -> Result<Vec<(&'static str, String)>, JoseError> {
    match key {
        PrivateKey::Ecdsa(_, pair) => {
            let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
            Ok(vec![("d", base64url_encode(d.as_ref()))])
        }
        PrivateKey::Ed25519(pair) => {
            let d: Curve25519SeedBin<'_> = pair.seed()?.as_be_bytes()?;
            Ok(vec![("d", base64url_encode(d.as_ref()))])
        }
        PrivateKey::MlDsa(_, pair) => {
            let document = pair.to_pkcs8v1()?;
            Ok(vec![("priv", base64url_encode(ml_dsa_seed(pair, document.as_ref())?))])
        }
        PrivateKey::Rsa(pair) => rsa_members(pair),
        PrivateKey::Secret(_) => Err(JoseError::KeyUnsupported("a secret is not exported")),
    }
}

/// The seed closes the PKCS#8 form of an ML-DSA key (RFC 9881 §6); that the same key grows from it proves that it is the seed.
fn ml_dsa_seed<'a>(pair: &PqdsaKeyPair, pkcs8: &'a [u8]) -> Result<&'a [u8], JoseError> {
    let (_, seed) = pkcs8.split_at_checked(pkcs8.len().saturating_sub(32)).ok_or(INCONSISTENT)?;
    let grown = PqdsaKeyPair::from_seed(pair.algorithm(), seed).map_err(|_| INCONSISTENT)?;
    if grown.public_key().as_ref() != pair.public_key().as_ref() {
        return Err(INCONSISTENT);
    }
    Ok(seed)
}

/// The private members of an RSA key pair.
pub(crate) fn rsa_members(pair: &RsaKeyPair) -> Result<Vec<(&'static str, String)>, JoseError> {
    let unreadable = JoseError::Key("not an RSA private key");
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der()?;
    let wrapper = pkcs8::PrivateKeyInfo::try_from(pkcs8.as_ref()).map_err(|_| unreadable.clone())?;
    let key = pkcs1::RsaPrivateKey::from_der(wrapper.private_key).map_err(|_| unreadable)?;
    Ok([
        ("d", key.private_exponent),
        ("p", key.prime1),
        ("q", key.prime2),
        ("dp", key.exponent1),
        ("dq", key.exponent2),
        ("qi", key.coefficient),
    ]
    .into_iter()
    .map(|(name, number)| (name, base64url_encode(number.as_bytes())))
    .collect())
}

/// Writes a private key as JSON: what the public half says, then the private members.
pub(crate) fn write(
    public: &impl serde::Serialize,
    private: Vec<(&'static str, String)>,
) -> Result<Zeroizing<String>, JoseError> {
    let mut members: Map<String, Value> = match serde_json::to_value(public) {
        Ok(Value::Object(members)) => members,
        _ => return Err(JoseError::Json("the key")),
    };
    for (name, value) in private {
        members.insert(name.to_owned(), Value::String(value));
    }
    let text = serde_json::to_string(&members).map_err(|_| JoseError::Json("the key"))?;
    // The copies in the map are wiped too, as far as they can be reached.
    for value in members.values_mut() {
        if let Value::String(text) = value {
            zeroize::Zeroize::zeroize(text);
        }
    }
    Ok(Zeroizing::new(text))
}
