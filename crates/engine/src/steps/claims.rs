//! Which claims about a person go where.
//!
//! Implements: OpenID Connect Core §5.3.2, §5.4, §5.5.

use chancery_spec::claims::{ExtraClaims, ReservedClaim};
use chancery_spec::scope::Scope;
use chancery_spec::user_info::claims_of;
use chancery_store::realm::Realm;
use chancery_store::user::User;
use serde_json::{Map, Value};

/// The claims about `user` that `scope` opens, and those that were asked for one by one.
#[must_use]
pub fn of_scope(realm: &Realm, user: &User, scope: &Scope, asked: Option<&Value>) -> ExtraClaims {
    let mut claims = ExtraClaims::default();
    for token in scope.iter() {
        let standard = claims_of(token.as_str()).iter().copied();
        let own = realm.scope(token.as_str()).into_iter().flat_map(|scope| scope.claims.iter().map(String::as_str));
        for name in standard.chain(own) {
            copy(user, name, &mut claims);
        }
    }
    for name in names(asked) {
        copy(user, name, &mut claims);
    }
    claims
}

/// The claims about `user` that a `claims` request names (OpenID Connect Core §5.5.1). A claim that
/// is not known of the person is left out, essential or not: nobody can be made to have one.
#[must_use]
pub fn asked_for(user: &User, asked: Option<&Value>) -> ExtraClaims {
    let mut claims = ExtraClaims::default();
    for name in names(asked) {
        copy(user, name, &mut claims);
    }
    claims
}

fn names(asked: Option<&Value>) -> impl Iterator<Item = &String> {
    asked.and_then(Value::as_object).into_iter().flat_map(Map::keys)
}

fn copy(user: &User, name: &str, claims: &mut ExtraClaims) {
    let value = match user.claims.get(name) {
        Some(Value::Null) | None if name == "preferred_username" => user.username.as_str().into(),
        Some(Value::Null) | None => return,
        Some(value) => value.clone(),
    };
    // A record's member with the name of a protocol claim (`iss`, `aud`…) does not speak for the protocol.
    let _reserved: Result<(), ReservedClaim> = claims.insert(name, value);
}
