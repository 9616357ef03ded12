//! Replies: names that can be typed, languages, and placeholders that can be filled in.

use super::{Config, Fault, Lines};

/// What a text may hold between braces.
const PLACEHOLDERS: [&str; 3] = ["customer", "agent", "queue"];
/// How many replies there are at most; every console holds all of them.
const MOST: usize = 500;

pub(super) fn replies(config: &Config, lines: &Lines) -> Result<(), Fault> {
    if config.replies.len() > MOST {
        return Err(lines.fault(&["replies"], format!("at most {MOST} replies")));
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    for (name, reply) in &config.replies {
        if !(1..=40).contains(&name.len()) || !name.chars().all(plain) {
            return Err(lines.fault(
                &["replies", name],
                "a reply is named by a-z, 0-9 and -, as agents type it after a slash",
            ));
        }
        if let Some(queue) = reply
            .queues
            .iter()
            .find(|queue| !config.queue.contains_key(queue))
        {
            return Err(lines.fault(
                &["replies", name, "queues"],
                format!("there is no [queue.{queue}]"),
            ));
        }
        if reply.text.is_empty() {
            return Err(lines.fault(
                &["replies", name],
                "a reply has a text in one language at least, such as text = { en = \"Hello!\" }",
            ));
        }
        for (language, text) in &reply.text {
            let place = ["replies", name, "text", language];
            if language.len() != 2 || !language.chars().all(|c| c.is_ascii_lowercase()) {
                return Err(lines.fault(
                    &place,
                    "a language is two letters of ISO 639, such as \"en\"",
                ));
            }
            if text.trim().is_empty() || text.chars().count() > hub::scope::TEXT {
                return Err(lines.fault(
                    &place,
                    format!("a text has 1 to {} characters", hub::scope::TEXT),
                ));
            }
            if let Some(word) = unknown(text) {
                return Err(lines.fault(
                    &place,
                    format!(
                        "{{{word}}} cannot be filled in; there is {}",
                        PLACEHOLDERS.map(|it| format!("{{{it}}}")).join(", ")
                    ),
                ));
            }
        }
    }
    Ok(())
}

// The first word between braces that is no placeholder.
fn unknown(text: &str) -> Option<&str> {
    let opened = text.split('{').skip(1);
    let mut words = opened.filter_map(|rest| rest.split_once('}').map(|(word, _)| word));
    words.find(|word| !PLACEHOLDERS.contains(word))
}
