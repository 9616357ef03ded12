//! Recorders outside: trunks and queues that are there.

use super::{Config, Fault, Lines};

pub(super) fn siprec(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let siprec = &config.siprec;
    let mut servers = siprec.servers.iter();
    if let Some(name) = servers.find(|name| !config.trunk.contains_key(name)) {
        return Err(lines.fault(
            &["siprec", "servers"],
            format!("there is no trunk \"{name}\"; give a [trunk.{name}]"),
        ));
    }
    let mut queues = siprec.queues.iter();
    if let Some(name) = queues.find(|name| !config.queue.contains_key(name)) {
        return Err(lines.fault(&["siprec", "queues"], format!("there is no [queue.{name}]")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    if siprec.user.is_empty() || !siprec.user.chars().all(plain) {
        return Err(lines.fault(
            &["siprec", "user"],
            format!(
                "\"{}\" must be made of letters, digits, dots, dashes, underscores and plus signs",
                siprec.user
            ),
        ));
    }
    if siprec.answer.0.is_zero() {
        return Err(lines.fault(
            &["siprec", "answer"],
            "a recorder needs some time to answer, such as \"5s\"",
        ));
    }
    Ok(())
}
