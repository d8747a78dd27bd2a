//! A relying party: discovery, authorization, tokens.
//!
//! Implements: OpenID Connect Discovery §4 and RFC 8414 §3; OpenID Connect Core §3.1 (the code flow), §5.3, §9, §12;
//! RFC 6749 §4.1, §4.4, §6 with RFC 7636 (S256 alone), RFC 8707 and RFC 9207; RFC 7009; RFC 7523 §2.2.
//! Leaves out: the implicit and hybrid flows, encrypted ID tokens, signed UserInfo responses, client certificates, DPoP.
//!
//! It works with any server, and shares only the wire's words and the keys with ours. What reaches outside — calls, the
//! clock, chance — is an argument ([`Surroundings`]); [`Surroundings::system`] has the real ones.
//!
//! A machine's token, kept until shortly before it ends, however many ask for it:
//!
//! ```no_run
//! # use std::sync::Arc;
//! use chancery_client::{Client, ClientAuthentication, Issuer, MachineAsk, Registration, Surroundings, TokenCache};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = Issuer::parse("https://as.example")?;
//! let registration = Registration::new("machine", ClientAuthentication::secret_basic("its secret"));
//! let client = Client::discover(&issuer, registration, Surroundings::system()?).await?;
//! let tokens = TokenCache::new(Arc::new(client), MachineAsk::scope("read".parse()?));
//! let header = format!("Bearer {}", tokens.token().await?.expose());
//! # Ok(())
//! # }
//! ```
//!
//! A person's sign-in: [`Client::authorize`] gives the URL and what to remember; with what came back to the redirect URI,
//! [`Client::admit`] gives a code, and [`Client::redeem`] the tokens with a verified [`IdToken`].

mod authorize;
mod client;
mod client_authentication;
mod error;
mod http;
mod id_token;
mod keys;
mod metadata;
mod registration;
mod revoke;
mod surroundings;
mod token;
mod token_cache;
mod userinfo;

pub use crate::authorize::{Authorized, Begun, Pending, SignInAsk};
pub use crate::client::Client;
pub use crate::client_authentication::ClientAuthentication;
pub use crate::error::{ClientError, IdTokenFault, MetadataFault, Refused, ResponseFault};
#[cfg(feature = "reqwest")]
pub use crate::http::ReqwestHttp;
pub use crate::http::{Answer, Call, Http, HttpError};
pub use crate::id_token::IdToken;
pub use crate::metadata::{Endpoint, Provider, discover};
pub use crate::registration::Registration;
pub use crate::surroundings::{Clock, Dice, Surroundings, SystemClock, SystemDice};
pub use crate::token::{MachineAsk, Tokens};
pub use crate::token_cache::TokenCache;
pub use chancery_spec::{Issuer, ResourceIndicator, Scope};
