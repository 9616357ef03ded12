//! Contradictions in `[consent]`; the lists it names are read here.

use std::sync::Arc;

use hub::{consent::NumberList, numbering::Numbering, scope::TEXT};
use ws::id::Number;

use crate::config::{
    fault::Fault,
    sections::{Config, ListFile},
    source::Lines,
};

/// Checks the section and reads its files.
pub fn check(config: &mut Config, lines: &Lines) -> Result<(), Fault> {
    let numbering = config.numbering();
    let consent = &mut config.consent;
    for (key, words) in [
        ("stop_words", &consent.stop_words),
        ("start_words", &consent.start_words),
    ] {
        if words.iter().any(|word| word.trim().is_empty()) {
            return Err(lines.fault(&["consent", key], "a word must not be empty"));
        }
    }
    let starts = || consent.start_words.iter().map(|word| word.to_lowercase());
    let twice = consent
        .stop_words
        .iter()
        .find(|stop| starts().any(|start| start == stop.to_lowercase()));
    if let Some(word) = twice {
        return Err(lines.fault(
            &["consent", "start_words"],
            format!("\"{word}\" cannot mean both; it stands in stop_words too"),
        ));
    }
    for (key, text) in [("stopped", &consent.stopped), ("started", &consent.started)] {
        if text.chars().count() > TEXT {
            return Err(lines.fault(
                &["consent", key],
                format!("is longer than a message may be, {TEXT} characters"),
            ));
        }
    }
    let mut list = NumberList::default();
    for file in &consent.lists {
        read(file, &mut list, &numbering)
            .map_err(|text| lines.fault(&["consent", "lists"], text))?;
    }
    consent.numbers = Arc::new(list.seal());
    Ok(())
}

fn read(file: &ListFile, list: &mut NumberList, numbering: &Numbering) -> Result<(), String> {
    let whole =
        |prefix: &str| prefix.starts_with('+') && format!("{prefix}00").parse::<Number>().is_ok();
    if !file.prefix.is_empty() && !whole(&file.prefix) {
        return Err(format!(
            "prefix \"{}\" must be a \"+\" and digits, such as \"+1\"",
            file.prefix
        ));
    }
    let path = &file.path;
    let text = crate::files::read_text(path.as_ref())
        .map_err(|error| format!("{path} cannot be read: {error}"))?;
    list.read(&text, &file.prefix, numbering)
        .map_err(|fault| format!("{path}, {fault}"))
}
