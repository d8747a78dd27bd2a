//! Client authentication: who asks, proven.
//!
//! Implements: RFC 6749 §2.3, §3.2.1; OpenID Connect Core §9; RFC 7521 §4.2, RFC 7523 §2.2, §3.

mod assertion;
mod secret;

use std::sync::Arc;

use chancery_spec::client_authentication::{ClientAuthenticationMethod, Credentials, PresentedClient};
use chancery_spec::params::Params;
use chancery_store::client::Client;
use chancery_store::id::ClientId;

use crate::context::{House, Scene};
use crate::refusal::Refusal;

/// A client that proved who it is, as far as it can: a public one has only said so. Its field is
/// private and this module is its only maker.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    client: Arc<Client>,
}

impl AuthenticatedClient {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.client.id
    }

    /// This client, if it is one that can prove who it is.
    ///
    /// # Errors
    /// [`Refusal::ClientNotConfidential`] for a public one.
    pub fn confidential(self) -> Result<Self, Refusal> {
        if self.client.is_public() { Err(Refusal::ClientNotConfidential) } else { Ok(self) }
    }
}

/// Takes the client's credentials out of a request and proves them.
///
/// `endpoint` is the URL that is asked: some realms let an assertion name it as its audience.
///
/// # Errors
/// A refusal that says why the client is not who it says it is.
pub async fn authenticate(
    house: &House,
    scene: &Scene<'_>,
    endpoint: &str,
    authorization: Option<&[u8]>,
    params: &mut Params,
) -> Result<AuthenticatedClient, Refusal> {
    let presented = PresentedClient::take(authorization, params)?;
    let (client, method) = match presented.credentials {
        Credentials::Assertion(assertion) => {
            let stated = presented.client_id.as_deref();
            assertion::prove(house, scene, endpoint, &assertion, stated).await?
        }
        Credentials::SecretBasic(given) => {
            let client = find(house, scene, presented.client_id.as_deref()).await?;
            expect(&client, ClientAuthenticationMethod::ClientSecretBasic)?;
            secret::prove(&client, &given, scene.now)?;
            (client, ClientAuthenticationMethod::ClientSecretBasic)
        }
        Credentials::SecretPost(given) => {
            let client = find(house, scene, presented.client_id.as_deref()).await?;
            expect(&client, ClientAuthenticationMethod::ClientSecretPost)?;
            secret::prove(&client, &given, scene.now)?;
            (client, ClientAuthenticationMethod::ClientSecretPost)
        }
        Credentials::None => {
            let client = find(house, scene, presented.client_id.as_deref()).await?;
            (client, ClientAuthenticationMethod::None)
        }
    };
    // Once more for every road that leads here: the registered method, and no other.
    expect(&client, method)?;
    Ok(AuthenticatedClient { client })
}

/// The enabled client of this name.
async fn find(house: &House, scene: &Scene<'_>, stated: Option<&str>) -> Result<Arc<Client>, Refusal> {
    let stated = stated.ok_or(Refusal::ClientMissing)?;
    let id = ClientId::parse(stated).map_err(|_| Refusal::ClientUnknown)?;
    house.store.client(&scene.realm.name, &id).await?.ok_or(Refusal::ClientUnknown)
}

fn expect(client: &Client, method: ClientAuthenticationMethod) -> Result<(), Refusal> {
    if client.authentication == method {
        return Ok(());
    }
    // A confidential client that shows nothing is told what is missing, not what it should not use.
    Err(match method {
        ClientAuthenticationMethod::None => Refusal::ClientMissing,
        ClientAuthenticationMethod::ClientSecretBasic
        | ClientAuthenticationMethod::ClientSecretJwt
        | ClientAuthenticationMethod::ClientSecretPost
        | ClientAuthenticationMethod::PrivateKeyJwt
        | ClientAuthenticationMethod::SelfSignedTlsClientAuth
        | ClientAuthenticationMethod::TlsClientAuth => Refusal::ClientMethodUnexpected,
    })
}
