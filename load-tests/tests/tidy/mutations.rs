//! The breaks that `load-tests/mutate.py` makes: each still fits the code, and the table in ARCHITECTURE.md names it.

use std::{fs, path::PathBuf, process::Command};

use crate::house::{none, root};

fn patches() -> Vec<PathBuf> {
    let mut patches: Vec<PathBuf> = fs::read_dir(root().join("load-tests/mutations"))
        .expect("the folder of the breaks is there")
        .map(|entry| entry.expect("its entries are readable").path())
        .collect();
    patches.sort();
    patches
}

#[test]
fn every_break_still_fits_the_code() {
    let patches = patches();
    assert!(patches.len() >= 10, "ten breaks or more: {patches:?}");

    let found = patches
        .iter()
        .filter_map(|patch| {
            let fits = Command::new("git")
                .args(["apply", "--check"])
                .arg(patch)
                .current_dir(root())
                .output()
                .expect("the tidy test asks git whether a patch fits");
            let why = String::from_utf8_lossy(&fits.stderr).trim().to_owned();
            (!fits.status.success()).then(|| format!("{}: {why}", patch.display()))
        })
        .collect();

    none(
        "a break of load-tests/mutations has to fit; make it anew where the code has changed",
        found,
    );
}

#[test]
fn every_break_is_in_the_table() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");

    let found = patches()
        .iter()
        .filter_map(|patch| patch.file_stem()?.to_str().map(str::to_owned))
        .filter(|name| !text.contains(&format!("| `{name}` |")))
        .collect();

    none("ARCHITECTURE.md lists each break, and what finds it", found);
}
