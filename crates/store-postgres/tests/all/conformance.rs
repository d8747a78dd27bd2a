//! The contract of the store, on a database of its own for each sentence.

use crate::ground;

chancery_store::conformance!(ground::node().await);
