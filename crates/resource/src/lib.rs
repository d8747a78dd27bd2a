//! An API's guard: a request becomes a caller, or a challenge.
