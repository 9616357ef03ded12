//! Other systems: their addresses, secrets and bounds.

use std::time::Duration;

use hub::screen_pop::Template;

use super::secret;
use crate::{
    config::{
        fault::Fault,
        sections::Config,
        source::Lines,
        value::{Maybe, Span},
    },
    hooks::{client::Target, sign::Secret},
};

/// Checks the lookup and screen-pop templates, and fills in secrets that stand in files.
pub fn hooks(config: &mut Config, lines: &Lines) -> Result<(), Fault> {
    for (name, queue) in &config.queue {
        if let Some(text) = &queue.screen_pop.0 {
            let checked = text.parse::<Template>();
            checked.map_err(|error| {
                lines.fault(
                    &["queue", name.as_str(), "screen_pop"],
                    format!("\"{text}\" {error}"),
                )
            })?;
        }
    }
    let lookup = &mut config.lookup;
    if let Some(url) = &lookup.url.0 {
        target(url, lookup.private, &["lookup", "url"], lines)?;
    }
    let (key, file) = (["lookup", "secret"], lookup.secret_file.clone());
    checked_secret(&mut lookup.secret, &file, &key, lines)?;
    span(lookup.deadline, &["lookup", "deadline"], lines)
}

fn target(url: &str, private: bool, key: &[&str], lines: &Lines) -> Result<(), Fault> {
    let target: Target = url
        .parse()
        .map_err(|error| lines.fault(key, format!("\"{url}\" {error}")))?;
    if target.is_plain() && !private {
        return Err(lines.fault(
            key,
            format!("\"{url}\" would be read on its way; write https://, or private = true for a system in your own network"),
        ));
    }
    Ok(())
}

fn checked_secret(
    value: &mut String,
    file: &Maybe<String>,
    key: &[&str],
    lines: &Lines,
) -> Result<(), Fault> {
    secret(value, file, key, lines)?;
    if value.is_empty() {
        return Ok(());
    }
    let checked = value.parse::<Secret>();
    checked
        .map(drop)
        .map_err(|error| lines.fault(key, error.to_string()))
}

fn span(span: Span, key: &[&str], lines: &Lines) -> Result<(), Fault> {
    let (least, most) = (Duration::from_millis(50), Duration::from_secs(60));
    if (least..=most).contains(&span.0) {
        return Ok(());
    }
    Err(lines.fault(key, format!("{span} must be from \"50ms\" to \"60s\"")))
}
