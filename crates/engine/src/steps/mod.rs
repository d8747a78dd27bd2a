//! Steps that several endpoints take: who asks, for whom the token is, what is minted.

pub mod approval;
pub mod audience;
pub mod bearer;
pub mod claims;
pub mod client_auth;
pub mod form_token;
pub mod issue;
pub mod person;
pub mod refresh_token;
