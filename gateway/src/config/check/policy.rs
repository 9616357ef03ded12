//! Hours of queues, and what is done with those a queue cannot serve.

use hub::policy::{Instead, Rule};

use crate::config::{
    fault::Fault,
    sections::{Config, Queue},
    source::Lines,
    value::Written,
};

/// Checks `[hours.NAME]`, the rules of `[queue.NAME]`, and the hours customers are called in.
pub(super) fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    super::callback::check(&config.callback, lines)?;
    for (name, hours) in &config.hours {
        hours
            .hours()
            .map_err(|error| lines.fault(&["hours", name], error.to_string()))?;
    }
    for (name, queue) in &config.queue {
        let path = |key| ["queue", name.as_str(), key];
        if let Some(hours) = &queue.hours.0
            && !config.hours.contains_key(hours)
        {
            return Err(lines.fault(
                &path("hours"),
                format!("there are no hours \"{hours}\"; give a [hours.{hours}]"),
            ));
        }
        if queue.service_level.within.0.is_zero() {
            let text = "nobody is answered within \"0s\"; give a length of time such as \"20s\"";
            return Err(lines.fault(&path("service_level"), text.to_owned()));
        }
        if queue.blend.is_some_and(|blend| blend.idle_agents == 0) {
            let text = "idle_agents must be 1 at least; without agents nobody calls";
            return Err(lines.fault(&path("blend"), text.to_owned()));
        }
        if queue
            .blend
            .is_some_and(|blend| blend.below_wait.0.is_zero())
        {
            let text = "below_wait is \"0s\", so that nobody would ever be called while anybody waits; give a length of time such as \"30s\"";
            return Err(lines.fault(&path("blend"), text.to_owned()));
        }
        for (rule, key, instead) in queue.instead() {
            alternatives(config, name.as_str(), instead)
                .and_then(|()| bounded(queue, rule, key, instead))
                .map_err(|text| lines.fault(&path(key), text))?;
        }
    }
    Ok(())
}

fn alternatives(config: &Config, name: &str, instead: &[Written<Instead>]) -> Result<(), String> {
    let Some((last, before)) = instead.split_last() else {
        return Err("must say what is done; [\"wait\"] for nothing".to_owned());
    };
    if let Some(early) = before.iter().find(|instead| instead.0.is_last()) {
        return Err(format!(
            "what comes after \"{}\" is never reached, because nothing stands in its way; put it last",
            early.0
        ));
    }
    for instead in before.iter().chain([last]) {
        match &instead.0 {
            Instead::Queue { queue } if queue.as_str() == name => {
                return Err(format!("\"queue:{queue}\" is this queue itself"));
            }
            Instead::Queue { queue } if !config.queue.contains_key(queue) => {
                return Err(format!(
                    "there is no queue \"{queue}\"; give a [queue.{queue}]"
                ));
            }
            Instead::Callback if config.outbound.trunk.0.is_none() => {
                return Err(
                    "nobody can be called back without outbound.trunk; give one, or take \"callback\" out"
                        .to_owned(),
                );
            }
            Instead::Queue { .. }
            | Instead::Callback
            | Instead::Message
            | Instead::Voicemail
            | Instead::Busy
            | Instead::Wait => {}
        }
    }
    Ok(())
}

// A rule that can never hold is a mistake, not a precaution.
fn bounded(
    queue: &Queue,
    rule: Rule,
    key: &str,
    instead: &[Written<Instead>],
) -> Result<(), String> {
    let (bound, named) = match rule {
        Rule::Slow => (queue.max_expected_wait, "max_expected_wait"),
        Rule::Late => (queue.max_wait, "max_wait"),
        Rule::Closed | Rule::Full | Rule::Unstaffed => return Ok(()),
    };
    let does = instead.iter().any(|instead| instead.0 != Instead::Wait);
    if does && bound.0.is_zero() {
        return Err(format!(
            "{key} never comes to pass, because {named} is \"0s\"; give {named} a length of time"
        ));
    }
    Ok(())
}
