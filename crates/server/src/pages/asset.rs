//! The files beside the pages: the style sheet, the seal, the icon of the browser's tab.
//!
//! Each is served under a path that carries the digest of its bytes, so that it may be cached for ever
//! and a new one is still seen at once.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;

use super::overrides::Overrides;

/// A file that pages refer to.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The absolute path under which it is served, such as `/assets/chancery-1a2b….css`.
    pub path: String,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub bytes: Bytes,
    /// The value of `ETag`, quotes included.
    pub etag: String,
}

impl Asset {
    /// The value of `Cache-Control`: the path changes with the bytes, so a copy never goes stale.
    pub const CACHE_CONTROL: &'static str = "public, max-age=31536000, immutable";
}

/// The names by which an operator may replace them.
pub(super) const NAMES: [&str; 3] = [STYLESHEET, FAVICON, SEAL];

const STYLESHEET: &str = "chancery.css";
const FAVICON: &str = "favicon.svg";
const SEAL: &str = "seal.svg";

/// All assets, and those that every page names.
#[derive(Debug)]
pub(super) struct Assets {
    pub(super) all: Vec<Asset>,
    pub(super) stylesheet_path: String,
    pub(super) favicon_path: String,
}

impl Assets {
    pub(super) fn new(overrides: &Overrides) -> Self {
        let stylesheet =
            asset(STYLESHEET, "text/css; charset=utf-8", include_str!("../../assets/chancery.css"), overrides);
        let favicon = asset(FAVICON, "image/svg+xml", include_str!("../../assets/favicon.svg"), overrides);
        let seal = asset(SEAL, "image/svg+xml", include_str!("../../assets/seal.svg"), overrides);
        Self {
            stylesheet_path: stylesheet.path.clone(),
            favicon_path: favicon.path.clone(),
            all: vec![stylesheet, favicon, seal],
        }
    }
}

fn asset(name: &str, content_type: &'static str, shipped: &'static str, overrides: &Overrides) -> Asset {
    let bytes = overrides
        .asset(name)
        .map_or(Bytes::from_static(shipped.as_bytes()), |replaced| Bytes::from(replaced.to_owned()));
    let fingerprint = digest(&SHA256, &bytes).as_ref().iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset {
        path: format!("/assets/{stem}-{fingerprint}.{extension}"),
        content_type,
        bytes,
        etag: format!("\"{fingerprint}\""),
    }
}
