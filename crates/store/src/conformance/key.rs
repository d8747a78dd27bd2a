//! Keys.

use std::sync::Arc;

use chancery_jose::SignatureAlgorithm;

use super::fixtures::{after, done, here, key, lost, there};
use crate::key::{Key, KeyPurpose, KeyState};
use crate::store::{Change, Store};
use crate::write::Write;

/// What was saved is read, the oldest first.
pub async fn keys_read_back_as_they_were_saved_the_oldest_first(store: Arc<dyn Store>) {
    let young = Key { created_at: after(9), purpose: KeyPurpose::Derive, ..key(&here(), "a") };
    let old = Key { created_at: after(3), state: KeyState::Retired, ..key(&here(), "b") };
    let middle = Key {
        created_at: after(5),
        state: KeyState::Published,
        purpose: KeyPurpose::Sign(SignatureAlgorithm::Rs256),
        ..key(&here(), "c")
    };
    done(&*store, Write::SaveKeys(vec![young.clone(), old.clone()])).await;
    done(&*store, Write::SaveKeys(vec![middle.clone()])).await;
    assert_eq!(*store.keys(&here()).await.unwrap(), [old, middle, young]);
}

/// Attack: a token signed by one realm's key accepted in another.
pub async fn a_realm_sees_its_own_keys_alone(store: Arc<dyn Store>) {
    done(&*store, Write::SaveKeys(vec![key(&here(), "a")])).await;
    assert!(store.keys(&there()).await.unwrap().is_empty());
    lost(&*store, Write::SaveKeys(vec![Key { revision: 2, ..key(&there(), "a") }])).await;
}

/// A removed key is kept for the record and shown to no decision.
pub async fn a_removed_key_is_not_read(store: Arc<dyn Store>) {
    let other = Key { purpose: KeyPurpose::Derive, ..key(&here(), "b") };
    done(&*store, Write::SaveKeys(vec![key(&here(), "a"), other.clone()])).await;
    done(&*store, Write::SaveKeys(vec![Key { revision: 2, state: KeyState::Removed, ..key(&here(), "a") }])).await;
    assert_eq!(*store.keys(&here()).await.unwrap(), [other]);
    lost(&*store, Write::SaveKeys(vec![key(&here(), "a")])).await;
}

/// A rotation changes two keys, or none.
pub async fn keys_are_saved_all_or_none(store: Arc<dyn Store>) {
    done(&*store, Write::SaveKeys(vec![key(&here(), "old")])).await;
    let retired = Key { revision: 2, state: KeyState::Retired, since: after(7), ..key(&here(), "old") };
    done(&*store, Write::SaveKeys(vec![retired.clone(), key(&here(), "new")])).await;

    let again = Key { revision: 3, ..retired.clone() };
    lost(&*store, Write::SaveKeys(vec![again, key(&here(), "new")])).await;
    let staged = |kid: &str| Key { state: KeyState::Staged, ..key(&here(), kid) };
    lost(&*store, Write::SaveKeys(vec![staged("newer"), Key { revision: 2, ..staged("unknown") }])).await;
    assert_eq!(*store.keys(&here()).await.unwrap(), [key(&here(), "new"), retired]);
}

/// Whatever signs, one key does it: two nodes never answer with different ones for long.
pub async fn a_purpose_has_one_active_key(store: Arc<dyn Store>) {
    let rs256 = KeyPurpose::Sign(SignatureAlgorithm::Rs256);
    let save = |keys: &[&Key]| Write::SaveKeys(keys.iter().map(|key| (*key).clone()).collect());
    let first = key(&here(), "first");
    done(&*store, save(&[&first])).await;
    lost(&*store, save(&[&key(&here(), "second")])).await;
    let published = Key { state: KeyState::Published, ..key(&here(), "second") };
    done(&*store, save(&[&published])).await;
    let second = Key { revision: 2, ..key(&here(), "second") };
    lost(&*store, save(&[&second])).await;
    lost(&*store, save(&[&Key { purpose: rs256, ..key(&here(), "a") }, &Key { purpose: rs256, ..key(&here(), "b") }]))
        .await;
    assert_eq!(*store.keys(&here()).await.unwrap(), [first.clone(), published]);

    // The other takes over in one change, whichever of the two is named first.
    let retired = Key { revision: 2, state: KeyState::Retired, ..first };
    done(&*store, save(&[&second, &retired])).await;
    let retired = Key { revision: 3, state: KeyState::Retired, ..second };
    let third = key(&here(), "a third");
    done(&*store, save(&[&retired, &third])).await;

    let of_other_purposes =
        [Key { purpose: rs256, ..key(&here(), "c") }, Key { purpose: KeyPurpose::Derive, ..key(&here(), "d") }];
    done(&*store, save(&[&of_other_purposes[0], &of_other_purposes[1]])).await;
    done(&*store, save(&[&key(&there(), "first")])).await;
}

/// Caches live on the change feed.
pub async fn changed_keys_are_announced(store: Arc<dyn Store>) {
    let mut feed = store.changes();
    done(&*store, Write::SaveKeys(vec![key(&here(), "a")])).await;
    super::heard(&mut feed, &Change::Keys(here())).await;
}
