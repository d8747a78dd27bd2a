//! A whole server inside a test, and the tests of the specifications.
