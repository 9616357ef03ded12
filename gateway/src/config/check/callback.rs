//! Contradictions in `[callback]`.

use ws::id::Number;

use crate::config::{fault::Fault, sections::Callback, source::Lines};

/// The most retries of one kind.
const RETRIES: usize = 20;

/// Checks the section.
pub(super) fn check(callback: &Callback, lines: &Lines) -> Result<(), Fault> {
    let prefix = |prefix: &String| {
        prefix.starts_with('+') && format!("{prefix}00").parse::<Number>().is_ok()
    };
    if let Some(wrong) = callback.zones.keys().find(|it| !prefix(it)) {
        return Err(lines.fault(
            &["callback", "zones", wrong],
            format!("\"{wrong}\" must be a \"+\" and digits, such as \"+1212\""),
        ));
    }
    callback
        .hours()
        .map_err(|error| lines.fault(&["callback", "zone"], error.to_string()))?;
    let retries = &callback.retries;
    let kinds = [
        ("busy", &retries.busy),
        ("no_answer", &retries.no_answer),
        ("rejected", &retries.rejected),
        ("unreachable", &retries.unreachable),
    ];
    for (key, spans) in kinds {
        if spans.as_ref().is_some_and(|spans| spans.len() > RETRIES) {
            return Err(lines.fault(&["callback", "retries", key], format!("at most {RETRIES}")));
        }
    }
    if callback.voicemail.len() > RETRIES {
        return Err(lines.fault(&["callback", "voicemail"], format!("at most {RETRIES}")));
    }
    Ok(())
}
