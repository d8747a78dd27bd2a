//! A whole server inside a test: a real socket, a real store, a clock that the test moves, and a
//! browser that knows cookies and plain forms.

pub mod browser;
pub mod clock;
pub mod issuer;
pub mod party;
pub mod postgres;

pub use browser::Browser;
pub use issuer::Issuer;
pub use party::{Answer, Party};
