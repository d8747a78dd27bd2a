//! A realm's settings changed one by one, by name.

use chancery_store::settings::RealmSettings;
use serde_json::{Map, Value};

use super::error::Complaints;
use super::names::hint;

/// `base` with `overrides` laid over it, member by member; sections are laid over member by member too.
///
/// # Errors
/// Every unknown name, every value of the wrong kind, every figure out of its range.
pub fn with_overrides(base: &RealmSettings, overrides: &Map<String, Value>) -> Result<RealmSettings, Complaints> {
    let mut complaints = Complaints::default();
    let mut settings = base.clone();
    let whole = serde_json::to_value(base).unwrap_or_default();
    let mut leaves = Vec::new();
    gather(overrides, &whole, &mut Vec::new(), &mut leaves, &mut complaints);
    for (steps, value) in leaves {
        // One at a time, so that each wrong value is named by itself.
        let mut tree = serde_json::to_value(&settings).unwrap_or_default();
        if let Some(place) = steps.iter().try_fold(&mut tree, |inner, step| inner.get_mut(step)) {
            *place = value;
        }
        match serde_json::from_value(tree) {
            Ok(changed) => settings = changed,
            Err(why) => complaints.push(steps.join("."), format!("does not fit: {why}")),
        }
    }
    check(&settings, &mut complaints);
    complaints.or(settings)
}

/// Walks down to the single values.
fn gather(
    overrides: &Map<String, Value>,
    known: &Value,
    above: &mut Vec<String>,
    leaves: &mut Vec<(Vec<String>, Value)>,
    complaints: &mut Complaints,
) {
    for (name, value) in overrides {
        above.push(name.clone());
        match (known.get(name), value) {
            (None, _) => {
                let names = known.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
                complaints.push(above.join("."), format!("is no setting of a realm{}", hint(name, names)));
            }
            (Some(section @ Value::Object(_)), Value::Object(members)) => {
                gather(members, section, above, leaves, complaints)
            }
            (Some(Value::Object(_)), _) => complaints.push(above.join("."), "is a section of settings"),
            (Some(_), _) => leaves.push((above.clone(), value.clone())),
        }
        above.pop();
    }
}

fn check(settings: &RealmSettings, complaints: &mut Complaints) {
    if settings.signing_algorithm.is_symmetric() {
        complaints.push("signing_algorithm", "tokens are signed with an asymmetric algorithm");
    }
    let times = &settings.lifetimes;
    for (name, seconds) in [
        ("access_token", times.access_token),
        ("id_token", times.id_token),
        ("authorization_code", times.authorization_code),
        ("refresh_token_idle", times.refresh_token_idle),
        ("refresh_token", times.refresh_token),
        ("session_idle", times.session_idle),
        ("session", times.session),
        ("pending_authorization", times.pending_authorization),
        ("link", times.link),
    ] {
        if seconds == 0 {
            complaints.push(format!("lifetimes.{name}"), "must be at least one second");
        }
    }
    if times.authorization_code > 600 {
        complaints.push("lifetimes.authorization_code", "RFC 6749 §4.1.2 allows 600 seconds at most");
    }
    if times.refresh_retry_window > 600 {
        complaints.push("lifetimes.refresh_retry_window", "600 seconds at most: a stolen token must be noticed");
    }
    if settings.passwords.minimum_length == 0 || settings.passwords.minimum_length > 128 {
        complaints.push("passwords.minimum_length", "must lie between 1 and 128");
    }
    if settings.sign_in.longest_wait < settings.sign_in.first_wait {
        complaints.push("sign_in.longest_wait", "must not be shorter than first_wait");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(overrides: Value) -> Result<RealmSettings, String> {
        with_overrides(&RealmSettings::default(), overrides.as_object().unwrap()).map_err(|all| all.to_string())
    }

    #[test]
    fn one_member_of_a_section_is_changed_and_the_others_stay() {
        let settings = with(serde_json::json!({"lifetimes": {"access_token": 60}, "pkce": "public_clients"})).unwrap();
        assert_eq!(settings.lifetimes.access_token, 60);
        assert_eq!(settings.lifetimes.id_token, RealmSettings::default().lifetimes.id_token);
    }

    #[test]
    fn every_wrong_setting_is_told_at_once_with_the_name_that_was_meant() {
        let told = with(serde_json::json!({
            "lifetimes": {"acces_token": 60, "id_token": "long", "authorization_code": 601},
            "signing_algorithm": "HS256",
        }))
        .unwrap_err();
        for part in [
            "lifetimes.acces_token",
            "did you mean `access_token`?",
            "lifetimes.id_token",
            "600 seconds",
            "signing_algorithm",
        ] {
            assert!(told.contains(part), "{part} is missing in: {told}");
        }
    }
}
