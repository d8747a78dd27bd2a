//! Discovery: what this realm offers, read from the table of what we speak.
//!
//! Implements: RFC 8414 §2, §3; OpenID Connect Discovery §3, §4.

use chancery_spec::issuer::Issuer;
use chancery_spec::server_metadata::ServerMetadata;

use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::specs::{CATALOGUE, Offer};

/// The realm's metadata. The OAuth and the OpenID document are one and the same.
///
/// # Errors
/// [`Refusal::StoreUnavailable`], [`Refusal::KeyUnusable`].
pub async fn discover(house: &House, scene: &Scene<'_>) -> Result<ServerMetadata, Refusal> {
    let keys = house.keys.of(&*house.store, &scene.realm.name).await?;
    let issuer = Issuer::parse(&scene.issuer)?;
    let mut metadata = ServerMetadata::new(issuer);
    let url = |path: &str| scene.url(path);
    let algorithms = keys.algorithms();
    let offer = Offer { realm: &scene.realm, algorithms: &algorithms, url: &url };
    for entry in CATALOGUE {
        (entry.advertise)(&mut metadata, &offer);
    }
    Ok(metadata)
}
