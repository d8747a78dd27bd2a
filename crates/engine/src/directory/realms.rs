//! Realms: added, changed, switched on and off.

use chancery_spec::issuer::Issuer;
use chancery_spec::scope::ScopeToken;
use chancery_store::Write;
use chancery_store::id::RealmName;
use chancery_store::realm::{Realm, ScopeDefinition};
use serde_json::{Map, Value};

use super::{ATTEMPTS, Complaints, DirectoryError, Outcome, PAGE, Steward, realm_settings};
use crate::settings::{PROFILES, profile, standard_scopes};

/// The profile of a realm that names none.
const USUAL_PROFILE: &str = "standard";

/// A realm as asked for, not yet checked.
#[derive(Clone, Debug, Default)]
pub struct RealmPlan {
    /// Its name.
    pub name: String,
    /// What people read on its pages; its name where absent.
    pub display_name: Option<String>,
    /// The bundle its settings begin from. For a realm that is there already, none leaves the settings as they are.
    pub profile: Option<String>,
    /// Its identifier, where it lives at a host of its own.
    pub issuer: Option<String>,
    /// Settings that differ from the profile's, by name.
    pub settings: Map<String, Value>,
    /// Scopes beside the standard ones.
    pub scopes: Vec<ScopeDefinition>,
}

impl Steward<'_> {
    /// Makes a realm. It has no keys yet: see [`Steward::furnish_realm`].
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], [`DirectoryError::Taken`], and those of the store.
    pub async fn add_realm(&self, plan: &RealmPlan) -> Result<Realm, DirectoryError> {
        let name = RealmName::parse(&plan.name).map_err(|bad| DirectoryError::refused("name", bad.0))?;
        if self.store.realm_record(&name).await?.is_some() {
            return Err(DirectoryError::taken("realm", name));
        }
        Ok(self.declare_realm(plan).await?.1)
    }

    /// Makes the realm that `plan` names be as `plan` says, whether there is one or not.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], and those of the store.
    pub async fn declare_realm(&self, plan: &RealmPlan) -> Result<(Outcome, Realm), DirectoryError> {
        let name = RealmName::parse(&plan.name).map_err(|bad| DirectoryError::refused("name", bad.0))?;
        for _ in 0..ATTEMPTS {
            let others = self.realms().await?;
            let former = self.store.realm_record(&name).await?;
            let mut realm = decide(plan, &name, former.as_ref(), &others, self.now)?;
            let outcome = match &former {
                None => Outcome::Created,
                Some(former) if *former == realm => return Ok((Outcome::Unchanged, realm)),
                Some(_) => {
                    realm.revision += 1;
                    Outcome::Changed
                }
            };
            let kind = if outcome == Outcome::Created { "realm.created" } else { "realm.changed" };
            let event = self.event(&name, kind);
            if self.is_done(Write::SaveRealm(Box::new(realm.clone())), vec![event]).await? {
                return Ok((outcome, realm));
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Has a realm answer, or be as if it were not there.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn enable_realm(&self, name: &RealmName, enabled: bool) -> Result<Outcome, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let mut realm = self.realm(name).await?;
            if realm.enabled == enabled {
                return Ok(Outcome::Unchanged);
            }
            realm.enabled = enabled;
            realm.revision += 1;
            let event = self.event(name, if enabled { "realm.enabled" } else { "realm.disabled" });
            if self.is_done(Write::SaveRealm(Box::new(realm)), vec![event]).await? {
                return Ok(Outcome::Changed);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// All realms by name, enabled or not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn realms(&self) -> Result<Vec<Realm>, DirectoryError> {
        let mut all: Vec<Realm> = Vec::new();
        loop {
            let page = self.store.realm_records(all.last().map(|realm| &realm.name), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }
}

fn decide(
    plan: &RealmPlan,
    name: &RealmName,
    former: Option<&Realm>,
    others: &[Realm],
    now: chancery_store::Moment,
) -> Result<Realm, Complaints> {
    let mut complaints = Complaints::default();
    let asked = plan.profile.as_deref();
    let bundle = profile(asked.or(former.map(|former| former.profile.as_str())).unwrap_or(USUAL_PROFILE));
    if bundle.is_none() && asked.is_some() {
        let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        complaints.push("profile", format!("is none of {}", known.join(", ")));
    }
    // A realm keeps what was set one by one, unless it is told to begin anew from a profile.
    let base = match (asked, former, bundle) {
        (None, Some(former), _) => former.settings.clone(),
        (_, _, Some(bundle)) => (bundle.settings)(),
        (_, _, None) => chancery_store::settings::RealmSettings::default(),
    };
    let settings = realm_settings::with_overrides(&base, &plan.settings).unwrap_or_else(|wrong| {
        complaints.extend_within("settings", wrong);
        base
    });
    let issuer = issuer(plan, former, name, others, &mut complaints);
    let scopes = scopes(plan, former, &mut complaints);
    let display_name = match (&plan.display_name, former) {
        (Some(chosen), _) => chosen.clone(),
        (None, Some(former)) => former.display_name.clone(),
        (None, None) => name.as_str().to_owned(),
    };
    if display_name.trim().is_empty()
        || display_name.chars().count() > 200
        || display_name.chars().any(char::is_control)
    {
        complaints.push("display_name", "has 1 to 200 characters without control characters");
    }
    complaints.or(Realm {
        name: name.clone(),
        revision: former.map_or(1, |former| former.revision),
        enabled: former.is_none_or(|former| former.enabled),
        created_at: former.map_or(now, |former| former.created_at),
        issuer,
        display_name,
        profile: bundle.map_or(USUAL_PROFILE, |bundle| bundle.name).to_owned(),
        settings,
        scopes,
    })
}

fn issuer(
    plan: &RealmPlan,
    former: Option<&Realm>,
    name: &RealmName,
    others: &[Realm],
    complaints: &mut Complaints,
) -> Option<Issuer> {
    let Some(text) = &plan.issuer else { return former.and_then(|former| former.issuer.clone()) };
    match Issuer::parse(text) {
        Err(bad) => complaints.push("issuer", bad.to_string()),
        Ok(issuer) => {
            // Two realms under one identifier could each issue in the name of the other.
            if let Some(other) =
                others.iter().find(|other| other.name != *name && other.issuer.as_ref() == Some(&issuer))
            {
                complaints.push("issuer", format!("is the realm {}'s", other.name));
            }
            return Some(issuer);
        }
    }
    None
}

/// The scopes that are known already, then those of the plan, which replace those of their name.
fn scopes(plan: &RealmPlan, former: Option<&Realm>, complaints: &mut Complaints) -> Vec<ScopeDefinition> {
    let mut scopes = former.map_or_else(standard_scopes, |former| former.scopes.clone());
    for (at, scope) in plan.scopes.iter().enumerate() {
        if let Err(bad) = ScopeToken::parse(&scope.name) {
            complaints.push(format!("scopes[{at}].name"), bad.to_string());
        }
        match scopes.iter_mut().find(|known| known.name == scope.name) {
            Some(known) => *known = scope.clone(),
            None => scopes.push(scope.clone()),
        }
    }
    if scopes.len() > 500 {
        complaints.push("scopes", "a realm knows 500 scopes at most");
    }
    scopes
}
