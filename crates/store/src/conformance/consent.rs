//! Consents.

use std::sync::Arc;

use super::fixtures::{
    after, agree, client_id, code, consent, digest, done, family, here, id, in_session, indicator, is_live, is_open,
    issue, lost, open, redeem, scope, settle, there,
};
use crate::code::{Code, CodeState};
use crate::consent::Consent;
use crate::family::Family;
use crate::store::Store;
use crate::write::Write;

/// What was agreed to is read, in its own realm.
pub async fn a_consent_reads_back_as_it_was_given(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    let web = client_id("web");
    assert_eq!(store.consent(&here(), id(1), &web).await.unwrap(), Some(consent(&here(), 1, "web")));
    assert_eq!(store.consent(&here(), id(2), &web).await.unwrap(), None);
    assert_eq!(store.consent(&here(), id(1), &client_id("app")).await.unwrap(), None);
    assert_eq!(store.consent(&there(), id(1), &web).await.unwrap(), None);
    assert_eq!(store.consents_of(&there(), id(1)).await.unwrap(), vec![]);
}

/// A person's consents are listed by client.
pub async fn consents_are_listed_by_client(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    agree(&*store, consent(&here(), 1, "app")).await;
    agree(&*store, consent(&here(), 2, "web")).await;
    let listed = store.consents_of(&here(), id(1)).await.unwrap();
    assert_eq!(listed, vec![consent(&here(), 1, "app"), consent(&here(), 1, "web")]);
}

/// The newest agreement is the whole agreement.
pub async fn a_consent_replaces_the_one_before(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    let grown = Consent {
        scope: scope("email openid"),
        resources: vec![indicator("urn:other")],
        granted_at: after(7),
        ..consent(&here(), 1, "web")
    };
    let mut code = code(&here(), "second");
    code.client = client_id("web");
    let write = Write::IssueCode { code: Box::new(code), consent: Some(grown.clone()), pending: None };
    done(&*store, write).await;
    assert_eq!(store.consents_of(&here(), id(1)).await.unwrap(), vec![grown]);
}

/// Taking an agreement back takes back what came from it, and nothing else.
pub async fn a_withdrawn_consent_ends_the_families_that_came_from_it(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    agree(&*store, consent(&here(), 1, "app")).await;
    agree(&*store, consent(&there(), 1, "web")).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, Family { session: None, ..family(&here(), 2) }).await;
    open(&*store, Family { client: client_id("app"), ..family(&here(), 3) }).await;
    open(&*store, in_session(2, Family { user: id(2), ..family(&here(), 4) })).await;
    open(&*store, family(&there(), 1)).await;

    let withdraw = || Write::WithdrawConsent { realm: here(), user: id(1), client: client_id("web"), at: after(15) };
    done(&*store, withdraw()).await;

    assert_eq!(store.consents_of(&here(), id(1)).await.unwrap(), vec![consent(&here(), 1, "app")]);
    assert_eq!(store.consents_of(&there(), id(1)).await.unwrap().len(), 1);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(!is_live(&*store, &here(), 2).await);
    assert!(is_live(&*store, &here(), 3).await);
    assert!(is_live(&*store, &here(), 4).await);
    assert!(is_live(&*store, &there(), 1).await);
    done(&*store, withdraw()).await;
}

/// A code that is on its way is taken back as well; of others' codes none is.
pub async fn a_withdrawn_consent_leaves_no_open_code_of_its_client(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "open")).await;
    issue(&*store, code(&here(), "redeemed")).await;
    done(&*store, redeem("redeemed", family(&here(), 1))).await;
    issue(&*store, Code { client: client_id("app"), ..code(&here(), "of app") }).await;
    let mut of_another = code(&here(), "of another");
    (of_another.grant.user, of_another.grant.session) = (id(2), id(2));
    issue(&*store, of_another).await;
    issue(&*store, code(&there(), "there")).await;

    let withdraw = Write::WithdrawConsent { realm: here(), user: id(1), client: client_id("web"), at: after(15) };
    done(&*store, withdraw).await;

    assert_eq!(store.code(&here(), &digest("open")).await.unwrap(), None);
    lost(&*store, redeem("open", Family { session: None, ..family(&here(), 2) })).await;
    let redeemed = Code { state: CodeState::Redeemed { family: id(1) }, ..code(&here(), "redeemed") };
    assert_eq!(store.code(&here(), &digest("redeemed")).await.unwrap(), Some(redeemed));
    assert!(is_open(&*store, &here(), "of app").await);
    assert!(is_open(&*store, &here(), "of another").await);
    assert!(is_open(&*store, &there(), "there").await);
}
