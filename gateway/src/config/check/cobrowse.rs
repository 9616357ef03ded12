//! Contradictions in `[cobrowse]` and in what zones add to it.

use hub::cobrowse::{PAGE_RULE, page_rule};

use super::selector::is_selector;
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
        readable(&["cobrowse", key], selectors, lines)?;
    }
    for (name, zone) in &config.zone {
        let (name, own) = (name.as_str(), &zone.cobrowse);
        pages(&["zone", name, "cobrowse", "pages"], &own.pages, lines)?;
        for (key, selectors) in [
            ("mask", &own.mask),
            ("block", &own.block),
            ("reveal", &own.reveal),
        ] {
            readable(&["zone", name, "cobrowse", key], selectors, lines)?;
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

// What is written as one and is none all the same, such as a pseudo-class that no browser has, is known to browsers alone.
fn readable(key: &[&str], selectors: &[String], lines: &Lines) -> Result<(), Fault> {
    match selectors.iter().find(|selector| !is_selector(selector)) {
        Some(wrong) => Err(lines.fault(
            key,
            format!("\"{wrong}\" is no CSS selector; write one such as \"#iban\""),
        )),
        None => Ok(()),
    }
}
