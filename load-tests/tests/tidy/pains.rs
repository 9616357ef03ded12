//! What users of such systems suffer: each row is there, and the tests that its row names.

use std::collections::BTreeSet;

use crate::house::{Source, none, sources};

/// The rows.
const ROWS: std::ops::RangeInclusive<u8> = 1..=43;

/// A row of the tables: its number and the tests it names.
fn row(line: &str) -> Option<(u8, Vec<&str>)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let number = cells.next()?.parse().ok()?;
    let tests = cells.nth(1)?.split('`').skip(1).step_by(2);
    Some((number, tests.collect()))
}

/// Adds the names of tests in Rust: functions below an attribute that makes them one, and those of property tests.
fn in_rust(source: &Source, names: &mut BTreeSet<String>) {
    let mut marked = false;
    for (_, line) in source.tests() {
        let line = line.trim();
        let function = line.trim_start_matches("async ").strip_prefix("fn ");
        if let Some(function) = function.filter(|_| marked) {
            let end = function.find('(').unwrap_or(function.len());
            names.insert(function[..end].to_owned());
        }
        marked = match line {
            "#[test]" => true,
            line if line.starts_with("#[tokio::test") => true,
            // An attribute between is no end of it.
            line => marked && line.starts_with("#["),
        };
    }
}

/// Adds the names of checks with real programs: what stands in a list `CHECKS` and is a function of its file.
fn in_checks(source: &Source, names: &mut BTreeSet<String>) {
    let Some((_, list)) = source.text.split_once("\nCHECKS = [") else {
        return;
    };
    let list = list.split(']').next().unwrap_or_default();
    let listed = list.split(',').map(str::trim);
    let defined = |name: &&str| source.text.contains(&format!("\ndef {name}(daemon):"));
    names.extend(listed.filter(defined).map(str::to_owned));
}

/// Adds the names of checks in a browser, which begin a pair with a function, and of tests of the browser's half.
fn in_the_browser(source: &Source, names: &mut BTreeSet<String>) {
    let begin = match source.path.ends_with(".ts") {
        true => "test(\"",
        false => "[\"",
    };
    for (at, _) in source.text.match_indices(begin) {
        let rest = &source.text[at + begin.len()..];
        if let Some((name, _)) = rest.split_once("\", ") {
            names.insert(name.to_owned());
        }
    }
}

fn known() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources(&[".rs", ".py", ".mjs", ".ts"]) {
        match &*source.path {
            path if path.ends_with(".rs") => in_rust(&source, &mut names),
            path if path.starts_with("load-tests/peers/checks/") => {
                in_checks(&source, &mut names);
            }
            path if path.starts_with("ws/web/e2e/") || path.starts_with("ws/web/test/") => {
                in_the_browser(&source, &mut names);
            }
            _ => {}
        }
    }
    names
}

#[test]
fn every_pain_has_a_row_and_every_test_it_names_exists() {
    let documents = sources(&["load-tests/PAINS.md"]);
    let rows: Vec<_> = documents
        .iter()
        .flat_map(|document| document.text.lines())
        .filter_map(row)
        .collect();
    let known = known();

    let numbers: Vec<u8> = rows.iter().map(|(number, _)| *number).collect();
    let once = |number: u8| numbers.iter().filter(|found| **found == number).count() == 1;
    let mut found: Vec<String> = ROWS
        .filter(|number| !once(*number))
        .map(|number| format!("row {number} is not there once"))
        .collect();
    for (number, tests) in &rows {
        if !ROWS.contains(number) || tests.is_empty() {
            found.push(format!("row {number} names no test, or is none of them"));
        }
        let missing = tests.iter().filter(|test| !known.contains(**test));
        found.extend(missing.map(|test| format!("row {number}: there is no test `{test}`")));
    }

    none("load-tests/PAINS.md names tests that are there", found);
}

#[test]
fn every_test_that_has_a_row_s_number_in_its_name_is_named_there() {
    let documents = sources(&["load-tests/PAINS.md"]);
    let found = known()
        .into_iter()
        .filter(|name| name.starts_with("pain_"))
        .filter(|name| {
            !documents
                .iter()
                .any(|document| document.text.contains(&format!("`{name}`")))
        })
        .collect();

    none(
        "load-tests/PAINS.md has every test written for a row",
        found,
    );
}

#[test]
fn rows_and_names_of_tests_are_read() {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let mut names = BTreeSet::new();

    in_rust(
        &source(
            "a/tests.rs",
            "#[test]\n#[ignore]\nfn a() {}\nfn no() {}\n#[tokio::test(x)]\nasync fn b() {}",
        ),
        &mut names,
    );
    in_checks(
        &source(
            "c.py",
            "\ndef c(daemon):\n\ndef no(daemon):\n\nCHECKS = [c, gone]\n",
        ),
        &mut names,
    );
    in_the_browser(&source("d.mjs", "  [\"d, e\", d],\n"), &mut names);
    in_the_browser(&source("f.ts", "test(\"f\", () => {"), &mut names);

    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["a", "b", "c", "d, e", "f"]
    );
    assert_eq!(
        row("| 7 | said | `a`, `b c` |"),
        Some((7, vec!["a", "b c"]))
    );
    assert_eq!(row("| row | said | tests |"), None);
}
