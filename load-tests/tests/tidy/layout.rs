//! What lies where, how long files are, and what never gets into git.

use std::collections::BTreeSet;

use crate::house::{none, paths, root, sources};

const LIMIT: usize = 500;

/// What the top level holds besides dot-names.
const TOP: [&str; 13] = [
    "ARCHITECTURE.md",
    "PROTOCOL.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "certs",
    "gateway",
    "load-tests",
    "sip",
    "systemd",
];

#[test]
fn no_file_is_longer_than_one_noun_needs() {
    let found = sources(&[".rs", ".ts", ".tsx", ".mjs", ".py", ".sh"])
        .iter()
        .filter(|source| !source.path.starts_with("ws/web/src/generated/"))
        .map(|source| (source.path.clone(), source.product().count()))
        .filter(|(_, lines)| *lines > LIMIT)
        .map(|(path, lines)| format!("{path}: {lines} product lines"))
        .collect();

    none(
        "a file holds at most 500 product lines; split it along concerns",
        found,
    );
}

#[test]
fn the_top_level_holds_the_rooms_of_the_house_and_nothing_else() {
    let found: BTreeSet<String> = paths()
        .iter()
        .map(|path| path.split('/').next().unwrap_or_default().to_owned())
        .filter(|name| !name.starts_with('.') && name != "ws" && !TOP.contains(&name.as_str()))
        .collect();

    none(
        "the top level has a fixed list; anything more needs a reason",
        found.into_iter().collect(),
    );
}

#[test]
fn nothing_built_foreign_secret_or_huge_is_in_git() {
    let built = ["node_modules/", "dist/", "target/", "artifacts/", "data/"];
    let kinds = [
        ".min.js", ".wasm", ".so", ".o", ".a", ".pem", ".key", ".crt", ".p12", ".sqlite", ".db",
        ".pyc",
    ];

    let found = paths()
        .into_iter()
        .filter(|path| {
            let size = root().join(path).metadata().map_or(0, |file| file.len());
            built
                .iter()
                .any(|dir| path.starts_with(dir) || path.contains(&format!("/{dir}")))
                || kinds.iter().any(|kind| path.ends_with(kind))
                || size > 600_000
        })
        .collect();

    none(
        "built, foreign, secret and huge files stay out of git",
        found,
    );
}

#[test]
fn lock_files_name_no_download_addresses() {
    let found = sources(&["package-lock.json", ".npmrc"])
        .iter()
        .flat_map(|source| {
            source
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| {
                    line.contains("\"resolved\": \"http") || line.contains("registry=")
                })
                .map(|(at, _)| format!("{}:{}", source.path, at + 1))
                .collect::<Vec<_>>()
        })
        .collect();

    none("where packages come from is the machine's setting", found);
}

#[test]
fn catch_alls_named_utils_or_helpers_do_not_exist() {
    let found = paths()
        .into_iter()
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let stem = name.split('.').next().unwrap_or_default();
            !path.starts_with('.')
                && matches!(
                    stem,
                    "util" | "utils" | "helper" | "helpers" | "common" | "misc"
                )
        })
        .collect();

    none("a file has its noun's name", found);
}
