//! What a verifier expects of a token's claims, and which expectation was not met.
//!
//! Implements: RFC 7519 §4.1, RFC 8725 §3.8, §3.9, §3.11.

use crate::claims::{NumericDate, StandardClaims};
use crate::error::ClaimFault;
use crate::media_type::is_same_media_type;

/// What a verifier expects of a token. What is not set is not checked, but `exp`, which is required unless it is waived.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    now: i64,
    leeway_seconds: i64,
    expiry_required: bool,
    typ: Option<&'a [&'a str]>,
    typ_required: bool,
    issuer: Option<&'a str>,
    subject: Option<&'a str>,
    audience: Option<&'a [&'a str]>,
    max_age_seconds: Option<i64>,
    max_lifetime_seconds: Option<i64>,
}

impl<'a> Expected<'a> {
    /// Expectations at `now`, in seconds since 1970: the token has an expiry, and no leeway is given.
    pub fn new(now: i64) -> Self {
        Self {
            now,
            leeway_seconds: 0,
            expiry_required: true,
            typ: None,
            typ_required: true,
            issuer: None,
            subject: None,
            audience: None,
            max_age_seconds: None,
            max_lifetime_seconds: None,
        }
    }

    /// How far the other side's clock may be from ours, in seconds.
    pub fn leeway_seconds(self, seconds: i64) -> Self {
        Self { leeway_seconds: seconds, ..self }
    }

    /// A token without `exp` is accepted; one that has it still has to be in time.
    pub fn without_expiry(self) -> Self {
        Self { expiry_required: false, ..self }
    }

