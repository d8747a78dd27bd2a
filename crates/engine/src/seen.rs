//! Access tokens whose signature was verified before. What a signature says does not change;
//! whether the token was revoked since is asked every time.

use std::sync::Arc;

use chancery_store::secret::SecretDigest;
use quick_cache::sync::Cache;

use crate::access_token::AccessTokenContent;
use crate::keyring::RealmKeys;

/// Verified contents by the digest of the token.
pub struct SeenTokens {
    kept: Cache<SecretDigest, (Arc<RealmKeys>, Arc<AccessTokenContent>)>,
}

impl SeenTokens {
    /// Keeps at most `tokens` of them.
    #[must_use]
    pub fn new(tokens: usize) -> Self {
        Self { kept: Cache::new(tokens) }
    }

    /// The content of the token of this digest, if it was verified under these very keys.
    #[must_use]
    pub fn find(&self, digest: &SecretDigest, keys: &Arc<RealmKeys>) -> Option<Arc<AccessTokenContent>> {
        let (under, content) = self.kept.get(digest)?;
        Arc::ptr_eq(&under, keys).then_some(content)
    }

    /// Keeps a verified content.
    pub fn keep(&self, digest: SecretDigest, keys: Arc<RealmKeys>, content: Arc<AccessTokenContent>) {
        self.kept.insert(digest, (keys, content));
    }
}
