//! The person's side: signing in and out, what they let others do, and setting a password.

pub mod home;
pub mod password_link;
pub mod sign_in;
