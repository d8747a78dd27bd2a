//! Names: generated ones, and the known name nearest to one that nobody knows.

use chancery_jose::base64url_encode;
use chancery_store::id::ClientId;

use super::{DirectoryError, Steward};

impl Steward<'_> {
    /// A client's name made of 120 bits of chance: 20 characters fit for URLs.
    pub(super) fn fresh_client_id(&self) -> Result<ClientId, DirectoryError> {
        let text = base64url_encode(&self.chance::<15>());
        ClientId::parse(&text).map_err(|bad| DirectoryError::refused("client_id", bad.0))
    }
}

/// The candidate that takes the fewest strokes to reach, if it is near enough to be meant.
#[must_use]
pub fn nearest<'names>(name: &str, candidates: impl IntoIterator<Item = &'names str>) -> Option<&'names str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strokes(&name, candidate), candidate))
        .filter(|(strokes, candidate)| *strokes <= (candidate.chars().count().max(3) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// `, did you mean …?`, or nothing where no candidate is near.
#[must_use]
pub fn hint<'names>(name: &str, candidates: impl IntoIterator<Item = &'names str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |meant| format!(", did you mean `{meant}`?"))
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn strokes(from: &str, to: &str) -> usize {
    // A name longer than any of ours is near to none; its length must not cost us time.
    if from.len() > 100 {
        return usize::MAX;
    }
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut fewest = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *letter == to[column - 1] && from[row - 1] == *other {
                fewest = fewest.min(before[column - 1] + 1);
            }
            current.push(fewest);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        let names = ["redirect_uris", "response_types", "scope"];
        assert_eq!(nearest("redirect_uri", names), Some("redirect_uris"));
        assert_eq!(nearest("Scope", names), Some("scope"));
        assert_eq!(nearest("scpoe", names), Some("scope"));
        assert_eq!(nearest("response_type", names), Some("response_types"));
    }

    #[test]
    fn a_stranger_is_not_taken_for_anybody() {
        assert_eq!(nearest("kubernetes", ["scope", "realm"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), ["scope"]), None);
    }
}
