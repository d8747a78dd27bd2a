//! The contract of [`crate::Store`] as sentences. Every backend passes this one list; its test
//! file is one line, [`crate::conformance!`].
//!
//! A sentence is a function that takes an empty, migrated store of its own and panics where the
//! contract is broken.
#![cfg(feature = "conformance")]

pub mod attempt;
pub mod audit;
pub mod client;
pub mod code;
pub mod consent;
pub mod crossing;
pub mod family;
mod fixtures;
pub mod key;
pub mod link;
pub mod password;
pub mod pending;
pub mod race;
pub mod realm;
pub mod resource;
pub mod session;
pub mod token;
pub mod user;

use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};

use crate::store::Change;

/// Waits until `feed` tells of `change`, in its own words or as [`Change::Everything`].
async fn heard(feed: &mut broadcast::Receiver<Change>, change: &Change) {
    let wait = async {
        loop {
            match feed.recv().await {
                Ok(told) if told == *change || told == Change::Everything => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => panic!("the change feed ended"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the change was not announced");
}

/// One test for each sentence of the contract. The expression opens an empty, migrated store (an
/// `Arc` of the backend) and may `.await`. The crate that uses this needs `tokio` with `macros`
/// and `rt-multi-thread`.
// A macro, because a test must be an item of the crate whose tests are run.
#[macro_export]
macro_rules! conformance {
    ($open:expr) => {
        $crate::conformance! { @sentences $open;
            realm: a_realm_reads_back_as_it_was_saved,
                a_disabled_realm_cannot_be_loaded,
                a_realm_is_saved_only_over_the_revision_before,
                realms_are_listed_page_by_page,
                a_saved_realm_is_announced,
                a_read_after_an_answered_write_sees_it,
                a_store_that_works_answers_a_ping;
            client: a_client_reads_back_as_it_was_saved,
                a_client_of_another_realm_is_not_seen,
                a_disabled_client_cannot_be_loaded,
                a_client_is_saved_only_over_the_revision_before,
                clients_are_listed_page_by_page,
                a_removed_client_leaves_no_consent_code_token_or_live_family,
                a_removed_client_takes_nothing_of_others_along,
                a_removed_client_can_be_registered_again,
                a_changed_or_removed_client_is_announced;
            resource: a_resource_reads_back_as_it_was_saved,
                a_disabled_resource_cannot_be_loaded,
                a_resource_is_saved_only_over_the_revision_before,
                resources_are_listed_page_by_page,
                a_removed_resource_is_gone_from_its_realm_alone,
                a_changed_resource_is_announced;
            key: keys_read_back_as_they_were_saved_the_oldest_first,
                a_realm_sees_its_own_keys_alone,
                a_removed_key_is_not_read,
                keys_are_saved_all_or_none,
                a_purpose_has_one_active_key,
                changed_keys_are_announced;
            user: a_user_reads_back_as_they_were_saved,
                a_disabled_user_cannot_be_loaded,
                a_user_is_saved_only_over_the_revision_before,
                a_username_that_is_taken_is_lost,
                users_are_listed_page_by_page,
                a_user_who_is_disabled_loses_their_sessions_and_families,
                a_user_who_is_disabled_keeps_no_open_code_and_no_link,
                a_lost_change_of_a_user_signs_nobody_out,
                a_removed_user_leaves_nothing_behind_that_works,
                a_removed_user_takes_nothing_of_others_along;
            password: a_password_reads_back_as_it_was_set,
                a_password_of_nobody_is_lost,
                a_new_password_signs_out_everywhere,
                a_new_password_leaves_no_open_code_and_no_link,
                an_upgraded_hash_signs_nobody_out;
            link: a_link_reads_back_as_it_was_kept,
                a_link_sets_a_password_once,
                a_password_set_by_link_signs_out_everywhere,
                a_password_set_by_link_leaves_no_open_code_and_no_other_link,
                a_link_is_lost_for_another_user_realm_or_time,
                a_link_that_is_over_is_swept;
            attempt: attempts_that_were_never_made_are_none,
                attempts_are_counted_from_the_count_that_was_seen,
                attempts_of_account_and_address_are_counted_together,
                a_settled_attempt_is_taken_back,
                attempts_that_are_over_are_swept;
            session: a_session_reads_back_as_it_was_opened,
                a_session_of_another_realm_is_not_seen,
                sessions_are_listed_the_youngest_first_and_at_most_a_hundred,
                a_session_of_nobody_is_lost,
                a_session_of_a_disabled_user_is_lost,
                a_new_session_replaces_the_browsers_former_one,
                a_touched_session_lives_longer,
                a_touch_does_not_revive_a_session,
                an_ended_session_ends_the_families_that_end_with_it,
                a_code_of_an_ended_session_opens_no_family,
                an_ended_session_leaves_no_open_code,
                a_session_that_is_over_is_swept_with_its_open_codes_and_families;
            pending: a_pending_request_reads_back_as_it_was_kept,
                a_pending_request_is_dropped_once,
                a_pending_request_that_is_over_is_swept,
                a_sweep_removes_no_more_than_it_is_told;
            consent: a_consent_reads_back_as_it_was_given,
                consents_are_listed_by_client,
                a_consent_replaces_the_one_before,
                a_withdrawn_consent_ends_the_families_that_came_from_it,
                a_withdrawn_consent_leaves_no_open_code_of_its_client;
            code: a_code_reads_back_as_it_was_issued,
                a_code_uses_up_the_request_that_waited_for_it,
                no_code_is_issued_in_a_session_that_is_gone,
                a_code_is_redeemed_once,
                a_code_is_lost_when_it_is_over_unknown_or_of_another_realm,
                a_code_is_lost_for_a_family_of_another_session,
                a_redeemed_code_keeps_its_opaque_token,
                a_code_is_forgotten_only_when_it_is_time;
            family: a_family_reads_back_as_it_was_opened,
                a_generation_is_spent_once_and_in_order,
                a_family_that_lies_unused_too_long_is_not_rotated,
                a_rotation_keeps_its_opaque_token,
                an_ended_family_stays_ended,
                a_cascade_leaves_the_moment_of_an_earlier_end,
                a_family_that_is_over_is_swept,
                an_ended_family_is_remembered_as_ended;
            token: an_opaque_token_reads_back_as_it_was_kept,
                an_opaque_token_of_a_family_that_is_not_live_is_lost,
                a_dropped_opaque_token_is_gone,
                a_denied_token_is_denied_in_its_realm,
                an_assertion_is_spent_once,
                tokens_that_are_over_are_swept;
            audit: events_read_back_as_they_were_recorded_the_latest_first,
                events_are_listed_page_by_page,
                events_are_kept_with_a_done_write_and_not_with_a_lost_one;
            race: of_many_redemptions_of_one_code_one_is_done,
                of_many_rotations_of_one_generation_one_is_done,
                of_many_attempts_with_one_count_one_is_counted,
                of_many_uses_of_one_assertion_one_is_done_and_recorded,
                of_many_changes_of_one_client_one_is_done,
                of_many_users_who_want_one_name_one_gets_it,
                of_many_codes_for_one_request_one_is_issued,
                of_many_uses_of_one_link_one_is_done,
                of_many_first_furnishings_of_a_realm_one_is_done;
            crossing: a_session_that_ends_while_a_code_is_redeemed_leaves_no_live_family,
                a_consent_that_is_withdrawn_while_a_code_is_redeemed_leaves_no_live_family,
                a_password_that_is_set_while_a_code_is_redeemed_leaves_no_live_family,
                a_family_that_ends_while_it_is_rotated_stays_ended,
                a_user_who_is_removed_while_they_sign_in_has_no_session,
                a_user_who_is_disabled_while_they_sign_in_has_no_session,
                changes_that_cross_each_other_are_all_answered;
        }
    };
    (@sentences $open:expr; $($record:ident: $($sentence:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $sentence() {
                let store = $open;
                $crate::conformance::$record::$sentence(store).await;
            }
        )+)+
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_sentence_is_in_the_list() {
        let list = include_str!("mod.rs");
        let sentences = [
            include_str!("attempt.rs"),
            include_str!("audit.rs"),
            include_str!("client.rs"),
            include_str!("code.rs"),
            include_str!("consent.rs"),
            include_str!("crossing.rs"),
            include_str!("family.rs"),
            include_str!("key.rs"),
            include_str!("link.rs"),
            include_str!("password.rs"),
            include_str!("pending.rs"),
            include_str!("race.rs"),
            include_str!("realm.rs"),
            include_str!("resource.rs"),
            include_str!("session.rs"),
            include_str!("token.rs"),
            include_str!("user.rs"),
        ];
        let written = sentences.iter().flat_map(|file| file.split("pub async fn ").skip(1));
        for sentence in written.filter_map(|rest| rest.split('(').next()) {
            assert!(list.contains(sentence), "{sentence} is run by no backend");
        }
    }
}
