//! The specifications, sentence by sentence: one module for each, on a whole server. Beside them
//! what no specification says: the person's own pages, other people's libraries, two nodes.

mod account;
mod metadata;
mod openid_core;
mod own_client;
mod relying_party;
mod rfc6749;
mod rfc6750;
mod rfc7009;
mod rfc7523;
mod rfc7636;
mod rfc7662;
mod rfc8252;
mod rfc8707;
mod rfc9068;
mod rfc9207;
mod rfc9700;
mod two_nodes;
