//! The files of the repository: tracked ones and those about to be.

use std::{fs, path::PathBuf, process::Command};

/// One text file, by its path from the root of the repository.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the paths of all files that git keeps or would keep, from the root.
pub fn paths() -> Vec<String> {
    let listing = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .expect("the tidy test asks git what belongs to the repository");
    assert!(
        listing.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&listing.stderr)
    );
    let mut paths: Vec<String> = String::from_utf8(listing.stdout)
        .expect("paths in this repository are ASCII")
        .split_terminator('\0')
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Returns all text files whose path ends in one of `endings`.
pub fn sources(endings: &[&str]) -> Vec<Source> {
    paths()
        .into_iter()
        .filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
        .map(|path| {
            let text =
                fs::read_to_string(root().join(&path)).expect("a file just listed is readable");
            Source { path, text }
        })
        .collect()
}

/// Fails with every finding on a line of its own.
pub fn none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n  {}\n", found.join("\n  "));
}

impl Source {
    /// Tells whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path
            .split('/')
            .any(|part| matches!(part, "tests" | "e2e" | "benches" | "fuzz"))
            || name == "tests.rs"
            || name.ends_with("_tests.rs")
            || name.contains(".test.")
    }

    /// Tells whether the file is one of the pure crates'.
    pub fn is_pure(&self) -> bool {
        ["sip/src/", "ws/src/", "gateway/hub/src/"]
            .iter()
            .any(|dir| self.path.starts_with(dir))
    }

    /// Returns the numbered lines above `mod tests`; none of a file that is all tests.
    pub fn product(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = if self.is_test() {
            0
        } else {
            self.tests_begin()
        };
        self.text
            .lines()
            .enumerate()
            .take(end)
            .map(|(at, line)| (at + 1, line))
    }

    /// Returns the numbered lines of tests.
    pub fn tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let begin = if self.is_test() {
            0
        } else {
            self.tests_begin()
        };
        self.text
            .lines()
            .enumerate()
            .skip(begin)
            .map(|(at, line)| (at + 1, line))
    }

    /// Returns `path:line` of every product line that, without its comment, contains one of `words`.
    pub fn product_lines_with(&self, words: &[&str]) -> Vec<String> {
        self.product()
            .filter_map(|(at, line)| {
                let word = words.iter().find(|word| code(line).contains(**word))?;
                Some(format!("{}:{at}: {word}", self.path))
            })
            .collect()
    }

    // Where `#[cfg(test)]` stands right above `mod tests`; the length of the file without it.
    fn tests_begin(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        lines
            .windows(2)
            .position(|pair| {
                let module = pair[1].trim_start_matches("pub(crate) ");
                pair[0].trim() == "#[cfg(test)]" && module.starts_with("mod tests")
            })
            .unwrap_or(lines.len())
    }
}

/// Returns a line of Rust without its comment.
pub fn code(line: &str) -> &str {
    match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        Some(_) | None => line,
    }
}
