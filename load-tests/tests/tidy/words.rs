//! The README's words and no synonyms; nothing unfinished, no panics on the way, no waiting by the clock.

use crate::house::{code, none, sources};

/// Parts of type names that say nothing or say what another word says here.
const NOT_CALLED: [&str; 13] = [
    "Manager",
    "Context",
    "Data",
    "Info",
    "V2",
    "Ticket",
    "Conversation",
    "Operator",
    "Acw",
    "Util",
    "Utils",
    "Helper",
    "Wrapup",
];

/// Words with a meaning of their own in SIP, SDP and for sockets; among decisions they would be interaction and customer.
const NOT_DECIDED_ON: [&str; 2] = ["Session", "User"];

/// Returns the name a line declares, if it declares a type.
pub fn declared(line: &str) -> Option<&str> {
    let line = code(line).trim_start();
    let line = line
        .strip_prefix("pub ")
        .or_else(|| line.strip_prefix("pub(crate) "))
        .unwrap_or(line);
    let rest = ["struct ", "enum ", "trait ", "type "]
        .iter()
        .find_map(|word| line.strip_prefix(word))?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Splits `QueueEntry2` into `Queue`, `Entry2`.
fn camel(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            Some(_) | None => words.push(c.to_string()),
        }
    }
    words
}

#[test]
fn types_use_the_words_of_the_readme() {
    let mut found = Vec::new();
    for source in sources(&[".rs"]) {
        for (at, line) in source.product() {
            // Within an implementation a type is called as its trait says.
            let within = line.starts_with(' ') && code(line).trim_start().starts_with("type ");
            let Some(name) = declared(line).filter(|_| !within) else {
                continue;
            };
            let bad = camel(name).into_iter().find(|word| {
                NOT_CALLED.contains(&word.as_str())
                    || (NOT_DECIDED_ON.contains(&word.as_str())
                        && source.path.starts_with("gateway/hub/"))
            });
            if let Some(word) = bad {
                found.push(format!("{}:{at}: {name} ({word})", source.path));
            }
        }
    }

    none("a type has the README's word for the thing", found);
}

#[test]
fn product_code_neither_unwraps_nor_leaves_work_undone() {
    let words = [
        ".unwrap()",
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        ".expect(\"\")",
    ];

    let found = sources(&[".rs"])
        .iter()
        .flat_map(|source| source.product_lines_with(&words))
        .collect();

    none(
        "product code says why it cannot fail, by expect(\"why this holds\")",
        found,
    );
}

#[test]
fn getters_are_plain_nouns() {
    let found = sources(&[".rs"])
        .iter()
        .filter(|source| source.is_pure())
        .flat_map(|source| source.product_lines_with(&["fn get_mut(", "fn get_", "fn validate("]))
        // The one name with `get` that the standard library's maps have made a word.
        .filter(|found| !found.contains("fn get_mut("))
        .collect();

    none(
        "getters are plain nouns; what is parsed needs no validating",
        found,
    );
}

#[test]
fn tests_neither_sleep_nor_judge_by_the_clock() {
    // A measurement that nobody runs unasked may pace itself.
    let measures = |text: &str| text.contains("#[ignore = \"measures");
    let mut found = Vec::new();
    for source in sources(&[".rs"])
        .iter()
        .filter(|source| !source.path.contains("/tidy/") && !measures(&source.text))
    {
        for (at, line) in source.tests() {
            let line = code(line);
            if line.contains("sleep(") || (line.contains("assert") && line.contains("elapsed")) {
                found.push(format!("{}:{at}: {}", source.path, line.trim()));
            }
        }
    }

    none(
        "in a test time is added, never slept, and no wall clock is judged",
        found,
    );
}

#[test]
fn names_are_split_into_their_words() {
    assert_eq!(camel("QueueEntry"), ["Queue", "Entry"]);
    assert_eq!(declared("pub struct Offers<T> {"), Some("Offers"));
    assert_eq!(declared("    pub(crate) enum State {"), Some("State"));
    assert_eq!(declared("// struct Manager"), None);
}
