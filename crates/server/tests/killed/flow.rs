//! One authorization from its code on: what was asked of the server, and what it acknowledged.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::application::Application;

/// Rotations of a flow that nobody revokes.
const ROTATIONS: usize = 3;

/// What becomes of a code: redeemed and rotated, revoked in the end, or asked for by two at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Contested,
    Revoked,
    Rotated,
}

#[derive(Debug)]
pub(crate) struct Flow {
    kind: Kind,
    code: String,
    /// Redemptions that were answered with tokens.
    redeemed: usize,
    /// Refresh tokens in the order in which they were handed out.
    tokens: Vec<String>,
    revocation_asked: bool,
    revoked: bool,
}

/// How much there was to be kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) codes: usize,
    pub(crate) successors: usize,
    pub(crate) revocations: usize,
    pub(crate) contested: usize,
}

impl AddAssign for Kept {
    fn add_assign(&mut self, other: Self) {
        self.codes += other.codes;
        self.successors += other.successors;
        self.revocations += other.revocations;
        self.contested += other.contested;
    }
}

impl Flow {
    /// Lives one flow; whether the server lived through it. Nothing was begun where not even a code came.
    pub(crate) async fn live(
        application: &Application,
        server: &str,
        acknowledged: &AtomicUsize,
        number: usize,
    ) -> (Option<Self>, bool) {
        let Some(code) = application.code(server).await else { return (None, false) };
        let kind = [Kind::Rotated, Kind::Contested, Kind::Rotated, Kind::Revoked][number % 4];
        let mut flow = Self { kind, code, redeemed: 0, tokens: Vec::new(), revocation_asked: false, revoked: false };
        let lived = flow.go_on(application, server, acknowledged).await.is_some();
        (Some(flow), lived)
    }

    async fn go_on(&mut self, application: &Application, server: &str, acknowledged: &AtomicUsize) -> Option<()> {
        let acknowledge = || acknowledged.fetch_add(1, Ordering::Relaxed);
        if self.kind == Kind::Contested {
            let rivals = tokio::join!(application.redeem(server, &self.code), application.redeem(server, &self.code));
            let rivals = [rivals.0, rivals.1];
            self.redeemed = rivals.iter().flatten().filter(|answer| answer.is_granted()).count();
            assert!(self.redeemed <= 1, "a code was redeemed twice");
            let [Some(_), Some(_)] = rivals else { return None };
            assert_eq!(self.redeemed, 1, "a code was redeemed by none of two");
            acknowledge();
            return Some(());
        }
        let tokens = application.redeem(server, &self.code).await?;
        assert!(tokens.is_granted(), "{} {}", tokens.status, tokens.json);
        self.redeemed = 1;
        self.tokens.push(tokens.refresh_token());
        acknowledge();
        for _ in 0..ROTATIONS {
            let rotated = application.refresh(server, self.tokens.last()?).await?;
            assert!(rotated.is_granted(), "{} {}", rotated.status, rotated.json);
            self.tokens.push(rotated.refresh_token());
            acknowledge();
        }
        if self.kind == Kind::Revoked {
            self.revocation_asked = true;
            let revoked = application.revoke(server, self.tokens.last()?).await?;
            assert_eq!(revoked.status, 200, "{}", revoked.json);
            self.revoked = true;
            acknowledge();
        }
        Some(())
    }

    /// Looks, at the server that came after, at whether all of it still holds.
    pub(crate) async fn look(&self, application: &Application, server: &str) -> Kept {
        let mut kept = Kept::default();
        if self.redeemed > 0 {
            kept.codes = usize::from(self.kind != Kind::Contested);
            kept.contested = usize::from(self.kind == Kind::Contested);
            self.look_at_tokens(application, server, &mut kept).await;
        } else {
            // It was asked for, perhaps, and perhaps done: but never acknowledged, so it may be good once more.
            let again = application.redeem(server, &self.code).await.expect("an answer");
            let never_asked_twice = again.is_granted() || again.is_invalid_grant();
            assert!(never_asked_twice, "{self:?}: {} {}", again.status, again.json);
        }
        // Last, because a replayed code ends whatever it had opened.
        let replayed = application.redeem(server, &self.code).await.expect("an answer");
        assert!(replayed.is_invalid_grant(), "redeemed twice: {self:?}: {} {}", replayed.status, replayed.json);
        if let Some(last) = self.tokens.last() {
            let ended = application.refresh(server, last).await.expect("an answer");
            assert!(ended.is_invalid_grant(), "a replay ended nothing: {self:?}: {} {}", ended.status, ended.json);
        }
        kept
    }

    async fn look_at_tokens(&self, application: &Application, server: &str, kept: &mut Kept) {
        let Some(last) = self.tokens.last() else { return };
        let first = application.refresh(server, last).await.expect("an answer");
        if self.revoked {
            kept.revocations = 1;
            assert!(first.is_invalid_grant(), "a revocation is lost: {self:?}: {} {}", first.status, first.json);
            return;
        }
        if self.revocation_asked && first.is_invalid_grant() {
            return;
        }
        assert!(first.is_granted(), "a successor is lost: {self:?}: {} {}", first.status, first.json);
        kept.successors = 1;
        let successor = first.refresh_token();
        assert!(!self.tokens.contains(&successor), "a token came twice: {self:?}");
        // Asked again, as by a client that lost the answer: the same successor, not a second one.
        let again = application.refresh(server, last).await.expect("an answer");
        assert!(again.is_granted() && again.refresh_token() == successor, "two successors: {self:?}");
        if let [.., spent, _] = self.tokens.as_slice() {
            let replayed = application.refresh(server, spent).await.expect("an answer");
            assert!(replayed.is_invalid_grant(), "spent twice: {self:?}: {} {}", replayed.status, replayed.json);
            let ended = application.refresh(server, &successor).await.expect("an answer");
            assert!(ended.is_invalid_grant(), "a replay ended nothing: {self:?}");
        }
    }
}
