//! Contradictions in `[cobrowse]` and in what zones add to it.

use hub::cobrowse::{PAGE_RULE, page_rule};

use crate::config::{fault::Fault, sections::Config, source::Lines};

/// Checks both.
pub fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let house = &config.cobrowse;
    let spans = [
        ("ask", house.ask),
        ("lost", house.lost),
        ("unwatched", house.unwatched),
        ("longest", house.longest),
    ];
    for (key, span) in spans {
        if span.0.is_zero() {
            return Err(lines.fault(&["cobrowse", key], "must be longer than nothing"));
        }
    }
    pages(&["cobrowse", "pages"], &house.pages, lines)?;
    for (key, selectors) in [
        ("mask", &house.mask),
        ("block", &house.block),
        ("reveal", &house.reveal),
    ] {
        filled(&["cobrowse", key], selectors, lines)?;
    }
    for (name, zone) in &config.zone {
        let (name, own) = (name.as_str(), &zone.cobrowse);
        pages(&["zone", name, "cobrowse", "pages"], &own.pages, lines)?;
        for (key, selectors) in [
            ("mask", &own.mask),
            ("block", &own.block),
            ("reveal", &own.reveal),
        ] {
            filled(&["zone", name, "cobrowse", key], selectors, lines)?;
        }
    }
    Ok(())
}

fn pages(key: &[&str], rules: &[String], lines: &Lines) -> Result<(), Fault> {
    match rules.iter().find(|rule| !page_rule(rule)) {
        Some(wrong) => Err(lines.fault(key, format!("\"{wrong}\" {PAGE_RULE}"))),
        None => Ok(()),
    }
}

// Whether a selector is one can only a browser say; one that is none shares nothing.
fn filled(key: &[&str], selectors: &[String], lines: &Lines) -> Result<(), Fault> {
    match selectors.iter().any(|selector| selector.trim().is_empty()) {
        true => Err(lines.fault(
            key,
            "a selector must not be empty; write one such as \"#iban\"",
        )),
        false => Ok(()),
    }
}
