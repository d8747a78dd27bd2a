//! Configuration: a file, the environment and flags, written by people → checked once, every complaint at once.
//!
//! Later sources win: defaults, then the TOML file, then `CHANCERY_…` variables (a double underscore
//! steps into a section: `CHANCERY_DATABASE__URL`), then flags. This module alone reads the environment.
//! The doc comments of [`written`] are the manual; [`reference_markdown`] and [`commented_toml`] print them.

mod admit;
mod check;
mod checked;
mod complaint;
mod master_key;
mod nearest;
mod reference;
mod source;
mod tree;
pub mod written;

pub use checked::{
    Administration, AllowedPrivate, CertificateFiles, CheckedConfig, Database, DatabaseUrl, Limits, Log, Metrics,
    OutboundRules, Pages, Passwords, PublicUrl, Tls,
};
pub use complaint::{Complaint, Complaints, Place};
pub use master_key::MasterKey;
pub use reference::{commented_default_toml, commented_toml, reference_markdown};
pub use source::{Need, Sources};
pub use written::Config;

impl Config {
    /// Reads and checks everything the sources say.
    ///
    /// # Errors
    /// Every complaint at once, each with its place, so that one restart mends them all.
    pub fn load(sources: &Sources) -> Result<CheckedConfig, Complaints> {
        let mut complaints = Complaints::default();
        let tree = tree::Tree::gather(sources, &mut complaints);
        let admitted = admit::admit(tree, sources.file_name(), &mut complaints);
        let checked = check::check(admitted, sources, &mut complaints);
        match checked {
            Some(checked) if complaints.is_empty() => Ok(checked),
            Some(_) | None => Err(complaints.in_order()),
        }
    }
}

#[cfg(test)]
mod tests;
