//! The specifications, sentence by sentence: one module for each, on a whole server.

mod rfc6749;
