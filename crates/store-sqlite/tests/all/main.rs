//! The embedded backend against its contract, and what is its own: its statements, its
//! migrations, several processes on one file, and ends that nobody asked for.

mod closing;
mod faults;
mod groups;
mod killed;
mod migrations;
mod processes;
mod statements;
mod contract {
    chancery_store::conformance!(chancery_store_sqlite::SqliteStore::in_memory().unwrap());
}
