//! The wire's words, parsed: OAuth 2.1 and OpenID Connect messages as types.
//!
//! A value that exists is well-formed; what is not well-formed is a [`Malformed`], which knows its
//! error code and a sentence that may be told to anyone. Nothing here has a clock, a random source, a
//! store or a network, and nothing decides: whether a client may do what it asks is the engine's affair.
//!
//! | of a request | |
//! |---|---|
//! | [`params`] | names and values, before they mean anything |
//! | [`client_authentication`], [`credentials`] | who asks, and what is presented for proof |
//! | [`authorization_request`] | [`prompt`], [`pkce`], [`response_type`], [`response_mode`] |
//! | [`token_request`] | [`grant_type`], [`scope`], [`resource`] |
//! | [`introspection`], [`revocation`] | a token, and what is asked about it |
//!
//! | of an answer | |
//! |---|---|
//! | [`authorization_response`], [`token_response`] | what was granted |
//! | [`error`], [`challenge`] | what was not |
//! | [`claims`], [`audience`], [`user_info`] | what tokens and the UserInfo endpoint say |
//!
//! | of a party | |
//! |---|---|
//! | [`issuer`], [`server_metadata`] | an authorization server |
//! | [`redirect_uri`], [`client_metadata`], [`client_name`], [`web_uri`] | a client |

pub mod audience;
pub mod authorization_request;
pub mod authorization_response;
pub mod challenge;
pub mod claims;
pub mod client_authentication;
pub mod client_metadata;
pub mod client_name;
pub mod credentials;
pub mod error;
pub mod grant_type;
pub mod introspection;
pub mod issuer;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod revocation;
pub mod scope;
pub mod server_metadata;
mod syntax;
mod text;
pub mod token_request;
pub mod token_response;
pub mod user_info;
pub mod web_uri;

pub use audience::Audience;
pub use authorization_request::{AuthorizationRequest, Destination};
pub use authorization_response::AuthorizationResponse;
pub use claims::{AccessTokenClaims, ExtraClaims, IdTokenClaims};
pub use client_authentication::{ClientAuthenticationMethod, Credentials, PresentedClient};
pub use client_metadata::ClientMetadata;
pub use credentials::PresentedSecret;
pub use error::{ErrorCode, ErrorResponse};
pub use grant_type::GrantType;
pub use issuer::Issuer;
pub use params::{Malformed, Params};
pub use pkce::{CodeChallenge, CodeVerifier};
pub use prompt::{Prompt, Prompts};
pub use redirect_uri::RegisteredRedirectUri;
pub use resource::ResourceIndicator;
pub use response_mode::ResponseMode;
pub use response_type::ResponseType;
pub use scope::{Scope, ScopeToken};
pub use server_metadata::ServerMetadata;
pub use token_request::TokenRequest;
pub use token_response::{TokenResponse, TokenType};
