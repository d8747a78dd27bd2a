//! Long files: more than 400 lines is an alarm, unless the first comment says why.

use std::path::Path;

const ALARM: usize = 400;

/// How a file's first comment gives its reason.
const REASON: &str = "Long because";

/// Files over the alarm without a reason.
pub(super) fn complaints(root: &Path) -> Result<Vec<String>, String> {
    let folders = ["crates", "xtask", "interop", "fuzz", "benches", "examples", "scripts"];
    let mut complaints = Vec::new();
    for path in super::files_below(root, &folders, &["rs", "mjs", "js", "py", "sh", "css", "sql", "html"])? {
        let text = super::read(&root.join(&path))?;
        let lines = text.lines().count();
        if lines > ALARM && !gives_reason(&text) {
            let path = path.display();
            complaints
                .push(format!("{path}: {lines} lines; split it by idea, or say “{REASON} …” in its first comment"));
        }
    }
    Ok(complaints)
}

fn gives_reason(text: &str) -> bool {
    let mut first = text.lines().take_while(|line| {
        let line = line.trim_start();
        ["//", "/*", "*", "#", "--", "<!--", "\"\"\"", "{#"].iter().any(|opening| line.starts_with(opening))
    });
    first.any(|line| line.contains(REASON))
}

#[cfg(test)]
mod tests {
    use super::gives_reason;

    #[test]
    fn a_reason_counts_in_the_first_comment_only() {
        assert!(gives_reason("//! A table.\n//!\n//! Long because the registry is.\n\nuse a;"));
        assert!(!gives_reason("//! A table.\nuse a;\n// Long because I like it"));
    }
}
