//! Revocation requests, and the hint that introspection shares with them.
//!
//! Implements: RFC 7009 §2.1.

use crate::credentials::PresentedSecret;
use crate::params::{Malformed, Params};
use crate::text::words;

words! {
    /// Which kind of token the client believes it holds. Only a hint: a wrong one changes nothing.
    pub enum TokenTypeHint {
        /// An access token.
        AccessToken = "access_token",
        /// A refresh token.
        RefreshToken = "refresh_token",
    }
}

/// A token to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRequest {
    /// The token.
    pub token: PresentedSecret,
    /// Where to look first. Unknown hints are ignored (§2.1).
    pub token_type_hint: Option<TokenTypeHint>,
}

impl RevocationRequest {
    /// Reads what is left of the parameters once the client's own are taken.
    ///
    /// # Errors
    /// [`Malformed::Missing`] without a token.
    pub fn parse(mut params: Params) -> Result<Self, Malformed> {
        let (token, token_type_hint) = take_token(&mut params)?;
        Ok(Self { token, token_type_hint })
    }
}

/// `token` and `token_type_hint`.
pub(crate) fn take_token(params: &mut Params) -> Result<(PresentedSecret, Option<TokenTypeHint>), Malformed> {
    let token = params.require("token")?.into();
    let hint = params.take("token_type_hint").and_then(|word| TokenTypeHint::parse(&word));
    Ok((token, hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<RevocationRequest, Malformed> {
        RevocationRequest::parse(Params::parse(body.as_bytes()).unwrap())
    }

    /// RFC 7009 §2.1.
    #[test]
    fn an_unknown_hint_is_ignored_and_a_token_is_required() {
        assert_eq!(parse("token=x&token_type_hint=id_token").unwrap().token_type_hint, None);
        assert_eq!(
            parse("token=x&token_type_hint=refresh_token").unwrap().token_type_hint,
            Some(TokenTypeHint::RefreshToken)
        );
        assert_eq!(parse("token_type_hint=refresh_token"), Err(Malformed::Missing("token")));
    }
}
