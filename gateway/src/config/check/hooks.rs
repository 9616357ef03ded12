//! Other systems: their addresses, secrets and bounds.

use std::time::Duration;

use hub::screen_pop::Template;

use super::secret;
use crate::{
    config::{
        fault::Fault,
        sections::{Config, Webhook},
        source::Lines,
        value::{Maybe, Span},
    },
    hooks::{
        client::Target,
        sign::{LEAST, Secret},
    },
};

/// The most webhooks; each has a task and connections of its own.
const WEBHOOKS: usize = 50;

/// Checks the lookup, webhooks and screen-pop templates, and fills in secrets that stand in files.
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
    span(lookup.deadline, &["lookup", "deadline"], lines)?;
    if config.webhook.len() > WEBHOOKS {
        return Err(lines.fault(&["webhook"], format!("at most {WEBHOOKS}")));
    }
    let mut hooks = config.webhook.iter_mut();
    hooks.try_for_each(|(name, hook)| webhook(name, hook, lines))
}

fn webhook(name: &str, hook: &mut Webhook, lines: &Lines) -> Result<(), Fault> {
    let path = |key| ["webhook", name, key];
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if !(1..=40).contains(&name.len()) || !name.chars().all(plain) {
        return Err(lines.fault(
            &["webhook", name],
            "a webhook's name has 1 to 40 of a-z, 0-9, _ and -",
        ));
    }
    if hook.url.is_empty() {
        return Err(lines.fault(
            &path("url"),
            "is missing; write one like \"https://crm.example/hook\"",
        ));
    }
    target(&hook.url, hook.private, &path("url"), lines)?;
    let file = hook.secret_file.clone();
    checked_secret(&mut hook.secret, &file, &path("secret"), lines)?;
    if hook.secret.is_empty() {
        return Err(lines.fault(
            &path("secret"),
            format!("is missing; what is posted is signed with at least {LEAST} bytes, such as `openssl rand -hex 32` gives"),
        ));
    }
    if hook.events.is_empty() {
        return Err(lines.fault(
            &path("events"),
            "must hold at least one kind of event, such as \"callback.*\", or \"*\"",
        ));
    }
    span(hook.timeout, &path("timeout"), lines)
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