    /// The header's `typ` is one of `types` (RFC 8725 §3.11).
    pub fn one_of_types(self, types: &'a [&'a str]) -> Self {
        Self { typ: Some(types), ..self }
    }

    /// The header's `typ` is one of `types`, or missing.
    pub fn one_of_types_or_none(self, types: &'a [&'a str]) -> Self {
        Self { typ: Some(types), typ_required: false, ..self }
    }

    /// `iss` is `issuer`, byte for byte.
    pub fn issuer(self, issuer: &'a str) -> Self {
        Self { issuer: Some(issuer), ..self }
    }

    /// `sub` is `subject`, byte for byte.
    pub fn subject(self, subject: &'a str) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// `aud` holds at least one of `audiences`, byte for byte.
    pub fn audience(self, audiences: &'a [&'a str]) -> Self {
        Self { audience: Some(audiences), ..self }
    }

    /// `iat` is there and at most `seconds` ago.
    pub fn max_age_seconds(self, seconds: i64) -> Self {
        Self { max_age_seconds: Some(seconds), ..self }
    }

    /// `exp` is at most `seconds` away.
    pub fn max_lifetime_seconds(self, seconds: i64) -> Self {
        Self { max_lifetime_seconds: Some(seconds), ..self }
    }

    /// Holds `claims`, and the header's `typ`, against the expectations.
    ///
    /// # Errors
    /// The first that is not met.
    pub fn check(&self, typ: Option<&str>, claims: &StandardClaims) -> Result<(), ClaimFault> {
        if let Some(types) = self.typ {
            match typ {
                Some(typ) if types.iter().any(|allowed| is_same_media_type(allowed, typ)) => {}
                None if !self.typ_required => {}
                Some(_) | None => return Err(ClaimFault::Type),
            }
        }
        if self.issuer.is_some() && claims.iss.as_deref() != self.issuer {
            return Err(ClaimFault::Issuer);
        }
        if self.subject.is_some() && claims.sub.as_deref() != self.subject {
            return Err(ClaimFault::Subject);
        }
        if let Some(audiences) = self.audience {
            let named = claims.aud.as_ref().ok_or(ClaimFault::Audience)?;
            if !audiences.iter().any(|audience| named.contains(audience)) {
                return Err(ClaimFault::Audience);
            }
        }
        self.check_times(claims)
    }

    fn check_times(&self, claims: &StandardClaims) -> Result<(), ClaimFault> {
        let latest = self.now.saturating_add(self.leeway_seconds);
        let earliest = self.now.saturating_sub(self.leeway_seconds);
        match claims.exp {
            None if self.expiry_required => return Err(ClaimFault::ExpiryMissing),
            Some(NumericDate(end)) if end <= earliest => return Err(ClaimFault::Expired),
            Some(NumericDate(end)) => {
                let allowed = self.max_lifetime_seconds.map(|seconds| latest.saturating_add(seconds));
                if allowed.is_some_and(|allowed| end > allowed) {
                    return Err(ClaimFault::LifetimeTooLong);
                }
            }
            None => {}
        }
        if claims.nbf.is_some_and(|NumericDate(begin)| begin > latest) {
            return Err(ClaimFault::NotYetValid);
        }
        if claims.iat.is_some_and(|NumericDate(issued)| issued > latest) {
            return Err(ClaimFault::IssuedInFuture);
        }
        if let Some(seconds) = self.max_age_seconds {
            let NumericDate(issued) = claims.iat.ok_or(ClaimFault::IssueTimeMissing)?;
            if issued < earliest.saturating_sub(seconds) {
                return Err(ClaimFault::TooOld);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: serde_json::Value) -> StandardClaims {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_expectation_has_its_own_fault() {
        let token = claims(json!({"iss": "i", "sub": "s", "aud": ["a", "b"], "exp": 100, "nbf": 50, "iat": 50}));
        let at = |now| Expected::new(now).issuer("i").subject("s").audience(&["x", "b"]);
        let check = |expected: Expected<'_>| expected.check(Some("at+jwt"), &token);

        assert_eq!(check(at(99)), Ok(()));
        assert_eq!(check(at(100)), Err(ClaimFault::Expired));
        assert_eq!(check(at(104).leeway_seconds(5)), Ok(()));
        assert_eq!(check(at(105).leeway_seconds(5)), Err(ClaimFault::Expired));
        assert_eq!(check(at(49)), Err(ClaimFault::NotYetValid));
        assert_eq!(check(at(49).leeway_seconds(1)), Ok(()));
        assert_eq!(check(at(60).issuer("I")), Err(ClaimFault::Issuer));
        assert_eq!(check(at(60).subject("t")), Err(ClaimFault::Subject));
        assert_eq!(check(at(60).audience(&["c"])), Err(ClaimFault::Audience));
        assert_eq!(check(at(60).audience(&[])), Err(ClaimFault::Audience));
        assert_eq!(check(at(60).max_age_seconds(10)), Ok(()));
        assert_eq!(check(at(61).max_age_seconds(10)), Err(ClaimFault::TooOld));
        assert_eq!(check(at(60).max_lifetime_seconds(40)), Ok(()));
        assert_eq!(check(at(60).max_lifetime_seconds(39)), Err(ClaimFault::LifetimeTooLong));
        assert_eq!(check(at(60).one_of_types(&["application/AT+jwt"])), Ok(()));
        assert_eq!(check(at(60).one_of_types(&["JWT"])), Err(ClaimFault::Type));
    }

    #[test]
    fn what_is_missing_is_not_taken_for_granted() {
        let empty = StandardClaims::default();
        let at = || Expected::new(0).without_expiry();
        assert_eq!(Expected::new(0).check(None, &empty), Err(ClaimFault::ExpiryMissing));
        assert_eq!(at().check(None, &empty), Ok(()));
        assert_eq!(at().issuer("i").check(None, &empty), Err(ClaimFault::Issuer));
        assert_eq!(at().subject("s").check(None, &empty), Err(ClaimFault::Subject));
        assert_eq!(at().audience(&["a"]).check(None, &empty), Err(ClaimFault::Audience));
        assert_eq!(at().max_age_seconds(1).check(None, &empty), Err(ClaimFault::IssueTimeMissing));
        assert_eq!(at().one_of_types(&["JWT"]).check(None, &empty), Err(ClaimFault::Type));
        assert_eq!(at().one_of_types_or_none(&["JWT"]).check(None, &empty), Ok(()));
    }

    #[test]
    fn times_at_the_edge_of_the_numbers_do_not_wrap() {
        let token = claims(json!({"exp": i64::MAX, "nbf": i64::MIN, "iat": i64::MIN}));
        let expected = Expected::new(i64::MAX - 1).leeway_seconds(i64::MAX).max_lifetime_seconds(i64::MAX);
        assert_eq!(expected.check(None, &token), Ok(()));
        assert!(Expected::new(i64::MIN).leeway_seconds(i64::MAX).check(None, &token).is_ok());
    }
}
