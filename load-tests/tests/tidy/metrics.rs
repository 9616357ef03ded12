//! Names and labels of metrics: `tandem_<noun>_<unit>[_total]`, each explained to people, none with an id as a label.

use std::collections::BTreeSet;

use crate::house::{code, none, sources};

/// Labels whose values are as many as there are contacts, parties or addresses.
const UNBOUNDED: [&str; 13] = [
    "address",
    "agent",
    "call_id",
    "caller",
    "customer",
    "id",
    "interaction",
    "leg",
    "number",
    "peer",
    "session",
    "uri",
    "visitor",
];

/// Returns every string literal of a line that begins with `tandem_`.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with("tandem_"))
}

/// Returns the metric names that the daemon's product code contains, each with where it stands.
fn in_the_code() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in sources(&[".rs"])
        .iter()
        .filter(|source| source.path.starts_with("gateway/"))
    {
        for (at, line) in source.product() {
            found.extend(
                names(code(line)).map(|name| (name.to_owned(), format!("{}:{at}", source.path))),
            );
        }
    }
    found
}

/// Returns every `tandem_…` word between back quotes in the documents.
fn in_the_documents() -> BTreeSet<String> {
    sources(&[".md"])
        .iter()
        .flat_map(|source| {
            source
                .text
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|quoted| quoted.split('{').next().unwrap_or_default().to_owned())
        .filter(|name| well_formed(name))
        .collect()
}

fn well_formed(name: &str) -> bool {
    name.strip_prefix("tandem_").is_some_and(|rest| {
        !rest.is_empty()
            && rest.split('_').all(|word| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    })
}

#[test]
fn metrics_are_well_named() {
    let found = in_the_code()
        .into_iter()
        .filter(|(name, _)| !well_formed(name) || name.ends_with("_count") || name.ends_with("_ms"))
        .map(|(name, at)| format!("{at}: {name}"))
        .collect();

    none(
        "a metric is called tandem_<noun>_<unit>[_total], in base units",
        found,
    );
}

#[test]
fn every_metric_is_documented_and_every_documented_one_exists() {
    let code: BTreeSet<String> = in_the_code().into_iter().map(|(name, _)| name).collect();
    let documents = in_the_documents();
    let suffixed = |name: &String| {
        ["_bucket", "_sum", "_count"].iter().any(|end| {
            name.strip_suffix(end)
                .is_some_and(|base| code.contains(base))
        })
    };

    let mut found: Vec<String> = code
        .difference(&documents)
        .map(|name| format!("{name} is not documented"))
        .collect();
    found.extend(
        documents
            .difference(&code)
            .filter(|name| !suffixed(name))
            .map(|name| format!("{name} is documented and does not exist")),
    );

    none("README (or a page it names) lists the metrics", found);
}

#[test]
fn no_metric_has_a_label_without_bound() {
    let mut found = Vec::new();
    for source in sources(&[".rs"])
        .iter()
        .filter(|source| source.path.starts_with("gateway/src/"))
    {
        if !source.text.contains("\"tandem_") {
            continue;
        }
        for (at, line) in source.product() {
            let line = code(line);
            let labels = line
                .match_indices("\" =>")
                .filter_map(|(end, _)| line[..end].rsplit('"').next());
            for label in labels {
                if UNBOUNDED.contains(&label) || label.ends_with("_id") {
                    found.push(format!("{}:{at}: {label}", source.path));
                }
            }
        }
    }

    none(
        "the number of series must not grow with the number of contacts",
        found,
    );
}

#[test]
fn metric_names_are_found_in_code_and_judged() {
    let line =
        r#"counter!("tandem_calls_total", "result" => "busy"); histogram!("tandem_offer_seconds")"#;

    assert_eq!(
        names(line).collect::<Vec<_>>(),
        ["tandem_calls_total", "tandem_offer_seconds"]
    );
    assert!(
        well_formed("tandem_sip_responses_total")
            && !well_formed("tandem__x")
            && !well_formed("tandem_Calls")
    );
}
