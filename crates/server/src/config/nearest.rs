//! The known name nearest to one that nobody knows.

/// The candidate that takes the fewest strokes to reach, if it is near enough to be meant.
pub(crate) fn nearest<'names>(name: &str, candidates: impl Iterator<Item = &'names str>) -> Option<&'names str> {
    let name = name.to_lowercase();
    candidates
        .map(|candidate| (strokes(&name, candidate), candidate))
        .filter(|(strokes, candidate)| *strokes <= (candidate.chars().count().max(3) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn strokes(from: &str, to: &str) -> usize {
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
        let names = ["listen", "limits", "log", "database"];
        for (slip, meant) in [("listn", "listen"), ("lisetn", "listen"), ("Listen", "listen"), ("databse", "database")]
        {
            assert_eq!(nearest(slip, names.into_iter()), Some(meant), "{slip}");
        }
    }

    #[test]
    fn a_stranger_is_not_taken_for_anybody() {
        assert_eq!(nearest("kubernetes", ["listen", "log"].into_iter()), None);
    }
}
