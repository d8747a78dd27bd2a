//! The key that seals what is secret at rest, as a file or a variable holds it.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// 256 bits. They cannot be printed.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Takes the bits that someone drew at random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Understands base64url without padding, white space around it ignored. `None` if it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let text = text.trim();
        // Exactly 43 characters carry 32 bytes; a longer text would not fit the slice and a shorter one not fill it.
        if text.len() != 43 {
            return None;
        }
        let length = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()).ok()?;
        (length == bytes.len()).then_some(Self(bytes))
    }

    /// The bits, for the cipher alone.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Writes it to a new file that only its owner may read.
    ///
    /// # Errors
    /// The file exists already (a key is never overwritten), or cannot be written.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_ref()));
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }

    /// Reads what [`Self::write_new`] wrote.
    ///
    /// # Errors
    /// What is wrong, to follow the file's name in a sentence.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("cannot be read: {error}");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(path).map_err(unreadable)?);
            if mode & 0o007 != 0 {
                return Err("may be read by everybody; take those rights away (chmod o=)".to_owned());
            }
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
        Self::parse(&text).ok_or_else(|| "does not hold 256 bits as 43 characters of base64url".to_owned())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}
