//! The contract, and what is PostgreSQL's own: the schema, the feed, outages, killed nodes, and races
//! between connections.
//!
//! The tests need a server on which they may make databases: a superuser's URL in
//! `CHANCERY_TEST_POSTGRES`. Without one they fail.

mod conformance;
mod feed;
mod ground;
mod killed;
mod outage;
mod races;
mod records;
mod schema;
