//! docs/reference/errors.md, made of the refusals themselves.

use chancery_engine::refusal::Refusal;
use chancery_spec::params::Malformed;
use chancery_store::StoreError;
use chancery_store::id::{FamilyId, RealmName};

use crate::http::reply;

pub(super) fn markdown() -> String {
    let mut page = String::from(
        "# Errors\n\nEvery reason for which the server says no. The reason is in the log and in the audit; the error and its\n\
         description are what the asker is told. The status is that of an answer in JSON: an authorization request is\n\
         answered by a redirect, or by a page.\n\n| error | status | reason | description |\n|---|---|---|---|\n",
    );
    let mut rows = Vec::new();
    let mut reason = following(None);
    while let Some(refusal) = reason {
        let status = reply::oauth_refusal(&refusal, "", &RealmName::default_realm(), None).status().as_u16();
        let description = refusal.description().replace('|', "\\|");
        rows.push(format!("| `{}` | {status} | {} | {description} |\n", refusal.code(), refusal.name()));
        reason = following(Some(&refusal));
    }
    rows.sort();
    page.extend(rows);
    page
}

/// The reason that comes after `reason`. There is no `_` arm: a new reason must find its place here.
fn following(reason: Option<&Refusal>) -> Option<Refusal> {
    let family = || FamilyId::at(0, [0; 10]);
    Some(match reason {
        None => Refusal::Malformed(Malformed::Missing("the parameter")),
        Some(reason) => match reason {
            Refusal::Malformed(_) => Refusal::GrantTypeUnknown,
            Refusal::GrantTypeUnknown => Refusal::ClientMissing,
            Refusal::ClientMissing => Refusal::ClientUnknown,
            Refusal::ClientUnknown => Refusal::ClientUnproven,
            Refusal::ClientUnproven => Refusal::ClientMethodUnexpected,
            Refusal::ClientMethodUnexpected => Refusal::AssertionInvalid("why"),
            Refusal::AssertionInvalid(_) => Refusal::AssertionReplayed,
            Refusal::AssertionReplayed => Refusal::ClientKeysUnavailable { cause: String::new() },
            Refusal::ClientKeysUnavailable { .. } => Refusal::ClientLacksGrant,
            Refusal::ClientLacksGrant => Refusal::ClientLacksResponseType,
            Refusal::ClientLacksResponseType => Refusal::ClientNotConfidential,
            Refusal::ClientNotConfidential => Refusal::CodeUnknown,
            Refusal::CodeUnknown => Refusal::CodeExpired,
            Refusal::CodeExpired => Refusal::CodeOfAnotherClient,
            Refusal::CodeOfAnotherClient => Refusal::CodeReplayed { family: family() },
            Refusal::CodeReplayed { .. } => Refusal::SessionEnded,
            Refusal::SessionEnded => Refusal::RedirectMismatch,
            Refusal::RedirectMismatch => Refusal::VerifierMissing,
            Refusal::VerifierMissing => Refusal::VerifierUnexpected,
            Refusal::VerifierUnexpected => Refusal::VerifierMismatch,
            Refusal::VerifierMismatch => Refusal::RefreshTokenUnknown,
            Refusal::RefreshTokenUnknown => Refusal::RefreshTokenOfAnotherClient,
            Refusal::RefreshTokenOfAnotherClient => Refusal::RefreshTokenReplayed { family: family() },
            Refusal::RefreshTokenReplayed { .. } => Refusal::FamilyEnded,
            Refusal::FamilyEnded => Refusal::UserInactive,
            Refusal::UserInactive => Refusal::ScopeRefused("why"),
            Refusal::ScopeRefused(_) => Refusal::TargetRefused("why"),
            Refusal::TargetRefused(_) => Refusal::ResponseTypeUnsupported,
            Refusal::ResponseTypeUnsupported => Refusal::ResponseModeUnsupported,
            Refusal::ResponseModeUnsupported => Refusal::RedirectUnregistered,
            Refusal::RedirectUnregistered => Refusal::RedirectMissing,
            Refusal::RedirectMissing => Refusal::ChallengeMissing,
            Refusal::ChallengeMissing => Refusal::ChallengePlain,
            Refusal::ChallengePlain => Refusal::RequestObjectUnsupported,
            Refusal::RequestObjectUnsupported => Refusal::RequestUriUnsupported,
            Refusal::RequestUriUnsupported => Refusal::LoginRequired,
            Refusal::LoginRequired => Refusal::ConsentRequired,
            Refusal::ConsentRequired => Refusal::WrongAccount,
            Refusal::WrongAccount => Refusal::Denied,
            Refusal::Denied => Refusal::PendingGone,
            Refusal::PendingGone => Refusal::FormForged,
            Refusal::FormForged => Refusal::TokenMissing,
            Refusal::TokenMissing => Refusal::TokenPresentedTwice,
            Refusal::TokenPresentedTwice => Refusal::TokenInvalid,
            Refusal::TokenInvalid => Refusal::ScopeInsufficient("that it needs"),
            Refusal::ScopeInsufficient(_) => Refusal::TokenOfAnotherClient,
            Refusal::TokenOfAnotherClient => Refusal::Throttled { retry_after: 2 },
            Refusal::Throttled { .. } => Refusal::Busy { retry_after: 1 },
            Refusal::Busy { .. } => Refusal::StoreUnavailable(StoreError::Unavailable(String::new())),
            Refusal::StoreUnavailable(_) => Refusal::SigningKeyMissing,
            Refusal::SigningKeyMissing => Refusal::KeyUnusable { cause: String::new() },
            Refusal::KeyUnusable { .. } => Refusal::RaceLost,
            Refusal::RaceLost => return None,
        },
    })
}
