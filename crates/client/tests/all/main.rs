//! The client against a server of the test's own, which can be told to misbehave.

mod discovery;
mod machine;
mod network;
mod sign_in;
mod world;
